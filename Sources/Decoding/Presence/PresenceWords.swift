import CSimdjson
import Telemetry

/// Reads presence in a publisher's own words. The payload is a word, such as `1` or `在线`, or a JSON document with the
/// word at a path, such as `{"state":"online"}`.
///
/// White space, a byte order mark, NULs and quotes around a word do not matter. A source with a path also reads a
/// payload that is a bare word, because a last will is often one. The time of an event is its receipt.
struct PresenceWordsDecoder: SourceDecoder {
  /// The words and their place in a message.
  struct Layout: Equatable, Sendable {
    var words = WordList()
    /// By place of the word.
    var meanings: [Presence] = []
    /// The place of the word in a JSON document; nil if the payload is the word.
    var pointer: Pointer?
  }

  /// A path of keys with its text.
  struct Pointer: Equatable, Sendable {
    var text: String
    var path: JSONPath
  }

  private let layout: Layout
  private let limits: DecodingLimits
  /// nil if the payload is the word.
  private let finder: SharedJSONFinder?

  /// A decoder of the words of `layout`. Throws ``StatusDecoder/OutOfMemory`` or ``JSONPlan/TooManyPaths``.
  init(_ layout: Layout, limits: DecodingLimits) throws {
    self.layout = layout
    self.limits = limits
    guard let pointer = layout.pointer else {
      finder = nil
      return
    }
    let finder = try JSONFinder(limits: limits)
    finder.want(try finder.node(pointer.path.parts, below: JSONFinder.root), as: 0)
    self.finder = SharedJSONFinder(finder)
  }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    if message.payload.count > limits.payload { throw Rejection(.tooLarge) }
    let presence = try presence(in: message.payload, isPadded: message.isPadded)
    try events.append(presence, at: message.received, receivedAt: message.received)
  }

  private func presence(
    in payload: UnsafeRawBufferPointer, isPadded: Bool
  ) throws(Rejection) -> Presence {
    let text = payload.withoutMarks.trimmed
    if let finder, let pointer = layout.pointer, Self.isDocument(text) {
      var presence = Presence.offline
      try finder.find(in: payload, padded: isPadded) { found throws(Rejection) in
        presence = try self.presence(of: Self.value(in: found), named: .path(pointer.text))
      }
      return presence
    }
    return try presence(of: .text(Self.withoutQuotes(text)), named: "words")
  }

  private func presence(
    of value: FieldValue, named name: RejectionDetail
  ) throws(Rejection) -> Presence {
    if value.isNull { throw Rejection(.missingField, name) }
    guard let place = layout.words.place(of: value) else { throw Rejection(.malformed, name, .unknownWord) }
    return layout.meanings[place]
  }

  private static func isDocument(_ text: UnsafeRawBufferPointer) -> Bool {
    text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[")
  }

  /// The value in the last document found.
  private static func value(in found: UnsafeBufferPointer<CSimdjsonFound>) -> FieldValue {
    var value = FieldValue.null
    for entry in found {
      switch entry.mark {
      case CSIMDJSON_FOUND_DOCUMENT: value = .null
      case CSIMDJSON_FOUND_VALUE: value = entry.value.fieldValue
      default: break
      }
    }
    return value
  }

  private static func withoutQuotes(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard text.count >= 2, let quote = text.first, quote == UInt8(ascii: "\""), text.last == quote else {
      return text
    }
    return UnsafeRawBufferPointer(rebasing: text[1..<text.count - 1])
  }
}

extension TopicTemplate {
  /// The topic of a presence source. A gateway is equipment of the register as well, so `{gateway}` stands for
  /// `{equipment}`.
  public static func presence(_ topic: String) -> String {
    topic.replacing("{gateway}", with: "{equipment}")
  }
}

extension SourceFormat {
  /// Presence in a publisher's own words. Without `words` and `at` a source is of the built-in format of this name.
  static let presenceWords = SourceFormat(Format.presence.name) { section, limits, problems in
    var layout = PresenceWordsDecoder.Layout()
    readWords(&section, &layout, &problems)
    if let word = section.text("at", pointerForm, &problems) {
      if let path = JSONPath(word.text), !path.isFromRoot, path.variablePrefix == 0 {
        layout.pointer = PresenceWordsDecoder.Pointer(text: word.text, path: path)
      } else {
        problems.append(
          SettingsProblem(word.place, "\(word.name) must be \(pointerForm), not '\(word.text)'"))
      }
    }
    guard let limits else { return nil }
    return try PresenceWordsDecoder(layout, limits: limits)
  }

  private static let pointerForm = "a JSON pointer, such as /state"

  /// Reads `words`; without it, the words are online and offline.
  private static func readWords(
    _ section: inout SettingsSection, _ layout: inout PresenceWordsDecoder.Layout,
    _ problems: inout [SettingsProblem]
  ) {
    let meanings: [(word: String, value: Presence)] = [("online", .online), ("offline", .offline)]
    let name = section.name(of: "words")
    var words = meanings.map { (word: Word($0.word), value: $0.value) }
    if let tree = section.optional("words") {
      guard let entries = SettingsSection(tree, name: name, &problems)?.entries else { return }
      words = []
      for entry in entries {
        let name = "\(name).\(entry.key)"
        guard let meaning = SettingsWord.value(of: entry.value, name: name, among: meanings, &problems) else {
          continue
        }
        let word = Word(entry.key)
        if words.contains(where: { $0.word == word }) {
          problems.append(SettingsProblem(entry.place, "\(name) says the same as an earlier key"))
        }
        words.append((word, meaning))
      }
      if entries.isEmpty {
        problems.append(
          SettingsProblem(tree.place, "\(name) must name a word, such as { up: online, down: offline }"))
      } else if entries.count > 256 {
        problems.append(SettingsProblem(tree.place, "\(name) has more than 256 words"))
      }
    }
    for (word, meaning) in words where layout.words.add(word) == layout.meanings.count {
      layout.meanings.append(meaning)
    }
  }
}
