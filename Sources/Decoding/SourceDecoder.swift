import Telemetry

/// A message as a decoder reads it: views that hold during the call.
public struct ReceivedMessage {
  public var topic: UnsafeRawBufferPointer
  /// Where the topic names factory, workshop, line and equipment.
  public var levels: TopicLevels
  public var payload: UnsafeRawBufferPointer
  /// Whether ``StatusDecoder/padding`` bytes beyond the payload's end are readable.
  public var isPadded: Bool
  public var received: Timestamp

  /// A message received on a topic that has the names at `levels`.
  public init(
    topic: UnsafeRawBufferPointer, levels: TopicLevels, payload: UnsafeRawBufferPointer,
    isPadded: Bool = false, received: Timestamp
  ) {
    self.topic = topic
    self.levels = levels
    self.payload = payload
    self.isPadded = isPadded
    self.received = received
  }
}

/// Reads the messages of one source.
///
/// The same message gives the same events whenever it is decoded, and a message is taken or refused as a whole.
public protocol SourceDecoder: ~Copyable {
  /// Appends the events that a message says, none to ``EventBuffer/mostEvents``. Throws why it is refused; the caller
  /// takes back what was appended before.
  mutating func decode(_ message: borrowing ReceivedMessage, into events: inout EventBuffer) throws(Rejection)
}

/// A decoder that remembers something of the messages it has read, such as which number stands for which name.
///
/// It is a value: a copy remembers on its own, and the caller goes back to a copy when messages could not be stored.
/// What it remembers depends on the messages shown to it in the journal's order and on nothing else. It is shown every
/// accepted or refused message of its source once, and none that is delivered again. Since each factory's messages
/// are proved apart from those of others, it remembers by factory: messages of one factory never change what it makes
/// of another's.
///
/// Its state is journaled at the beginning of each journal day and when the configuration changes, so that messages
/// after it can be decoded without those before it. From there on it goes on from what it could restore.
public protocol StatefulDecoder: SourceDecoder, Sendable {
  /// All that it remembers, by factory in ascending order; a factory of which it remembers nothing is left out.
  func states() -> [DecoderState]
  /// Remembers what ``states()`` gave, in a decoder that remembers nothing of the factory. One that throws keeps
  /// nothing of it.
  mutating func restore(_ state: DecoderState) throws
}

/// What a decoder remembers of the messages of one factory.
public struct DecoderState: Equatable, Sendable {
  /// Maximum length of ``bytes``; a longer state is not kept, and the decoder begins anew with that factory.
  public static let mostBytes = 4 << 20

  /// The factory in the topics.
  public var factory: String
  /// In a form of the decoder's own.
  public var bytes: [UInt8]

  /// State of `factory`.
  public init(factory: String, bytes: [UInt8]) {
    self.factory = factory
    self.bytes = bytes
  }
}

/// Formats that are not built in, by name: what makes their decoders.
public struct FormatCatalog: Sendable {
  /// Makes a decoder from a format's settings. Throws when they are none.
  public typealias Make =
    @Sendable (_ settings: String, _ limits: DecodingLimits) throws -> any SourceDecoder

  private var makers: [String: Make] = [:]

  /// A catalog without formats.
  public init() {}

  /// Adds a format.
  public mutating func add(_ name: String, _ make: @escaping Make) { makers[name] = make }

  /// A decoder of a format. Throws ``UnknownFormat`` when it is not in the catalog.
  public func decoder(
    _ name: String, settings: String, limits: DecodingLimits
  ) throws -> any SourceDecoder {
    guard let make = makers[name] else { throw UnknownFormat(name: name) }
    return try make(settings, limits)
  }
}

/// A source has a format that this version does not know.
public struct UnknownFormat: Error, Equatable, CustomStringConvertible {
  /// The word in the configuration or in the journal.
  public var name: String

  /// `name` is not known.
  public init(name: String) { self.name = name }

  /// The sentence for whoever named it.
  public var description: String {
    "the format '\(name)' of a source is not known to this version of Millwright"
  }
}

extension StatusDecoder: SourceDecoder {
  @inline(__always)
  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let reading = try decode(
      payload: message.payload, padded: message.isPadded, topic: message.topic, levels: message.levels,
      receivedAt: message.received)
    try events.append(reading, faults: faults)
  }
}

extension PresenceDecoder: SourceDecoder {
  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let presence = try decode(payload: message.payload)
    try events.append(presence, at: message.received, receivedAt: message.received)
  }
}
