import Telemetry

/// The rows of one message: lines, records or data sets. Rows of one equipment with the same time can be joined; a
/// value in a later row then replaces that of an earlier one. Views that are valid as long as the message.
struct Rows {
  /// The time as it is written in the row, to find rows with the same one.
  enum Time: Equatable {
    case none
    case number(Int64)
    case text(hash: UInt64)
  }

  struct Row {
    /// The equipment that the row names; nil for the equipment of the topic.
    var equipment: EscapedText?
    var time: Time
    /// Place in the message of the first record with its values.
    var record: Int
    /// Whether the row says that nothing has changed.
    var isConfirmation = false
    /// A field of the state whose value is bad, so that the state is unknown.
    var badStateField: RejectionDetail?
  }

  private(set) var rows: ContiguousArray<Row> = []
  fileprivate var values: ContiguousArray<FieldValue> = []
  private let width: Int
  /// The first reason why a row makes no reading.
  fileprivate var rejection: Rejection?
  /// Number of records read so far.
  fileprivate private(set) var record = 0
  /// The first record that makes no reading, and the number of them.
  fileprivate private(set) var bad: (rejection: Rejection, record: Int, equipment: EscapedText?, count: Int)?
  /// Places of the records that make no reading.
  fileprivate private(set) var badPlaces: [Int] = []

  /// Maximum number of rows among which those of one equipment and time are found.
  private static let mostOpenRows = 64

  private let joins: Bool

  /// No rows; each will have values for a number of fields. `joins`: whether rows of one equipment with the same time
  /// are joined.
  init(fields: Int, joins: Bool = true) {
    width = fields
    self.joins = joins
  }

  /// Whether nothing was read.
  var isEmpty: Bool { rows.isEmpty && rejection == nil }

  /// Begins the next record of the message.
  mutating func beginRecord() { record += 1 }

  /// The place of the row of an equipment at a time, which is added if there is none. Throws `too_large` beyond
  /// ``EventBuffer/mostEvents``.
  mutating func row(of equipment: EscapedText?, at time: Time) throws(Rejection) -> Int {
    if joins {
      for place in rows.indices.suffix(Self.mostOpenRows).reversed()
      where rows[place].time == time && isSame(rows[place].equipment, equipment) {
        return place
      }
    }
    guard rows.count < EventBuffer.mostEvents else { throw Rejection(.tooLarge, "events") }
    rows.append(Row(equipment: equipment, time: time, record: max(1, record)))
    for _ in 0..<width { values.append(.null) }
    return rows.count - 1
  }

  private func isSame(_ a: EscapedText?, _ b: EscapedText?) -> Bool {
    switch (a, b) {
    case (nil, nil): true
    case (let a?, let b?): a.raw.equals(b.raw)
    default: false
    }
  }

  /// Sets the value of a field in a row.
  mutating func set(_ field: Int, _ value: FieldValue, in row: Int) { values[row * width + field] = value }

  /// Notes that a row says that nothing has changed.
  mutating func confirm(_ row: Int) { rows[row].isConfirmation = true }

  /// Notes that a field has no good value in a row, so that the state is unknown.
  mutating func noteBadState(_ field: RejectionDetail, in row: Int) { rows[row].badStateField = field }

  /// Notes that the present record makes no reading.
  mutating func note(_ rejection: Rejection) { note(rejection, record: max(1, record), of: nil) }

  fileprivate mutating func note(_ rejection: Rejection, record: Int, of equipment: EscapedText?) {
    if self.rejection == nil { self.rejection = rejection }
    badPlaces.append(record)
    let count = (bad?.count ?? 0) + 1
    if let bad, bad.record <= record {
      self.bad = (bad.rejection, bad.record, bad.equipment, count)
    } else {
      bad = (rejection, record, equipment, count)
    }
  }

  fileprivate mutating func withValues<Result>(
    of row: Int, _ body: (UnsafeMutableBufferPointer<FieldValue>) throws(Rejection) -> Result
  ) throws(Rejection) -> Result {
    let range = row * width..<(row + 1) * width
    let outcome = values.withUnsafeMutableBufferPointer { values -> Swift.Result<Result, Rejection> in
      do throws(Rejection) {
        return .success(try body(UnsafeMutableBufferPointer(rebasing: values[range])))
      } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

/// Makes readings of the rows of a source's messages. A row that makes none does not lose the others: the message is
/// refused only if no row makes a reading, for the reason of the first.
struct RowMapper: Sendable {
  /// A map as one reference, so that a row counts no references to its parts.
  private final class SharedMap: Sendable {
    let map: ReadingMap
    init(_ map: ReadingMap) { self.map = map }
  }

  let fields: FieldTable
  /// Number of fields.
  let count: Int
  /// Bits of the fields that decide the state.
  let stateFields: UInt64

  /// Number of the field with the time; nil if the time of all readings is their receipt.
  let timeField: Int?
  private let timed: SharedMap
  /// The map for rows without a time.
  private let untimed: SharedMap
  private let limits: DecodingLimits
  private var memories: ReadingMemories

  /// `factory`: the factory of topics that name none.
  init(_ map: ReadingMap, factory: String?, limits: DecodingLimits) {
    timed = SharedMap(map)
    count = map.fields.count
    timeField = map.time?.field
    memories = ReadingMemories(factory: factory)
    self.limits = limits
    fields = FieldTable(map)
    stateFields = map.stateFields.reduce(0) { $0 | 1 << UInt64($1) }
    var untimed = map
    untimed.time = nil
    self.untimed = SharedMap(untimed)
  }

  /// Appends the readings of the rows, in their order. The time of rows without one is their receipt.
  mutating func append(
    _ rows: consuming Rows, of message: borrowing ReceivedMessage, to events: inout EventBuffer
  ) throws(Rejection) {
    var hasReading = false
    events.begin(record: rows.record)
    for place in rows.rows.indices {
      events.begin(record: rows.rows[place].record)
      do throws(Rejection) {
        if try append(place, of: &rows, message, to: &events) { hasReading = true }
      } catch {
        if error.reason == .tooLarge { throw error }
        rows.note(error, record: rows.rows[place].record, of: rows.rows[place].equipment)
      }
    }
    guard let rejection = rows.rejection else { return }
    if !hasReading { throw rejection }
    if let bad = rows.bad {
      events.note(
        badRecord: bad.rejection, at: bad.record, equipment: bad.equipment?.text ?? "", count: bad.count,
        places: rows.badPlaces)
    }
  }

  /// Appends the reading of a row; returns whether it made one.
  private mutating func append(
    _ place: Int, of rows: inout Rows, _ message: borrowing ReceivedMessage, to events: inout EventBuffer
  ) throws(Rejection) -> Bool {
    let row = rows.rows[place]
    let shared = row.time == .none ? untimed : timed
    let factory = message.levels.factory.bytes(in: message.topic)
    let received = message.received
    let limits = limits
    var sender = EventBuffer.Sender.ofTopic
    var hash: UInt64 = 0
    let remembers = shared.map.isByException
    if let named = row.equipment {
      if remembers {
        (sender, hash) = try events.hashedSender(equipment: named.text)
      } else {
        sender = try events.sender(equipment: named.text)
      }
    } else if message.levels.equipment.isEmpty {
      throw Rejection(.missingField, "equipment")
    } else if remembers {
      hash = message.equipmentHash
    }
    var memory = remembers ? memories[factory, hash: hash] : ReadingMemory()
    let known = memory
    defer { if remembers, memory != known { memories[factory, hash: hash] = memory } }
    var faults = FieldFaults()
    if let field = row.badStateField {
      memory.forgetState()
      throw Rejection(.unknownState, field)
    }
    var isTimed = false
    let reading = try rows.withValues(of: place) { values throws(Rejection) -> Reading? in
      isTimed = shared.map.isTimed(values)
      let reading = try shared.map.reading(
        values, receivedAt: received, limits: limits, memory: &memory, faults: &faults)
      if reading != nil || !row.isConfirmation { return reading }
      return try shared.map.confirmation(values, receivedAt: received, limits: limits, memory: &memory)
    }
    guard let reading else { return false }
    try events.append(reading, faults: faults, of: sender, isTimed: isTimed)
    return true
  }

  mutating func rename(_ changes: NameChanges) { memories.rename(changes) }

  func path(of field: OptionalField) -> String { timed.map.path(of: field) }

  func states() -> [DecoderState] { memories.states() }

  mutating func restore(_ state: DecoderState) throws { try memories.restore(state) }
}
