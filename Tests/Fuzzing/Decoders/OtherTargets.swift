import Decoding
import FuzzDriver
import Telemetry

/// Functions besides decoders that take bytes from outside: topics and templates, and what the journal has of decoders.
enum OtherTargets {
  /// A line with a template, and a line with a topic.
  static func topics(_ bytes: UnsafeRawBufferPointer) {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let text = String(decoding: parts[0], as: UTF8.self)
    let topic = UnsafeRawBufferPointer(rebasing: parts[1])
    for form in [TopicTemplate.Form.native, .mapped, .sparkplug] {
      guard let template = try? TopicTemplate(text, form) else { continue }
      require((try? TopicTemplate(template.description, form)) == template, "a template's text is another's")
      let filter = TopicFilter(template.filter)
      let format: Format = form == .native ? .status : .other(name: "values", settings: "")
      let router = Router([Source(format, template: template)])
      _ = router.attribution(of: topic)
      guard let route = try? router.route(topic) else { continue }
      require(filter.matches(topic), "the filter of a template does not match the template's topic")
      _ = router.key(of: route, in: topic)
      _ = route.levels.key(in: topic)
    }
    for namespace in SparkplugNamespace.allCases {
      guard let names = SparkplugTopic(topic, in: namespace) else { continue }
      _ = (names.group.text(in: topic), names.edge.text(in: topic), names.device.text(in: topic))
    }
    let filter = TopicFilter(text)
    require(filter.covers(filter) || text.hasPrefix("$share"), "a filter does not cover itself")
    _ = filter.matches(topic)
  }

  /// Rules as the journal has them.
  static func rules(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let rules = try? DecodingRules(text: text) else { return }
    require(rules.text == text, "rules have another text")
    // Decoders take memory for the largest payload.
    let limits = DecodingLimits()
    for case .other(let name, let settings) in rules.sources.prefix(8).map(\.format) {
      _ = try? SourceFormats.catalog.decoder(name, settings: settings, limits: limits)
    }
  }

  /// States of decoders as the journal has them: a line with the name of the case, one with the factory, and the bytes.
  struct States {
    private var decoders: [(name: String, decoder: any StatefulDecoder)] = []

    init(_ folders: [(name: String, source: String)]) throws {
      for (name, source) in folders {
        let tree = try PlainYAML.tree(source)
        var problems: [SettingsProblem] = []
        guard
          case .other(let format, let settings) = SourceFormats.source(tree, name: name, &problems)?.format,
          let decoder = try SourceFormats.catalog.decoder(
            format, settings: settings, limits: DecodingLimits())
            as? any StatefulDecoder
        else { continue }
        decoders.append((name, decoder))
      }
    }

    func run(_ bytes: UnsafeRawBufferPointer) {
      let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, !decoders.isEmpty else { return }
      let place =
        decoders.firstIndex { $0.name.utf8.elementsEqual(parts[0]) } ?? parts[0].reduce(0) { $0 + Int($1) }
        % decoders.count
      var decoder = decoders[place].decoder
      let factory = String(decoding: parts[1], as: UTF8.self)
      guard (try? decoder.restore(DecoderState(factory: factory, bytes: Array(parts[2])))) != nil else {
        return
      }
      let states = decoder.states()
      var next = decoders[place].decoder
      for state in states {
        do { try next.restore(state) } catch { require(false, "a state is not restored: \(error)") }
      }
      require(next.states() == states, "a restored state differs")
    }

    /// The states that the messages of a golden folder leave.
    static func seeds(_ folder: GoldenFolders.Case, name: String) -> [[UInt8]] {
      let tree = try? PlainYAML.tree(folder.source)
      var problems: [SettingsProblem] = []
      guard let source = tree.flatMap({ SourceFormats.source($0, name: name, &problems) }),
        case .other(let format, let settings) = source.format,
        var decoder = try? SourceFormats.catalog.decoder(format, settings: settings, limits: DecodingLimits())
          as? any StatefulDecoder
      else { return [] }
      let router = Router([source])
      let bytes = FuzzedMessages.bytes(name, folder.messages)
      bytes.withUnsafeBytes { bytes in
        for message in FuzzedMessages(bytes).messages {
          guard let received = message.received, let route = try? router.route(message.topic) else {
            continue
          }
          var events = EventBuffer()
          try? decoder.decode(
            ReceivedMessage(
              topic: message.topic, levels: route.levels, payload: message.payload, received: received),
            into: &events)
        }
      }
      return decoder.states().map { Array("\(name)\n\($0.factory)\n".utf8) + $0.bytes }
    }
  }
}
