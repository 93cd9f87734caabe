import Storage
import Telemetry

/// The state of the store and the instant that everything shown stands for. Pages and answers of one moment show the
/// same figures, and share reports.
public struct Moment: Equatable, Sendable {
  /// nil while no collector has ever written views.
  public let version: StoreVersion?
  /// Whole seconds.
  public let asOf: Timestamp
  /// A short text that differs for other moments; it may be sent to anybody.
  public let tag: String

  /// The moment of a version at an instant.
  public init(_ version: StoreVersion?, at instant: Timestamp) {
    self.version = version
    asOf = Timestamp(milliseconds: instant.milliseconds - instant.milliseconds % 1000)
    tag = Self.tag("\(Self.text(version)) \(asOf.milliseconds)")
  }

  /// A text that equal versions have in common, in every process.
  private static func text(_ version: StoreVersion?) -> String {
    guard let version else { return "none" }
    let cursors = version.cursors.sorted { $0.key < $1.key }.map { "\($0.key.number):\($0.value)" }
    return "\(cursors.joined(separator: ",")) \(version.repairsPending) \(version.register) "
      + "\(version.calendars) \(version.closedDay?.description ?? "") \(version.edition)"
  }

  /// FNV-1a, 64 bits, in base 36.
  static func tag(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 36)
  }
}
