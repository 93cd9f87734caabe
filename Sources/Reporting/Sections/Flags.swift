import Aggregation
import Telemetry

/// Flags for an auditor, each with its evidence.
extension DocumentWriter {
  private var flagWriter: FlagWriter { FlagWriter(terms: terms, calendar: report.calendar) }

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

  /// Number of flags of each kind in a district, and of the factories that have them.
  func flagCounts() -> [ReportDocument.Block] {
    guard !report.flagCounts.isEmpty, report.scope == .district else { return [] }
    let writer = flagWriter
    let title = pick("Flags by kind", "各类疑点数量")
    var table = DocumentTable(
      title,
      [
        .init(pick("What", "疑点"), shrinksTo: 16, wraps: true), .init(pick("Flags", "数量"), numeric: true),
        .init(pick("Factories", "涉及工厂"), numeric: true),
      ])
    table.rows = report.flagCounts.map {
      .cells([.text(writer.name($0.kind)), .number($0.flags), .number($0.factories)])
    }
    return [.prose(title, .strong), .table(table)]
  }
}
