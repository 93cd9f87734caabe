import GRDB
import Storage
import Telemetry

/// Reads what messages of a period that were refused for their time show of their senders' clocks.
struct RefusedClockReading {
  let database: Database
  let period: Range<Timestamp>

  /// By sender of a factory, the deviation of its clock.
  func judged(of factory: String) throws -> [EquipmentKey: RefusedClock] {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT equipment, received, skew FROM quarantine
        WHERE factory = ?1 AND received >= ?2 AND received < ?3 AND skew IS NOT NULL
        ORDER BY equipment, received, block, record
        """, arguments: [factory, period.lowerBound.milliseconds, period.upperBound.milliseconds])
    var found: [EquipmentKey: RefusedClock] = [:]
    var equipment = ""
    var messages: [RefusedClock] = []
    func settle() {
      found[EquipmentKey(factory: factory, equipment: equipment)] = RefusedClock.judged(messages)
      messages.removeAll(keepingCapacity: true)
    }
    while let row = try rows.next() {
      let next: String = try row.text("equipment")
      if next != equipment { settle() }
      equipment = next
      messages.append(try clock(row))
    }
    settle()
    return found
  }

  /// Of those senders of `refusals` whose clock deviates, one message that shows it.
  ///
  /// A district counts such clocks and lists none, so that one message is enough: usually the first that is ahead of
  /// its receipt, which the index finds. Only where there is none, the sender's messages are read in the order received.
  func telling(among refusals: [SenderRefusal]) throws -> [EquipmentKey: RefusedClock] {
    let late = refusals.filter { $0.refusal.reason == .future || $0.refusal.reason == .tooLate }
    var found: [EquipmentKey: RefusedClock] = [:]
    for key in Set(late.map(\.key)) {
      // A row can be read only while its cursor exists.
      let ahead = try messages(of: key, "skew < 0", order: "LIMIT 1")
      while let row = try ahead.next() { found[key] = try clock(row) }
      guard found[key] == nil else { continue }
      var sequence = RefusedSequence()
      let rows = try messages(of: key, "skew IS NOT NULL", order: "ORDER BY received, block, record")
      while let row = try rows.next() {
        let message = try clock(row)
        guard sequence.tells(message) else { continue }
        found[key] = message
        break
      }
    }
    return found
  }

  /// The sender's messages of the period under a condition.
  private func messages(of key: EquipmentKey, _ condition: String, order: String) throws -> RowCursor {
    try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT received, skew FROM quarantine
          WHERE factory = ?1 AND equipment = ?2 AND received >= ?3 AND received < ?4 AND \(condition) \(order)
          """),
      arguments: [
        key.factory, key.equipment, period.lowerBound.milliseconds, period.upperBound.milliseconds,
      ])
  }

  private func clock(_ row: Row) throws -> RefusedClock {
    RefusedClock(skew: .milliseconds(try row.integer("skew")), received: try row.instant("received"))
  }
}
