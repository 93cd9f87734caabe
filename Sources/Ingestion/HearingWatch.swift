import Decoding
import Storage
import Telemetry

/// Finds that a shard is connected and hears nothing, though it should: a broker whose access rules withhold messages
/// grants every subscription and delivers none.
///
/// Silence is deafness once nothing whatever, not even a refused or retained message, has come for longer than the
/// largest horizon while connected, and when the silence began somebody was still speaking: a message of it that
/// counts had come within the largest horizon before, and it has not said offline since. So a factory whose
/// machines have all said offline is not deaf, and neither is a store that never heard anybody.
///
/// Where a probe of the shard's own comes back (``HearingProbe``), its echo is heard like a message, and silence is
/// deafness as soon as an echo is overdue, whoever was speaking.
///
/// Silence reaches over lost connections and restarts. It is judged wherever the journal notes that the connection
/// stands or ends, and the note says so; views, reports and packs only read what it says
/// (``Storage/Silence``). Deafness lasts until something comes.
struct HearingWatch {
  /// Receipt of the newest message; nil before the first.
  private var heard: Timestamp?
  /// For how long nothing has come while connected, up to `mark`.
  private var quiet = Span.zero
  /// Up to when the connection was followed; nil while there is none.
  private var mark: Timestamp?
  /// By sender, the receipt of its newest message that counts; `distantPast` before it and after an offline.
  private var spoke: ContiguousArray<Timestamp> = []
  private(set) var isDeaf = false
  /// Whether a probe ever came back.
  private(set) var isProved = false

  /// Since when nothing has come; nil while that is no deafness.
  var deafSince: Timestamp? { isDeaf ? heard : nil }

  init() {}

  /// Goes on from what is known of senders.
  init(_ timelines: ContiguousArray<Timeline>) {
    for timeline in timelines {
      let last = max(timeline.newestReceived, timeline.lastOnline)
      spoke.append(last > timeline.lastOfflineReceived ? last : .distantPast)
      if max(last, timeline.lastOfflineReceived) > heard ?? .distantPast {
        heard = max(last, timeline.lastOfflineReceived)
      }
    }
  }

  /// A connection was made and subscribed, or resumed.
  mutating func connected(at instant: Timestamp) { mark = instant }

  /// A message came, of whatever kind; an event with a time of its own that had come before says nothing of its
  /// sender.
  mutating func heard(_ message: borrowing BatchMessage, in batch: borrowing Batch) {
    heard(at: message.received)
    let isNew = message.counted == .distantFuture
    for event in message.events {
      let isTimed = batch.events[event].isTimed
      guard isNew || !isTimed else { continue }
      let sender = Int(batch.events[event].sender)
      while spoke.count <= sender { spoke.append(.distantPast) }
      spoke[sender] = batch.events[event].kind == .offline ? .distantPast : message.received
    }
  }

  /// A message came that says nothing of its sender.
  mutating func heard(at instant: Timestamp) {
    heard = instant
    mark = instant
    quiet = .zero
    isDeaf = false
  }

  /// A probe came back.
  mutating func proved(at instant: Timestamp) {
    isProved = true
    heard(at: instant)
  }

  /// The connection stands at `instant`, or ends, and it is to be noted; returns since when nothing has come where
  /// that is deafness. Without a horizon or, for a shard with a probe, its patience it does not become that.
  mutating func noted(at instant: Timestamp, ended: Bool, horizon: Span?, patience: Span?) -> Timestamp? {
    advance(to: instant, ended: ended)
    guard let heard else { return nil }
    if !isDeaf, isProved, let patience, quiet > patience { isDeaf = true }
    if !isDeaf, let horizon, quiet > horizon { isDeaf = spoke.contains { $0 > heard - horizon } }
    return deafSince
  }

  /// The same as the journal has it.
  mutating func noted(at instant: Timestamp, ended: Bool, deafSince: Timestamp?) {
    advance(to: instant, ended: ended)
    guard let deafSince else { return }
    heard = deafSince
    isDeaf = true
  }

  private mutating func advance(to instant: Timestamp, ended: Bool) {
    if let mark, instant > mark { quiet = quiet + (instant - mark) }
    mark = ended ? nil : instant
    // After the clock was set back.
    if let last = heard, instant < last { heard = instant }
  }
}
