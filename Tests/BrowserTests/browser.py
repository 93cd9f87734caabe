"""Does what it is told with a headless Chromium: a command a line as JSON on its input, an answer a line.

browser.py CHROMIUM AXE

    {"do": "go", "page": "first", "url": "http://127.0.0.1:8080/"}  ->  {"answer": null}

An error is answered as {"error": TEXT}. The functions of Commands are the commands; each page is a tab, opened by the
first command that names it. The browser ends with the input.
"""

import json
import os
import pathlib
import sys

from devtools import Browser, Page

# Pixels by which the page is wider than the window. Boxes that scroll on their own do not count.
OVERFLOW = "Math.max(0, document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth)"

# Sentences in so narrow a column that only a word or less is in a line. Those that only screen readers get are 1 pixel wide.
CRAMPED = """Array.from(document.querySelectorAll("p")).filter(one => {
  const width = one.getBoundingClientRect().width;
  return one.innerText.length > 40 && width > 2 && width < 100;
}).map(one => one.innerText.slice(0, 60))"""

# What axe-core holds against the page: impact, rule and the first elements. Of many tiles or rows alike it looks at some.
# Light and dark pages differ only in colours: the rule about these is enough for the second.
VIOLATIONS = """axe.run(
  {exclude: [[".factory:not(:nth-child(9n+1))"], ["tbody tr:nth-child(n+30)"]]}, {resultTypes: ["violations"], ...%s}
).then(result => result.violations.map(one =>
  [one.impact, one.id, one.nodes.map(node => node.target.join(" ")).slice(0, 3).join(", ")]))"""
RULES = {"light": "{}", "dark": "{runOnly: ['color-contrast']}"}

# The focused element: its text, address, and whether a reader sees that it has the focus.
FOCUS = """(() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + Math.min(box.width, innerWidth) / 2, box.y + box.height / 2);
  return {
    name: one.tagName.toLowerCase(), text: (one.getAttribute("aria-label") || one.innerText || one.name || "").trim(),
    address: one.href || "",
    isVisible: one.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && box.width > 0 && box.height > 0 && middle !== null && (one.contains(middle) || middle.contains(one)),
  };
})()"""


class Commands:
    def __init__(self, browser, axe):
        self.browser = browser
        self.axe = axe
        self.pages = {}

    def page(self, name):
        if name not in self.pages:
            self.pages[name] = Page(self.browser)
        return self.pages[name]

    def go(self, page, url):
        self.page(page).go(url)

    def close(self, page):
        self.pages.pop(page).close()

    def look(self, page, origin, sizes, schemes, name):
        """What is wrong with the page at each size, light and dark."""
        tab = self.page(page)
        seen = {"title": tab.evaluate("document.title"), "text": tab.evaluate("document.body.innerText"),
                "overflow": {}, "cramped": [], "violations": []}
        if not tab.evaluate("typeof axe !== 'undefined'"):
            tab.evaluate(self.axe + "; 0")
        pictures = os.environ.get("SCREENSHOTS")
        for scheme in schemes:
            tab.media(scheme)
            for width, height in sizes:
                tab.size(width, height)
                seen["overflow"][f"{width} {scheme}"] = tab.evaluate(OVERFLOW)
                seen["cramped"] += [f"{text} at {width} {scheme}" for text in tab.evaluate(CRAMPED)]
                if pictures:
                    tab.picture(pathlib.Path(pictures) / f"{name}-{width}-{scheme}.png")
                seen["violations"] += [
                    f"{impact} {rule} at {width} {scheme}: {where}"
                    for impact, rule, where in tab.evaluate(VIOLATIONS % RULES[scheme])]
        seen["complaints"] = tab.complaints(origin)
        return seen

    def evaluate(self, page, expression):
        return self.page(page).evaluate(expression)

    def wait(self, page, expression, seconds):
        return self.page(page).wait(expression, seconds)

    def size(self, page, width, height):
        self.page(page).size(width, height)

    def media(self, page, scheme, kind):
        self.page(page).media(scheme, kind)

    def walk(self, page, until, most):
        """Presses Tab until an expression is true of the focused element `one`; the elements that had the focus."""
        tab, stops = self.page(page), []
        while len(stops) < most:
            tab.press("Tab")
            stops.append(tab.evaluate(FOCUS))
            if tab.evaluate(f"(one => !!({until}))(document.activeElement)"):
                return stops
        raise RuntimeError(f"no element within {most} presses of Tab: {until}\n{json.dumps(stops[-5:])}")

    def enter(self, page):
        """Presses Enter on the focused link and waits for the page that it leads to."""
        tab = self.page(page)
        tab.forget()
        tab.press("Enter")
        tab.await_load()

    def press(self, page, key):
        self.page(page).press(key)

    def complaints(self, page, origin):
        return self.page(page).complaints(origin)

    def paper(self, page, path):
        self.page(page).paper(path)

    def picture(self, page, path):
        self.page(page).picture(path)


def main():
    program, axe = sys.argv[1:]
    browser = Browser(program)
    try:
        commands = Commands(browser, pathlib.Path(axe).read_text(encoding="utf-8"))
        for line in sys.stdin:
            command = json.loads(line)
            try:
                answer = {"answer": getattr(commands, command.pop("do"))(**command)}
            except (EOFError, OSError, RuntimeError) as problem:
                answer = {"error": f"{type(problem).__name__}: {problem}"}
            print(json.dumps(answer), flush=True)
    finally:
        browser.end()


main()
