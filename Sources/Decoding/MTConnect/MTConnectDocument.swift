import CSimdjson
import Telemetry

/// An observation that a source reads.
struct MTConnectObservation {
  /// Number of the map's field; nil for none.
  var field: Int?
  var isAvailability = false
  /// The state of a condition; nil for samples and events.
  var level: MTConnectLevel?
  var value = FieldValue.null
  var time: Timestamp?
  var sequence: UInt64?
  /// Hash of the data item's id, or of its type if it has none.
  var item: UInt64 = 0
  /// Hash of the text that tells conditions of one data item apart; 0 if there is none.
  var key: UInt64 = 0
  /// The code of a condition, or else the id of its data item.
  var code = ""
}

/// The observations of one MTConnect streams document, by device. Views that are valid as long as the message.
struct MTConnectDocument {
  typealias Root = MTConnectFinder.Root
  typealias Names = MTConnectFinder.Observation
  typealias Entries = Slice<UnsafeBufferPointer<CSimdjsonFound>>

  /// The stream of one device.
  struct Device {
    var name = FieldValue.null
    var uuid = FieldValue.null
    var observations: [MTConnectObservation] = []
  }

  /// The time of the document; nil if it has none.
  private(set) var creation: Timestamp?
  private(set) var instance: UInt64?
  /// Whether it has the newest observations of its devices.
  private(set) var isComplete = true
  private(set) var devices: [Device] = []
  /// Whether it is a document of another kind.
  private(set) var isOtherKind = false
  /// Whether it is no document of MTConnect.
  private(set) var isForeign = true

  private static let times = TimeRule()

  /// Reads the entries of one document.
  init(_ found: Entries, _ fields: MTConnectFields) {
    var header = [FieldValue](repeating: .null, count: 6)
    var current = [FieldValue](repeating: .null, count: Int(Names.end - Names.value))
    var hasCurrent = false
    var type = UnsafeRawBufferPointer(start: nil, count: 0)
    var category: Int32 = 0
    var depth = 0
    for entry in found {
      switch entry.mark {
      case CSIMDJSON_FOUND_RECORD:
        depth += 1
        hasCurrent = false
        if depth == MTConnectFinder.deviceDepth { devices.append(Device()) }
      case CSIMDJSON_FOUND_END:
        depth -= 1
        guard hasCurrent, !devices.isEmpty else { break }
        hasCurrent = false
        if let observation = fields.observation(current, type, category) {
          devices[devices.count - 1].observations.append(observation)
        }
      case CSIMDJSON_FOUND_NAME:
        type = UnsafeRawBufferPointer(start: entry.value.text, count: entry.value.length)
        category = entry.place
      case CSIMDJSON_FOUND_VALUE:
        let value = entry.value.fieldValue
        switch entry.place {
        case Names.value..<Names.end:
          if !hasCurrent { for place in current.indices { current[place] = .null } }
          hasCurrent = true
          current[Int(entry.place - Names.value)] = value
        case MTConnectFinder.Device.name where !devices.isEmpty: devices[devices.count - 1].name = value
        case MTConnectFinder.Device.uuid where !devices.isEmpty: devices[devices.count - 1].uuid = value
        case 0..<6: header[Int(entry.place)] = value
        default: break
        }
      default: break
      }
    }
    isOtherKind = !header[Int(Root.otherKind)].isNull
    isForeign = header[Int(Root.streams)].isNull && !isOtherKind
    creation = Self.times.time(header[Int(Root.creationTime)])
    instance = header[Int(Root.instance)].count
    if let next = header[Int(Root.nextSequence)].count, let last = header[Int(Root.lastSequence)].count {
      isComplete = next > last
    }
  }
}

/// The fields of a source by the names of observations.
struct MTConnectFields: Equatable, Sendable {
  private let table: FieldTable
  private let hasSubtypes: Bool
  private let hasItems: Bool
  private static let times = TimeRule()

  /// The fields of `map`: a type such as `Execution`, a type with a subtype such as `PartCount.GOOD`, or the id of a
  /// data item such as `#exec`.
  init(_ map: ReadingMap) {
    table = FieldTable(map)
    hasSubtypes = map.fields.contains { $0.contains(".") }
    hasItems = map.fields.contains { $0.hasPrefix("#") }
  }

  /// The observation with some values; nil if the source does not read it.
  fileprivate func observation(
    _ values: [FieldValue], _ type: UnsafeRawBufferPointer, _ category: Int32
  ) -> MTConnectObservation? {
    func value(_ number: Int32) -> FieldValue { values[Int(number - MTConnectFinder.Observation.value)] }
    func text(_ number: Int32) -> UnsafeRawBufferPointer? {
      if case .text(let text) = value(number), !text.isEmpty { text } else { nil }
    }
    var observation = MTConnectObservation()
    let id = text(MTConnectFinder.Observation.dataItem)
    if category == MTConnectFinder.Category.conditions {
      guard let level = MTConnectLevel(rawValue: String(decoding: type.prefix(16), as: UTF8.self)) else {
        return nil
      }
      observation.level = level
      let native = AlarmDigest.text(of: value(MTConnectFinder.Observation.nativeCode)) ?? ""
      let key = text(MTConnectFinder.Observation.condition)?.fnv1a
      observation.key = key ?? (native.isEmpty ? 0 : Array(native.utf8).withUnsafeBytes(\.fnv1a))
      observation.code = native.isEmpty ? id.map { String(decoding: $0, as: UTF8.self) } ?? "" : native
    } else {
      observation.isAvailability = type.equals("Availability")
      observation.field = field(type, text(MTConnectFinder.Observation.subtype), id)
      guard observation.field != nil || observation.isAvailability else { return nil }
      observation.value = value(MTConnectFinder.Observation.value)
      // Numbers are text in some agents.
      if case .text(let text) = observation.value, PlainNumber.isNumber(text.trimmed) {
        observation.value = .plain(text.trimmed)
      }
    }
    observation.item = (id ?? type).fnv1a
    observation.time = Self.times.time(value(MTConnectFinder.Observation.timestamp))
    observation.sequence = value(MTConnectFinder.Observation.sequence).count
    return observation
  }

  private func field(
    _ type: UnsafeRawBufferPointer, _ subtype: UnsafeRawBufferPointer?, _ id: UnsafeRawBufferPointer?
  ) -> Int? {
    if hasItems, let id, let place = place(of: [UInt8(ascii: "#")] + id) { return place }
    guard let subtype else { return table.place(of: type) }
    if hasSubtypes, let place = place(of: type + [UInt8(ascii: ".")] + subtype) { return place }
    return subtype.equals("ALL") || subtype.equals("ACTUAL") ? table.place(of: type) : nil
  }

  private func place(of name: [UInt8]) -> Int? { name.withUnsafeBytes { table.place(of: $0) } }
}

extension FieldValue {
  /// A number that counts; nil for any other value.
  fileprivate var count: UInt64? {
    switch self {
    case .integer(let number): UInt64(exactly: number)
    case .unsigned(let number): number
    case .text(let text): PlainNumber.integer(text).flatMap { UInt64(exactly: $0) }
    default: nil
    }
  }
}
