/// Key of an equipment: its factory's id and its own (the work unit of IEC 62264), both as in the topic.
///
/// Ids are 1 to 64 characters of `A–Z a–z 0–9 _ . -`.
public struct EquipmentKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The factory's id.
  public var factory: String
  /// The equipment's id (asset number) within the factory.
  public var equipment: String

  /// The equipment `equipment` of factory `factory`.
  public init(factory: String, equipment: String) {
    self.factory = factory
    self.equipment = equipment
  }

  /// `factory/equipment`.
  public var description: String { "\(factory)/\(equipment)" }

  public static func < (a: EquipmentKey, b: EquipmentKey) -> Bool {
    (a.factory, a.equipment) < (b.factory, b.equipment)
  }

  /// Whether bytes form an id: 1 to 64 of `A–Z a–z 0–9 _ . -`.
  @inlinable public static func isID(_ bytes: some Collection<UInt8>) -> Bool {
    guard (1...64).contains(bytes.count) else { return false }
    return bytes.allSatisfy(isIDByte)
  }

  /// Whether a byte may stand in an id.
  @inlinable public static func isIDByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }
}

/// State of an equipment, as its status message says.
public enum EquipmentState: UInt8, CaseIterable, Sendable {
  case running = 1
  case idle
  case setup
  case stopped
  case fault
  case maintenance
  case off

  /// The word in payloads, tables and reports.
  public var name: String {
    switch self {
    case .running: "running"
    case .idle: "idle"
    case .setup: "setup"
    case .stopped: "stopped"
    case .fault: "fault"
    case .maintenance: "maintenance"
    case .off: "off"
    }
  }
}

/// Whether an equipment runs by itself or by hand, where its status message says so.
public enum OperatingMode: UInt8, CaseIterable, Sendable {
  /// The message did not say.
  case unstated = 0
  case automatic
  case manual

  /// The word in payloads, tables and reports.
  public var name: String {
    switch self {
    case .unstated: "unstated"
    case .automatic: "automatic"
    case .manual: "manual"
    }
  }
}
