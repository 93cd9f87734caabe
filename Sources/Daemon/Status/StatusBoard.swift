import Foundation
import Ingestion
import Journal
import Logging
import MQTT
import Reporting
import Storage
import Synchronization
import Telemetry

/// Knows how the collector is doing: the session's thread tells it what happens, and any thread may ask for a
/// ``snapshot`` or write it. Logs refused messages, and a summary every hour.
final class StatusBoard: Sendable {
  /// Counts after a window, as the shard has them.
  struct Counts: Sendable {
    var messages = 0
    var refused = 0
    var redelivered = 0
    var former = 0
    var windows = 0
    var block: Int64 = 0
    var newest: Timestamp?
  }

  private struct State: Sendable {
    var status: CollectorStatus
    var counts = Counts()
    /// When the session's thread was last at work.
    var alive: Timestamp
    /// Warnings by code.
    var warnings: [String: CollectorStatus.Warning] = [:]
    var minute = LastMinute()
    var refusals = RefusalLog()
    var examples: [RejectionReason: RefusalExample] = [:]
    var summary = (at: ContinuousClock.now, counters: ShardCounters())
    /// Longest time for storing a batch since the last second, in milliseconds.
    var longestCommit = 0
    var isWritten = true
    var diskWarnedAt: ContinuousClock.Instant?
  }

  private let place: any StatusPlace
  private let notes: any ShardNotes
  private let calendar: LocalCalendar
  private let log: Logger
  private let state: Mutex<State>

  /// The number of failures that are kept.
  private static let keptErrors = 5

  init(
    _ status: CollectorStatus, place: any StatusPlace, notes: any ShardNotes, _ calendar: LocalCalendar,
    log: Logger
  ) {
    self.place = place
    self.notes = notes
    self.calendar = calendar
    self.log = log
    state = Mutex(State(status: status, alive: .now))
  }

  // MARK: What happens

  func claimed(clientID: String) {
    change {
      $0.status.broker.clientId = clientID
      $0.status.state = .disconnected
    }
  }

  func connected(sessionPresent: Bool, at: Int64, subscriptions: [String]) {
    let time = text(Timestamp(milliseconds: at))
    change {
      $0.status.state = .connected
      $0.status.broker.connectedAt = time
      $0.status.broker.resumed = sessionPresent
      $0.status.broker.connections += 1
      $0.status.broker.subscriptions = subscriptions
    }
  }

  /// The broker has granted other filters than before.
  func subscribed(_ subscriptions: [String]) { change { $0.status.broker.subscriptions = subscriptions } }

  func disconnected(_ reason: DisconnectReason, at: Int64) {
    let time = text(Timestamp(milliseconds: at))
    change {
      $0.status.state = .disconnected
      $0.status.broker.subscriptions = []
      $0.status.broker.lastDisconnectedAt = time
      $0.status.broker.lastDisconnectReason = reason.description
      switch reason {
      case .takenOver: $0.status.broker.takeovers += 1
      case .contested(_, let closings): $0.status.broker.takeovers += closings
      default: break
      }
    }
  }

  /// Notes that a window was stored. On the session's thread.
  func committed(_ shard: Shard, in time: Duration) {
    let counters = shard.counters
    change {
      // What is said of refused messages fits their number.
      if counters.rejected != $0.counts.refused {
        for example in shard.takeRefusalExamples() { $0.examples[example.reason] = example }
        $0.status.refusals = refusals(counters, $0)
      }
      $0.counts = Counts(counters)
      $0.longestCommit = max($0.longestCommit, Int(time / .milliseconds(1)))
    }
  }

  /// Notes something that failed and is tried again, or went on without.
  func failed(_ message: String) {
    let failure = CollectorStatus.Failure(at: text(.now), message: message)
    // Any thread may call it: it does not prove that the session's is at work.
    state.withLock { $0.status.errors = (($0.status.errors ?? []) + [failure]).suffix(Self.keptErrors) }
  }

  /// Writes the final status of the collector. Nobody may write it at the same time.
  func end(_ final: CollectorStatus.State, _ failure: String? = nil) {
    change {
      $0.status.state = final
      $0.status.failure = failure
    }
    write()
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock {
      body(&$0)
      $0.alive = .now
    }
  }

  // MARK: Every second

  /// Takes over what the shard says, and logs what is due. On the session's thread.
  func tick(_ shard: Shard) {
    let now = ContinuousClock.now
    let counters = shard.counters
    let (examples, senders, rows) = (shard.takeRefusalExamples(), shard.senders, shard.pendingRows)
    let hearing = CollectorStatus.Hearing(
      deafSince: shard.deafSince.map(text), probe: CollectorStatus.Hearing.Probe(shard.probeState))
    let silence = shard.deafSince.map {
      CollectorStatus.Warning(
        nothingHeardSince: calendar.minute($0), probeIsOverdue: shard.probeIsOverdue)
    }
    var lines: [(RefusalLog.Line, RefusalExample?)] = []
    var summary: Logger.Metadata?
    change {
      $0.minute.note(counters, longestCommit: $0.longestCommit, at: now)
      $0.longestCommit = 0
      for example in examples { $0.examples[example.reason] = example }
      for line in $0.refusals.lines(counters.refusals.byReason, at: now) {
        lines.append((line, $0.examples[line.reason]))
      }
      summary = Self.summary(&$0, counters, senders: senders, now)
      $0.warnings["nothing_heard"] = silence
      $0.counts = Counts(counters)
      $0.status.senders = senders
      $0.status.hearing = hearing
      $0.status.messages.perSecond = ($0.minute.perSecond * 10).rounded() / 10
      $0.status.refusals = refusals(counters, $0)
      $0.status.messages.refusedLastMinute = $0.status.refusals.reduce(0) { $0 + $1.lastMinute }
      $0.status.lag = CollectorStatus.Lag(longestCommit: $0.minute.longestCommit, rows: rows)
    }
    for (line, example) in lines { logRefusal(line, example) }
    if let summary { log.info("the last hour", metadata: summary) }
  }

  /// The status at this moment.
  var snapshot: CollectorStatus {
    state.withLock { state in
      var status = state.status
      status.writtenAt = text(.now)
      status.aliveAt = text(state.alive)
      status.block = state.counts.block
      status.messages.newestAt = state.counts.newest.map(text)
      status.messages.total = state.counts.messages
      status.messages.refused = state.counts.refused
      status.messages.redelivered = state.counts.redelivered
      status.messages.former = state.counts.former
      status.messages.windows = state.counts.windows
      status.warnings = state.warnings.values.sorted { $0.code < $1.code }
      return status
    }
  }

  /// Looks at disk and memory, and writes the status to the store.
  func write() {
    checkDisk()
    let memory = ProcessMemory.resident.map { CollectorStatus.Memory(resident: $0) }
    let alive = state.withLock {
      $0.status.memory = memory
      return $0.alive
    }
    do throws(StoreError) {
      try place.write(status: snapshot.text)
      state.withLock { $0.isWritten = true }
    } catch {
      // A full disk takes no new file, but the time of the old one can be set.
      place.touchStatus(at: alive)
      let wasWritten = state.withLock { state in
        defer { state.isWritten = false }
        return state.isWritten
      }
      // Nothing is left to be shown of a store that was removed.
      if wasWritten, notes.space() != nil {
        log.warning("\(error); 'millwright status' shows what was last written")
      }
    }
  }

  // MARK: -

  private func refusals(_ counters: ShardCounters, _ state: State) -> [CollectorStatus.Refusal] {
    counters.refusals.byReason.map { reason, messages in
      CollectorStatus.Refusal(
        reason: reason.name, messages: messages, lastMinute: state.minute.refused(reason),
        example: state.examples[reason].map {
          CollectorStatus.Refusal.Example(
            topic: $0.topic, detail: $0.detail, fault: $0.fault.name, at: text($0.received),
            place: "\($0.block)/\($0.record)")
        })
    }
  }

  private func logRefusal(_ line: RefusalLog.Line, _ example: RefusalExample?) {
    var metadata: Logger.Metadata = ["messages": "\(line.messages)", "reason": "\(line.reason.name)"]
    var command = "millwright quarantine list --reason \(line.reason.name)"
    if let example {
      metadata["topic"] = "\(example.topic)"
      if !example.detail.isEmpty { metadata["detail"] = "\(example.detail)" }
      let remedies = Remedies(.english)
      metadata["problem"] = "\(remedies.problem(example.reason, example.detail, example.fault))"
      metadata["remedy"] = "\(remedies.remedy(example.reason, example.detail, example.fault))"
      command = "millwright quarantine show \(example.block)/\(example.record)"
    }
    log.warning("messages refused; '\(command)' shows one", metadata: metadata)
  }

  /// Counts of the last hour when one is over; nil else.
  private static func summary(
    _ state: inout State, _ after: ShardCounters, senders: Int, _ now: ContinuousClock.Instant
  ) -> Logger.Metadata? {
    guard now - state.summary.at >= .seconds(3600) else { return nil }
    let before = state.summary.counters
    state.summary = (now, after)
    return [
      "messages": "\(after.messages - before.messages)", "refused": "\(after.rejected - before.rejected)",
      "redelivered": "\(after.redelivered - before.redelivered)", "senders": "\(senders)",
      "connections": "\(state.status.broker.connections)",
      "disk_free": "\(state.status.disk.map { ByteText.of($0.free) } ?? "unknown")",
    ]
  }

  /// Warns while less than a twentieth of the disk is free, in the log once an hour.
  private func checkDisk() {
    let now = ContinuousClock.now
    let space = notes.space()
    var warning: CollectorStatus.Warning?
    var shown: (free: String, total: String)?
    if let space, space.total > 0, space.free < space.total / 20 {
      let (free, total) = (ByteText.of(space.free), ByteText.of(space.total))
      shown = (free, total)
      warning = CollectorStatus.Warning(onlyFree: free, of: total)
    }
    let isDue = state.withLock { state in
      state.status.disk = space.map { CollectorStatus.Disk(total: $0.total, free: $0.free) }
      state.warnings["disk_low"] = warning
      guard warning != nil, state.diskWarnedAt.map({ now - $0 >= .seconds(3600) }) ?? true else {
        return false
      }
      state.diskWarnedAt = now
      return true
    }
    guard isDue, let shown else { return }
    log.warning(
      "the store's disk is nearly full: make room, or shorten journal.retention",
      metadata: ["free": "\(shown.free)", "total": "\(shown.total)"])
  }

  private func text(_ instant: Timestamp) -> String { instant.rfc3339(offset: calendar.offset(at: instant)) }
}
