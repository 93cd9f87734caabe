/// An unsettled fall of a meter: the meter shows less than its greatest value, and two further readings must show
/// whether it is a reset or a glitch.
public struct MeterFall: Equatable, Sendable {
  /// One reading of the meter.
  public struct Point: Equatable, Sendable {
    /// Thousandths.
    public var value: Int64
    /// Event time.
    public var at: Timestamp
    /// Whether the device had restarted since the meter's previous reading.
    public var isFirstOfBoot: Bool

    /// A reading of `value` at `at`.
    public init(value: Int64, at: Timestamp, isFirstOfBoot: Bool = false) {
      self.value = value
      self.at = at
      self.isFirstOfBoot = isFirstOfBoot
    }
  }

  /// The reading that fell.
  public var first: Point
  /// The reading after it, if that is below the greatest value too.
  public var second: Point?
  /// Event time of the reading with the greatest value; nil if it is not kept.
  public var lastAt: Timestamp?

  /// A fall that begins with `first`.
  public init(first: Point, second: Point? = nil, lastAt: Timestamp? = nil) {
    self.first = first
    self.second = second
    self.lastAt = lastAt
  }
}

/// Unsettled state of the meters of a piece of equipment, which is rare.
public struct MeterDoubts: Equatable, Sendable {
  /// The unsettled fall of each meter.
  public var energy: MeterFall?
  public var good: MeterFall?
  public var total: MeterFall?
  /// Good and all pieces, in thousandths, counted since the last reading that carried both while neither was falling:
  /// the beginning of the next common step.
  public var restGood: Int64 = 0
  public var restTotal: Int64 = 0
  /// Event time of the first reading with energy, kept on its day if an earlier reading had none; else nil.
  public var energyFirstAt: Timestamp?

  /// Zeros.
  public init() {}

  /// Number of falling meters.
  public var falls: Int32 { (energy == nil ? 0 : 1) + (good == nil ? 0 : 1) + (total == nil ? 0 : 1) }
}

/// State of the meters between readings, as bits.
public struct MeterMarks: OptionSet, Equatable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The device restarted since the meter's last reading.
  public static let energyRestarted = MeterMarks(rawValue: 1)
  public static let goodRestarted = MeterMarks(rawValue: 2)
  public static let totalRestarted = MeterMarks(rawValue: 4)
  /// A reading carried good and all pieces; from it on, their steps are paired.
  public static let countsBoth = MeterMarks(rawValue: 8)
  /// Something is unsettled: ``Timeline/doubts`` is not empty.
  public static let doubtful = MeterMarks(rawValue: 16)

  static let restarted: MeterMarks = [.energyRestarted, .goodRestarted, .totalRestarted]
  /// Every mark there is.
  public static let all: MeterMarks = [.restarted, .countsBoth, .doubtful]
}

/// Rare events of a day's meters.
public struct MeterOddities: Equatable, Sendable {
  /// Falls that turned out to be glitches: the meter gave a wrong value once or twice.
  public var glitches: Int32 = 0
  /// Steps in which good pieces rose by more than all pieces; they are left out of the quality.
  public var goodAboveTotal: Int32 = 0
  /// Meters that were falling at the day's last reading: their counts since are left out until they settle.
  public var openFalls: Int32 = 0
  /// The part of the day's good and all pieces, in thousandths, that is in no step between readings with both: it has
  /// no counterpart, or was left out. Negative if a step that ends on this day began on an earlier one.
  public var unpairedGood: Int64 = 0
  public var unpairedTotal: Int64 = 0

  /// Zeros.
  public init() {}
}
