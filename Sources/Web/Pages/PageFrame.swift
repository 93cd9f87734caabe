import Reporting

/// The frame of every page: head, skip link, navigation, the collector's state, and the foot.
struct PageFrame {
  /// A page in the navigation.
  enum Place: String, CaseIterable {
    case district, arrivals, quarantine, alerts, evidence

    var path: String {
      switch self {
      case .district: "/"
      case .arrivals, .quarantine, .alerts, .evidence: "/\(rawValue)"
      }
    }

    /// Whether it is in a viewer's navigation.
    func isSeen(by viewer: Viewer) -> Bool {
      switch self {
      case .district, .alerts: viewer == .district
      case .arrivals, .quarantine, .evidence: true
      }
    }
  }

  let language: Language
  let viewer: Viewer
  /// Names of the district in both languages.
  let district: (english: String, chinese: String)
  /// IANA identifier of the district's time zone.
  let zone: String
  /// The program's version.
  let version: String
  /// The page's own path and query without the language, for the link to the other language.
  var path: String
  var place: Place?
  /// The title, without the district's name.
  var title: String
  /// Classes of the body.
  var kind = ""
  /// How the page changes by itself; nil for one that does not.
  var live: Live?
  /// The state of the collector, as markup; empty where it is not shown.
  var collector = ""
  /// Name of the viewer's account, who can log out; nil without one.
  var account: String?
  /// Date and time of the figures; empty for a page without figures.
  var asOf = ""

  /// How a page changes by itself.
  enum Live {
    /// Its regions are sent; it has those of a snapshot.
    case regions(Snapshot)
    /// It is loaded again when the moment is another than a snapshot's.
    case whole(Snapshot)
  }

  var terms: Terms { Terms(language) }

  func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// A path with this page's language.
  func link(_ path: String) -> String { Self.link(path, language) }

  /// A path with a language.
  static func link(_ path: String, _ language: Language) -> String {
    path + (path.contains("?") ? "&" : "?") + "lang=\(language.rawValue)"
  }

  /// The complete page.
  func page(_ main: (inout Markup) -> Void) -> String {
    var page = Markup()
    page.add(raw: "<!DOCTYPE html>\n")
    page.element("html", [("lang", language.tag)]) { html in
      head(&html)
      html.element("body", attributes) { body in
        body.newLine()
        body.element(
          "a", [("class", "skip"), ("href", "#main")], text: pick("Skip to the figures", "跳到正文"))
        body.newLine()
        header(&body)
        body.element("p", [("id", "announcement"), ("role", "status")])
        body.newLine()
        body.element("main", [("id", "main"), ("tabindex", "-1")]) { part in
          part.newLine()
          main(&part)
        }
        body.newLine()
        foot(&body)
      }
    }
    page.newLine()
    return page.text
  }

  private var attributes: [(String, String)] {
    var attributes: [(String, String)] = kind.isEmpty ? [] : [("class", kind)]
    guard let live else { return attributes }
    switch live {
    case .regions(let snapshot): attributes.append(events(since: snapshot))
    case .whole(let snapshot):
      attributes.append(events(since: snapshot))
      attributes.append(("data-moment", snapshot.moment.tag))
    }
    attributes += [
      ("data-zone", zone),
      (
        "data-lost",
        pick(
          "No connection to the server since {time}. The figures are of that time.",
          "自 {time} 起与服务器失去连接，所示为当时数据。")
      ),
      ("data-found", pick("The connection is back.", "连接已恢复。")),
    ]
    return attributes
  }

  private func events(since snapshot: Snapshot) -> (String, String) {
    ("data-events", link("/events?since=\(WebRequest.encoded(snapshot.id))"))
  }

  private func head(_ html: inout Markup) {
    let name = pick(district.english, district.chinese)
    html.newLine()
    html.element("head") { head in
      head.element("meta", [("charset", "utf-8")])
      head.element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
      head.element("meta", [("name", "color-scheme"), ("content", "light dark")])
      head.element("title", text: title.isEmpty ? name : "\(title) · \(name)")
      head.element("link", [("rel", "stylesheet"), ("href", Assets.style.path)])
      head.element("link", [("rel", "icon"), ("href", Assets.icon.path), ("type", "image/svg+xml")])
      head.element("script", [("src", Assets.script.path), ("defer", "")])
    }
    html.newLine()
  }

  private func header(_ body: inout Markup) {
    body.element("header", [("class", "site")]) { header in
      header.element("p", [("class", "brand")]) { brand in
        brand.element("a", [("href", link(home))]) { a in
          a.element("bdi", text: pick(district.english, district.chinese).inert)
        }
      }
      header.element("nav", [("aria-label", pick("Pages", "页面"))]) { nav in
        nav.element("ul") { list in
          for place in Place.allCases where place.isSeen(by: viewer) {
            list.element("li") { item in
              let current: [(String, String)] = place == self.place ? [("aria-current", "page")] : []
              item.element("a", [("href", link(place.path))] + current, text: name(place))
            }
          }
        }
      }
      header.add(raw: collector)
      if let account { logout(account, &header) }
    }
    body.newLine()
  }

  /// The account, and the button that ends its session.
  private func logout(_ account: String, _ header: inout Markup) {
    header.element(
      "form", [("class", "account"), ("method", "post"), ("action", link("/logout"))]
    ) { form in
      form.element("bdi", text: account.inert)
      form.element("button", [("type", "submit")], text: pick("Log out", "退出登录"))
    }
  }

  /// The first page of the viewer.
  private var home: String {
    switch viewer {
    case .district: "/"
    case .factory(let id): "/factories/\(WebRequest.encoded(id))"
    }
  }

  func name(_ place: Place) -> String {
    switch place {
    case .district: pick("District", "园区")
    case .arrivals: pick("Arrivals", "消息接收")
    case .quarantine: pick("Quarantine", "拒收消息")
    case .alerts: pick("Alerts", "告警")
    case .evidence: pick("Evidence", "存证")
    }
  }

  private func foot(_ body: inout Markup) {
    body.element("footer") { foot in
      foot.element("p") { line in
        if !asOf.isEmpty { line.element("span", text: pick("As of \(asOf)", "截至 \(asOf)")) }
        line.element("span", text: "Millwright \(version)")
        let other: Language = language == .english ? .chinese : .english
        line.element(
          "a",
          [
            ("href", Self.link(path, other)), ("hreflang", other.tag),
            ("lang", other.tag),
          ], text: other == .english ? "English" : "中文")
      }
    }
    body.newLine()
  }
}
