import Decoding
import Storage
import Telemetry

/// Detects that a shard is connected but deaf: it should receive messages and does not. An example is a broker whose
/// access rules withhold messages: it grants every subscription and delivers nothing.
///
/// A silence is deafness if two conditions hold. First, no message of any kind, not even a refused or retained one,
/// has arrived for longer than the largest horizon while connected. Second, a sender was active when the silence
/// began: a message of it had counted within the largest horizon before, and it has not sent offline since. A factory
/// whose machines have all sent offline is therefore not deaf, and neither is a store that never received a message.
///
/// If echoes of the shard's own probe arrive (``HearingProbe``), an echo counts like a message, and a silence is
/// deafness once an echo is overdue, whether or not a sender was active.
///
/// A silence continues across lost connections and restarts. It is judged whenever the journal notes that the
/// connection exists or ends, and the note has the result. Views, reports and evidence packs only read the notes
/// (``Storage/Silence``). Deafness lasts until a message arrives.
struct HearingWatch {
  /// Receipt of the newest message; nil before the first.
  private var heard: Timestamp?
  /// Connected time without a message, up to `mark`.
  private var quiet = Span.zero
  /// Time up to which the connection was followed; nil while there is none.
  private var mark: Timestamp?
  /// Receipt of each sender's newest message that counts; `distantPast` before it and after an offline.
  private var spoke: ContiguousArray<Timestamp> = []
  private(set) var isDeaf = false
  /// Whether a probe has ever returned.
  private(set) var isProved = false

  /// Start of the silence; nil unless it is deafness.
  var deafSince: Timestamp? { isDeaf ? heard : nil }

  init() {}

  /// Starts from the stored timelines.
  init(_ timelines: ContiguousArray<Timeline>) {
    for timeline in timelines {
      let last = max(timeline.newestReceived, timeline.lastOnline)
      spoke.append(last > timeline.lastOfflineReceived ? last : .distantPast)
      if max(last, timeline.lastOfflineReceived) > heard ?? .distantPast {
        heard = max(last, timeline.lastOfflineReceived)
      }
    }
  }

  /// Takes a new or resumed connection with its subscription.
  mutating func connected(at instant: Timestamp) { mark = instant }

  /// Takes a message of any kind. An event with a time of its own that was received before says nothing about its
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

  /// Takes a message that says nothing about its sender.
  mutating func heard(at instant: Timestamp) {
    heard = instant
    mark = instant
    quiet = .zero
    isDeaf = false
  }

  /// Takes an echo of the probe.
  mutating func proved(at instant: Timestamp) {
    isProved = true
    heard(at: instant)
  }

  /// Takes a note that the connection exists at `instant`, or ends. Returns the start of the silence if it is
  /// deafness. Deafness is not judged without a horizon or, for a shard with a probe, without its patience.
  mutating func noted(at instant: Timestamp, ended: Bool, horizon: Span?, patience: Span?) -> Timestamp? {
    advance(to: instant, ended: ended)
    guard let heard else { return nil }
    if !isDeaf, isProved, let patience, quiet > patience { isDeaf = true }
    if !isDeaf, let horizon, quiet > horizon { isDeaf = spoke.contains { $0 > heard - horizon } }
    return deafSince
  }

  /// Takes the same note from the journal.
  mutating func noted(at instant: Timestamp, ended: Bool, deafSince: Timestamp?) {
    advance(to: instant, ended: ended)
    guard let deafSince else { return }
    heard = deafSince
    isDeaf = true
  }

  private mutating func advance(to instant: Timestamp, ended: Bool) {
    if let mark, instant > mark { quiet = quiet + (instant - mark) }
    mark = ended ? nil : instant
    // Corrects the time after the clock was set back.
    if let last = heard, instant < last { heard = instant }
  }
}
