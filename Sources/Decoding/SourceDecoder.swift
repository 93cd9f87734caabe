import Telemetry

/// A message as a decoder reads it: views that are valid during the call.
public struct ReceivedMessage {
  public var topic: UnsafeRawBufferPointer
  /// Positions of factory, workshop, line and equipment in the topic.
  public var levels: TopicLevels
  public var payload: UnsafeRawBufferPointer
  /// Whether ``StatusDecoder/padding`` bytes after the payload's end are readable.
  public var isPadded: Bool
  public var received: Timestamp
  /// Hash of the name under which the topic's equipment publishes, if the naming gives it its id; else nil.
  var publishedHash: UInt64?

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
/// The same message gives the same events whenever it is decoded. A message is accepted or refused as a whole; an
/// accepted one may have records that make no event (``EventBuffer/note(badRecord:at:equipment:count:)``).
public protocol SourceDecoder: ~Copyable {
  /// Appends the events of a message, none to ``EventBuffer/mostEvents``. Throws the reason for a refusal; the caller
  /// then removes the events that were appended. The caller also refuses a message with an event time beyond
  /// ``DecodingLimits``.
  mutating func decode(_ message: borrowing ReceivedMessage, into events: inout EventBuffer) throws(Rejection)

  /// The path or name of an optional field in messages, for reports of fields that were left out.
  func path(of field: OptionalField) -> String
}

extension SourceDecoder where Self: ~Copyable {
  /// The key of the native status message.
  public func path(of field: OptionalField) -> String { field.name }
}

/// A decoder with state from earlier messages, such as the name for each number.
///
/// It is a value: a copy has its own state, and the caller returns to a copy if messages could not be stored. The
/// state depends only on the messages given to it, in the journal's order. It receives every accepted or refused
/// message of its source once, and no redelivery. Each factory's messages are proved separately, so the state is kept
/// by factory: messages of one factory never change the result for another's.
///
/// The state is stored in the journal at the beginning of each journal day and when the configuration changes, so
/// that later messages can be decoded without earlier ones. Decoding continues from the restored state.
public protocol StatefulDecoder: SourceDecoder, Sendable {
  /// The complete state, by factory in ascending order; a factory without state is left out. A factory may have several
  /// parts, of which each is restored.
  func states() -> [DecoderState]
  /// Restores a state from ``states()``, in a decoder without this part of the factory's state. If it throws, nothing is
  /// restored.
  mutating func restore(_ state: DecoderState) throws
}

/// A decoder that finds the ids of its equipment itself, because a message can concern equipment that it does not name.
package protocol NamingDecoder: SourceDecoder {
  /// The register's ids for published names. It is set before the first message.
  var naming: Naming { get set }
  /// The decoder without the births of what had other ids in an earlier naming, as if they had never been heard.
  func forgettingRenamed(since earlier: Naming) -> Self
}

/// State of a decoder for the messages of one factory.
public struct DecoderState: Equatable, Sendable {
  /// Maximum length of ``bytes``. A longer state is not kept, and the decoder starts without state for that factory.
  public static let mostBytes = 4 << 20

  /// The factory in the topics.
  public var factory: String
  /// The state in the decoder's own format.
  public var bytes: [UInt8]

  /// State of `factory`.
  public init(factory: String, bytes: [UInt8]) {
    self.factory = factory
    self.bytes = bytes
  }
}

/// The formats that are not built in, by name, each with a function that makes its decoders.
public struct FormatCatalog: Sendable {
  /// Makes a decoder from a format's settings. Throws if the settings are invalid.
  public typealias Make =
    @Sendable (_ settings: String, _ limits: DecodingLimits) throws -> any SourceDecoder

  private var makers: [String: Make] = [:]

  /// A catalog without formats.
  public init() {}

  /// Adds a format.
  public mutating func add(_ name: String, _ make: @escaping Make) { makers[name] = make }

  /// Returns a decoder of a format. Throws ``UnknownFormat`` if it is not in the catalog.
  public func decoder(
    _ name: String, settings: String, limits: DecodingLimits, naming: Naming = .none
  ) throws -> any SourceDecoder {
    guard let make = makers[name] else { throw UnknownFormat(name: name) }
    let decoder = try make(settings, limits)
    guard !naming.isEmpty, var named = decoder as? any NamingDecoder else { return decoder }
    named.naming = naming
    return named
  }
}

/// A source has a format that this version does not support.
public struct UnknownFormat: Error, Equatable, CustomStringConvertible {
  /// The name of the format in the configuration or in the journal.
  public var name: String

  /// An error for the format `name`.
  public init(name: String) { self.name = name }

  /// The sentence for the person who wrote the configuration.
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
