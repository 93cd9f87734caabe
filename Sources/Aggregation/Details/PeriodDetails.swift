import Register
import Telemetry

/// Scope of details.
public enum DetailsScope: Equatable, Sendable {
  /// The whole of a factory.
  case factory
  /// One workshop of it, by id.
  case workshop(String)
  /// One machine of it, by id.
  case equipment(String)

  /// Whether something in a workshop may be part of it.
  func covers(_ workshop: String) -> Bool {
    switch self {
    case .factory, .equipment: true
    case .workshop(let id): id == workshop
    }
  }

  /// Whether equipment is part of it.
  func covers(_ equipment: RegisteredEquipment) -> Bool {
    switch self {
    case .factory: true
    case .workshop(let id): id == equipment.workshop
    case .equipment(let id): id == equipment.key.equipment
    }
  }

  /// Whether the details are of one machine. The steps then count this machine only, and the states cover the whole
  /// period.
  var isOfOne: Bool { if case .equipment = self { true } else { false } }
}

/// The period of a factory or a workshop step by step, with its outstanding events.
public struct PeriodDetails: Sendable {
  public var scope: DetailsScope
  public var steps: PeriodSteps
  /// By line, one for each step; they add up to the scope's round-the-clock connectivity and energy.
  public var places: [ProductionCalendar.Place: [StepFigures]] = [:]
  /// Incidents in which equipment of the scope went dark, ascending by time; nil if the period is too long for days
  /// as steps.
  public var incidents: [GatewayIncident]?
  /// The end of the period in which the states of ``worst`` lie.
  public var window: Range<Timestamp>
  /// The equipment of the scope with the least time connected, the worst first; of one machine that was heard, that one.
  public var worst: [EquipmentStates] = []
  /// Machines of the scope that were offline in ``window``; nil unless they were asked for.
  public var offline: OfflineMachines?
  /// Open sessions of one machine in the period, ascending and disjoint; empty for other scopes.
  public var sessions: [Range<Timestamp>] = []
  /// Sums of the messages of one machine, one for each step; empty for other scopes, and if it was never heard.
  public var counters: [StepCounters] = []
  /// Machines of the scope that raised alarms, by the alarm's code.
  public var alarms: [String: AlarmMachines] = [:]

  /// Empty details of a period.
  public init(of scope: DetailsScope = .factory, steps: PeriodSteps, window: Range<Timestamp>) {
    self.scope = scope
    self.steps = steps
    self.window = window
  }

  /// The steps of lines added up by what `key` says of each.
  public func steps<Key: Hashable>(by key: (ProductionCalendar.Place) -> Key) -> [Key: [StepFigures]] {
    places.reduce(into: [:]) { groups, entry in
      var sums = groups[key(entry.key)] ?? steps.days.map { _ in StepFigures() }
      for index in entry.value.indices { sums[index] += entry.value[index] }
      groups[key(entry.key)] = sums
    }
  }
}

/// Machines that raised an alarm.
public struct AlarmMachines: Equatable, Sendable {
  /// Number of machines.
  public private(set) var machines = 0
  /// Id of the machine that raised it most often, the first by id of several.
  public private(set) var most = ""
  /// Number of times that this machine raised it.
  public private(set) var raised = 0

  /// No machine yet.
  public init() {}

  /// Adds a machine that raised it `raised` times; machines are added in the order of their ids.
  public mutating func add(_ raised: Int, by machine: String) {
    machines += 1
    guard raised > self.raised else { return }
    (most, self.raised) = (machine, raised)
  }
}

/// Everything behind a gateway went dark together while we listened, or the gateway's own session ended.
public struct GatewayIncident: Equatable, Sendable {
  /// As the register names it.
  public var gateway: String
  public var from: Timestamp
  /// Time at which one of them was heard again; nil if none was by the end of the period.
  public var until: Timestamp?
  /// Ids of the equipment that was online until then, ascending.
  public var equipment: [String]

  /// An incident of a gateway.
  public init(gateway: String, from: Timestamp, until: Timestamp?, equipment: [String]) {
    self.gateway = gateway
    self.from = from
    self.until = until
    self.equipment = equipment
  }
}

/// States of one equipment over a stretch of time.
public struct EquipmentStates: Equatable, Sendable {
  /// Knowledge of a part of it.
  public enum Kind: Equatable, Sendable {
    case state(EquipmentState)
    /// Observed, and nothing vouches for it.
    case off
    /// Neither observed nor vouched for.
    case unobserved
  }

  /// A part of one kind.
  public struct Part: Equatable, Sendable {
    public var from: Timestamp
    public var until: Timestamp
    public var kind: Kind

    /// Knowledge from `from` to `until`, excluded.
    public init(from: Timestamp, until: Timestamp, kind: Kind) {
      self.from = from
      self.until = until
      self.kind = kind
    }
  }

  /// Equipment id.
  public var equipment: String
  public var workshop: String
  public var line: String
  /// Round the clock, over the whole period.
  public var connectivity: TimeFigures.Connectivity
  /// Ascending, without a gap.
  public var parts: [Part]

  /// States of an equipment.
  public init(
    equipment: String, workshop: String, line: String, connectivity: TimeFigures.Connectivity, parts: [Part]
  ) {
    self.equipment = equipment
    self.workshop = workshop
    self.line = line
    self.connectivity = connectivity
    self.parts = parts
  }
}
