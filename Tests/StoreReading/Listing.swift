import Storage
import Telemetry

/// What a store holds, line by line, for finding out whether two stores are the same. Senders are named by key, since
/// their numbers depend on who was heard first.
extension StoreReading {
  /// Everything that is read of the store: reports' figures of all days, what days are recomputed from, the list of
  /// refused messages.
  public func everything() throws -> [String] {
    var lines = try quarantined().map { "quarantined \($0)" } + refusalLines()
    guard let days = try days() else { return try lines + overviewLines(Self.always) }
    lines += try reported(days) + closingLines()
    return try lines + sessionChanges(until: instants(of: days).upperBound).map { "session \($0)" }
  }

  /// Everything that reports read of some days: what is known at their end, and what every sender did.
  public func reported(_ days: ClosedRange<CalendarDay>) throws -> [String] {
    var lines = try overviewLines(instants(of: days))
    let evidence = try appendFigures(of: days, to: &lines)
    return lines + evidence.map { "\($0)" }
  }

  /// What every sender did on some days.
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

  private func overviewLines(_ period: Range<Timestamp>) throws -> [String] {
    let overview = try overview(in: period)
    return [
      "observed \(overview.observed) drops \(String(describing: overview.brokerDrops))",
      "refused \(overview.refusals) fields \(overview.fieldErrors) waiting \(overview.repairsPending)",
      "silences \(overview.silences) flags \(overview.retainFlags)",
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
      for reset in sender.meterResets { add("\(reset.withoutNumber)") }
      for gap in sender.gaps { add("\(gap)") }
      // Alarms of one instant come in no order.
      let alarms = sender.alarms.map { (at: $0.at, code: sender.codes.codes[$0.code]) }
      for alarm in alarms.sorted(by: { ($0.at, $0.code) < ($1.at, $1.code) }) {
        add("alarm \(alarm.code) \(alarm.at)")
      }
      for stretch in try stretches(instants(of: days)) { add("\(stretch.withoutNumber)") }
    }
  }
}

extension ShardState {
  /// What a shard keeps in memory, line by line, in the order of the senders' numbers.
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
