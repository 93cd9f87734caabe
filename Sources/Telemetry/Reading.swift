/// One status message, decoded: what an equipment said of itself at an instant.
///
/// A plain value without references, so that a window of them costs neither allocation nor retain.
public struct Reading: Equatable, Sendable {
  /// Event time: the message's `ts`.
  public var time: Timestamp
  /// Time at which Millwright first received it.
  public var received: Timestamp
  public var state: EquipmentState
  public var mode: OperatingMode
  /// `seq`, counting up within a boot.
  public var sequence: UInt64?
  /// A 64-bit digest of `boot`, which names one run of the device between restarts.
  public var boot: UInt64?
  /// The meters that came with it.
  public var meters: Meters
  /// Digest of its alarms, never 0 when it has some; 0 for none.
  public var alarms: UInt64
  /// How it vouches for its state.
  public var vouching: Vouching

  /// A reading; meters, sequence and boot only where the message carried them.
  public init(
    time: Timestamp, received: Timestamp, state: EquipmentState, mode: OperatingMode = .unstated,
    sequence: UInt64? = nil, boot: UInt64? = nil, meters: Meters = Meters(), alarms: UInt64 = 0,
    vouching: Vouching = .horizon
  ) {
    self.time = time
    self.received = received
    self.state = state
    self.mode = mode
    self.sequence = sequence
    self.boot = boot
    self.meters = meters
    self.alarms = alarms
    self.vouching = vouching
  }
}

/// Meters that only rise, in integer thousandths of their unit.
///
/// Three optional numbers in 25 bytes: every timeline has them.
public struct Meters: Equatable, Sendable {
  private var energyValue: Int64 = 0
  private var goodValue: Int64 = 0
  private var totalValue: Int64 = 0
  /// Presence of the values; absent ones are 0.
  private var present = PresentNumbers()

  /// `energy_kwh` in thousandths of a kilowatt hour.
  public var energy: Int64? {
    get { present.value(energyValue, at: 0) }
    set { present.set(&energyValue, to: newValue, at: 0) }
  }
  /// `good` pieces, in thousandths.
  public var good: Int64? {
    get { present.value(goodValue, at: 1) }
    set { present.set(&goodValue, to: newValue, at: 1) }
  }
  /// `total` pieces, in thousandths.
  public var total: Int64? {
    get { present.value(totalValue, at: 2) }
    set { present.set(&totalValue, to: newValue, at: 2) }
  }

  /// Meters; nil where the message carried none.
  public init(energy: Int64? = nil, good: Int64? = nil, total: Int64? = nil) {
    self.energy = energy
    self.good = good
    self.total = total
  }
}

/// A device's session as its connection topic says.
public enum Presence: UInt8, Sendable {
  /// The device connected.
  case online = 1
  /// The device disconnected, or its MQTT will says so.
  case offline = 2
}
