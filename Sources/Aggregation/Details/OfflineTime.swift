import Telemetry

/// Time in which one machine was offline: observed, and vouched for neither by a reading nor by a session.
public struct OfflineTime: Equatable, Sendable {
  /// Equipment id.
  public var equipment: String
  public var workshop: String
  public var line: String
  /// Ascending, disjoint, and none shorter than ``shortest``. There is at least one.
  public let spells: [Range<Timestamp>]
  /// The longest spell, the first of several.
  public let longest: Range<Timestamp>
  /// Length of all spells together.
  public let total: Span
  /// Whether nothing was heard after the last spell began. Time after it may be unobserved.
  public let isOpen: Bool

  /// Minimum length of a spell. A shorter one is a late message.
  public static let shortest = Span.minutes(5)

  /// Finds the offline time in the states of a machine; nil if it has no spell.
  ///
  /// - Parameter sessions: open sessions of the machine, ascending and disjoint.
  public init?(_ states: EquipmentStates, sessions: [Range<Timestamp>] = []) {
    var spells: [Range<Timestamp>] = []
    func add(_ from: Timestamp, _ until: Timestamp) {
      if until - from >= Self.shortest { spells.append(from..<until) }
    }
    var next = 0
    for part in states.parts where part.kind == .off {
      var reached = part.from
      while next < sessions.count, sessions[next].upperBound <= reached { next += 1 }
      for session in sessions[next...] {
        guard session.lowerBound < part.until else { break }
        add(reached, session.lowerBound)
        reached = max(reached, session.upperBound)
      }
      add(reached, part.until)
    }
    guard var longest = spells.first, let last = spells.last else { return nil }
    var total = Span.milliseconds(0)
    for spell in spells {
      let length = spell.upperBound - spell.lowerBound
      total = .milliseconds(total.milliseconds.addingSaturated(length.milliseconds))
      if length > longest.upperBound - longest.lowerBound { longest = spell }
    }
    equipment = states.equipment
    workshop = states.workshop
    line = states.line
    self.spells = spells
    self.longest = longest
    self.total = total
    let vouched = states.parts.last { if case .state = $0.kind { true } else { false } }?.until
    isOpen = [vouched, sessions.last?.upperBound].compactMap(\.self).allSatisfy { $0 <= last.lowerBound }
  }
}

/// The machines of a scope that were offline in the end of a period.
public struct OfflineMachines: Equatable, Sendable {
  /// Those offline for the longest time, the longest first; at most ``most``.
  public private(set) var longest: [OfflineTime] = []
  /// Number of all machines that were offline.
  public private(set) var count = 0

  /// Maximum number of machines that are kept.
  public static let most = 20

  /// No machine yet.
  public init() {}

  /// Adds a machine. Of machines with equal times the one that was added first comes first.
  public mutating func add(_ time: OfflineTime) {
    count += 1
    let place = longest.firstIndex { $0.total < time.total } ?? longest.endIndex
    guard place < Self.most else { return }
    longest.insert(time, at: place)
    if longest.count > Self.most { longest.removeLast() }
  }
}
