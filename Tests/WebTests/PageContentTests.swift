import Telemetry
import Testing
import TestSupport
import Web

/// The texts of a row of a table in a page.
private func row(with text: String, in page: String) -> [String] {
  let rows = page.split(separator: "<tr>").dropFirst().map {
    $0[..<($0.range(of: "</tr>")?.lowerBound ?? $0.endIndex)]
  }
  let row = rows.first { $0.contains(">\(text)<") } ?? ""
  return row.matches(of: />([^<]+)</).map { String($0.output.1) }.filter { !$0.allSatisfy(\.isWhitespace) }
}

@Suite("Contents of pages") struct PageContentTests {
  @Test("A machine's page has its pieces by day, its session, and what was refused and how to mend it")
  func equipment() throws {
    let office = try Office()
    try office.register()
    try office.collect("factory/F001/W01/E1/connection", "online", -60)
    for (second, good, total) in [(0, 10, 12), (30, 15, 18)] as [(Int64, Int, Int)] {
      let at = (morning + .seconds(second)).milliseconds
      try office.collect(
        "factory/F001/W01/E1/status",
        "{\"ts\":\(at),\"state\":\"running\",\"good\":\(good),\"total\":\(total)}", second)
    }
    try office.collect("factory/F001/W01/E1/status", "{\"ts\":1", 60)
    let page = office.answer("/factories/F001/equipment/E1?lang=en").text
    // Readings, good pieces and pieces of today; no sequence number and no energy was sent.
    #expect(row(with: "2026-11-22", in: page).suffix(2) == ["2", "5 / 6"])
    #expect(!page.contains(">kWh</th>") && !page.contains(">Missing</th>"))
    // It is known up to a minute after the newest message: nothing was collected later.
    #expect(
      row(with: "2026-11-22 07:59:00", in: page) == ["2026-11-22 07:59:00", "2026-11-22 08:02:00", "&lt;0.1"])
    #expect(page.contains("Refused, and what to change<small> 1 message</small>"))
    // Why it is counted comes before everything else.
    let verdict = try #require(page.range(of: "class=\"verdict\""))
    let states = try #require(page.range(of: "id=\"states\""))
    #expect(verdict.lowerBound < states.lowerBound)
    let other = office.answer("/factories/F001/equipment/E2?lang=en").text
    #expect(other.contains("No session in this time.") && !other.contains("Refused, and what to change"))
  }

  @Test("The page of evidence shows a command that makes a pack, with all that it needs") func evidence()
    throws
  {
    let office = try Office()
    try office.fill()
    let command = "<code>millwright evidence create factory F001 --period 2026-10 --output F001.zip</code>"
    #expect(office.answer("/evidence?lang=en").text.contains(command + ": makes a pack with which others"))
    let chinese = office.answer("/evidence?lang=zh").text
    #expect(chinese.contains(command + "：生成可供他人核验报告的证据包"))
    #expect(chinese.contains("尚无已封存的日期。"))
  }

  @Test("A factory's page says which machines were offline") func offline() throws {
    let office = try Office()
    try office.fill()
    let page = office.answer("/factories/F001?lang=en").text
    #expect(page.contains("<h2 id=\"offline\">Offline spells<small> last 7 days</small></h2>"))
    // The collector listened for five minutes before the first message.
    #expect(
      page.contains(
        "1 machine was offline for five minutes or more. The longest spell: E1, &lt;0.1 h from 2026-11-22 07:55."
      ))
  }

  @Test("A topic that no source reads has the topic to publish on, and the lines to paste") func unread()
    throws
  {
    let office = try Office()
    try office.register()
    try office.status("F001", "E1", 0)
    let at = morning.milliseconds
    try office.collect("Factory/F001/W01/E1/status", "{\"ts\":\(at),\"state\":\"running\"}", 1)
    try office.collect("plant/F001/E7/data", "{\"ts\":\(at),\"state\":\"idle\"}", 2)
    let page = office.answer("/arrivals?lang=en").text
    #expect(
      page.contains(
        "Not read: &#39;Factory&#39; has other letter case than &#39;factory&#39; in factory/{factory}/{workshop}/{equipment}/status"
      ))
    #expect(page.contains("Publish on <code>factory/F001/W01/E1/status</code>"))
    #expect(page.contains("topic: &quot;plant/{factory}/{equipment}/data&quot;"))
    #expect(page.contains("<pre tabindex=\"0\"><code>  - format: "))
    #expect(!page.contains("href=\"#source-3\""))
    let list = office.answer("/api/v1/arrivals?lang=en").text
    #expect(
      list.contains(#""refused":"unmatched_topic","near_miss":"Not read: 'Factory' has other letter case"#))
    #expect(list.contains(#""publish_on":"factory/F001/W01/E1/status""#))
    #expect(list.contains(#"topic: \"plant/{factory}/{equipment}/data\""#))
    // A source that is there is not proposed again: it lacks ids for names.
    let named = try Office()
    try named.register()
    try named.collect(
      "factory/F001/W01/加工中心1/status", "{\"ts\":\(at),\"state\":\"running\"}", 1)
    let names = named.answer("/arrivals?lang=en").text
    #expect(names.contains("This source is configured. Add to the file of <code>naming:</code>"))
    #expect(names.contains("F001,EQUIPMENT-1,F001,加工中心1") && !names.contains("  - format: status"))
    // A topic of a machine that is read has no such lines.
    let other = try Office()
    try other.fill()
    #expect(!other.answer("/arrivals?lang=en").text.contains("<pre"))
  }

  @Test("A district of one factory begins with that factory's page") func only() throws {
    let office = try Office()
    try office.register(factories: 1)
    try office.status("F001", "E1", 0)
    let page = office.answer("/?lang=en")
    #expect(page.status == 200 && page.text.contains("<h1><bdi>Yubei &lt;Precision&gt;</bdi>"))
    #expect(
      page.text.contains("aria-current=\"page\">District</a>") && !page.text.contains("class=\"crumbs\""))
    #expect(page.text.contains("id=\"workshops\"") && !page.text.contains("id=\"steps\""))
    // A wall display has tiles, also one.
    #expect(office.answer("/?display=wall").text.contains("id=\"tile-F001\""))
  }

  @Test("A register without messages shows the step that is next, above the figures") func steps() throws {
    let office = try Office()
    try office.register()
    let page = office.answer("/?lang=zh").text
    #expect(page.contains("<li class=\"next\" aria-current=\"step\"><h2>启动采集器</h2>"))
    #expect(page.contains("<li class=\"done\"><h2>导入设备台账</h2><p class=\"met\">✓ 已完成</p></li>"))
    #expect(page.contains("id=\"tile-F001\""))
    let filled = try Office()
    try filled.fill()
    #expect(!filled.answer("/?lang=zh").text.contains("id=\"steps\""))
  }

  @Test("The district's page says how many factories reach each policy") func policies() throws {
    let office = try Office(
      policy: """
        title_zh: 示范政策
        title_en: Sample policy
        issuing_body_zh: 示范单位
        issuing_body_en: an office
        date: "2026-01-01"
        source: a page
        note_zh: 以原文为准。
        note_en: The office's own text decides.
        rules:
          - { metric: digitalization_ratio, at_least: 100 }

        """)
    try office.fill()
    let page = office.answer("/?lang=en").text
    #expect(
      page.contains("<span class=\"name\">Sample policy</span><b>2 / 2</b> factories<svg class=\"share\""))
    #expect(office.answer("/?lang=zh").text.contains("<b>2 / 2</b> 家达标"))
  }

  @Test("A tile shows the figure that tiles are ordered by") func figure() throws {
    let office = try Office()
    try office.fill()
    let page = office.answer("/?lang=en&sort=digitalization_ratio").text
    #expect(page.contains("<span class=\"id\">F002</span><b>100.0 %</b>"))
    #expect(page.contains("Each tile: digital equipment, and the status"))
    #expect(page.contains("data-moment="))
    #expect(!office.answer("/?lang=en").text.contains("data-moment="))
  }

  @Test("Refused messages are listed below their fault") func refusals() throws {
    let office = try Office()
    try office.fill()
    try office.collect("factory/F001/W01/E2/status", "{\"ts\":1", 61)
    let page = office.answer("/quarantine?lang=en").text
    // One fault, and a row for each of its two senders.
    #expect(page.matches(of: /<tr class="group">/).count == 1)
    #expect(page.contains("href=\"/factories/F001/equipment/E2?lang=en\"><bdi>F001/E2</bdi></a>"))
    #expect(page.contains("href=\"/factories/F002/equipment/E1?lang=en\"><bdi>F002/E1</bdi></a>"))
  }
}
