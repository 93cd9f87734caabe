import Telemetry

/// Records of equipment whose open day is being recomputed, received since the recomputation began. They are folded
/// again onto its result.
struct RepairTail {
  enum Record {
    case presence(Presence, at: Timestamp, received: Timestamp)
    /// Readings with one event time, ascending by payload.
    case readings([Reading])

    var time: Timestamp {
      switch self {
      case .presence(_, let at, _): at
      case .readings(let readings): readings[0].time
      }
    }
  }

  /// The records, each with the workshop in its topic; of several readings, the workshop last in order of names.
  private var kept: [EquipmentNumber: [(record: Record, workshop: String)]] = [:]
  private var count = 0
  /// Alarms by the digests in the records.
  private(set) var codes: [UInt64: [String]] = [:]

  /// Maximum number of records kept. Beyond it the repair is tried again later.
  private static let limit = 100_000

  /// Whether a recomputation is in progress.
  var isActive: Bool { !kept.isEmpty }

  mutating func begin(_ equipment: some Sequence<EquipmentNumber>) {
    end()
    for number in equipment { kept[number] = [] }
  }

  mutating func end() {
    kept = [:]
    codes = [:]
    count = 0
  }

  mutating func note(
    _ presence: Presence, at: Timestamp, received: Timestamp, of equipment: EquipmentNumber,
    in workshop: String
  ) {
    keep(.presence(presence, at: at, received: received), of: equipment, in: workshop)
  }

  /// Notes readings with one event time. `alarms` returns the alarm codes of the reading at a place among them.
  mutating func note(
    _ readings: [Reading], of equipment: EquipmentNumber, in workshop: String, alarms: (Int) -> [String]
  ) {
    guard kept[equipment] != nil else { return }
    for (place, reading) in readings.enumerated() where reading.alarms != 0 && codes[reading.alarms] == nil {
      codes[reading.alarms] = alarms(place)
    }
    keep(.readings(readings), of: equipment, in: workshop)
  }

  /// The records, in the order folded; nil if there were too many to keep.
  func records(of equipment: EquipmentNumber) -> [(record: Record, workshop: String)]? {
    count > Self.limit ? nil : kept[equipment]
  }

  private mutating func keep(_ record: Record, of equipment: EquipmentNumber, in workshop: String) {
    guard isActive, count <= Self.limit, kept[equipment] != nil else { return }
    kept[equipment]?.append((record, workshop))
    count += 1
  }
}
