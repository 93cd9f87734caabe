/// Sums of one equipment on one local day, which roll up, and the minutes behind them.
@dynamicMemberLookup
public struct DayTotals: Equatable, Sendable {
  /// Sums that are plain numbers.
  public var numbers = DayNumbers()
  /// At most one element, which is not empty.
  private var rareOddities: ContiguousArray<MeterOddities> = []
  /// Minutes, from local midnight, with a reading.
  public var minutes = MinuteSet()

  /// Rare events of the meters.
  public var odd: MeterOddities {
    get { rareOddities.first ?? MeterOddities() }
    set { rareOddities = newValue == MeterOddities() ? [] : [newValue] }
  }

  /// Whether there were any.
  public var isOdd: Bool { !rareOddities.isEmpty }

  /// Totals at zero.
  public init() {}

  /// A number of the day.
  @inlinable
  public subscript<Value>(dynamicMember field: WritableKeyPath<DayNumbers, Value>) -> Value {
    @inline(__always) get { numbers[keyPath: field] }
    @inline(__always) set { numbers[keyPath: field] = newValue }
  }

  /// Milliseconds vouched for, in whatever state.
  public var vouched: Int64 {
    EquipmentState.allCases.reduce(0) { $0 + Int64(numbers.states[$1]) }
  }

  /// Whether nothing at all was added.
  public var isEmpty: Bool { self == DayTotals() }

  /// Adds time in a state, or takes it away.
  mutating func add(_ span: Span, state: EquipmentState, mode: OperatingMode) {
    let milliseconds = Int32(clamping: span.milliseconds)
    numbers.states[state] &+= milliseconds
    guard state == .running else { return }
    switch mode {
    case .automatic: numbers.automaticRunning &+= milliseconds
    case .manual: numbers.manualRunning &+= milliseconds
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
