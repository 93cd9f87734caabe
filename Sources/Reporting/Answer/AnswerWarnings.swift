import Aggregation
import Register
import Telemetry

/// Figures that the files improve, and flags against their factories, in the summary of an answer.
extension RegisterAnswer {
  /// Maximum number of rows of the table of flags; the others are only counted.
  static let mostFlagRows = 100

  /// A field for past figures, and one for flags.
  func warningFields() -> [ReportDocument.Field] { [pastField(), flagField()] }

  private func pastField() -> ReportDocument.Field {
    let label = terms.pick("Past days", "已过日期")
    switch context.comparison {
    case .noRegister:
      return .init(
        label: label,
        value: terms.pick(
          "Not compared: there is no register to compare with.", "未比对：没有可供比对的已登记台账。"))
    case .notValid:
      return .init(
        label: label,
        value: terms.pick("Compared when every problem is corrected.", "更正全部问题后再行比对。"))
    case .compared(let past, let day):
      let count = past.findings.count
      guard count > 0 else {
        return .init(
          label: label,
          value: terms.pick("No figure is improved by an import valid from \(day).", "自 \(day) 起生效，不会使指标变好。"))
      }
      let kinds = count == 1 ? "1 kind" : "\(count) kinds"
      return .init(
        label: label,
        value: terms.pick(
          "Figures are improved by an import valid from \(day): \(kinds) of change, see below.",
          "自 \(day) 起生效将使指标变好：变更 \(count) 类，见下文。"), style: .warning)
    }
  }

  private func flagField() -> ReportDocument.Field {
    let label = terms.pick("Flags", "疑点")
    switch context.flags {
    case .notRead(let reason):
      let why =
        switch reason {
        case .noData: terms.pick("there are no collected data.", "无采集数据。")
        case .noConfiguration: terms.pick("there is no configuration.", "缺少配置文件。")
        case .unreadable: terms.pick("the collected data could not be read.", "采集数据无法读取。")
        }
      return .init(label: label, value: terms.pick("Not looked up: ", "未核对：") + why)
    case .read(let flags, let days, let leftOut):
      let period = text(days) + terms.pick(": ", "：")
      let factories = Set(flags.map(\.factory)).count
      let number = terms.number(flags.count)
      var value =
        flags.isEmpty
        ? terms.pick("nothing was found", "未发现疑点")
        : terms.pick(
          "\(number) \(flags.count == 1 ? "flag" : "flags") of \(count(ofFactories: factories)), see below",
          "疑点 \(number) 项，涉及企业 \(terms.number(factories)) 家，见下文")
      if leftOut > 0 {
        value += terms.pick(
          "; \(count(ofFactories: leftOut)) not looked up", "；另有企业 \(terms.number(leftOut)) 家未核对")
      }
      return .init(
        label: label, value: period + value + terms.pick(".", "。"), style: flags.isEmpty ? .plain : .warning)
    }
  }

  /// The improvements and the flags, each with what the sender is asked for.
  func warnings() -> [ReportDocument.Block] { improvements() + flagTable() }

  private func improvements() -> [ReportDocument.Block] {
    guard case .compared(let past, _) = context.comparison, !past.findings.isEmpty else { return [] }
    let lines = PastImprovementWords(past, in: language).findings
    // Reports do not flag equipment that is added to days that are past.
    let isShown = past.findings.contains(where: \.kind.isFlagged)
    return [
      .prose(terms.pick("Changes that improve figures of past days", "使已过日期指标变好的变更"), .strong)
    ] + lines.map { .prose($0, .warning) } + [
      .prose(
        terms.pick(
          (isShown ? "Reports of those days will show changes of entries. " : "")
            + "Please send evidence that the entries were already true then.",
          (isShown ? "相应日期的报告将标明申报内容的变更。" : "") + "请提供所报内容在相应日期即已属实的证明材料。"), .plain)
    ]
  }

  private func flagTable() -> [ReportDocument.Block] {
    guard case .read(let flags, let days, _) = context.flags, !flags.isEmpty else { return [] }
    let title = terms.pick("To be explained by the factory", "需企业说明的事项")
    var table = DocumentTable(
      title,
      [
        .init(terms.factory, shrinksTo: 6), .init(terms.pick("What", "疑点"), shrinksTo: 16, wraps: true),
        .init(terms.pick("Flags", "数量"), numeric: true),
        .init(
          terms.pick("Found, and what to explain or to send", "情况及请企业说明或提供的内容"), shrinksTo: 24, wraps: true),
      ])
    let writer = FlagWriter(terms: terms, calendar: calendar)
    let groups = AnswerContext.groups(flags)
    table.rows = groups.prefix(Self.mostFlagRows).map { group in
      .cells([
        .text(group.factory), .text(writer.name(group.kind)), .number(group.flags.count),
        .text(writer.request(group.kind, group.flags)),
      ])
    }
    var blocks: [ReportDocument.Block] = [
      .prose(title + terms.pick(": ", "：") + text(days), .strong), .table(table),
    ]
    let others = groups.dropFirst(Self.mostFlagRows)
    if !others.isEmpty {
      let number = terms.number(others.reduce(0) { $0 + $1.flags.count })
      let factories = Set(others.map(\.factory)).count
      blocks.append(
        .prose(
          terms.pick(
            "and \(number) more of \(count(ofFactories: factories)).",
            "另有 \(number) 项，涉及企业 \(terms.number(factories)) 家。"), .plain))
    }
    return blocks.map(\.inert)
  }

  private func text(_ days: ClosedRange<CalendarDay>) -> String {
    terms.pick("\(days.lowerBound) to \(days.upperBound)", "\(days.lowerBound) 至 \(days.upperBound)")
  }

  /// `1 factory`, `2 factories`.
  private func count(ofFactories factories: Int) -> String {
    terms.number(factories) + (factories == 1 ? " factory" : " factories")
  }
}
