import Telemetry

/// A factory of the simulated district: its register rows and the behaviour of its equipment.
public struct SimulatedFactory: Sendable {
  /// The extent of the factory's retrofit.
  public enum Retrofit: Sendable {
    /// F001: everything automatic and networked, working day and night.
    case exemplary
    /// All equipment retrofitted, with realistic faults.
    case full
    case half
    case quarter
    /// In the register, but not networked.
    case untouched
    /// In the register, but without equipment.
    case empty
  }

  /// An interruption of a factory's connection: it keeps its messages, and sends them when the connection is back.
  /// Times in milliseconds from the simulation's start.
  struct DropOff: Equatable, Sendable {
    var first: Int64
    var length: Int64
    var period: Int64
  }

  public var id: String
  public var nameChinese: String
  public var nameEnglish: String
  public var industry: String
  public var retrofit: Retrofit
  public var retrofitCompletedOn: CalendarDay?
  /// All registered equipment of this factory, and the senders that are not registered
  /// (``SimulatedEquipment/isRegistered``).
  public internal(set) var equipment: [SimulatedEquipment] = []
  /// Whether the factory is in the register.
  public var isRegistered = true
  var dropOff: DropOff?

  /// Whether its connection is interrupted at times.
  public var dropsOff: Bool { dropOff != nil }
}

/// An equipment of the simulated district.
public struct SimulatedEquipment: Sendable {
  /// The behaviour of an equipment on the network.
  public enum Behaviour: Equatable, Sendable {
    /// Sends a status every interval while it has power.
    case reports
    /// Connected, but without a status: a gateway connects on behalf of a machine that does not send.
    case mute
    /// Never sends, with or without a connection.
    case neverSends
  }

  public var key: EquipmentKey
  public var workshop: String
  public var line: String
  public var name: String
  public var category: String
  /// `manual`, `semi_automatic`, `automatic` or `unclassified`.
  public var automation: String
  public var intelligent = false
  public var digital = false
  public var connectable = false
  public var commissionedOn: CalendarDay
  public var decommissionedOn: CalendarDay?
  public var retrofittedOn: CalendarDay?
  public var serial: String
  public var energyMeter = ""
  public var gateway = ""

  public var behaviour = Behaviour.neverSends
  /// False for a sender without a register row.
  public var isRegistered = true
  /// Whether it is production equipment: not a gateway or a meter.
  public var isProduction: Bool { category != "gateway" && category != "meter" }

  /// Deviation of its clock from true time.
  public internal(set) var clockError = Span.zero
  /// Percentage of its messages that are malformed.
  public internal(set) var brokenPercent = 0
  /// Percentage of its messages that are published twice.
  public internal(set) var duplicatedPercent = 0
  /// Whether it works at night too.
  var worksNights = false
  /// Whether it loses power, and so its connection, when it does not work.
  var powersDown = false
  /// Whether it is operated manually although registered as automatic.
  var runByHand = false
  /// Whether its piece counters start from zero with each boot.
  var countersReset = false
  /// Rated power in watts.
  var watts: Int64 = 0
  /// Milliseconds per piece.
  var cycle: Int64 = 1000
}
