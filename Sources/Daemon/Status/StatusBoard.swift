import Foundation
import Ingestion
import Journal
import Logging
import MQTT
import Storage
import Synchronization
import Telemetry

/// The collector's status: the session's thread notes events, and any thread may take a ``snapshot`` or write it. Logs
/// refused messages, and a summary every hour.
final class StatusBoard: Sendable {
  private let place: any StatusPlace
  private let notes: any ShardNotes
  private let calendar: LocalCalendar
  private let log: Logger
  private let state: Mutex<StatusState>

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
    state = Mutex(StatusState(status: status, alive: .now))
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

  /// The broker has granted the filters in effect.
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
      // Keeps the list of refused messages in step with their number.
      if counters.rejected != $0.counts.refused {
        for example in shard.takeRefusalExamples() { $0.examples[example.reason] = example }
        $0.noteRefusals(counters, text)
      }
      $0.counts = StatusState.Counts(counters)
      $0.longestCommit = max($0.longestCommit, Int(time / .milliseconds(1)))
    }
  }

  /// Notes how many refused messages the present sources could read. On any thread.
  func readable(_ messages: Int) {
    state.withLock { $0.status.messages.readable = messages > 0 ? messages : nil }
  }

  /// Whether refused messages could be read when somebody looked last, in this run or the one before.
  var offersRetry: Bool { state.withLock { $0.status.messages.readable != nil } }

  /// Takes over which machines were accepted under published names; returns the warning if it is new.
  func renamed(_ machines: RenamedSenders) -> CollectorStatus.Warning? {
    let warning = CollectorStatus.Warning(machines)
    return state.withLock { state in
      let before = state.warnings[CollectorStatus.Warning.renamedMachines]
      state.warnings[CollectorStatus.Warning.renamedMachines] = warning
      return warning == before ? nil : warning
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

  private func change(_ body: (inout StatusState) -> Void) {
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
    var summary: HourlySummary.Line?
    change {
      $0.minute.note(counters, longestCommit: $0.longestCommit, at: now)
      $0.longestCommit = 0
      for example in examples { $0.examples[example.reason] = example }
      for line in $0.refusals.lines(counters.refusals.byReason, at: now) {
        lines.append((line, $0.examples[line.reason]))
      }
      summary = $0.hour.line(
        counters, senders: senders, connections: $0.status.broker.connections,
        diskFree: $0.status.disk?.free, at: now)
      $0.warnings["nothing_heard"] = silence
      $0.counts = StatusState.Counts(counters)
      $0.status.senders = senders
      $0.status.hearing = hearing
      $0.status.messages.perSecond = ($0.minute.perSecond * 10).rounded() / 10
      $0.noteRefusals(counters, text)
      $0.status.messages.refusedLastMinute = $0.status.refusals.reduce(0) { $0 + $1.lastMinute }
      $0.status.lag = CollectorStatus.Lag(longestCommit: $0.minute.longestCommit, rows: rows)
    }
    for (line, example) in lines { log.refused(line, example) }
    if let summary { log.lastHour(summary) }
  }

  /// The status at this moment.
  var snapshot: CollectorStatus { state.withLock { $0.snapshot(text) } }

  /// Looks at disk and memory, and writes the status to the store.
  func write() {
    lookAtDisk()
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

  private func lookAtDisk() {
    let space = notes.space()
    let line = state.withLock {
      $0.status.disk = space.map { CollectorStatus.Disk(total: $0.total, free: $0.free) }
      let found = $0.disk.look(at: space, .now)
      $0.warnings["disk_low"] = found.warning
      return found.line
    }
    if let line { log.diskIsLow(line) }
  }

  private func text(_ instant: Timestamp) -> String { instant.rfc3339(offset: calendar.offset(at: instant)) }
}
