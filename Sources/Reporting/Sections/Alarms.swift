import Aggregation
import Register
import Telemetry

/// Alarms: of a factory or its part by code, of a district by factory.
extension DocumentWriter {
  func alarms() -> [ReportDocument.Block] {
    if case .district(let ranking) = report.contents { return alarms(ranking.factories) }
    let alarms = report.figures.time.alarmsByFrequency
    guard !alarms.isEmpty else { return [] }
    let title = pick("Alarms", "报警")
    var table = DocumentTable(
      title,
      [.init(pick("Alarm", "报警代码"), shrinksTo: 8), .init(pick("Raised", "次数"), numeric: true)])
    table.mostRows = Self.mostMessageRows
    table.rows = alarms.map { .cells([.text($0.code), .number($0.raised)]) }
    let machines = report.details?.alarms ?? [:]
    if !machines.isEmpty { add(machines, to: &table, alarms.map(\.code)) }
    let total = alarms.reduce(0) { $0.addingSaturated($1.raised) }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .number(total)] + table.columns.dropFirst(2).map { _ in .empty }))
    table.brief = Array(alarms.indices.prefix(Self.rowsShown)) + [alarms.count]
    return [.prose(title, .strong), .table(table)]
  }

  /// Adds the number of machines that raised each alarm, and the one that raised it most often.
  private func add(
    _ machines: [String: AlarmMachines], to table: inout DocumentTable, _ codes: [String]
  ) {
    table.columns += [
      .init(pick("Machines", "台数"), numeric: true),
      .init(pick("Most often by", "次数最多的设备"), shrinksTo: 8),
      .init(pick("of these", "该设备次数"), fullTitle: pick("Most often, raised", "次数最多的设备，次数"), numeric: true),
    ]
    for (place, code) in codes.enumerated() {
      guard case .cells(let cells) = table.rows[place] else { continue }
      let found = machines[code]
      table.rows[place] = .cells(
        cells
          + (found.map { [.number($0.machines), .text($0.most), .number($0.raised)] }
            ?? [.empty, .empty, .empty]))
    }
  }

  /// A district's alarms by factory, the one with the most first. Codes are each maker's own: equal codes of two
  /// factories may be different alarms, so they are not added up.
  private func alarms(_ factories: [FactorySummary]) -> [ReportDocument.Block] {
    let found = factories.compactMap(FactoryAlarms.init).sorted { a, b in
      a.raised != b.raised ? a.raised > b.raised : a.factory.id < b.factory.id
    }
    guard !found.isEmpty else { return [] }
    let title = pick("Alarms by factory", "各企业报警")
    var table = DocumentTable(
      title,
      [
        .init(terms.factory, shrinksTo: 6, namesFactory: true), .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("Raised", "次数"), numeric: true), .init(pick("Codes", "代码数"), numeric: true),
        .init(pick("Most frequent", "最多的代码"), shrinksTo: 8),
        .init(pick("of these", "该代码次数"), fullTitle: pick("Most frequent, raised", "最多的代码，次数"), numeric: true),
      ])
    table.rows = found.map { one in
      let name = terms.name(of: one.factory)
      return .cells([
        .text(one.factory.id), .text(name), .number(one.raised), .number(one.codes),
        .text(one.first.code), .number(one.first.raised),
      ])
    }
    let total = found.reduce(0) { $0.addingSaturated($1.raised) }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .empty, .number(total), .empty, .empty, .empty]))
    table.brief = Array(found.indices.prefix(Self.rowsShown)) + [found.count]
    return [
      .prose(title, .strong), .table(table),
      .prose(
        pick(
          "Each maker has alarm codes of its own, so those of different factories are not added up by code: each "
            + "factory's report lists its codes.",
          "报警代码由各设备厂商自定，不同企业的同名代码不合并计数；各代码次数见各企业报告。"), .faint),
    ]
  }
}

/// The alarms of one factory.
private struct FactoryAlarms {
  var factory: RegisteredFactory
  /// Number of times that any alarm was raised.
  var raised: Int
  /// Number of different codes.
  var codes: Int
  /// The code that was raised most often.
  var first: (code: String, raised: Int)

  /// The alarms of a factory; nil if none was raised.
  init?(_ summary: FactorySummary) {
    let alarms = summary.figures.time.alarmsByFrequency
    guard let first = alarms.first else { return nil }
    factory = summary.factory
    raised = alarms.reduce(0) { $0.addingSaturated($1.raised) }
    codes = alarms.count
    self.first = first
  }
}
