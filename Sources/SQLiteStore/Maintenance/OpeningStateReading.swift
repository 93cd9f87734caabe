import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Reads the state of one factory where the journal begins, from `base.sqlite`.
struct OpeningStateReading {
  private let database: Database
  private let factory: String
  /// Numbers of the factory's senders in the file, ascending.
  private let numbers: [Int64]
  /// Their positions in the state.
  private let positions: [Int64: EquipmentNumber]

  /// The state of a factory; nil if the journal begins with the store.
  static func read(_ directory: StoreDirectory, factory: String) throws(StoreError) -> OpeningState? {
    guard FileManager.default.fileExists(atPath: directory.base) else { return nil }
    let queue = try SQLiteConnection.openReader(path: directory.base, label: "base")
    do {
      return try queue.read { database in
        guard try ViewsSchema.migrator.hasCompletedMigrations(database) else {
          throw StoreError(
            .refused,
            "\(directory.base): made by an earlier Millwright; start the collector, which brings it up to date"
          )
        }
        var state = try OpeningStateReading(database, factory).state()
        state.finalThrough = try ViewsBase.finalDay(database)
        return state
      }
    } catch {
      throw StoreError(path: directory.base, error)
    }
  }

  private init(_ database: Database, _ factory: String) throws {
    self.database = database
    self.factory = factory
    numbers = try Int64.fetchAll(
      database, sql: "SELECT number FROM equipment WHERE factory = ? ORDER BY number", arguments: [factory])
    positions = Dictionary(uniqueKeysWithValues: zip(numbers, 0...))
  }

  private func state() throws -> OpeningState {
    var state = OpeningState()
    state.senders = try senders()
    try addTimelines(to: &state)
    try addDays(to: &state)
    try addEvents(to: &state)
    try addRefusals(to: &state)
    try addConnection(to: &state)
    return state
  }

  private func senders() throws -> [OpeningState.Sender] {
    try rows("SELECT * FROM equipment WHERE factory = ? ORDER BY number").map { row in
      let moved: Int64 = try row.integer("moved")
      return OpeningState.Sender(
        equipment: try row.text("equipment"), workshop: try row.text("workshop"), hasMoved: moved != 0)
    }
  }

  private func addTimelines(to state: inout OpeningState) throws {
    let pages = try LivePageReader(database)
    for (position, number) in numbers.enumerated() {
      guard let number = EquipmentNumber(exactly: number) else {
        throw StoreError(.corrupt, "equipment has the number \(number)")
      }
      state.senders[position].timeline = try pages.timeline(of: number)
    }
    let closings = try StatementReader(
      database,
      sql: Self.newest(
        "closing", by: "day", columns: ["equipment", "workshop"] + FieldColumns.timeline.names))
    closings.bind(factory)
    while try closings.step() {
      state.senders[try position(closings)].lastDay = OpeningState.LastDay(
        timeline: try closings.closing(from: 2), workshop: try closings.text(1))
    }
  }

  /// Days by which the deviation of clocks is judged.
  private func addDays(to state: inout OpeningState) throws {
    let days = try StatementReader(
      database,
      sql: """
        SELECT t.equipment, t.day, \(FieldColumns.totals.names.map { "t.\($0)" }.joined(separator: ", "))
        FROM day_total t JOIN equipment e ON e.number = t.equipment
        WHERE e.factory = ? AND t.day > (SELECT MAX(day) FROM day_total) - 31 ORDER BY 1, 2
        """)
    days.bind(factory)
    while try days.step() {
      state.senders[try position(days)].days.append(
        OpeningState.Day(day: try days.day(1), totals: try days.totals(from: 2)))
    }
    let errors = try rows(
      """
      SELECT t.* FROM field_error t JOIN equipment e ON e.number = t.equipment
      WHERE e.factory = ? ORDER BY 1, 2, 3, 4
      """)
    for row in errors {
      let position = try position(row)
      guard let field = OptionalField(rawValue: try row.integer("field")) else { throw row.misfit("field") }
      state.senders[position].fieldErrors.append(
        FieldErrorCount(
          equipment: EquipmentNumber(position), day: try row.day("day"), field: field,
          fault: try row.fault(), messages: try row.amount("messages"), excerpt: try row.text("excerpt")))
    }
  }

  private func addEvents(to state: inout OpeningState) throws {
    for row in try rows(Self.newest("session_event", by: "at", ofEach: "presence")) {
      let position = try position(row)
      guard let presence = Presence(rawValue: try row.integer("presence")) else {
        throw row.misfit("presence")
      }
      state.senders[position].presence.append(
        SessionEvent(equipment: EquipmentNumber(position), at: try row.instant("at"), presence: presence))
    }
    try addSessions(to: &state)
    for row in try rows(Self.newest("alarm", by: "at")) {
      let position = try position(row)
      state.senders[position].alarms = AlarmChange(
        equipment: EquipmentNumber(position), at: try row.instant("at"), digest: 0,
        codes: AlarmCodes.codes(try row.text("codes")))
    }
    for row in try rows(Self.newest("meter_reset", by: "at", ofEach: "meter")) {
      let position = try position(row)
      guard let meter = MeterReset.Meter(rawValue: try row.integer("meter")) else {
        throw row.misfit("meter")
      }
      let countsValue: Int64 = try row.integer("counts_value")
      state.senders[position].meterResets.append(
        MeterReset(
          equipment: EquipmentNumber(position), at: try row.instant("at"), meter: meter,
          last: try row.integer("last"), lastAt: try row.timestamp("last_at"),
          value: try row.integer("value"), fellAt: try row.instant("fell_at"), countsValue: countsValue != 0))
    }
  }

  /// Adds the online that opened the session by which a sender's newest reading vouches, where a later one came.
  private func addSessions(to state: inout OpeningState) throws {
    let onlines = try StatementReader(
      database,
      sql: "SELECT max(at) FROM session_event WHERE equipment = ?1 AND at <= ?2 AND presence = 1")
    for position in state.senders.indices {
      guard let timeline = state.senders[position].timeline, timeline.vouching.contains(.session) else {
        continue
      }
      onlines.bind(numbers[position], timeline.newest.milliseconds)
      guard let at = try onlines.first({ try $0.optionalTimestamp(0) }) ?? nil else { continue }
      let event = SessionEvent(equipment: EquipmentNumber(position), at: at, presence: .online)
      guard !state.senders[position].presence.contains(event) else { continue }
      let next = state.senders[position].presence.firstIndex { $0.at >= at }
      state.senders[position].presence.insert(event, at: next ?? state.senders[position].presence.endIndex)
    }
  }

  private func addRefusals(to state: inout OpeningState) throws {
    state.refusals = try rows("SELECT * FROM rejection WHERE factory = ? ORDER BY 1, 2, 3, 4, 5, 6").map {
      row in
      OpeningState.RefusedMessages(
        equipment: try row.text("equipment"), day: try row.day("day"),
        refusal: Refusal(
          try row.reason(), try row.text("detail"), try row.fault(), messages: try row.amount("messages"),
          newest: try row.instant("newest"), excerpt: try row.text("excerpt"),
          place: .init(block: try row.count("block"), record: try row.count("record"))))
    }
    state.retainFlags = try rows("SELECT * FROM retain_flag WHERE factory = ? ORDER BY day").map { row in
      RetainFlagCount(
        factory: factory, day: try row.day("day"), retained: try row.amount("retained"),
        live: try row.amount("live"))
    }
  }

  private func addConnection(to state: inout OpeningState) throws {
    // With the newest loss of the session, which ended the sessions of senders before it, and the newest break, up to
    // which the states of readings before it were held.
    state.observations = try Row.fetchAll(
      database,
      sql: """
        SELECT * FROM observation WHERE number = (SELECT max(number) FROM observation) OR number >= (
          SELECT max(number) - 1 FROM observation WHERE resumed = 0 AND number > 1) OR number >= (
          SELECT max(a.number) FROM observation a JOIN observation b ON b.number = a.number + 1
          WHERE b.start > a.through) ORDER BY number
        """
    ).map { try ObservedStretch(row: $0) }
    state.silence = try Row.fetchOne(database, sql: "SELECT * FROM silence ORDER BY since DESC LIMIT 1").map {
      try Silence(row: $0)
    }
    state.brokerDrops = try Row.fetchOne(
      database, sql: "SELECT * FROM broker_drop ORDER BY rowid DESC LIMIT 1"
    ).map { try BrokerDropCount(row: $0) }
  }

  // MARK: -

  /// Selects the newest rows of each sender of a factory, of each value of `kind` if one is given.
  private static func newest(
    _ table: String, by column: String, ofEach kind: String? = nil, columns: [String] = ["*"]
  ) -> String {
    """
    SELECT \(columns.map { "t.\($0)" }.joined(separator: ", ")) FROM \(table) t JOIN equipment e ON e.number = t.equipment
    WHERE e.factory = ? AND t.\(column) = (
      SELECT MAX(\(column)) FROM \(table) u WHERE u.equipment = t.equipment
      \(kind.map { "AND u.\($0) = t.\($0)" } ?? ""))
    ORDER BY 1, 2, 3
    """
  }

  /// Rows of a query with the factory as its argument.
  private func rows(_ sql: String) throws -> [Row] {
    try Row.fetchAll(database, sql: sql, arguments: [factory])
  }

  /// The position of the sender whose number is the first column.
  private func position(_ row: StatementReader) throws -> Int {
    guard let position = positions[try row.integer(0)] else { throw row.misfit(0) }
    return Int(position)
  }

  private func position(_ row: Row) throws -> Int {
    guard let position = positions[try row.integer("equipment")] else { throw row.misfit("equipment") }
    return Int(position)
  }
}

extension Row {
  /// A fault by its number.
  fileprivate func fault() throws(StoreError) -> Fault {
    guard let fault = Fault(rawValue: try integer("fault")) else { throw misfit("fault") }
    return fault
  }
}
