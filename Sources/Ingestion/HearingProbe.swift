import Journal
import MQTT
import Storage
import Telemetry

/// Proves that a shard hears: a message to a topic of its own, below its own subscription, which the broker sends back.
///
/// A value: it is told what happens, and says what to send and what to report. An echo proves hearing when it comes,
/// and only an echo of the present connection does: the broker's session may hold older ones.
public struct HearingProbe {
  /// Why the probe proves nothing.
  public enum Refusal: Equatable, Sendable {
    /// The broker refused the message, with an MQTT 5 reason code.
    case code(UInt8)
    /// Probes were sent, and none has ever come back.
    case noEcho
    /// The broker closed the connection on the probe, twice.
    case closed
  }

  /// Where it is published, for instance `factory/_millwright/STORE/0/probe`.
  public let topic: String
  /// Time from one probe to the next.
  public let interval: Span
  private let publish: (OutgoingMessage) -> Int?

  /// When the next probe is due; nil while not connected.
  private var due: Timestamp?
  /// When it is tried again after a refusal; nil if it is not refused.
  private var refusedUntil: Timestamp?
  /// Marks the probes of a connection.
  private var mark = ""
  private var count = 0
  /// Number, at the session, of the probe sent last; nil once it is answered.
  private var sent: Int?
  private var sentAt = Timestamp.distantPast
  /// Probes of this connection since its last echo.
  private var unechoed = 0
  /// Connections in succession that ended with a probe unanswered.
  private var closings = 0

  /// Number of intervals to wait after a refusal. It is large, because mosquitto 2.0.11 without a limit for queued
  /// messages closes the connection after each refused message.
  private static let refusedIntervals: Int64 = 1440

  /// A probe for a shard that is not connected; nil if nothing below `filter` could be its topic, or `interval` is
  /// zero.
  ///
  /// - Parameters:
  ///   - filter: one of the shard's subscriptions, of the form `factory/#`.
  ///   - place: the levels between `_millwright` and `probe`: the store's id and the shard.
  ///   - publish: hands a message to the session, without waiting; returns its number, or nil if it is not taken.
  public init?(
    below filter: String, place: String, interval: Span, publish: @escaping (OutgoingMessage) -> Int?
  ) {
    guard filter.hasSuffix("/#"), interval > .zero else { return nil }
    topic = "\(filter.dropLast())\(OwnTopics.level)/\(place)/\(OwnTopics.ending)"
    guard OutgoingMessage(topic: topic, payload: []) != nil else { return nil }
    self.interval = interval
    self.publish = publish
  }

  /// For how long nothing may come before hearing is in doubt; nil while the broker refuses the probe.
  var patience: Span? {
    refusedUntil == nil ? interval + max(.milliseconds(interval.milliseconds / 2), .seconds(5)) : nil
  }

  /// A connection was made and subscribed.
  mutating func connected(at instant: Timestamp) {
    mark = String(UInt64.random(in: 0 ... .max), radix: 36)
    due = max(refusedUntil ?? instant, instant)
    sent = nil
    unechoed = 0
  }

  /// The connection ended.
  mutating func disconnected() { due = nil }

  /// Sends a probe if one is due.
  ///
  /// - Parameter hasHeard: whether one ever came back, also on earlier connections.
  /// - Returns: that the probe is refused, when it is found.
  mutating func tick(at instant: Timestamp, hasHeard: Bool) -> Refusal? {
    guard let due, instant >= due || due - instant > interval * Self.refusedIntervals else { return nil }
    if unechoed >= 2, !hasHeard { return refused(.noEcho, at: instant) }
    count += 1
    let payload = Array("\(mark) \(count)".utf8)
    self.due = instant + interval
    guard let message = OutgoingMessage(topic: topic, payload: payload), let number = publish(message) else {
      return nil
    }
    (sent, sentAt) = (number, instant)
    unechoed += 1
    return nil
  }

  /// Takes the outcome of a published message.
  ///
  /// - Returns: that the probe is refused, when it is found.
  mutating func answered(_ number: Int, _ outcome: PublishOutcome) -> Refusal? {
    guard number == sent else { return nil }
    sent = nil
    switch outcome {
    case .accepted: closings = 0
    case .refused(let code): return refused(.code(code), at: sentAt)
    case .unanswered:
      closings += 1
      if closings >= 2 { return refused(.closed, at: sentAt) }
    }
    return nil
  }

  /// Takes a message that came to `topic`; returns whether it proves hearing.
  mutating func hears(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard due != nil, payload.count > mark.utf8.count, payload.starts(with: mark.utf8),
      payload[mark.utf8.count] == UInt8(ascii: " ")
    else { return false }
    unechoed = 0
    closings = 0
    refusedUntil = nil
    return true
  }

  /// Whether a topic is the probe's.
  func isTopic(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.elementsEqual(topic.utf8) }

  /// Notes a refusal; returns it unless it is known.
  private mutating func refused(_ refusal: Refusal, at instant: Timestamp) -> Refusal? {
    let isKnown = refusedUntil != nil
    let until = instant + interval * Self.refusedIntervals
    refusedUntil = until
    if due != nil { due = until }
    unechoed = 0
    closings = 0
    return isKnown ? nil : refusal
  }
}

/// Topics of collectors' own messages below a shard's subscriptions: this one's and other stores'. They never are
/// items: nobody's, not refused and not counted.
struct OwnTopics {
  static let level = "_millwright"
  static let ending = "probe"

  private let prefixes: [[UInt8]]
  /// By prefix, where its own level begins.
  private let places: ContiguousArray<Int>
  private let ends = Array("/\(ending)".utf8)
  /// The first place, and whether there are several: what every message is held against.
  private let place: Int
  private let hasSeveral: Bool

  /// - Parameter filters: the shard's subscriptions.
  init(below filters: [String]) {
    let bases = filters.filter { $0.hasSuffix("/#") }.map { $0.dropLast() }
    prefixes = bases.map { Array("\($0)\(Self.level)/".utf8) }
    places = ContiguousArray(bases.map(\.utf8.count))
    place = places.first ?? .max
    hasSeveral = places.count > 1
  }

  /// Whether a topic may be one of them: false for nearly every topic, at the cost of a byte.
  @inline(__always) func mayContain(_ topic: UnsafeRawBufferPointer) -> Bool {
    place < topic.count && topic[place] == UInt8(ascii: "_") || hasSeveral
  }

  func contains(_ topic: UnsafeRawBufferPointer) -> Bool {
    for index in places.indices {
      guard places[index] < topic.count, topic[places[index]] == UInt8(ascii: "_") else { continue }
      if topic.starts(with: prefixes[index]), topic.suffix(ends.count).elementsEqual(ends) { return true }
    }
    return false
  }
}

/// The journal's note of a probe's echo: the shard was connected up to the record's receipt, and heard then.
enum HearingProof {
  /// The payload of the record; ``Storage/Silence`` reads none in it.
  static let payload = Array("heard".utf8)

  static func isNoted(in record: JournalRecord) -> Bool {
    record.kind == .observedThrough && record.payload.elementsEqual(payload)
  }
}
