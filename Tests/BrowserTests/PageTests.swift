import Foundation
import TestSupport
import Testing

/// Reports as HTML in a real browser.
struct PageTests {
  @Test("Pages run nothing, load nothing, fit every width, and shut no reader out") func pages() throws {
    let folder = try TemporaryDirectory("golden")
    let pages = try BrowserVisit.golden(in: folder)
    let visits = try BrowserVisit.visit(pages)
    #expect(visits.count == 10)
    for (file, visit) in zip(pages, visits) {
      let name = Comment(rawValue: file.lastPathComponent)
      // An error page would pass the rest.
      let times = [" · 2026-10-24 ", "22 November 2026, 22:10", "2026 年 11 月 22 日 22:10"]
      #expect(times.contains { visit.title.contains($0) }, name)
      #expect(visit.complaints == [], name)
      #expect(visit.overflow.count == 6, name)
      #expect(visit.overflow.values.allSatisfy { $0 == 0 }, name)
      #expect(visit.violations.filter { $0.hasPrefix("serious") || $0.hasPrefix("critical") } == [], name)
    }
  }

  @Test("What is wrong with a page is found") func bad() throws {
    let folder = try TemporaryDirectory("pages")
    let page = try folder.write(
      "bad.html",
      """
      <!DOCTYPE html><html><head><title>bad</title></head><body>
      <div style="width:1000px;color:#999;background:#fff">grey</div><img src="missing.png">
      <script>console.error("oops"); nothing()</script></body></html>
      """)
    let visit = try #require(try BrowserVisit.visit([URL(fileURLWithPath: page)]).first)
    #expect(visit.title == "bad")
    #expect(visit.complaints.contains { $0.contains("oops") })
    #expect(visit.complaints.contains { $0.hasPrefix("exception: ") })
    #expect(visit.overflow["360 light"] == 648)
    #expect(visit.overflow["1440 dark"] == 0)
    for rule in ["critical image-alt", "serious html-has-lang", "serious color-contrast"] {
      #expect(visit.violations.contains { $0.hasPrefix(rule) }, "\(rule)")
    }
  }
}
