import Ingestion

extension StatusState.Counts {
  /// A shard's counts.
  init(_ counters: ShardCounters) {
    messages = counters.messages
    refused = counters.rejected
    redelivered = counters.redelivered
    former = counters.former
    windows = counters.windows
    block = counters.block
    newest = counters.newest
    sparkplug = counters.sparkplug
  }
}

extension CollectorStatus.Hearing.Probe {
  /// The result of a shard's probe.
  init(_ state: Shard.ProbeState) {
    switch state {
    case .off: self = .off
    case .waiting: self = .waiting
    case .proved: self = .proved
    case .refused: self = .refused
    }
  }
}
