import GRDB
import Journal
import Storage
import Telemetry

/// Reads refused messages and fields left out.
struct RefusalReading {
  let database: Database

  /// Refused messages by sender, day and fault; only of `days` if given.
  func days(of scope: FactoryScope, in days: ClosedRange<CalendarDay>? = nil) throws -> [RefusedDay] {
    var conditions = scope.condition("factory").map { [$0] } ?? []
    if let days { conditions.append("day BETWEEN \(days.lowerBound.number) AND \(days.upperBound.number)") }
    let rows = try StatementReader(
      database,
      sql: """
        SELECT factory, equipment, day, reason, detail, fault, messages, newest, excerpt, block, record
        FROM rejection \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "))
        ORDER BY factory, equipment, day, reason, detail, fault
        """)
    if let argument = scope.argument { rows.bind(argument) }
    return try all(rows)
  }

  /// The same as known at `instant`: of a day with later messages, only those received by then.
  func known(at instant: Timestamp, _ days: [RefusedDay]) throws -> [RefusedDay] {
    let cut = Set(days.lazy.filter { $0.refusal.newest > instant }.map(\.day))
    guard !cut.isEmpty else { return days }
    var received: [CalendarDay: [RefusedDay.Group: RefusedDay]] = [:]
    for day in cut {
      let rows = try StatementReader(
        database,
        sql: """
          SELECT factory, equipment, day, reason, detail, fault, SUM(messages), MAX(received), MIN(excerpt),
            block, record
          FROM quarantine WHERE day = ?1 AND received <= ?2
          GROUP BY factory, equipment, reason, detail, fault
          """)
      rows.bind(Int64(day.number), instant.milliseconds)
      received[day] = Dictionary(try all(rows).map { ($0.group, $0) }) { $1 }
    }
    return days.compactMap { $0.refusal.newest <= instant ? $0 : received[$0.day]?[$0.group] }
  }

  /// Sums over the days of one sender, the most frequent first.
  static func sums(_ days: some Sequence<RefusedDay>) -> [Refusal] {
    var sums: [RefusedDay.Group: Refusal] = [:]
    for day in days { add(day.refusal, to: &sums[day.group]) }
    return sums.values.sorted(by: isBefore)
  }

  /// Sums over days by sender, the most frequent first.
  static func bySender(_ days: [RefusedDay]) -> [SenderRefusal] {
    var sums: [RefusedDay.Group: Refusal] = [:]
    for day in days { add(day.refusal, to: &sums[day.group]) }
    return sums.map { SenderRefusal(key: $0.key.key, refusal: $0.value) }.sorted { a, b in
      a.refusal.messages == b.refusal.messages && a.key != b.key
        ? a.key < b.key : isBefore(a.refusal, b.refusal)
    }
  }

  private static func add(_ refusal: Refusal, to sum: inout Refusal?) {
    guard var known = sum else {
      sum = refusal
      return
    }
    known.messages += refusal.messages
    if refusal.newest >= known.newest { (known.newest, known.place) = (refusal.newest, refusal.place) }
    known.excerpt = min(known.excerpt, refusal.excerpt)
    sum = known
  }

  private static func isBefore(_ a: Refusal, _ b: Refusal) -> Bool {
    if a.messages != b.messages { return a.messages > b.messages }
    return (a.reason.rawValue, a.detail, a.fault.rawValue) < (b.reason.rawValue, b.detail, b.fault.rawValue)
  }

  /// Fields left out on `days`, by sender, field and fault, the most frequent first. On the day that the end cuts
  /// those of senders that went on after it are the recomputed ones.
  func fieldErrors(
    of scope: FactoryScope, in days: ClosedRange<CalendarDay>, cut: CutDays? = nil
  ) throws -> [FieldError] {
    guard let cut else { return try storedErrors(of: scope, in: days) }
    struct Place: Hashable {
      var key: EquipmentKey
      var field: OptionalField
      var fault: Fault
    }
    var sums: [Place: FieldError] = [:]
    func add(_ error: FieldError) {
      let place = Place(key: error.key, field: error.field, fault: error.fault)
      sums[place] = sums[place].map { $0.adding(error) } ?? error
    }
    if cut.day > days.lowerBound {
      for error in try storedErrors(of: scope, in: days.lowerBound...cut.day - 1) { add(error) }
    }
    let recomputed = try cut.senders.map { number, sender in (try key(of: number), sender) }
    let keys = Set(recomputed.map(\.0))
    for error in try storedErrors(of: scope, in: cut.day...cut.day) where !keys.contains(error.key) {
      add(error)
    }
    for (key, sender) in recomputed {
      for error in sender?.fieldErrors ?? [] {
        add(
          FieldError(
            key: key, field: error.field, fault: error.fault, messages: error.messages, excerpt: error.excerpt
          ))
      }
    }
    return sums.values.sorted(by: FieldError.comesFirst)
  }

  private func key(of number: EquipmentNumber) throws -> EquipmentKey {
    let rows = try StatementReader(
      database, sql: "SELECT factory, equipment FROM equipment WHERE number = ?1")
    rows.bind(Int64(number))
    let found = try rows.first { EquipmentKey(factory: try $0.text(0), equipment: try $0.text(1)) }
    guard let found else { throw StoreError(.corrupt, "equipment: lacks the sender \(number)") }
    return found
  }

  private func storedErrors(of scope: FactoryScope, in days: ClosedRange<CalendarDay>) throws -> [FieldError]
  {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT e.factory, e.equipment, f.field, f.fault, SUM(f.messages), MIN(f.excerpt) FROM field_error f
        JOIN equipment e ON e.number = f.equipment \(scope.condition("e.factory").map { "AND " + $0 } ?? "")
        WHERE f.day BETWEEN \(days.lowerBound.number) AND \(days.upperBound.number)
        GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4
        """)
    if let argument = scope.argument { rows.bind(argument) }
    var found: [FieldError] = []
    while try rows.step() {
      guard let field = OptionalField(rawValue: try rows.integer(2)),
        let fault = Fault(rawValue: try rows.integer(3))
      else { throw StoreError(.corrupt, "field_error: a field or fault that this version does not know") }
      found.append(
        FieldError(
          key: EquipmentKey(factory: try rows.text(0), equipment: try rows.text(1)), field: field,
          fault: fault, messages: try rows.integer(4), excerpt: try rows.text(5)))
    }
    return found
  }

  private func all(_ rows: StatementReader) throws -> [RefusedDay] {
    var found: [RefusedDay] = []
    while try rows.step() {
      guard let reason = RejectionReason(rawValue: try rows.integer(3)),
        let fault = Fault(rawValue: try rows.integer(5))
      else { throw StoreError(.corrupt, "rejection: a reason or fault that this version does not know") }
      found.append(
        RefusedDay(
          key: EquipmentKey(factory: try rows.text(0), equipment: try rows.text(1)),
          day: try rows.day(2),
          refusal: Refusal(
            reason, try rows.text(4), fault, messages: try rows.integer(6),
            newest: try rows.timestamp(7), excerpt: try rows.text(8),
            place: .init(block: try rows.integer(9), record: try rows.integer(10)))))
    }
    return found
  }
}

extension ViewsSnapshot {
  func fieldErrors(
    of scope: FactoryScope, in days: ClosedRange<CalendarDay>, cut: CutDays
  ) throws -> [FieldError] {
    try RefusalReading(database: database).fieldErrors(of: scope, in: days, cut: cut)
  }
}
