import Foundation
import TestSupport
import Testing

/// Reports as HTML in a real browser.
struct PageTests {
  private static let sizes = [360, 768, 1440].map { (width: $0, height: 900) }

  @Test("Pages run nothing, load nothing, fit every width, and shut no reader out") func pages() throws {
    let folder = try TemporaryDirectory("golden")
    let pages = try Self.golden(in: folder)
    #expect(pages.count == 10)
    let tab = try Browser().tab("report")
    for page in pages {
      try tab.go(page.absoluteString)
      let look = try tab.look(Self.sizes, origin: "file:", name: page.lastPathComponent)
      let name = Comment(rawValue: page.lastPathComponent)
      // An error page would pass the rest.
      let times = [" · 2026-10-24 ", "22 November 2026, 22:10", "2026 年 11 月 22 日 22:10"]
      #expect(times.contains { look.title.contains($0) }, name)
      #expect(look.complaints == [], name)
      #expect(look.overflow.count == 6, name)
      #expect(look.overflow.values.allSatisfy { $0 == 0 }, name)
      #expect(look.violations.filter { $0.hasPrefix("serious") || $0.hasPrefix("critical") } == [], name)
    }
  }

  @Test("What is wrong with a page is found") func bad() throws {
    let folder = try TemporaryDirectory("pages")
    let page = try folder.write(
      "bad.html",
      """
      <!DOCTYPE html><html><head><title>bad</title></head><body>
      <div style="width:1000px;color:#999;background:#fff">grey</div><img src="missing.png">
      <script>console.error("oops"); fetch("http://elsewhere.example/"); nothing()</script></body></html>
      """)
    let tab = try Browser().tab("bad")
    try tab.go(URL(fileURLWithPath: page).absoluteString)
    let look = try tab.look(Self.sizes, origin: "file:", name: "bad")
    #expect(look.title == "bad")
    #expect(look.complaints.contains { $0.contains("oops") })
    #expect(look.complaints.contains { $0.hasPrefix("exception: ") })
    #expect(look.complaints.contains("request: http://elsewhere.example/"))
    #expect(look.overflow["360 light"] == 648)
    #expect(look.overflow["1440 dark"] == 0)
    for rule in ["critical image-alt", "serious html-has-lang", "serious color-contrast"] {
      #expect(look.violations.contains { $0.hasPrefix(rule) }, "\(rule)")
    }
  }

  /// Those of the renderer's golden pages that have charts or warnings, written whole into a folder: its own tests
  /// hold it to them, and keep their style sheet once.
  private static func golden(in folder: TemporaryDirectory) throws -> [URL] {
    let kept = Browser.top.appending(path: "Tests/ReportingTests/Golden")
    let style = try String(contentsOf: kept.appending(path: "page.css"), encoding: .utf8)
    let subjects = [
      "every-kind", "factory-details", "factory-retrofit", "factory-insufficient", "district-retrofit",
    ]
    return try subjects.flatMap { ["\($0).en.html", "\($0).zh.html"] }.map { name in
      let page = try String(contentsOf: kept.appending(path: name), encoding: .utf8)
      return URL(
        fileURLWithPath: try folder.write(
          name, page.replacing("<style>/* page.css */", with: "<style>" + style)))
    }
  }
}
