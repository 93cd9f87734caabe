import Decoding
import Telemetry

/// Decodes messages by some sources, as a collector does: the first source whose topic matches, with its real decoder.
/// It belongs to one thread.
public final class SourceReader {
  /// The result of a message.
  public struct Outcome: Equatable, Sendable {
    /// Place of the source; nil if none has the topic.
    public var source: Int?
    public var events: [HeardEvent] = []
    /// nil for a message that is accepted, even without events.
    public var refusal: HeardRefusal?
    /// The value that was refused as written, at most 64 bytes; empty if it was not found.
    public var excerpt = ""
    /// Whether the message is of a Sparkplug edge node whose birth was not heard, so that it cannot be read yet.
    public var lacksBirth = false

    /// Whether the message makes an event.
    public var isRead: Bool { refusal == nil && !events.isEmpty }
  }

  public let sources: [Source]
  private let limits: DecodingLimits
  private let router: Router
  private var decoders: [(any SourceDecoder)?]
  private var status: StatusDecoder
  private var presence: PresenceDecoder
  private var buffer = EventBuffer()

  /// A reader by sources in the order in which they are tried. Throws if a decoder cannot be made.
  public init(
    _ sources: [Source], limits: DecodingLimits = DecodingLimits(), naming: Naming = .none
  ) throws {
    self.sources = sources
    self.limits = limits
    router = Router(sources, naming: naming)
    status = try StatusDecoder(limits: limits)
    presence = PresenceDecoder(limits: limits)
    let catalog = SourceFormats.catalog
    decoders = try sources.map { source in
      guard case .other(let name, let settings) = source.format else { return nil }
      return try catalog.decoder(name, settings: settings, limits: limits, naming: naming)
    }
  }

  /// Decodes a message. Decoders keep state from earlier messages, so give them in the order of their receipt.
  public func read(_ message: HeardMessage) -> Outcome {
    var buffer = EventBuffer()
    swap(&buffer, &self.buffer)
    defer { swap(&buffer, &self.buffer) }
    buffer.removeAll()
    _ = buffer.begin(message: 0)
    var outcome = Outcome()
    message.topic.withUnsafeBytes { topic in
      message.payload.withUnsafeBytes { payload in
        do throws(Rejection) {
          let route = try router.route(topic)
          outcome.source = Int(route.source)
          if payload.isEmpty { return }
          let received = ReceivedMessage(
            topic: topic, levels: route.levels, payload: payload, received: message.received)
          try router.withNames(received, of: route, into: &buffer) { message, buffer throws(Rejection) in
            try decode(message, by: Int(route.source), into: &buffer)
          }
          outcome.events = buffer.events.map { event($0, buffer, route, topic) }
        } catch {
          outcome.refusal = HeardRefusal(error)
          if let source = outcome.source, payload.count <= limits.payload {
            outcome.excerpt = excerpt(error, payload, sources[source].format)
          }
        }
      }
    }
    if let source = outcome.source { outcome.lacksBirth = takesMissingBirths(of: source) }
    return outcome
  }

  /// The equipment that a message names in its payload, ids or not, each once in the order of the payload. Names that the
  /// naming has are the ids of their equipment. Do not take events from the same reader: its decoders keep state.
  func names(in message: HeardMessage) -> [EventBuffer.SenderName] {
    var buffer = EventBuffer()
    buffer.takesAnyName = true
    _ = buffer.begin(message: 0)
    message.topic.withUnsafeBytes { topic in
      message.payload.withUnsafeBytes { payload in
        do throws(Rejection) {
          let route = try router.route(topic)
          let received = ReceivedMessage(
            topic: topic, levels: route.levels, payload: payload, received: message.received)
          try router.withNames(received, of: route, into: &buffer) { message, buffer throws(Rejection) in
            try decode(message, by: Int(route.source), into: &buffer)
          }
        } catch {
          // The names of a message are listed also if it has no state, or another fault.
        }
      }
    }
    return buffer.names
  }

  /// The value of the field that a refusal names; empty if the payload does not have it as a key.
  private func excerpt(
    _ rejection: Rejection, _ payload: UnsafeRawBufferPointer, _ format: Format
  ) -> String {
    let text = status.excerpt(of: rejection, by: format, in: payload)
    // Without the key it is the beginning of the payload.
    return text.hasPrefix("{") || text.hasPrefix("[") ? "" : text
  }

  private func decode(
    _ message: borrowing ReceivedMessage, by source: Int, into buffer: inout EventBuffer
  ) throws(Rejection) {
    switch sources[source].format {
    case .status: try status.decode(message, into: &buffer)
    case .presence: try presence.decode(message, into: &buffer)
    case .other:
      if message.payload.count > limits.payload { throw Rejection(.tooLarge) }
      guard decoders[source] != nil else { throw Rejection(.malformed) }
      try decoders[source]?.decode(message, into: &buffer)
      for event in buffer.events { try limits.check(event.time, receivedAt: message.received) }
    }
  }

  private func takesMissingBirths(of source: Int) -> Bool {
    guard var decoder = decoders[source] as? any SessionDecoder else { return false }
    let missing = decoder.takeMissingBirths()
    decoders[source] = decoder
    return !missing.isEmpty
  }

  private func event(
    _ event: Event, _ buffer: borrowing EventBuffer, _ route: Route, _ topic: UnsafeRawBufferPointer
  ) -> HeardEvent {
    var equipment = router.key(of: route, in: topic).equipment
    var workshop = route.levels.workshop.text(in: topic)
    let place = Int(event.sender)
    if buffer.names.indices.contains(place) {
      equipment = buffer.names[place].equipment
      if !buffer.names[place].workshop.isEmpty { workshop = buffer.names[place].workshop }
    }
    let kind: HeardEvent.Kind =
      switch event.kind {
      case .reading: .reading
      case .online: .online
      case .offline: .offline
      }
    let reading = event.reading
    let isReading = kind == .reading
    return HeardEvent(
      factory: router.factory(of: route, in: topic), workshop: workshop, equipment: equipment, kind: kind,
      time: event.isTimed ? event.time : nil, state: isReading ? reading.state : nil,
      mode: isReading ? reading.mode : .unstated, energy: isReading ? reading.meters.energy : nil,
      good: isReading ? reading.meters.good : nil, total: isReading ? reading.meters.total : nil,
      hasAlarms: isReading && reading.alarms != 0, faults: event.faults)
  }
}
