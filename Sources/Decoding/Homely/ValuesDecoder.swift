import Telemetry

/// Reads messages with one value each: the topic names the equipment and the field, the payload is the value, such as
/// `1`, `12.5`, `running` or `true`.
///
/// A message changes one field; the reading has the last state, mode and alarms of the equipment (``ReadingMemory``).
/// The time of a reading is its receipt. Fields that the source does not name are skipped. White space, a byte order
/// mark and NULs around a value do not matter, nor do quotes around it.
public struct ValuesDecoder: StatefulDecoder, RememberingDecoder {
  private let map: ReadingMap
  private let fields: FieldTable
  private let limits: DecodingLimits
  private var memories: ReadingMemories

  /// A decoder of fields of `map`, which must have no time. `factory`: the factory of topics that name none.
  init(_ map: ReadingMap, factory: String?, limits: DecodingLimits) {
    self.map = map
    fields = FieldTable(map)
    self.limits = limits
    memories = ReadingMemories(factory: factory)
  }

  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    guard let place = fields.place(of: message.levels.field.bytes(in: message.topic)) else { return }
    let factory = message.levels.factory.bytes(in: message.topic)
    let hash = message.equipmentHash
    let value = Self.value(message.payload)
    let received = message.received
    var memory = memories[factory, hash: hash]
    let known = memory
    defer { if memory != known { memories[factory, hash: hash] = memory } }
    var faults = FieldFaults()
    let reading = try withFieldValues(map.fields.count) { values throws(Rejection) -> Reading? in
      values[place] = value
      return try map.reading(
        values, receivedAt: received, limits: limits, memory: &memory, faults: &faults)
    }
    if let reading { try events.append(reading, faults: faults, isTimed: false) }
  }

  /// The value in a payload.
  private static func value(_ payload: UnsafeRawBufferPointer) -> FieldValue {
    let text = payload.withoutMarks.trimmed
    guard text.count >= 2, let quote = text.first, quote == UInt8(ascii: "\""), text.last == quote else {
      return .plain(text)
    }
    return .plain(UnsafeRawBufferPointer(rebasing: text[1..<text.count - 1]))
  }

  public func path(of field: OptionalField) -> String { map.path(of: field) }

  public func states() -> [DecoderState] { memories.states() }

  public mutating func restore(_ state: DecoderState) throws { try memories.restore(state) }

  package mutating func rename(_ changes: NameChanges) { memories.rename(changes) }
}

extension SourceFormat {
  /// One value per topic.
  static let values = SourceFormat("values", topicHasField: true) { section, limits, problems in
    var reader = ReadingMapReader(
      fieldForm: "the name of a field as in the topic, such as state", hasTime: false
    ) { _ in true }
    guard var map = reader.map(from: &section, &problems), let limits else { return nil }
    map.isByException = true
    return ValuesDecoder(map, factory: section.ownFactory(), limits: limits)
  }
}
