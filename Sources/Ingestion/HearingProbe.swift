import Journal
import MQTT
import Storage
import Telemetry

/// Proves that a shard hears: it publishes a message on a topic of its own, within its own subscription, which the
/// broker sends back.
///
/// It is a value: it takes events, and returns the message to send and the event to report. Only an echo of the
/// current connection proves hearing, at its arrival, because the broker's session may hold older echoes.
public struct HearingProbe {
  /// Reasons why the probe proves nothing.
  public enum Refusal: Equatable, Sendable {
    /// The broker refused the message, with an MQTT 5 reason code.
    case code(UInt8)
    /// Probes were sent, but none has ever returned.
    case noEcho
    /// The broker closed the connection after the probe, twice.
    case closed
  }

  /// Topic of the probe, such as `factory/_millwright/STORE/0/probe`.
  public let topic: String
  /// Time between two probes.
  public let interval: Span
  private let publish: (OutgoingMessage) -> Int?

  /// Time of the next probe; nil while not connected.
  private var due: Timestamp?
  /// Time of the next attempt after a refusal; nil if it is not refused.
  private var refusedUntil: Timestamp?
  /// Random text that identifies the probes of a connection.
  private var mark = ""
  private var count = 0
  /// Number of the newest probe in the session's mailbox; nil once it is answered.
  private var sent: Int?
  private var sentAt = Timestamp.distantPast
  /// Number of probes of this connection since its last echo.
  private var unechoed = 0
  /// Number of successive connections that ended with an unanswered probe.
  private var closings = 0

  /// Number of intervals to wait after a refusal. It is large, because mosquitto 2.0.11 without a limit for queued
  /// messages closes the connection after each refused message.
  private static let refusedIntervals: Int64 = 1440

  /// A probe for a shard that is not connected; nil if `filter` has no wildcard, or `interval` is zero.
  ///
  /// - Parameters:
  ///   - filter: one of the shard's subscriptions, such as `factory/#` or `+/+/+/status`.
  ///   - place: the levels between `_millwright` and `probe`: the store's id and the shard.
  ///   - publish: hands a message to the session, without waiting; returns its number, or nil if it is not accepted.
  public init?(
    below filter: String, place: String, interval: Span, publish: @escaping (OutgoingMessage) -> Int?
  ) {
    guard interval > .zero, let topic = OwnTopics.topic(within: filter, place: place),
      OutgoingMessage(topic: topic, payload: []) != nil
    else { return nil }
    self.topic = topic
    self.interval = interval
    self.publish = publish
  }

  /// Maximum time without any message before hearing is in doubt; nil while the broker refuses the probe.
  var patience: Span? {
    refusedUntil == nil ? interval + max(.milliseconds(interval.milliseconds / 2), .seconds(5)) : nil
  }

  /// Begins a connection that is subscribed.
  mutating func connected(at instant: Timestamp) {
    mark = String(UInt64.random(in: 0 ... .max), radix: 36)
    due = max(refusedUntil ?? instant, instant)
    sent = nil
    unechoed = 0
  }

  /// Ends the connection.
  mutating func disconnected() { due = nil }

  /// Sends a probe if one is due.
  ///
  /// - Parameter hasHeard: whether a probe has ever returned, also on earlier connections.
  /// - Returns: the refusal, if one is detected.
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
  /// - Returns: the refusal, if one is detected.
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

  /// Takes a message received on `topic`; returns whether it proves hearing.
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

  /// Notes a refusal; returns it unless it was known.
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

/// Topics of collectors' own messages within a shard's subscriptions: this collector's and other stores'. Such a
/// message has no sender, and is neither refused nor counted.
struct OwnTopics {
  static let level = "_millwright"
  static let ending = "probe"

  private let prefixes: [[UInt8]]
  /// Prefixes of the topics, each with the position of its own level.
  private let places: ContiguousArray<Int>
  /// Whether a filter covers all levels below the own one: then the last of them is `probe`.
  private let areOpen: [Bool]
  private let ends = Array("/\(ending)".utf8)
  /// The first position, and whether there are several: each message is compared with it.
  private let place: Int
  private let hasSeveral: Bool

  /// - Parameter filters: the filters of the shard's sources, also those that a subscription covers: another collector
  ///   may have subscribed to them.
  init(below filters: [String]) {
    var (prefixes, open): ([[UInt8]], [Bool]) = ([], [])
    for filter in filters {
      guard let (base, levels) = Self.wildcards(of: filter) else { continue }
      prefixes.append(Array("\(base)\(Self.level)".utf8))
      open.append(levels[0] == "#")
    }
    self.prefixes = prefixes
    areOpen = open
    places = ContiguousArray(filters.compactMap { Self.wildcards(of: $0)?.base.utf8.count })
    place = places.first ?? .max
    hasSeveral = places.count > 1
  }

  /// A topic within a filter, whose first wildcard is the own level: the other wildcards are `place` and `probe`. nil
  /// for a filter without wildcards.
  ///
  /// - Parameter place: two levels, the store's id and the shard.
  static func topic(within filter: String, place: String) -> String? {
    guard let (base, levels) = wildcards(of: filter) else { return nil }
    var names = ([level] + place.split(separator: "/").map(String.init) + [ending])[...]
    var topic: [String] = []
    for part in levels {
      switch part {
      case "+": topic.append(names.popFirst() ?? ending)
      case "#":
        topic += names
        names = []
      default: topic.append(part)
      }
    }
    return base + topic.joined(separator: "/")
  }

  /// The part of a filter before its first wildcard, and the levels from it on; nil if it has none.
  private static func wildcards(of filter: String) -> (base: String, levels: [String])? {
    let levels = filter.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let first = levels.firstIndex(where: { $0 == "+" || $0 == "#" }) else { return nil }
    return (levels[..<first].map { $0 + "/" }.joined(), Array(levels[first...]))
  }

  /// Whether a topic may be one of them: false for nearly every topic, after comparing one byte.
  @inline(__always) func mayContain(_ topic: UnsafeRawBufferPointer) -> Bool {
    place < topic.count && topic[place] == UInt8(ascii: "_") || hasSeveral
  }

  func contains(_ topic: UnsafeRawBufferPointer) -> Bool {
    for index in places.indices {
      guard places[index] < topic.count, topic[places[index]] == UInt8(ascii: "_") else { continue }
      let end = prefixes[index].count
      guard topic.starts(with: prefixes[index]), topic.count == end || topic[end] == UInt8(ascii: "/") else {
        continue
      }
      if !areOpen[index] || topic.suffix(ends.count).elementsEqual(ends) { return true }
    }
    return false
  }
}

/// The journal's note of a probe's echo: the shard was connected up to the record's receipt, and heard then.
enum HearingProof {
  /// The payload of the record. ``Storage/Silence`` finds no silence in it.
  static let payload = Array("heard".utf8)

  static func isNoted(in record: JournalRecord) -> Bool {
    record.kind == .observedThrough && record.payload.elementsEqual(payload)
  }
}
