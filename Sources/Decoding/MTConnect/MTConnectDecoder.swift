import CSimdjson
import Telemetry

/// Reads the streams documents that MTConnect agents publish in JSON (``MTConnectFinder``), such as on the topics
/// `MTConnect/Current/DEVICE` and `MTConnect/Sample/DEVICE` of the agent's MQTT sink.
///
/// The first document of a device, and the first after the agent started, is a snapshot: it makes one reading at the
/// time of the document. Of later documents, observations with new sequence numbers make a reading for each of their
/// times, and the document confirms the last state at its own time. So the periodic snapshots vouch for a machine that
/// does not change, and a change that comes in two documents counts once.
///
/// Each value that is `UNAVAILABLE` is missing. `Availability` that is `UNAVAILABLE` ends the session of the machine; no
/// document confirms its state until it is `AVAILABLE`. Active conditions of level fault and warning are alarms. If a
/// device has several data items of a type, such as one for each path, the first of the words that the source names
/// decides the state, and the first data item gives any other field.
struct MTConnectDecoder: StatefulDecoder, RememberingDecoder {
  /// The part of a device's stream that names the equipment.
  enum EquipmentRule: Equatable, Sendable {
    case name, uuid

    var part: StaticString { self == .name ? "name" : "uuid" }
  }

  /// Names of fields that active conditions give: the number of conditions of a level is not 0, and, for alarms, their
  /// codes.
  enum ConditionField {
    static let any = "Condition"
    static let fault = "Fault"
    static let warning = "Warning"
  }

  private let finder: SharedJSONFinder
  private let program: MTConnectProgram
  private let equipment: EquipmentRule?
  private let ownFactory: [UInt8]
  private var memories = MTConnectMemories()

  /// A decoder of fields of `map`. `equipment`: nil if the topic names the equipment. Throws
  /// ``StatusDecoder/OutOfMemory``.
  init(
    _ map: ReadingMap, equipment: EquipmentRule?, factory: String?, limits: DecodingLimits
  ) throws {
    finder = try MTConnectFinder.finder(limits: limits)
    program = MTConnectProgram(map, limits: limits)
    self.equipment = equipment
    ownFactory = Array((factory ?? "").utf8)
  }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let message = copy message
    let before = events.events.count
    var bad = BadDevices()
    try finder.find(in: message.payload, padded: message.isPadded) { found throws(Rejection) in
      var start = found.startIndex
      while start < found.endIndex {
        var end = start + 1
        while end < found.endIndex, found[end].mark != CSIMDJSON_FOUND_DOCUMENT { end += 1 }
        try read(MTConnectDocument(found[start..<end], program.fields), message, &bad, &events)
        start = end
      }
      if found.isEmpty { bad.note(Rejection(.malformed, "root", .wrongType)) }
    }
    guard let rejection = bad.rejection else { return }
    if events.events.count == before { throw rejection }
    events.note(badRecord: rejection, at: bad.place, count: bad.count, places: bad.places)
  }

  /// The devices of a message that cannot be read.
  private struct BadDevices {
    /// Number of devices read so far.
    var devices = 0
    /// The first reason, and the place of its device.
    private(set) var rejection: Rejection?
    private(set) var place = 1
    private(set) var count = 0
    private(set) var places: [Int] = []

    mutating func note(_ rejection: Rejection) {
      count += 1
      places.append(max(1, devices))
      if self.rejection != nil { return }
      self.rejection = rejection
      place = max(1, devices)
    }
  }

  private mutating func read(
    _ document: MTConnectDocument, _ message: ReceivedMessage, _ bad: inout BadDevices,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    if document.isForeign {
      bad.note(Rejection(.missingField, "MTConnectStreams"))
      return
    }
    let devices = document.devices.filter { !$0.observations.isEmpty || equipment != nil || hasOne(document) }
    if equipment == nil, devices.count > 1 {
      bad.note(Rejection(.missingField, "equipment"))
      return
    }
    for device in devices {
      bad.devices += 1
      events.begin(record: bad.devices)
      do throws(Rejection) {
        try read(device, of: document, message, &events)
      } catch {
        if error.reason == .tooLarge { throw error }
        bad.note(error)
      }
    }
  }

  private func hasOne(_ document: MTConnectDocument) -> Bool { document.devices.count == 1 }

  private mutating func read(
    _ device: MTConnectDocument.Device, of document: MTConnectDocument, _ message: ReceivedMessage,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    var sender = EventBuffer.Sender.ofTopic
    let hash: UInt64
    if let equipment {
      guard case .text(let text) = equipment == .name ? device.name : device.uuid else {
        if device.observations.isEmpty { return }
        throw Rejection(.missingField, .fixed(equipment.part))
      }
      // A device without data of a machine, such as the agent itself, need have no id.
      if device.observations.isEmpty, !isHeard(text, message, events) { return }
      (sender, hash) = try events.hashedSender(
        equipment: String(decoding: text, as: UTF8.self), namedBy: .fixed(equipment.part))
    } else {
      hash = message.equipmentHash
    }
    let named = factory(of: message)
    let known = memories[named, hash]
    if device.observations.isEmpty, !known.isHeard { return }
    var reader = MTConnectReader(program, known, sender, message.received)
    defer { if reader.memory != known { memories[named, hash] = reader.memory } }
    try reader.read(device.observations, of: document, &events)
  }

  /// Whether a device that the payload names was heard before.
  private func isHeard(
    _ name: UnsafeRawBufferPointer, _ message: ReceivedMessage, _ events: EventBuffer
  ) -> Bool {
    memories[factory(of: message), events.hash(ofNamed: name)].isHeard
  }

  private func factory(of message: ReceivedMessage) -> [UInt8] {
    message.levels.factory.isEmpty
      ? ownFactory : Array(message.levels.factory.bytes(in: message.topic))
  }

  func path(of field: OptionalField) -> String { program.map.path(of: field) }

  func states() -> [DecoderState] { memories.states() }

  mutating func restore(_ state: DecoderState) throws { try memories.restore(state) }

  mutating func rename(_ changes: NameChanges) { memories.rename(changes) }
}
