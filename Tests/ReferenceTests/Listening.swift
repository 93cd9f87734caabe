/// When the collector of a scenario was connected, and when it heard nothing though it should have (rule 9): once
/// nothing whatever has come for longer than the largest horizon while connected, and somebody was still speaking
/// when the silence began. It is judged where the collector notes that its connection stands or ends.
struct Listening {
  /// A stretch of being connected, as our clock showed it.
  struct Stretch {
    var from: Int
    var through: Int
    /// Whether what was sent before it, while we were away, was kept for us.
    var resumed: Bool
  }

  /// From each connection to the last thing noted of it. A clock that is found set back by more than a minute
  /// begins another stretch.
  private(set) var stretches: [Stretch] = []
  /// Deaf from the last message on, in the stretches from that with it to that in which it was noted last.
  private(set) var silences: [(time: Range<Int>, stretches: ClosedRange<Int>)] = []
  private let horizon: Int

  /// The newest message, and in which stretch it came.
  private var heard: (at: Int, stretch: Int)?
  /// Receipts of the newest messages of those that have not said offline since.
  private var spoke: [String: Int] = [:]
  /// For how long nothing came while connected, and up to when that was added up.
  private var quiet = 0
  private var mark = 0
  private var isDeaf = false
  /// Readings that came before say nothing of their senders.
  private var known: Set<String> = []

  init(_ connections: [Scenario.Connection], horizon: Int) {
    self.horizon = horizon
    var drops: Int?
    for (connection, told) in zip(connections, Reference.told(connections)) {
      stretches.append(Stretch(from: connection.from, through: connection.from, resumed: connection.resumed))
      mark = connection.from
      var messages = told.makeIterator()
      for event in connection.events {
        switch event {
        case .message(let record):
          stand(at: record.received)
          hear(record, counts: messages.next()?.counts == true && record.isAccepted)
        case .quiet(let at):
          stand(at: at)
          judge(at: at)
        // That the broker has dropped as many as before is not worth a note.
        case .drops(let total, let at, _):
          if total != drops { stand(at: at) }
          drops = total
        }
      }
      switch connection.ending {
      case .stopped(let at), .lost(let at):
        stand(at: at)
        judge(at: at)
      case .killed: break
      }
    }
  }

  /// The connection is seen to stand.
  private mutating func stand(at instant: Int) {
    guard let last = stretches.last else { return }
    if last.through - instant > 60_000 {
      stretches.append(Stretch(from: instant, through: instant, resumed: true))
    } else {
      stretches[stretches.count - 1].through = max(last.through, instant)
    }
  }

  private mutating func hear(_ record: Scenario.Record, counts: Bool) {
    if isDeaf { note(at: record.received) }
    isDeaf = false
    (heard, quiet, mark) = ((record.received, stretches.count - 1), 0, record.received)
    guard counts else { return }
    if case .reading = record.kind {
      let isNew = known.insert("\(record.workshop) \(record.equipment) \(record.payload)").inserted
      guard isNew else { return }
    }
    spoke[record.equipment] = record.kind == .offline ? nil : record.received
  }

  private mutating func judge(at instant: Int) {
    quiet += max(0, instant - mark)
    mark = instant
    guard let last = heard else { return }
    if instant < last.at { heard = (instant, stretches.count - 1) }
    if quiet > horizon, let heard, spoke.values.contains(where: { $0 > heard.at - horizon }) { isDeaf = true }
    if isDeaf { note(at: instant) }
  }

  private mutating func note(at instant: Int) {
    guard let heard, heard.at < instant else { return }
    silences.append((heard.at..<instant, heard.stretch...stretches.count - 1))
  }

  /// What is left of some stretches, the scenario's in their order, without the time in which nothing was heard.
  func heard(_ stretches: [Stretch]) -> [Stretch] {
    stretches.indices.flatMap { index in
      silences.filter { $0.stretches.contains(index) }.reduce([stretches[index]]) { parts, silence in
        parts.flatMap { part in
          var (before, after) = (part, part)
          before.through = min(part.through, silence.time.lowerBound)
          after.from = max(part.from, silence.time.upperBound)
          return [before, after].filter { $0.from < $0.through }
        }
      }
    }
  }
}

extension Scenario {
  /// The largest horizon of any equipment ever registered.
  var longestHorizon: Int {
    imports.flatMap(\.rows).map { max(15 * 60_000, 3 * ($0.interval ?? 0) * 1000) }.max() ?? 15 * 60_000
  }
}
