import GRDB
import Telemetry

/// Every sender ever heard of some factories, as the views have them at one moment: read once for any number of
/// periods. Valid only inside the call that lends the snapshot it is of.
public struct SenderRows {
  /// Ascending by key.
  let rows: ArraySlice<SenderRow>
  /// Refused messages of each sender, ascending by day.
  let rejections: [EquipmentKey: [RefusedDay]]
  /// Senders whose messages were all refused, ascending by key; at most ``mostRefused`` per factory.
  let refused: [EquipmentKey]

  /// Maximum number of such senders per factory, since anyone can invent names in topics that are refused.
  static let mostRefused = 1000

  /// The same by the factory each is of.
  public func byFactory() -> [String: SenderRows] {
    var found: [String: SenderRows] = [:]
    let refused = Dictionary(grouping: refused, by: \.factory)
    var start = rows.startIndex
    while start < rows.endIndex {
      let factory = rows[start].key.factory
      let end = rows[start...].firstIndex { $0.key.factory != factory } ?? rows.endIndex
      found[factory] = SenderRows(
        rows: rows[start..<end], rejections: rejections, refused: refused[factory] ?? [])
      start = end
    }
    for (factory, refused) in refused where found[factory] == nil {
      found[factory] = SenderRows(rows: [], rejections: rejections, refused: refused)
    }
    return found
  }
}

extension SenderRows {
  /// Nobody.
  public static var none: SenderRows { SenderRows(rows: [], rejections: [:], refused: []) }

  /// Reads those of `scope`.
  init(_ database: Database, of scope: FactoryScope) throws {
    rows = try Self.rows(database, scope)[...]
    let days = try RefusalReading(database: database).days(of: scope).filter { !$0.key.equipment.isEmpty }
    rejections = Dictionary(grouping: days, by: \.key)
    let heard = Set(rows.map(\.key))
    var listed: [String: Int] = [:]
    refused = rejections.keys.filter { !heard.contains($0) }.sorted().filter { key in
      listed[key.factory, default: 0] += 1
      return listed[key.factory, default: 0] <= Self.mostRefused
    }
  }

  /// Ascending by key. Of more than one factory they are read as their rows lie, by number: senders are heard in
  /// no order of keys, and each would be on another page.
  private static func rows(_ database: Database, _ scope: FactoryScope) throws -> [SenderRow] {
    let columns = SenderRow.columns
    let clause = scope.clause("equipment.factory")
    let isOrdered = !scope.isWide
    let rows = try StatementReader(
      database,
      sql: isOrdered
        ? """
        SELECT \(columns) FROM equipment
        \(clause) ORDER BY equipment.factory, equipment.equipment
        """
        : """
        SELECT \(columns) FROM equipment NOT INDEXED
        \(clause) ORDER BY equipment.number
        """)
    if let argument = scope.argument { rows.bind(argument) }
    let pages = try LivePageReader(database)
    var found: [SenderRow] = []
    while try rows.step() {
      let number: EquipmentNumber = try rows.integer(0)
      if let live = try pages.timeline(of: number, withoutMinutes: true) {
        found.append(try SenderRow(number, rows, live))
      }
    }
    return isOrdered ? found : try sorted(found, database, clause, scope)
  }

  /// Senders that are ascending by number, by key: as the key's index has them.
  private static func sorted(
    _ senders: [SenderRow], _ database: Database, _ clause: String, _ scope: FactoryScope
  ) throws -> [SenderRow] {
    let places = Dictionary(senders.indices.map { (senders[$0].number, $0) }, uniquingKeysWith: max)
    let rows = try StatementReader(
      database, sql: "SELECT number FROM equipment \(clause) ORDER BY factory, equipment")
    if let argument = scope.argument { rows.bind(argument) }
    var sorted: [SenderRow] = []
    sorted.reserveCapacity(senders.count)
    while try rows.step() {
      if let place = places[try rows.integer(0)] { sorted.append(senders[place]) }
    }
    return sorted
  }
}

/// What the rows of one sender say beside its open day.
struct SenderRow {
  let number: EquipmentNumber
  let key: EquipmentKey
  /// The workshop in its newest topic.
  let workshop: String
  /// Whether it was ever heard under different workshops.
  let hasMoved: Bool
  /// The stretch that has not ended; nil before the first reading.
  let stretch: StateInterval?
  let lastOffline: Timestamp?
  let lastOnline: Timestamp?
  let firstHeard: Timestamp?
  /// The day its timeline is in; before all days when it has never been in one.
  let day: CalendarDay
  /// Event time of the first reading ever.
  let firstReading: Timestamp?
  let hasEnergy: Bool
  let hasGood: Bool
  let hasTotal: Bool
  /// Before this no reading of it is in any row. While days of it wait for repair nothing is said: an earlier
  /// one may have come.
  let silentUntil: Timestamp

  /// The columns of `equipment`, and whether anything waits for repair, in the order they are read.
  static let columns = """
    equipment.number, equipment.factory, equipment.equipment, equipment.workshop,
    EXISTS (SELECT 1 FROM repair WHERE repair.equipment = equipment.number), equipment.moved
    """

  /// Event time of the newest record.
  var newest: Timestamp {
    max(stretch?.last ?? .distantPast, lastOnline ?? .distantPast, lastOffline ?? .distantPast)
  }

  init(_ number: EquipmentNumber, _ row: StatementReader, _ live: Timeline) throws(StoreError) {
    self.number = number
    key = EquipmentKey(factory: try row.text(1), equipment: try row.text(2))
    workshop = try row.text(3)
    let moved: Int64 = try row.integer(5)
    hasMoved = moved != 0
    stretch =
      live.hasReadings
      ? StateInterval(
        equipment: number, from: live.stretchStart, last: live.newest,
        cut: live.cut == .distantFuture ? nil : live.cut, state: live.state, mode: live.mode) : nil
    lastOffline = live.lastOffline == .distantPast ? nil : live.lastOffline
    lastOnline = live.lastOnline == .distantPast ? nil : live.lastOnline
    firstHeard = live.firstHeard == .distantFuture ? nil : live.firstHeard
    day = live.day
    firstReading = live.firstReading == .distantFuture ? nil : live.firstReading
    hasEnergy = live.meters.energy != nil
    hasGood = live.meters.good != nil
    hasTotal = live.meters.total != nil
    let waitsForRepair: Int64 = try row.integer(4)
    silentUntil = waitsForRepair != 0 ? .distantPast : live.firstReading
  }
}
