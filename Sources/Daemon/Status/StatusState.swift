import Decoding
import Ingestion
import Telemetry

/// The values behind a ``StatusBoard``.
struct StatusState: Sendable {
  /// Counts after a window, as the shard has them.
  struct Counts: Sendable {
    var messages = 0
    var refused = 0
    var redelivered = 0
    var former = 0
    var windows = 0
    var block: Int64 = 0
    var newest: Timestamp?
    var sparkplug = SparkplugCounts()
  }

  var status: CollectorStatus
  var counts = Counts()
  /// Time of the last work of the session's thread.
  var alive: Timestamp
  /// Warnings by code.
  var warnings: [String: CollectorStatus.Warning] = [:]
  var minute = LastMinute()
  var refusals = RefusalLog()
  var examples: [RejectionReason: RefusalExample] = [:]
  var hour = HourlySummary(from: .now)
  /// Longest time for storing a window since the last second, in milliseconds.
  var longestCommit = 0
  var isWritten = true
  var disk = DiskWatch()

  init(status: CollectorStatus, alive: Timestamp) {
    self.status = status
    self.alive = alive
  }

  /// The status at this moment. `text` writes instants.
  func snapshot(_ text: (Timestamp) -> String) -> CollectorStatus {
    var status = status
    status.writtenAt = text(.now)
    status.aliveAt = text(alive)
    status.block = counts.block
    status.messages.newestAt = counts.newest.map(text)
    status.messages.total = counts.messages
    status.messages.refused = counts.refused
    status.messages.redelivered = counts.redelivered
    status.messages.former = counts.former
    status.messages.windows = counts.windows
    status.sparkplug = CollectorStatus.Sparkplug(counts.sparkplug)
    status.warnings = warnings.values.sorted { $0.code < $1.code }
    return status
  }

  /// Takes over the refused messages by reason, with an example of each.
  mutating func noteRefusals(_ counters: ShardCounters, _ text: (Timestamp) -> String) {
    status.refusals = counters.refusals.byReason.map { reason, messages in
      CollectorStatus.Refusal(
        reason: reason.name, messages: messages, lastMinute: minute.refused(reason),
        example: examples[reason].map {
          CollectorStatus.Refusal.Example(
            topic: $0.topic, detail: $0.detail, fault: $0.fault.name, at: text($0.received),
            place: "\($0.block)/\($0.record)")
        })
    }
  }
}
