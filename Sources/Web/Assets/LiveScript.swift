/// The script of pages that change by themselves. Pages are complete without it.
enum LiveScript {
  static let text = """
    (function () {
      "use strict";
      var body = document.body, url = body.dataset.events;
      if (!url || !window.EventSource) return;
      var moment = body.dataset.moment, announcement = document.getElementById("announcement");
      var heard = Date.now(), lost = 0, loading = false, wanted = false, loaded = Date.now(), source = null;

      function say(text, kind) {
        announcement.textContent = text;
        announcement.className = kind;
      }
      function alive() {
        heard = Date.now();
        if (!lost) return;
        lost = 0;
        body.classList.remove("lost");
        say(body.dataset.found, "found");
      }
      function gone() {
        if (lost) return;
        lost = heard;
        body.classList.add("lost");
        say(body.dataset.lost.replace("{time}", clock(lost)), "lost");
      }
      function clock(time) {
        // Date and time as elsewhere on the page, which Swedish writes so; in the reader's zone if the browser does not
        // know the district's.
        try { return new Date(time).toLocaleString("sv", { timeZone: body.dataset.zone }); } catch (error) {}
        return new Date(time).toLocaleString("sv");
      }
      function parsed(html) {
        var holder = document.createElement("template");
        holder.innerHTML = html;
        return holder.content.firstElementChild;
      }
      function replace(id, html) {
        var old = document.getElementById(id), made = old && parsed(html);
        if (!made) return;
        var inside = old.contains(document.activeElement);
        if (id === "collector" && old.className !== made.className && !lost) say(made.textContent, "");
        old.replaceWith(made);
        if (inside) { var link = made.querySelector("a"); if (link) link.focus({ preventScroll: true }); }
      }
      function load() {
        if (loading) { wanted = true; return; }
        loading = true;
        fetch(location.href, { headers: { accept: "text/html" }, cache: "no-cache" }).then(function (answer) {
          if (!answer.ok) throw new Error(answer.status);
          return answer.text();
        }).then(function (text) {
          var page = new DOMParser().parseFromString(text, "text/html");
          var main = page.getElementById("main"), old = document.getElementById("main"), foot = page.querySelector("footer");
          var active = document.activeElement, path = active && active !== body && old.contains(active) ? active.getAttribute("href") : null;
          var open = Array.prototype.map.call(old.querySelectorAll("details"), function (one) { return one.open; });
          old.replaceChildren.apply(old, Array.from(main.childNodes));
          Array.prototype.forEach.call(old.querySelectorAll("details"), function (one, place) { one.open = !!open[place]; });
          if (path) { var link = Array.from(old.querySelectorAll("a")).find(function (one) { return one.getAttribute("href") === path; }); if (link) link.focus({ preventScroll: true }); }
          if (foot) document.querySelector("footer").replaceWith(foot);
          loaded = Date.now();
        }).catch(function () {}).then(function () {
          loading = false;
          if (wanted) { wanted = false; later(); }
        });
      }
      var timer = 0;
      function later() {
        if (timer) return;
        timer = setTimeout(function () { timer = 0; if (!document.hidden) load(); }, Math.max(0, loaded + 5000 - Date.now()));
      }
      function connect() {
        source = new EventSource(url);
        source.onopen = alive;
        source.addEventListener("beat", alive);
        source.addEventListener("regions", function (event) {
          alive();
          var news = JSON.parse(event.data);
          news.regions.forEach(function (one) { replace(one.id, one.html); });
          if (moment !== undefined && news.moment !== moment) { moment = news.moment; later(); }
        });
        source.onerror = function () {
          if (Date.now() - heard > 1500) gone();
          if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(connect, 5000); }
        };
      }
      connect();
      setInterval(function () {
        if (Date.now() - heard > 12000) gone();
        if (body.classList.contains("wall") && Date.now() - loaded > 300000 && !lost) load();
      }, 1000);
      document.addEventListener("visibilitychange", function () { if (!document.hidden && moment !== undefined) later(); });
    })();

    """
}
