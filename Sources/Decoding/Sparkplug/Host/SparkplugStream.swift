import Telemetry

/// A message kept until those before it have arrived, or its edge node's reorder timeout is over.
public struct SparkplugHeldMessage: Equatable, Sendable {
  public var topic: [UInt8]
  public var payload: [UInt8]
  /// MQTT packet identifier; 0 at QoS 0.
  public var packetID: UInt16
  /// Number in the edge node's stream.
  var sequence: UInt8

  /// Bytes of topic and payload.
  var size: Int { topic.count + payload.count }
}

/// The numbered messages of one edge node in one connection.
struct SparkplugStream: Sendable {
  let id: SparkplugEdgeID
  /// The next number; nil before the first numbered message of the connection.
  private(set) var expected: UInt8?
  /// Messages behind a gap, in order of their numbers.
  private(set) var held: [SparkplugHeldMessage] = []
  /// Births of devices that wait for their node's, in the order of arrival.
  private(set) var births: [SparkplugHeldMessage] = []
  /// Time at which the first of them came; nil without any.
  private(set) var birthsSince: Timestamp?
  /// Time at which the present gap was noticed; nil without a gap.
  private(set) var gapSince: Timestamp?
  /// Whether a birth is missing: none was heard in this connection, or messages are lost.
  private(set) var lacksBirth = true
  /// Time from which a rebirth is to be requested; nil if none is.
  private(set) var requestDue: Timestamp?
  /// Whether the node has said that it is gone, and nothing since.
  private(set) var isDead = false
  private var lastRequest = Timestamp.distantPast
  /// Minimum time between the last request and the next. It doubles until a birth arrives.
  private var interval = Span.zero

  /// Maximum number of messages held.
  static let mostHeld = 64
  /// Number of steps behind the expected number up to which a message is late or a repetition. Any other number shows
  /// that messages are missing.
  private static let latest: UInt8 = 16

  init(_ id: SparkplugEdgeID) { self.id = id }

  /// Begins a connection. The time of the last request stays, because it limits the rate.
  mutating func reconnected(at now: Timestamp) {
    clockWasSetBack(to: now)
    expected = nil
    held = []
    births = []
    birthsSince = nil
    gapSince = nil
    lacksBirth = true
    isDead = false
    requestDue = nil
  }

  /// The clock may have been set back to `now`.
  mutating func clockWasSetBack(to now: Timestamp) { lastRequest = min(lastRequest, now) }

  // MARK: Messages

  /// The place of a number in the stream.
  enum Place: Equatable {
    /// The next one, the first one, or one that has been passed already.
    case deliverable
    /// Behind a gap.
    case early
  }

  /// Takes a number into account; the message itself is delivered, or held with ``hold(_:since:)``.
  mutating func take(_ sequence: UInt8) -> Place {
    isDead = false
    guard let expected else {
      self.expected = sequence &+ 1
      return .deliverable
    }
    guard sequence != expected else {
      self.expected = sequence &+ 1
      return .deliverable
    }
    return Self.isPassed(sequence, expected) ? .deliverable : .early
  }

  private static func isPassed(_ sequence: UInt8, _ expected: UInt8) -> Bool {
    expected &- sequence <= latest && sequence != expected
  }

  /// Keeps a message behind a gap. The gap begins with its first message.
  mutating func hold(_ message: SparkplugHeldMessage, since now: Timestamp) {
    guard let expected else { return }
    let distance = message.sequence &- expected
    let place = held.firstIndex { ($0.sequence &- expected) > distance } ?? held.count
    held.insert(message, at: place)
    gapSince = gapSince ?? now
  }

  /// Removes and returns the held messages that follow without a gap. Without any left, the gap is filled.
  mutating func takeFollowing() -> [SparkplugHeldMessage] {
    var following: [SparkplugHeldMessage] = []
    while let first = held.first, let expected,
      first.sequence == expected || Self.isPassed(first.sequence, expected)
    {
      following.append(held.removeFirst())
      if first.sequence == expected { self.expected = expected &+ 1 }
    }
    if held.isEmpty { gapSince = nil }
    return following
  }

  /// Whether a device's birth with this number waits for the node's, which has another connection and may come later:
  /// the node's is missing, and the number is not the next one.
  func awaitsNodeBirth(_ sequence: UInt8) -> Bool { lacksBirth && sequence != expected }

  /// Keeps a device's birth until the node's comes. Returns false if there are too many.
  mutating func holdBirth(_ message: SparkplugHeldMessage, since now: Timestamp) -> Bool {
    births.append(message)
    birthsSince = birthsSince ?? now
    return births.count <= Self.mostHeld
  }

  /// Removes and returns the births that wait.
  mutating func takeBirths() -> [SparkplugHeldMessage] {
    defer { (births, birthsSince) = ([], nil) }
    return births
  }

  /// Removes and returns the births that wait, after the node's own birth: those whose numbers follow its number, in
  /// their order, and the others.
  mutating func takeBirthsFollowing() -> (following: [SparkplugHeldMessage], others: [SparkplugHeldMessage]) {
    let waiting = takeBirths()
    guard let expected else { return ([], waiting) }
    func follows(_ message: SparkplugHeldMessage) -> Bool {
      Int(message.sequence &- expected) <= Self.mostHeld
    }
    let following = waiting.filter(follows).sorted { $0.sequence &- expected < $1.sequence &- expected }
    return (following, waiting.filter { !follows($0) })
  }

  /// Removes and returns all held messages; the stream goes on after the last of them.
  mutating func takeAll() -> [SparkplugHeldMessage] {
    defer {
      if let last = held.last { expected = last.sequence &+ 1 }
      held = []
      gapSince = nil
    }
    return held
  }

  /// Begins anew with a node's birth, which may have any number.
  mutating func born(_ sequence: UInt8?) {
    expected = sequence.map { $0 &+ 1 }
    lacksBirth = false
    isDead = false
    requestDue = nil
    interval = .zero
  }

  /// Messages are lost: what the node has said may be outdated.
  mutating func lost() { lacksBirth = true }

  /// The node says that it is gone: nothing is asked of it.
  mutating func died() {
    isDead = true
    requestDue = nil
  }

  // MARK: Requests

  /// Has a rebirth requested at `instant` at the earliest, or before if an earlier one is waiting already.
  mutating func want(at instant: Timestamp) {
    requestDue = min(requestDue ?? .distantFuture, max(instant, lastRequest + interval))
  }

  /// Notes a request.
  mutating func requested(at now: Timestamp, _ settings: SparkplugSession.Settings) {
    requestDue = nil
    lastRequest = now
    interval = min(max(settings.rebirthInterval, interval * 2), settings.longestRebirthInterval)
  }
}
