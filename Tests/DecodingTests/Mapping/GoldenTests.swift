import Decoding
import Telemetry
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Messages of many formats, each with the events or the refusal that it gives. A case is a folder
/// `Golden/<format>/<case>` with the files
///
/// - `source.yaml`: the source, as a user writes it in `sources`, or a list of sources;
/// - `messages.txt`: for each message a line `@ RECEIPT TOPIC` and the lines of its payload; a line `@ restart` stores
///   the decoders' state and continues with new decoders. Binary payloads have files of their own instead:
///   `01.topic`, with receipt and topic in a line, and `01.payload`, and so on; `restart` in a `.topic` file restarts;
/// - `naming.csv`, if machines publish under names of their own: a naming file without quotes;
/// - `expected.txt`: a line for each event or refusal, after the message's number; see ``line(_:)``;
/// - `about.md`: the source of the messages' form.
@Suite("Golden messages") struct GoldenTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Golden").path

  static var cases: [String] {
    let manager = FileManager.default
    let formats = ((try? manager.contentsOfDirectory(atPath: root)) ?? []).sorted()
    return formats.filter { !$0.hasSuffix(".md") }.flatMap { format in
      ((try? manager.contentsOfDirectory(atPath: "\(root)/\(format)")) ?? []).sorted().map {
        "\(format)/\($0)"
      }
    }
  }

  @Test("Each message gives the events or the refusal that the folder lists", arguments: cases)
  func events(of name: String) throws {
    let folder = "\(Self.root)/\(name)"
    let expected = try Self.text("\(folder)/expected.txt")
    var reader = try Self.reader(in: folder)
    for message in try Self.messages(in: folder) { try reader.take(message) }
    let actual = reader.lines.map { $0 + "\n" }.joined()
    #expect(actual == expected, "the messages of \(name) give\n\(actual)")
    _ = try Self.text("\(folder)/about.md")
  }

  @Test("Messages with changed bytes are read or refused, and never end the process", arguments: cases)
  func changed(of name: String) throws {
    let folder = "\(Self.root)/\(name)"
    let messages = try Self.messages(in: folder).filter { $0.received != nil && !$0.payload.isEmpty }
    var random = SeededGenerator(seed: 7)
    var reader = try Self.reader(in: folder)
    var count = 0
    for _ in 0..<60 {
      for var message in messages {
        message.payload = MutationTests.mutated(message.payload, by: &random)
        try reader.take(message)
        count += 1
      }
    }
    // Each message gave a line, or more.
    #expect(reader.lines.count >= count)
  }

  static func reader(in folder: String) throws -> GoldenReader {
    let names = "\(folder)/naming.csv"
    let hasNames = FileManager.default.fileExists(atPath: names)
    return try GoldenReader(
      source: try text("\(folder)/source.yaml"), names: hasNames ? try text(names) : nil)
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  static func messages(in folder: String) throws -> [GoldenMessage] {
    let path = "\(folder)/messages.txt"
    if FileManager.default.fileExists(atPath: path) { return GoldenMessage.list(try text(path)) }
    let topics = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".topic") }
    return try topics.sorted().map { file in
      let heading = try text("\(folder)/\(file)")
      if heading == "restart\n" { return GoldenMessage(heading: "") }
      let payload = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file.dropLast(6)).payload"))
      var message = GoldenMessage(heading: heading.split(separator: "\n").first ?? "")
      message.payload = Array(payload)
      return message
    }
  }
}

/// A message of a golden folder.
struct GoldenMessage {
  /// nil: the decoders begin anew from their stored state.
  var received: Timestamp?
  var topic = ""
  var payload: [UInt8] = []

  init(heading: some StringProtocol) {
    let parts = heading.split(separator: " ", maxSplits: 1)
    received = parts.first.flatMap { Timestamp($0) }
    topic = parts.count > 1 ? String(parts[1]) : ""
  }

  static func list(_ text: String) -> [GoldenMessage] {
    var messages: [GoldenMessage] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("@ ") {
        if messages.last?.payload.last == UInt8(ascii: "\n") {
          messages[messages.count - 1].payload.removeLast()
        }
        messages.append(GoldenMessage(heading: line.dropFirst(2)))
      } else if !messages.isEmpty {
        messages[messages.count - 1].payload += Array(line.utf8) + [UInt8(ascii: "\n")]
      }
    }
    // The file's last line end and that of the last payload line.
    while messages.last?.payload.last == UInt8(ascii: "\n") {
      messages[messages.count - 1].payload.removeLast()
    }
    return messages
  }
}

/// Decodes the messages of a golden folder, by rules that went through the text stored in the journal.
struct GoldenReader {
  private let rules: DecodingRules
  private let router: Router
  private var decoders: [any SourceDecoder]
  private var events = EventBuffer()
  private var count = 0
  private(set) var lines: [String] = []

  init(source: String, names: String? = nil) throws {
    let tree = try PlainYAML.tree(source)
    let trees: [SettingsTree] = if case .list(let list) = tree.content { list } else { [tree] }
    var problems: [SettingsProblem] = []
    let sources = trees.enumerated().compactMap { index, tree in
      SourceFormats.source(tree, name: "sources[\(index)]", &problems)
    }
    try #require(problems.isEmpty, "\(problems.map { "\($0.place.line):\($0.place.column): \($0.message)" })")
    try #require(sources.count == trees.count)
    let naming = try names.map { try Naming(plainCSV: $0) } ?? .none
    rules = try DecodingRules(
      text: DecodingRules(sources: sources, limits: DecodingLimits(), naming: naming).text)
    #expect(rules.sources == sources)
    #expect(rules.naming == naming)
    router = Router(rules.sources, naming: rules.naming)
    decoders = try Self.decoders(rules)
  }

  private static func decoders(_ rules: DecodingRules) throws -> [any SourceDecoder] {
    try rules.sources.map { source in
      guard case .other(let name, let settings) = source.format else {
        throw UnknownFormat(name: "\(source)")
      }
      return try SourceFormats.catalog.decoder(
        name, settings: settings, limits: rules.limits, naming: rules.naming)
    }
  }

  mutating func take(_ message: GoldenMessage) throws {
    guard let received = message.received else { return try restart() }
    count += 1
    let topic = Array(message.topic.utf8)
    events.removeAll()
    let first = events.begin(message: count)
    var rejection: Rejection?
    topic.withUnsafeBytes { topic in
      message.payload.withUnsafeBytes { payload in
        do throws(Rejection) {
          let route = try router.route(topic)
          let message = ReceivedMessage(
            topic: topic, levels: route.levels, payload: payload, received: received)
          try router.withNames(message, of: route, into: &events) { message, events throws(Rejection) in
            try decoders[Int(route.source)].decode(message, into: &events)
          }
          let names = events.names
          for event in events.events { lines.append(line(event, names, route, topic)) }
          if events.events.isEmpty { lines.append("\(count) nothing") }
          if let bad = events.badRecords { lines.append(line(bad)) }
        } catch {
          rejection = error
        }
      }
    }
    defer { noteMissingBirths() }
    guard let rejection else { return }
    events.takeBack(from: first)
    let fault = rejection.fault == .unspecified ? "" : " (\(rejection.fault.name))"
    let detail = rejection.detail.name.isEmpty ? "" : " \(rejection.detail.name)"
    lines.append("\(count) refused \(rejection.reason.name)\(detail)\(fault)")
  }

  /// `NUMBER bad #PLACE [+FURTHER] [EQUIPMENT] REASON …` for records of an accepted message that make no event.
  private func line(_ bad: EventBuffer.BadRecords) -> String {
    let rejection = bad.rejection
    var words = ["\(count) bad \(bad.excerpt)"]
    if !bad.equipment.isEmpty { words.append(bad.equipment) }
    words.append(rejection.reason.name)
    if !rejection.detail.name.isEmpty { words.append(rejection.detail.name) }
    if rejection.fault != .unspecified { words.append("(\(rejection.fault.name))") }
    return words.joined(separator: " ")
  }

  /// Adds a line for each edge node whose birth is missing.
  private mutating func noteMissingBirths() {
    for place in decoders.indices {
      guard var decoder = decoders[place] as? any SessionDecoder else { continue }
      for edge in decoder.takeMissingBirths() { lines.append("\(count) lacks \(edge.group)/\(edge.edge)") }
      decoders[place] = decoder
    }
  }

  private mutating func restart() throws {
    var next = try Self.decoders(rules)
    for place in decoders.indices {
      guard let stateful = decoders[place] as? any StatefulDecoder,
        var decoder = next[place] as? any StatefulDecoder
      else { continue }
      for state in stateful.states() { try decoder.restore(state) }
      #expect(decoder.states() == stateful.states())
      next[place] = decoder
    }
    decoders = next
  }

  /// `NUMBER FACTORY/[WORKSHOP/]EQUIPMENT KIND TIME STATE …` with only what the event has.
  private func line(
    _ event: Event, _ names: [EventBuffer.SenderName], _ route: Route, _ topic: UnsafeRawBufferPointer
  ) -> String {
    let place = Int(event.sender)
    let levels = route.levels
    var equipment = router.key(of: route, in: topic).equipment
    var workshop = levels.workshop.text(in: topic)
    if names.indices.contains(place) {
      equipment = names[place].equipment
      if !names[place].workshop.isEmpty { workshop = names[place].workshop }
    }
    var words = [
      "\(count)",
      [router.factory(of: route, in: topic), workshop, equipment].filter { !$0.isEmpty }.joined(
        separator: "/"),
    ]
    switch event.kind {
    case .reading: words.append("reading")
    case .online: words.append("online")
    case .offline: words.append("offline")
    }
    words.append(event.isTimed ? event.time.rfc3339 : "untimed")
    guard event.kind == .reading else { return words.joined(separator: " ") }
    let reading = event.reading
    words.append(reading.state.name)
    if reading.mode != .unstated { words.append(reading.mode.name) }
    if let sequence = reading.sequence { words.append("seq=\(sequence)") }
    if reading.boot != nil { words.append("boot") }
    if let energy = reading.meters.energy { words.append("energy_kwh=\(Telemetry.Thousandths.text(energy))") }
    if let good = reading.meters.good { words.append("good=\(Telemetry.Thousandths.text(good))") }
    if let total = reading.meters.total { words.append("total=\(Telemetry.Thousandths.text(total))") }
    if reading.alarms != 0 { words.append("alarms") }
    if reading.vouching == .session { words.append("session") }
    for field in OptionalField.allCases {
      if let fault = event.faults[field] { words.append("\(field.name)!\(fault.name)") }
    }
    return words.joined(separator: " ")
  }
}
