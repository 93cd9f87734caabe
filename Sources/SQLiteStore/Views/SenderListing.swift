import GRDB
import Journal
import Storage
import Telemetry

extension StoredSenders {
  /// Reads those of `scope`.
  init(_ database: Database, of scope: FactoryScope) throws {
    let senders = try Self.senders(database, scope)[...]
    let days = try RefusalReading(database: database).days(of: scope).filter { !$0.key.equipment.isEmpty }
    let rejections = Dictionary(grouping: days, by: \.key)
    let heard = Set(senders.map(\.key))
    var listed: [String: Int] = [:]
    let refused = rejections.keys.filter { !heard.contains($0) }.sorted().filter { key in
      listed[key.factory, default: 0] += 1
      return listed[key.factory, default: 0] <= Self.mostRefused
    }
    self.init(senders: senders, rejections: rejections, refused: refused)
  }

  /// Ascending by key. Of more than one factory they are read as their rows lie, by number: senders are heard in
  /// no order of keys, and each would be on another page.
  private static func senders(_ database: Database, _ scope: FactoryScope) throws -> [StoredSender] {
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
    var found: [StoredSender] = []
    while try rows.step() {
      let number: EquipmentNumber = try rows.integer(0)
      if let live = try pages.timeline(of: number, withoutMinutes: true) {
        found.append(try StoredSender(number, rows, live))
      }
    }
    return isOrdered ? found : try sorted(found, database, clause, scope)
  }

  /// Senders that are ascending by number, by key: as the key's index has them.
  private static func sorted(
    _ senders: [StoredSender], _ database: Database, _ clause: String, _ scope: FactoryScope
  ) throws -> [StoredSender] {
    let places = Dictionary(senders.indices.map { (senders[$0].number, $0) }, uniquingKeysWith: max)
    let rows = try StatementReader(
      database, sql: "SELECT number FROM equipment \(clause) ORDER BY factory, equipment")
    if let argument = scope.argument { rows.bind(argument) }
    var sorted: [StoredSender] = []
    sorted.reserveCapacity(senders.count)
    while try rows.step() {
      if let place = places[try rows.integer(0)] { sorted.append(senders[place]) }
    }
    return sorted
  }

  /// The columns of `equipment`, and whether anything waits for repair, in the order they are read.
  private static let columns = """
    equipment.number, equipment.factory, equipment.equipment, equipment.workshop,
    EXISTS (SELECT 1 FROM repair WHERE repair.equipment = equipment.number), equipment.moved
    """
}

extension StoredSender {
  /// The sender of a row of ``StoredSenders/columns``.
  fileprivate init(_ number: EquipmentNumber, _ row: StatementReader, _ live: Timeline) throws(StoreError) {
    let moved: Int64 = try row.integer(5)
    let waitsForRepair: Int64 = try row.integer(4)
    self.init(
      number, EquipmentKey(factory: try row.text(1), equipment: try row.text(2)), workshop: try row.text(3),
      hasMoved: moved != 0, waitsForRepair: waitsForRepair != 0, live)
  }
}
