import Foundation
import TestSupport
import Testing

/// Pages that stay open while messages arrive and processes are killed.
extension ServedPagesTests {
  private static let tile = "document.querySelector('#tile-F005 b').textContent"

  private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  private static func running(_ machine: String, in district: District) throws {
    try district.publish(
      "factory/F005/W01/\(machine)/status", #"{"ts":\#(now()),"state":"running"}"#)
  }

  @Test("An open page shows a message that is published, and outlives its server and its collector")
  func live() throws {
    try District.use { district in
      let (tiles, factory) = (district.browser.tab("tiles"), district.browser.tab("factory"))
      try tiles.go(district.server.address + "?lang=en")
      try factory.go(district.server.address + "factories/F005?lang=zh")
      for tab in [tiles, factory] { try tab.run("window.isSame = true") }
      try Self.message(district, tiles, factory)
      try Self.serverKilled(district, tiles, factory)
      try Self.collectorKilled(district, tiles, factory)
      // Neither page was loaded again.
      for tab in [tiles, factory] {
        #expect(try tab.value("window.isSame") == true)
        try tab.close()
      }
    }
  }

  /// A machine that was never heard sends its first message.
  private static func message(_ district: District, _ tiles: Tab, _ factory: Tab) throws {
    #expect(try tiles.value(tile) == "33.3 %")
    let row =
      "document.querySelector('#equipment').parentElement.querySelector('a[href*=\"/E2?\"]').closest('tr').cells[4].innerText"
    #expect(try factory.value(row) == "未接入")
    try tiles.run(
      """
      window.shown = 0;
      new MutationObserver(() => { if (!window.shown && \(tile) === '66.6 %') window.shown = Date.now() })
        .observe(document.body, {subtree: true, childList: true, characterData: true})
      """)
    let published = now()
    try running("E2", in: district)
    let shown = try tiles.wait(for: "window.shown", Int64.self)
    print("a published message was shown after \(shown - published) ms")
    #expect(shown > published)
    #expect(try factory.wait(for: "\(row) === '正常上报'"))
    for tab in [tiles, factory] { #expect(try tab.complaints(origin: district.server.address) == []) }
  }

  /// The server is killed, a message comes meanwhile, and another server starts at the same address.
  private static func serverKilled(_ district: District, _ tiles: Tab, _ factory: Tab) throws {
    // The signs of life that pages go by come every five seconds.
    let earliest = now() - 6000
    district.server.kill()
    for (tab, before, after) in [
      (tiles, "No connection to the server since ", ". The figures are of that time."),
      (factory, "自 ", " 起与服务器失去连接，所示为当时数据。"),
    ] {
      #expect(try tab.wait(30, for: "document.body.classList.contains('lost')"))
      // The district's time, whatever the zone of the browser.
      let times = """
        Array.from({length: \((now() - earliest) / 1000 + 2)}, (_, second) =>
          new Date(\(earliest) + (8 * 3600 + second) * 1000).toISOString().slice(0, 19).replace('T', ' '))
        """
      let sentences = try tab.value(times, [String].self).map { before + $0 + after }
      #expect(sentences.contains(try tab.value("document.getElementById('announcement').innerText")))
    }
    try isClear(factory, district, "lost")
    try running("E3", in: district)
    let started = now()
    try district.restartServer()
    for (tab, sentence) in [(tiles, "The connection is back."), (factory, "连接已恢复。")] {
      #expect(try tab.wait(30, for: "!document.body.classList.contains('lost')"))
      #expect(try tab.value("document.getElementById('announcement').innerText") == sentence)
    }
    print("pages were connected again \(now() - started) ms after the start of the server")
    #expect(try tiles.wait(for: "\(tile) === '100.0 %'"))
  }

  /// A page that has lost something is as easy to read as others.
  private static func isClear(_ tab: Tab, _ district: District, _ name: String) throws {
    let look = try tab.look([(360, 800), (1440, 900)], origin: district.server.address, name: name)
    #expect(look.overflow.filter { $0.value != 0 } == [:])
    #expect(look.cramped == [])
    #expect(look.violations == [])
  }

  private static func collectorKilled(_ district: District, _ tiles: Tab, _ factory: Tab) throws {
    let collector = "document.getElementById('collector')"
    district.killCollector()
    #expect(try tiles.wait(30, for: "\(collector).classList.contains('bad')"))
    let words: String = try tiles.value("\(collector).innerText")
    #expect(words.contains(#/^■ The collector .* since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/#))
    #expect(try factory.wait(for: "/^■ 采集器自 .* 起无响应/.test(\(collector).innerText)"))
    try isClear(factory, district, "gone")
    try district.startCollector()
    #expect(try tiles.wait(30, for: "\(collector).innerText.startsWith('● Collecting')"))
    #expect(try factory.wait(for: "\(collector).innerText.startsWith('● 正在采集')"))
  }
}
