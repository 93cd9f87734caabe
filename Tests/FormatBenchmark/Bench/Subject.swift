import Decoding
import Foundation
import Telemetry

/// A message with its topic.
struct Message: Sendable {
  var topic: [UInt8]
  var payload: [UInt8]

  /// A message whose payload is text.
  init(_ topic: String, _ payload: String) { self.init(topic, Array(payload.utf8)) }

  init(_ topic: String, _ payload: [UInt8]) {
    self.topic = Array(topic.utf8)
    self.payload = payload
  }
}

/// A format with messages to decode, in turn.
final class Subject {
  let name: String
  /// A description for the table.
  let text: String
  let messages: [Message]
  /// Maximum number of nanoseconds a message.
  let target: Double?
  let peer: Peer?
  private var status: StatusDecoder
  /// nil: the format is the native status message.
  private var other: (any SourceDecoder)?
  private let levels: [TopicLevels]
  /// Payloads one after the other, each with the padding that a window has.
  private let payloads: [UInt8]
  private var ranges: [Range<Int>] = []

  /// The time of receipt of all messages: 2026-11-22T08:00:01+08:00.
  static let received = Timestamp(milliseconds: 1_795_305_601_000)

  /// A subject by a source's settings, or with the native status message if there are none. `first` are messages that
  /// the others need.
  init(
    _ name: String, _ text: String, source settings: SettingsTree? = nil, first: [Message] = [],
    _ messages: [Message], target: Double? = nil, peer: Peer? = nil
  ) throws {
    self.name = name
    self.text = text
    self.messages = messages
    self.target = target
    self.peer = peer
    status = try StatusDecoder()
    let source = try Self.source(settings)
    levels = try messages.map { try Self.levels(of: $0, source) }
    var payloads: [UInt8] = []
    for message in messages {
      ranges.append(payloads.count..<payloads.count + message.payload.count)
      payloads += message.payload + [UInt8](repeating: UInt8(ascii: " "), count: StatusDecoder.padding)
    }
    self.payloads = payloads
    if case .other(let format, let text) = source.format {
      var decoder = try SourceFormats.catalog.decoder(format, settings: text, limits: DecodingLimits())
      for message in first { try Self.decode(message, levels: Self.levels(of: message, source), &decoder) }
      other = decoder
    }
    try check()
  }

  private static func source(_ settings: SettingsTree?) throws -> Source {
    guard let settings else {
      return Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status"))
    }
    var problems: [SettingsProblem] = []
    guard let source = SourceFormats.source(settings, name: "source", &problems) else {
      throw Failure(problems.map(\.message).joined(separator: "\n"))
    }
    return source
  }

  private static func levels(of message: Message, _ source: Source) throws -> TopicLevels {
    try message.topic.withUnsafeBytes { topic in
      guard let levels = try source.template.match(topic) else { throw Failure("the topic has another form") }
      return levels
    }
  }

  private static func decode(_ message: Message, levels: TopicLevels, _ decoder: inout any SourceDecoder)
    throws
  {
    var events = EventBuffer()
    try message.topic.withUnsafeBytes { topic in
      try message.payload.withUnsafeBytes { payload in
        try decoder.decode(
          ReceivedMessage(topic: topic, levels: levels, payload: payload, received: received), into: &events)
      }
    }
  }

  /// Each message must give events, so that no refusal is measured.
  private func check() throws {
    for _ in 0..<2 {
      let events = try decode(messages.count)
      guard events >= messages.count else {
        throw Failure("\(name): \(messages.count) messages give \(events) events")
      }
    }
  }

  /// Decodes `count` messages in windows of a thousand; returns the number of events.
  @discardableResult
  func decode(_ count: Int) throws -> Int {
    var events = EventBuffer()
    var found = 0
    var next = 0
    for number in 0..<count {
      let place = number % 1000
      if place == 0 {
        found += events.events.count
        events.removeAll()
      }
      _ = events.begin(message: place)
      try messages[next].topic.withUnsafeBytes { topic in
        try payloads.withUnsafeBytes { payloads in
          let message = ReceivedMessage(
            topic: topic, levels: levels[next],
            payload: UnsafeRawBufferPointer(rebasing: payloads[ranges[next]]),
            isPadded: true, received: Self.received)
          if other == nil {
            try status.decode(message, into: &events)
          } else {
            try other?.decode(message, into: &events)
          }
        }
      }
      next += 1
      if next == messages.count { next = 0 }
    }
    return found + events.events.count
  }
}

/// Another library that reads the same messages.
struct Peer: Sendable {
  var name: String
  var decode: @Sendable (_ messages: [Message], _ count: Int) throws -> Void
}
