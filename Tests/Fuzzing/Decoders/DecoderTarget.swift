import Decoding
import FuzzDriver
import Telemetry

/// Decodes the messages of an input by the sources of one golden folder. Each message is decoded twice, in place and
/// with padding, which must give the same; each decoder's state must survive being stored.
final class DecoderTarget {
  private struct Case {
    var name: String
    var rules: DecodingRules
    var router: Router
    var decoders: [any SourceDecoder]
  }

  private let cases: [Case]
  private let memory = PayloadMemory()

  /// The sources of golden folders, and a source with a built-in format, whose case has the format's name.
  init(_ folders: [GoldenFolders.Case], builtIn: Source? = nil) throws {
    let builtIn = try builtIn.map { try Self.newCase($0.format.name, [$0]) }
    cases =
      try (builtIn.map { [$0] } ?? [])
      + folders.map { folder in
        let tree = try PlainYAML.tree(folder.source)
        let trees: [SettingsTree] = if case .list(let list) = tree.content { list } else { [tree] }
        var problems: [SettingsProblem] = []
        let sources = trees.enumerated().compactMap { index, tree in
          SourceFormats.source(tree, name: "sources[\(index)]", &problems)
        }
        require(sources.count == trees.count, "\(folder.name): \(problems)")
        return try Self.newCase(folder.name, sources)
      }
  }

  private static func newCase(_ name: String, _ sources: [Source]) throws -> Case {
    let rules = DecodingRules(sources: sources, limits: DecodingLimits())
    let decoders: [any SourceDecoder] = try sources.map { source in
      switch source.format {
      case .status: SharedStatusDecoder(try StatusDecoder())
      case .presence: PresenceDecoder()
      case .other(let name, let settings):
        try SourceFormats.catalog.decoder(name, settings: settings, limits: rules.limits)
      }
    }
    return Case(name: name, rules: rules, router: Router(sources), decoders: decoders)
  }

  func run(_ bytes: UnsafeRawBufferPointer) {
    let input = FuzzedMessages(bytes)
    let place =
      cases.firstIndex { $0.name.utf8.elementsEqual(input.name) } ?? input.name.reduce(0) { $0 + Int($1) }
      % cases.count
    let current = cases[place]
    // Copies without state.
    var decoders = current.decoders
    for message in input.messages {
      guard let received = message.received else {
        restart(&decoders, current)
        continue
      }
      guard let route = try? current.router.route(message.topic) else { continue }
      let source = Int(route.source)
      var other = decoders[source]
      let outcome = memory.withCopy(of: message.payload, padding: 0) { payload in
        Self.decode(message.topic, route.levels, payload, false, received, &decoders[source])
      }
      let padded = memory.withCopy(of: message.payload, padding: StatusDecoder.padding) { payload in
        Self.decode(message.topic, route.levels, payload, true, received, &other)
      }
      require(outcome == padded, "a padded payload gives \(padded), not \(outcome)")
    }
    restart(&decoders, current)
  }

  private static func decode(
    _ topic: UnsafeRawBufferPointer, _ levels: TopicLevels, _ payload: UnsafeRawBufferPointer,
    _ isPadded: Bool, _ received: Timestamp, _ decoder: inout any SourceDecoder
  ) -> DecodedMessage {
    var events = EventBuffer()
    let first = events.begin(message: 0)
    do throws(Rejection) {
      try decoder.decode(
        ReceivedMessage(
          topic: topic, levels: levels, payload: payload, isPadded: isPadded, received: received),
        into: &events)
    } catch {
      events.takeBack(from: first)
      require(events.events.isEmpty, "events of a refused message stay")
      _ = "\(error.detail)"
      return DecodedMessage(rejection: error, events: events)
    }
    return DecodedMessage(rejection: nil, events: events)
  }

  /// Stores the states of the decoders and goes on with new ones.
  private func restart(_ decoders: inout [any SourceDecoder], _ current: Case) {
    for place in decoders.indices {
      if var session = decoders[place] as? any SessionDecoder {
        _ = session.takeMissingBirths()
        _ = session.livingEdges
        decoders[place] = session
      }
      guard let stateful = decoders[place] as? any StatefulDecoder,
        var next = current.decoders[place] as? any StatefulDecoder
      else { continue }
      let states = stateful.states()
      for state in states {
        do { try next.restore(state) } catch { require(false, "a state is not restored: \(error)") }
      }
      require(next.states() == states, "a restored state differs")
      decoders[place] = next
    }
  }
}

/// What became of a message.
private struct DecodedMessage: Equatable {
  struct OneEvent: Equatable {
    var kind: Event.Kind
    var isTimed: Bool
    var sender: Int32
    var faults: FieldFaults
    var reading: Reading
  }

  var rejection: Rejection?
  var events: [OneEvent]
  var names: [EventBuffer.SenderName]
  var alarmCodes: [UInt64: [String]]

  init(rejection: Rejection?, events: EventBuffer) {
    self.rejection = rejection
    require(events.events.count <= EventBuffer.mostEvents, "there are too many events")
    self.events = events.events.map {
      OneEvent(
        kind: $0.kind, isTimed: $0.isTimed, sender: $0.sender, faults: $0.faults, reading: $0.reading)
    }
    names = rejection == nil ? events.names : []
    alarmCodes = rejection == nil ? events.alarmCodes : [:]
    for event in events.events {
      require(event.sender < Int32(names.count), "an event names a sender that is not there")
    }
  }
}

/// The native status decoder, which has no state, as a value that can be copied.
private struct SharedStatusDecoder: SourceDecoder {
  private final class Shared {
    var decoder: StatusDecoder
    init(_ decoder: consuming StatusDecoder) { self.decoder = decoder }
  }

  private let shared: Shared

  init(_ decoder: consuming StatusDecoder) { shared = Shared(decoder) }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) { try shared.decoder.decode(message, into: &events) }
}
