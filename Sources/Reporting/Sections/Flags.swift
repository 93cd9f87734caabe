import Aggregation
import Telemetry

/// Flags for an auditor, each with its evidence.
extension DocumentWriter {
  var flagWriter: FlagWriter { FlagWriter(terms: terms, calendar: report.calendar) }

  func flagName(_ kind: AuditFlag.Kind) -> String { flagWriter.name(kind) }

  func flagTable(_ flags: [AuditFlag]) -> DocumentTable {
    let writer = flagWriter
    var table = DocumentTable(
      pick("Flags with their evidence", "疑点及依据"),
      [
        .init(terms.equipment, shrinksTo: 8), .init(pick("What", "疑点"), shrinksTo: 16, wraps: true),
        .init(pick("Evidence", "依据"), shrinksTo: 24, wraps: true),
      ])
    table.rows = flags.map { flag in
      let place = place(flag.place.workshop, flag.place.line)
      let subject = flag.equipment.isEmpty ? (place.isEmpty ? flag.factory : place) : flag.equipment
      return .cells([.text(subject), .text(writer.name(flag.kind)), .text(writer.evidence(flag))])
    }
    table.brief = Array(flags.indices.prefix(Self.rowsShown))
    return table
  }

  /// A district's flags that may make its figures better than they are; nil if there are none.
  func districtFlags() -> String? {
    let counts = report.flagCounts.filter { $0.kind.subject != .data }
    guard report.scope == .district, !counts.isEmpty else { return nil }
    let kinds = counts.map { count in
      flagName(count.kind) + pick(" \(terms.number(count.flags))", " \(terms.number(count.flags)) 项")
        + pick(" (", "（") + terms.many(count.factories, "factory", "factories", "家企业") + pick(")", "）")
    }
    return pick("Figures may be better than reality: ", "下列情形可能使指标偏高：")
      + kinds.joined(separator: pick(", ", "、"))
  }

  /// What a factory has to explain or to send, by kind of flag, beside its actions.
  func requests() -> [ReportDocument.Block] {
    // A machine's own report lists its flags beside the reason why it is counted.
    if case .equipment = report.scope { return [] }
    let flags = report.flags.filter { $0.kind.subject != .data }
    guard !flags.isEmpty else { return [] }
    let title = pick("To be explained by the factory", "需企业说明的事项")
    var table = DocumentTable(
      title,
      [
        .init(pick("What", "疑点"), shrinksTo: 16, wraps: true), .init(pick("Flags", "数量"), numeric: true),
        .init(pick("Found, and what to explain or to send", "情况及请企业说明或提供的内容"), shrinksTo: 24, wraps: true),
      ])
    table.rows = FlagCount.counts(flags).map { count in
      .cells([
        .text(flagName(count.kind)), .number(count.flags),
        .text(request(count.kind, flags.filter { $0.kind == count.kind })),
      ])
    }
    return [.prose(title, .strong), .table(table)]
  }

  /// Number of flags of each kind in a district, and of the factories that have them.
  func flagCounts() -> [ReportDocument.Block] {
    guard !report.flagCounts.isEmpty, report.scope == .district else { return [] }
    let writer = flagWriter
    let title = pick("Flags by kind", "各类疑点数量")
    var table = DocumentTable(
      title,
      [
        .init(pick("What", "疑点"), shrinksTo: 16, wraps: true), .init(pick("Flags", "数量"), numeric: true),
        .init(pick("Factories", "涉及企业"), numeric: true),
      ])
    table.rows = report.flagCounts.map {
      .cells([.text(writer.name($0.kind)), .number($0.flags), .number($0.factories)])
    }
    return [.prose(title, .strong), .table(table)]
  }
}
