import Aggregation
import Telemetry

/// The next actions of a district: the factories with the most equipment to connect.
extension DocumentWriter {
  /// Tasks of a factory that raise its networked ratio, in machines, and the number of senders that it should register.
  private struct Tasks {
    /// Connectable, never heard.
    var connect = 0
    /// Heard before, but not within the networked window.
    var bringBack = 0
    /// Every message was refused.
    var mend = 0
    /// Senders that the register does not know.
    var register = 0

    /// Number of machines that would be networked in addition.
    var machines: Int { connect + bringBack + mend }
    var isEmpty: Bool { machines == 0 && register == 0 }

    init() {}

    init(_ figures: Figures) {
      let buckets = figures.buckets
      (connect, mend, register) = (buckets.neverSeen, buckets.refused, buckets.unregistered)
      bringBack = max(0, figures.equipment - figures.networked - connect - mend - buckets.notConnectable)
    }

    static func += (a: inout Tasks, b: Tasks) {
      a.connect += b.connect
      a.bringBack += b.bringBack
      a.mend += b.mend
      a.register += b.register
    }
  }

  /// At most ten factories, the one with the most machines first; none if nothing was observed.
  func districtActions() -> [ReportDocument.Block] {
    guard case .district(let ranking) = report.contents, !report.observation.isNothing else { return [] }
    let factories = ranking.factories.filter(\.isRegistered).map { ($0, Tasks($0.figures)) }
      .filter { !$0.1.isEmpty }
      .sorted { a, b in
        if a.1.machines != b.1.machines { return a.1.machines > b.1.machines }
        if a.1.register != b.1.register { return a.1.register > b.1.register }
        return a.0.factory.id < b.0.factory.id
      }
    guard !factories.isEmpty else { return [] }
    var table = DocumentTable(
      pick("What to do next, the factory with the most equipment first", "整改建议，按待整改设备台数排序"),
      [
        .init("#", numeric: true), .init(terms.factory, shrinksTo: 6, namesFactory: true),
        .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("What to do", "措施"), shrinksTo: 20, wraps: true),
        .init(terms.short(.networkedRatio), numeric: true), .init(pick("Then", "完成后"), numeric: true),
      ])
    for (index, (summary, tasks)) in factories.prefix(Self.rowsShown).enumerated() {
      let (factory, figures) = (summary.factory, summary.figures)
      table.rows.append(
        .cells([
          .number(index + 1), .text(factory.id),
          .text(terms.name(of: factory)),
          .text(text(tasks).capitalizedFirst),
          .ratio(Count(figures.networked, of: figures.equipment)),
          .ratio(Count(figures.networked + tasks.machines, of: figures.equipment)),
        ]))
    }
    let all = factories.reduce(into: Tasks()) { $0 += $1.1 }
    let sum = pick(
      "In all, \(terms.many(factories.count, "factory has", "factories have", "")) something to do: \(text(all)).",
      "共 \(terms.number(factories.count)) 家企业待整改：\(text(all))。")
    return [.table(table), .prose(sum, .plain)]
  }

  /// `connect 12 machines; register 1 device`.
  private func text(_ tasks: Tasks) -> String {
    func machines(_ count: Int) -> String { terms.many(count, "machine", "machines", "台") }
    let parts = [
      (tasks.connect, pick("connect \(machines(tasks.connect))", "接入设备 \(machines(tasks.connect))")),
      (
        tasks.bringBack,
        pick("bring back \(machines(tasks.bringBack))", "恢复失联设备 \(machines(tasks.bringBack))的通信")
      ),
      (
        tasks.mend,
        pick("mend the messages of \(machines(tasks.mend))", "修正 \(machines(tasks.mend))设备的报文")
      ),
      (
        tasks.register,
        pick(
          "register \(terms.many(tasks.register, "sender", "senders", ""))",
          "补登设备 \(terms.number(tasks.register)) 台")
      ),
    ]
    return parts.filter { $0.0 > 0 }.map(\.1).joined(separator: pick("; ", "；"))
  }
}
