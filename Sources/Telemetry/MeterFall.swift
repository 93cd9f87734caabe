/// A fall of a meter that is not settled yet: the meter shows less than its greatest value, and it takes two further
/// readings to tell a reset from a glitch.
public struct MeterFall: Equatable, Sendable {
  /// One reading of the meter.
  public struct Point: Equatable, Sendable {
    /// Thousandths.
    public var value: Int64
    /// Event time.
    public var at: Timestamp
    /// Whether the device had restarted since the meter's reading before it.
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
  /// The one after it, where that is below the greatest value as well.
  public var second: Point?
  /// Event time of the reading that showed the greatest value; nil where it is not kept.
  public var lastAt: Timestamp?

  /// A fall that begins with `first`.
  public init(first: Point, second: Point? = nil, lastAt: Timestamp? = nil) {
    self.first = first
    self.second = second
    self.lastAt = lastAt
  }
}

/// What is not settled of an equipment's meters: few equipment has any of it at any time.
public struct MeterDoubts: Equatable, Sendable {
  /// By meter, the fall that is not settled.
  public var energy: MeterFall?
  public var good: MeterFall?
  public var total: MeterFall?
  /// What good and all pieces were booked since the last reading that carried both while neither was falling:
  /// the beginning of the next step of both.
  public var restGood: Int64 = 0
  public var restTotal: Int64 = 0
  /// On the day of it, event time of the first reading with energy, where one without came before; else nil.
  public var energyFirstAt: Timestamp?

  /// Nothing.
  public init() {}

  /// How many meters are falling.
  public var falls: Int32 { (energy == nil ? 0 : 1) + (good == nil ? 0 : 1) + (total == nil ? 0 : 1) }
}

/// What is remembered of meters between readings, as bits.
public struct MeterMarks: OptionSet, Equatable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The device restarted since the meter's last reading.
  public static let energyRestarted = MeterMarks(rawValue: 1)
  public static let goodRestarted = MeterMarks(rawValue: 2)
  public static let totalRestarted = MeterMarks(rawValue: 4)
  /// A reading carried good and all pieces: from it on their steps belong together.
  public static let countsBoth = MeterMarks(rawValue: 8)
  /// Something is not settled: ``Timeline/doubts`` is not empty.
  public static let doubtful = MeterMarks(rawValue: 16)

  static let restarted: MeterMarks = [.energyRestarted, .goodRestarted, .totalRestarted]
  /// Every mark there is.
  public static let all: MeterMarks = [.restarted, .countsBoth, .doubtful]
}

/// What a day's meters did that meters seldom do.
public struct MeterOddities: Equatable, Sendable {
  /// Falls that came back: the meter answered something else once or twice.
  public var glitches: Int32 = 0
  /// Steps in which good pieces rose by more than all pieces; they are no part of the quality.
  public var goodAboveTotal: Int32 = 0
  /// Meters that were falling when the day's last reading was in: nothing is booked of them until they settle.
  public var openFalls: Int32 = 0
  /// Of the day's good and all pieces, what no step of readings that carry both counts: what stands alone, or was
  /// left out. Negative where a step that ends on this day began on one before.
  public var unpairedGood: Int64 = 0
  public var unpairedTotal: Int64 = 0

  /// Nothing.
  public init() {}

  /// What those of one day and of a later one add up to; nil where a number would not hold it.
  public func adding(_ later: MeterOddities, laterHasReadings: Bool) -> MeterOddities? {
    var fits = true
    func add<Value: FixedWidthInteger>(_ one: Value, _ other: Value) -> Value {
      let (sum, overflow) = one.addingReportingOverflow(other)
      fits = fits && !overflow
      return sum
    }
    var sums = self
    sums.glitches = add(glitches, later.glitches)
    sums.goodAboveTotal = add(goodAboveTotal, later.goodAboveTotal)
    sums.unpairedGood = add(unpairedGood, later.unpairedGood)
    sums.unpairedTotal = add(unpairedTotal, later.unpairedTotal)
    if laterHasReadings { sums.openFalls = later.openFalls }
    return fits ? sums : nil
  }
}
