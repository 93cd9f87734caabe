/// Sums of one equipment on one local day, which roll up.
///
/// Times are milliseconds vouched for by readings with the horizon minimum; a longer declared horizon is
/// applied by whoever reads, from the gaps that the intervals keep.
public struct DayTotals: Equatable, Sendable {
  /// Milliseconds by state, at index `EquipmentState.rawValue - 1`.
  public var states: InlineStates
  /// Milliseconds running in automatic and in manual mode.
  public var automaticRunning: Int32 = 0
  public var manualRunning: Int32 = 0
  /// Distinct readings.
  public var readings: Int32 = 0
  /// Messages that sequence numbers show to be missing.
  public var missing: Int32 = 0
  /// Meters that fell, stayed below and were given a new baseline.
  public var meterResets: Int32 = 0
  /// Readings beyond the first at one event time.
  public var ties: Int32 = 0
  /// Times a boot came back after another had been heard: two senders under one key.
  public var bootReturns: Int32 = 0
  /// Meter deltas in thousandths.
  public var energy: Int64 = 0
  public var good: Int64 = 0
  public var total: Int64 = 0
  /// Live readings: received at the pace at which they were made. The clock is judged by them.
  public var live: Int32 = 0
  /// Readings received more than an hour late.
  public var late: Int32 = 0
  /// Steps of sequence numbers over 1 that are no loss, since the counter is not the sender's own.
  public var sequenceJumps: Int32 = 0
  /// At most one element, which is not empty.
  private var rareOddities: ContiguousArray<MeterOddities> = []
  private var skewValue = Self.noSkew
  /// Minutes, from local midnight, with a reading.
  public var minutes = MinuteSet()

  /// Rare events of the meters.
  public var odd: MeterOddities {
    get { rareOddities.first ?? MeterOddities() }
    set { rareOddities = newValue == MeterOddities() ? [] : [newValue] }
  }

  /// Whether there were any.
  public var isOdd: Bool { !rareOddities.isEmpty }

  /// The least difference receipt − event time of the live readings, in milliseconds. Delays only add to it, so it is
  /// the best estimate of how far the sender's clock is behind. nil without a live reading.
  public var skew: Int64? {
    get { skewValue == Self.noSkew ? nil : skewValue }
    set { skewValue = newValue ?? Self.noSkew }
  }
  /// No two instants are as far apart.
  private static let noSkew = Int64.min

  /// Nothing yet.
  public init() { states = InlineStates() }

  /// Milliseconds vouched for, in whatever state.
  public var vouched: Int64 {
    EquipmentState.allCases.reduce(0) { $0 + Int64(states[$1]) }
  }

  /// Whether nothing at all was added.
  public var isEmpty: Bool { self == DayTotals() }

  /// Adds time in a state, or takes it away.
  mutating func add(_ span: Span, state: EquipmentState, mode: OperatingMode) {
    let milliseconds = Int32(clamping: span.milliseconds)
    states[state] &+= milliseconds
    guard state == .running else { return }
    switch mode {
    case .automatic: automaticRunning &+= milliseconds
    case .manual: manualRunning &+= milliseconds
    case .unstated: break
    }
  }
}

/// One Int32 per ``EquipmentState``, without an array behind it.
public struct InlineStates: Equatable, Sendable {
  private var running: Int32 = 0
  private var idle: Int32 = 0
  private var setup: Int32 = 0
  private var stopped: Int32 = 0
  private var fault: Int32 = 0
  private var maintenance: Int32 = 0
  private var off: Int32 = 0

  /// All zero.
  public init() {}

  public subscript(state: EquipmentState) -> Int32 {
    get {
      switch state {
      case .running: running
      case .idle: idle
      case .setup: setup
      case .stopped: stopped
      case .fault: fault
      case .maintenance: maintenance
      case .off: off
      }
    }
    set {
      switch state {
      case .running: running = newValue
      case .idle: idle = newValue
      case .setup: setup = newValue
      case .stopped: stopped = newValue
      case .fault: fault = newValue
      case .maintenance: maintenance = newValue
      case .off: off = newValue
      }
    }
  }
}
