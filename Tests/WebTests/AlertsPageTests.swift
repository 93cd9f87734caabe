import Alerts
import Configuration
import Logging
import SQLiteStore
import Telemetry
import TestSupport
import Testing
import Web

@Suite("Page of alerts") struct AlertsPageTests {
  private let folder: TemporaryDirectory
  private let settings: Settings
  private let site: WebSite
  private let rule = AlertRule(
    name: "gap", kind: .observationGap, owner: "<Li>", receivers: ["a"], hold: .minutes(5))

  init() throws {
    folder = try TemporaryDirectory("alerts-page")
    settings = try Settings.parse(
      """
      district: { id: test, name_zh: 测试园区, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      alerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }
      """, file: folder.file("millwright.yaml"))
    site = try WebSite(
      settings, store: StoreDirectory(folder.path + "/store"), version: "1.2.3",
      now: { morning + .minutes(30) })
  }

  private func answer(
    _ target: String, headers: [String: String] = [:], of other: WebSite? = nil
  ) -> WebResponse {
    WebRoutes(
      routes: (other ?? site).routes(), authorize: { _ in .allowed(.district) },
      errors: ErrorPages { problem, _ in "problem \(problem.status)" }
    ).respond(to: WebRequest(target: target, headers: headers))
  }

  /// Evaluates the rule with an observation gap that began at a minute, or none.
  private func evaluate(_ book: AlertBook, at minutes: Int64, gapSince: Int64?) throws {
    let facts = AlertFacts(
      at: morning + .minutes(minutes),
      collector: .init(unobservedSince: gapSince.map { morning + .minutes($0) }))
    let rules = AlertRules(rules: [rule], receivers: [])
    let changes = AlertEvaluation(rules, calendar: settings.district.calendar).changes(
      facts, try book.states())
    let messages = AlertMessages(settings)
    try book.store(changes.map { messages.record($0, rules, names: [:], at: facts.at) }, at: facts.at)
  }

  @Test("It has alerts that last with their owner, then those that ended, in both languages and as JSON")
  func alerts() throws {
    #expect(answer("/alerts?lang=en").text.contains("The rules are evaluated every minute"))
    let empty = answer("/api/v1/alerts")
    #expect(
      empty.text == #"{"alerts":[],"failures":[],"schema":"millwright.alerts/1","silences":[]}"# + "\n")
    let tag = try #require(answer("/alerts").header("etag"))
    #expect(answer("/alerts", headers: ["if-none-match": tag]).status == 304)

    let book = try AlertBook(path: settings.alerts.stateFile)
    try evaluate(book, at: 0, gapSince: 0)
    try evaluate(book, at: 6, gapSince: 0)
    let alert = try #require(try AlertList(book, at: morning).alerts.first)
    let (english, chinese) = (
      alert.textEnglish.split(separator: "\n"), alert.textChinese.split(separator: "\n")
    )
    let changed = answer("/alerts", headers: ["if-none-match": tag])
    #expect(changed.status == 200 && changed.header("etag") != tag)
    let page = answer("/alerts?lang=en").text
    #expect(page.contains("<h2>\(english[0])</h2><p>\(english[1])</p>"))
    #expect(page.contains("<code>\(alert.id)</code> · Owner: &lt;Li&gt; · Messages: 1 waiting</p>"))
    #expect(answer("/alerts?lang=zh").text.contains("<h2>\(chinese[0])</h2>"))
    let list = answer("/api/v1/alerts")
    #expect(list.text.contains(#""id":"\#(alert.id)""#) && list.header("etag") != empty.header("etag"))

    try evaluate(book, at: 20, gapSince: nil)
    try evaluate(book, at: 40, gapSince: nil)
    let ended = answer("/alerts?lang=en").text
    #expect(ended.contains("<p>No alert is raised.</p>"))
    #expect(ended.contains("<th scope=\"row\">\(english[0])</th><td>2026-11-22 08:00</td>"))
  }

  @Test("It says what is wrong with a changed rules file, while the earlier rules apply") func ruleErrors()
    throws
  {
    try folder.write("alerts.yaml", "rules: [{ name: gap, kind: observation_gap, for: 5m }]\n")
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let rules = try #require(try AlertRuleSource(settings, log: log))
    let site = try WebSite(
      settings, store: StoreDirectory(folder.path + "/store"), version: "1.2.3", alertRules: rules,
      now: { morning + .minutes(30) })
    let tag = try #require(answer("/alerts", of: site).header("etag"))
    try folder.write("alerts.yaml", "rules: [{ name: gap, kind: <gap> }]\n")
    let page = answer("/alerts?lang=zh", headers: ["if-none-match": tag], of: site)
    #expect(page.status == 200)
    #expect(
      page.text.contains("<h2>规则文件有误</h2><p>文件更正之前，仍按原有规则执行。</p><p>\(folder.file("alerts.yaml")) 第 1 行"))
    #expect(page.text.contains("kind") && !page.text.contains("<gap>"))
    #expect(answer("/api/v1/alerts", of: site).text.contains(#""rule_problems":[{"text_en":""#))
    try folder.write("alerts.yaml", "rules: [{ name: other, kind: observation_gap, for: 5m }]\n")
    #expect(!answer("/alerts?lang=zh", of: site).text.contains("规则文件有误"))
    #expect(rules.current.rules.rules.map(\.name) == ["other"])
  }

  @Test("It has silences that last, with their reason") func silences() throws {
    let book = try AlertBook(path: settings.alerts.stateFile)
    try book.silence("gap", from: morning, until: morning + .minutes(90), reason: "power <works>")
    try book.silence("gap", from: morning, until: morning + .minutes(10), reason: "over")
    let page = answer("/alerts?lang=zh").text
    #expect(
      page.contains(
        "<th scope=\"row\">gap</th><td>2026-11-22 09:30</td><td>power &lt;works&gt;</td>"))
    #expect(!page.contains("<td>over</td>"))
  }
}
