import Storage
import Telemetry

/// Contents of a store, line by line, for comparing two stores. Senders are named by key, since their numbers depend on
/// who was heard first. Lists for which the contract states no complete order are sorted.
extension StoreReading {
  /// Everything that is read of the store: reports' figures of all days, timelines from which days are recomputed, and
  /// refused messages.
  public func everything() throws -> [String] {
    var lines = try quarantined().map { "quarantined \($0)" }.sorted() + refusalLines()
    guard let days = try days() else { return try lines + overviewLines(Self.always) }
    lines += try reported(days) + closingLines()
    return try lines + sessionChanges(until: instants(of: days).upperBound).map { "session \($0)" }
  }

  /// Everything that reports read of some days: the store's evidence at their end, and every sender's figures.
  public func reported(_ days: ClosedRange<CalendarDay>) throws -> [String] {
    var lines = try overviewLines(instants(of: days))
    let evidence = try appendFigures(of: days, to: &lines)
    return lines
      + evidence.map {
        var sender = $0
        let refusals = Self.sorted(sender.refusals)
        sender.refusals = []
        return "\(sender) \(refusals)"
      }
  }

  /// Figures of every sender on some days.
  public func figures(_ days: ClosedRange<CalendarDay>) throws -> [String] {
    var lines: [String] = []
    _ = try appendFigures(of: days, to: &lines)
    return lines
  }

  /// Timelines at the ends of days, from which later days are recomputed.
  public func closingLines() throws -> [String] {
    let senders = try store.reader().snapshot { try $0.senders(of: .all).senders.map(\.key) }
    return try senders.flatMap { key in
      try closings(of: key).map { "\(key) closed \($0.day) \($0.timeline)" }
    }
  }

  /// Numbers of refused messages by sender, reason and detail, without where the newest of them is.
  public func refusalLines() throws -> [String] {
    try refusals().map {
      "refused \($0.key) \($0.refusal.reason) '\($0.refusal.detail)' \($0.refusal.fault) \($0.refusal.messages)"
    }.sorted()
  }

  /// Descriptions of `values`, ascending.
  private static func sorted<Value>(_ values: [Value]) -> [String] { values.map { "\($0)" }.sorted() }

  private func overviewLines(_ period: Range<Timestamp>) throws -> [String] {
    let overview = try overview(in: period)
    return [
      "observed \(overview.observed) drops \(String(describing: overview.brokerDrops))",
      "refused \(Self.sorted(overview.refusals)) fields \(Self.sorted(overview.fieldErrors))",
      "waiting \(overview.repairsPending) flags \(overview.retainFlags)",
      "silences \(Self.sorted(overview.silences))",
    ]
  }

  private func appendFigures(
    of days: ClosedRange<CalendarDay>, to lines: inout [String]
  ) throws -> [EquipmentEvidence] {
    try forEachPeriod(days) { sender, stretches in
      func add(_ line: String) { lines.append("\(sender.key) \(line)") }
      if sender.isHeard { add("first \(String(describing: sender.firstReading)) \(sender.sessions)") }
      if !sender.onlineDays.isEmpty { add("online on \(sender.onlineDays)") }
      for index in sender.days.indices {
        let day = sender.days[index]
        var minutes: [String] = []
        try sender.forEachRun(on: index) { minutes.append("\($0)–\($1)") }
        add("\(day.day) \(day.totals) minutes \(minutes)")
      }
      if sender.hasEnergy || sender.hasGood || sender.hasTotal {
        add("meters \(sender.hasEnergy) \(sender.hasGood) \(sender.hasTotal)")
      }
      // Resets of one instant, and alarms of one instant, come in no order.
      for reset in Self.sorted(sender.meterResets.map(\.withoutNumber)) { add(reset) }
      for gap in sender.gaps { add("\(gap)") }
      let alarms = sender.alarms.map { (at: $0.at, code: sender.codes.codes[$0.code]) }
      for alarm in alarms.sorted(by: { ($0.at, $0.code) < ($1.at, $1.code) }) {
        add("alarm \(alarm.code) \(alarm.at)")
      }
      for stretch in try stretches(instants(of: days)) { add("\(stretch.withoutNumber)") }
    }
  }
}

extension ShardState {
  /// State that a shard keeps in memory, line by line, in the order of the senders' numbers.
  public var lines: [String] {
    zip(senders, timelines).map { "\($0.key) in \($0.workshop) moved \($0.hasMoved) \($1)" } + [
      "observation \(String(describing: observation)) drops \(String(describing: brokerDrops))"
    ]
  }
}

extension MeterReset {
  fileprivate var withoutNumber: MeterReset {
    var reset = self
    reset.equipment = 0
    return reset
  }
}

extension StateInterval {
  fileprivate var withoutNumber: StateInterval {
    var stretch = self
    stretch.equipment = 0
    return stretch
  }
}
