import Aggregation
import Register
import Telemetry

/// One report on its way to the page.
struct TextWriter {
  let report: Report
  let terms: Terms
  let sentences: Sentences
  var page: Page

  /// Rows of gaps shown before the rest is only counted.
  static let gapsShown = 10

  func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  mutating func write() {
    title()
    overview()
    switch report.contents {
    case .equipment(let equipment):
      self.equipment(equipment)
      periodFigures()
      policies()
    case .district(let ranking):
      rollup(ranking)
      periodFigures()
      policies()
      buckets()
      gaps()
      factories(ranking)
    case .factory(let workshops):
      figures()
      periodFigures()
      policies()
      buckets()
      gaps()
      groups(
        terms.workshop, pick("WORKSHOPS", "车间"), workshops.map { (id: $0.id, figures: $0.figures) })
    case .workshop(let lines):
      figures()
      periodFigures()
      policies()
      buckets()
      gaps()
      groups(terms.line, pick("LINES", "产线"), lines.map { (id: $0.id, figures: $0.figures) })
    case .line(let equipment):
      figures()
      periodFigures()
      policies()
      buckets()
      equipmentTable(equipment)
    }
    flags()
    alarms()
    rejections()
    definitions()
  }

  // MARK: 1 Overview

  private mutating func title() {
    page.line(
      [terms.kind(report.scope) + " " + displayedPath, names(report.nameEnglish, report.nameChinese)]
        .filter { !$0.isEmpty }.joined(separator: "  "), .strong)
    page.rule()
  }

  /// Both names, this language's first.
  private func names(_ english: String, _ chinese: String) -> String {
    let names = terms.names(english, chinese).map(\.inert)
    guard let first = names.first, let second = names.dropFirst().first else { return names.first ?? "" }
    return first + pick(" (\(second))", "（\(second)）")
  }

  /// The scope's ids, with a word where the register names no workshop or line.
  private var displayedPath: String {
    report.id.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? terms.none : String($0).inert }.joined(separator: "/")
  }

  private mutating func overview() {
    let calendar = report.calendar
    let period = report.observation.period
    let width = 8
    page.field(
      pick("Data", "数据可信"), sentences.sufficiency(report.observation), labelWidth: width,
      report.observation.isSufficient ? .plain : .warning)
    if !report.observation.isSufficient, let why = sentences.blindness(report.observation) {
      page.field("", why, labelWidth: width)
    }
    if report.repairsPending > 0 {
      page.field(
        "",
        terms.many(
          report.repairsPending, "equipment-day waits to be recomputed after late messages.",
          "equipment-days wait to be recomputed after late messages.", "个设备日因迟到消息待重算。"),
        labelWidth: width, .warning)
    }
    if let drops = report.brokerDrops, drops > 0 {
      page.field("", sentences.brokerDrops(drops), labelWidth: width, .warning)
    }
    if report.scope != .factory(report.factory?.id ?? ""), let factory = report.factory {
      page.field(
        terms.factory,
        [factory.id.inert, names(factory.nameEnglish, factory.nameChinese)]
          .filter { !$0.isEmpty }.joined(separator: "  "), labelWidth: width)
    }
    page.field(
      pick("As of", "统计时点"),
      "\(calendar.second(report.asOf)) \(calendar.offsetText(report.asOf)) (\(calendar.identifier))",
      labelWidth: width)
    page.field(
      pick("Period", "统计周期"),
      pick("\(period.firstDay) to \(period.lastDay)", "\(period.firstDay) 至 \(period.lastDay)"),
      labelWidth: width)
    let known = calendar.second(report.knownAt)
    page.field(
      pick("Register", "台账版本"),
      report.registerVersion == 0
        ? pick("nothing imported as of \(known)", "截至 \(known) 尚未导入")
        : pick(
          "version \(report.registerVersion), as known on \(known)",
          "第 \(report.registerVersion) 版，截至 \(known)"), labelWidth: width)
    let kind = terms.kind(report.scope)
    if !report.isRegistered {
      let unknown = pick("The register does not know this \(kind.lowercased()).", "台账中无此\(kind)。")
      page.field("", unknown, labelWidth: width, .warning)
    } else if report.figures.equipment == 0, report.scope.kind != "equipment" {
      let empty = pick("The register lists no production equipment in service here.", "台账中无在役生产设备。")
      page.field("", empty, labelWidth: width, .warning)
    }
  }

  // MARK: 10 Data quality

  private mutating func rejections() {
    let found = report.rejections.filter { $0.messages > 0 }
    guard !found.isEmpty else { return }
    let total = found.reduce(0) { $0 + $1.messages }
    let whose: String =
      switch report.scope {
      case .district: pick("of the district", "园区")
      case .factory, .workshop, .line, .equipment: pick("of the factory", "本厂")
      }
    page.heading(pick("DATA QUALITY", "数据质量"))
    let reasons = found.map { "\(terms.name($0.reason)) \(terms.number($0.messages))" }
    page.prose(
      pick("Rejected messages \(whose): ", "\(whose)拒收消息：") + terms.number(total)
        + pick(" (", "（") + reasons.joined(separator: pick(", ", "，")) + pick(")", "）"))
  }

  // MARK: 12 Definitions

  private mutating func definitions() {
    let rules = report.rules
    let window = terms.span(rules.networkedWindow)
    let minimum = terms.span(rules.horizonMinimum)
    page.heading(pick("DEFINITIONS", "口径说明"))
    page.prose(
      pick(
        "Networked: a reading or a live online within \(window) before the as-of. A reading vouches for "
          + "\(rules.horizonFactor) declared report intervals, at least \(minimum). Online: a reading "
          + "vouches or the session is open. Automatic counts, semi-automatic does not; unclassified "
          + "stays in the base.",
        "联网：统计时点前 \(window)内有数据或上线记录。"
          + "数据有效时限为申报上报周期的 \(rules.horizonFactor) 倍，且不少于 \(minimum)。"
          + "在线：数据有效或会话在线。半自动不计入自动化；未分类设备计入基数。"), .faint)
    let head = report.provenance.journalHead.map { String($0.prefix(16)) } ?? pick("empty", "空")
    page.prose(
      pick(
        "Millwright \(report.provenance.version), journal \(head).",
        "Millwright \(report.provenance.version)，日志块 \(head)。")
        + (report.provenance.telemetryAfterKnownAt
          ? pick(" Messages were received after the register's known-at.", "台账截止时点之后仍收到消息。") : ""),
      .faint)
    if let root = report.provenance.dayRoot, let day = report.provenance.dayRootOf {
      page.prose(pick("Root of the journal up to \(day):", "截至 \(day) 的日志根值："), .faint)
      page.line("  " + root.prefix(32), .faint)
      page.line("  " + root.dropFirst(32), .faint)
    }
  }
}
