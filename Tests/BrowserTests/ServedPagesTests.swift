import Foundation
import TestSupport
import Testing

/// Pages of `millwright serve` in a real browser: what they look like, and how they are used without a mouse.
@Suite("Served pages in a browser", .serialized, .sharedDistrict) struct ServedPagesTests {
  private static let sizes = [(360, 800), (768, 1024), (1440, 900), (1920, 1080)].map {
    (width: $0.0, height: $0.1)
  }

  /// A page, words in English and Chinese that only it has, and the status that a browser notes of an error's page.
  private static let pages: [(path: String, english: String, chinese: String, status: String?)] = [
    ("/", "Liangjiang Medical Devices", "两江医疗器械厂", nil),
    ("/factories/F001", "Yubei Precision Machinery", "渝北精密机械厂", nil),
    ("/factories/F001/equipment/E1?span=day", "Newest messages as received", "最近收到的消息", nil),
    ("/factories/F001/equipment/E1?span=week", "Newest messages as received", "最近收到的消息", nil),
    ("/factories/F002/equipment/E6?span=month", "Newest messages as received", "最近收到的消息", nil),
    ("/arrivals", "factory/F001/W01/E1/status", "factory/F001/W01/E1/status", nil),
    ("/quarantine", "F002/E6", "F002/E6", nil),
    ("/alerts", "Owner: 园区值班室", "责任方：园区值班室", nil),
    ("/evidence", "millwright journal verify", "millwright journal verify", nil),
    ("/login", "Password", "密码", nil),
    ("/nowhere", "To the first page", "返回首页", "404 (Not Found)"),
    ("/factories/F001?page=0", "To the first page", "返回首页", "400 (Bad Request)"),
  ]

  @Test(
    "Every page is quiet, asks no other host, fits every width, and shuts no reader out",
    arguments: ["en", "zh"]
  )
  func looks(language: String) throws {
    try District.use { district in
      #expect(waitUntil { (try? district.server.get("/api/v1/alerts").contains(#""rule":"low""#)) == true })
      let tab = district.browser.tab("looks")
      for (path, english, chinese, status) in Self.pages {
        let look = try Self.look(at: path, of: district.server.address, language, tab)
        #expect(look.text.contains(language == "en" ? english : chinese), "\(path)")
        let noted = status.map { "log: Failed to load resource: the server responded with a status of \($0)" }
        #expect(look.complaints == [noted].compactMap(\.self), "\(path)")
      }
      let look = try Self.look(at: "/", of: district.empty.address, language, tab)
      #expect(look.text.contains("millwright register import"))
      #expect(look.complaints == [])
    }
  }

  private static func look(at path: String, of server: String, _ language: String, _ tab: Tab) throws -> Look
  {
    try tab.go(server + path.dropFirst() + (path.contains("?") ? "&" : "?") + "lang=\(language)")
    let name = path.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let look = try tab.look(sizes, origin: server, name: "page\(String(name))-\(language)")
    #expect(look.overflow.count == 8)
    #expect(look.overflow.filter { $0.value != 0 } == [:], "\(path)")
    #expect(look.cramped == [], "\(path)")
    #expect(look.violations == [], "\(path)")
    return look
  }

  @Test(
    "The keyboard leads from the district to a factory, a machine and its report, with the focus in sight")
  func keyboard() throws {
    try District.use { district in
      let tab = district.browser.tab("keyboard")
      try tab.size(1440, 900)
      try tab.go(district.server.address + "?lang=en&sort=id")
      // The first stop leads past the head.
      #expect(try tab.walk(until: "one.className === 'skip'", most: 1).map(\.text) == ["Skip to the figures"])
      try tab.press("Enter")
      #expect(try tab.value("document.activeElement.id") == "main")
      var stops = try tab.walk(until: "one.href && one.href.includes('/factories/F001?')", most: 80)
      try tab.enter()
      #expect(try tab.value("document.title") == "Yubei Precision Machinery · Liangjiang Park")
      stops += try tab.walk(until: "one.href && one.href.includes('/equipment/E1?')", most: 80)
      try tab.enter()
      #expect(try tab.value("document.title") == "E1 加工中心 · Liangjiang Park")
      stops += try tab.walk(until: "one.href && one.href.includes('/report.html?')", most: 80)
      try tab.enter()
      #expect(
        try tab.value("location.pathname") == "/reports/factories/F001/equipment/E1/report.html")
      #expect(try tab.value("document.querySelector('h1').innerText", String.self).contains("E1"))
      #expect(stops.filter { !$0.isVisible } == [])
      #expect(try tab.complaints(origin: district.server.address) == [])
      try tab.close()
    }
  }

  @Test("A wall display of 1920 × 1080 shows all 179 factories without scrolling", arguments: ["en", "zh"])
  func wall(language: String) throws {
    try District.use { district in
      let tab = district.browser.tab("wall")
      try tab.size(1920, 1080)
      try tab.go(district.server.address + "?display=wall&lang=\(language)")
      #expect(try tab.value("document.scrollingElement.scrollHeight") == 1080)
      let seen = """
        Array.from(document.querySelectorAll('.factory')).filter(tile => {
          const box = tile.getBoundingClientRect(), name = tile.querySelector('.name').getBoundingClientRect();
          return box.top >= 0 && box.bottom <= 1080 && box.left >= 0 && box.right <= 1920 && name.width > 50
        }).length
        """
      #expect(try tab.value(seen) == DistrictStory.factories)
      #expect(try tab.value("document.querySelectorAll('.factory').length") == DistrictStory.factories)
      try tab.close()
    }
  }

  @Test(
    "Printed pages are A4 and white, with the figures and without what is only used on a screen",
    arguments: [("", "Yubei Precision", 3), ("factories/F001", "Workshops", 5)])
  func paper(path: String, words: String, most: Int) throws {
    try District.use { district in
      let tab = district.browser.tab("paper")
      try tab.go(district.server.address + path + "?lang=en")
      // The width of A4 within the margins.
      try tab.size(680, 1009)
      try tab.media("dark", "print")
      #expect(
        try tab.value("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") == 0)
      let shown = """
        Array.from(document.querySelectorAll('nav, form, .skip, .downloads, .filters')).filter(
          one => one.checkVisibility()).map(one => one.className)
        """
      #expect(try tab.value(shown) == [String]())
      #expect(try tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)")
      let file = district.folder.file("page.pdf")
      try tab.print(to: file)
      let facts = try run("pdfinfo", [file]).output
      #expect(facts.contains("(A4)"))
      let pages = try #require(facts.firstMatch(of: #/Pages: +(\d+)/#).flatMap { Int($0.output.1) })
      #expect((1...most).contains(pages))
      let text = try run("pdftotext", ["-layout", file, "-"]).output
      #expect(text.contains(words))
      #expect(!text.contains("Skip to the figures"))
      try tab.close()
    }
  }
}
