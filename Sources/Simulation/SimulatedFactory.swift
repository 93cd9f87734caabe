import Telemetry

/// A factory of the simulated district, as its register describes it and its equipment behaves.
public struct SimulatedFactory: Sendable {
  /// How far the factory has been retrofitted.
  public enum Retrofit: Sendable {
    /// F001: everything automatic and networked, day and night.
    case exemplary
    /// All equipment retrofitted, with the troubles that reality has.
    case full
    case half
    case quarter
    /// In the register, not on the network.
    case untouched
    /// In the register without any equipment.
    case empty
  }

  /// A factory that loses its connection at times, keeps its messages meanwhile, and sends them when it
  /// is back. Times in milliseconds from the simulation's start.
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
  /// Everything of this factory that is in the register, and the senders that are not (``SimulatedEquipment/isRegistered``).
  public internal(set) var equipment: [SimulatedEquipment] = []
  /// Whether it is in the register.
  public var isRegistered = true
  var dropOff: DropOff?

  /// Whether it drops off the network at times.
  public var dropsOff: Bool { dropOff != nil }
}

/// An equipment of the simulated district.
public struct SimulatedEquipment: Sendable {
  /// What an equipment does on the network.
  public enum Behaviour: Equatable, Sendable {
    /// Sends a status every interval, for as long as it has power.
    case reports
    /// Connected, but without a single status: a gateway that answers for a machine that does not.
    case mute
    /// Never heard, for lack of a connection or in spite of one.
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
  /// False for a sender that no register row mentions.
  public var isRegistered = true
  /// Whether it is part of production: not a gateway or a meter.
  public var isProduction: Bool { category != "gateway" && category != "meter" }

  /// Its clock minus true time.
  public internal(set) var clockError = Span.zero
  /// How many of a hundred of its messages are broken.
  public internal(set) var brokenPercent = 0
  /// How many of a hundred of its messages are published twice.
  public internal(set) var duplicatedPercent = 0
  /// Works at night too.
  var worksNights = false
  /// Loses its power, and with it the connection, when it does not work.
  var powersDown = false
  /// Run by hand although registered as automatic.
  var runByHand = false
  /// Starts its piece counters from zero with each boot.
  var countersReset = false
  /// Rated power in watts.
  var watts: Int64 = 0
  /// Milliseconds a piece takes.
  var cycle: Int64 = 1000
}
