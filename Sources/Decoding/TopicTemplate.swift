import Telemetry

/// A source's topic with placeholders, such as `factory/{factory}/{workshop}/{equipment}/status`.
///
/// A placeholder is a whole level. `{factory}` and `{equipment}` occur exactly once, `{workshop}` and `{line}` at
/// most once. The template is compiled once, into the MQTT filter to subscribe to and a matcher that allocates
/// nothing.
public struct TopicTemplate: Sendable, Hashable, CustomStringConvertible {
  /// A name that a topic level can have.
  public enum Placeholder: UInt8, CaseIterable, Sendable {
    case factory, workshop, line, equipment

    /// The name as written between braces.
    public var name: StaticString {
      switch self {
      case .factory: "factory"
      case .workshop: "workshop"
      case .line: "line"
      case .equipment: "equipment"
      }
    }
  }

  /// One compiled level: a placeholder, or `length` bytes from `offset` of ``literals``.
  private struct Level: Hashable {
    var placeholder: Placeholder?
    var offset = 0
    var length = 0
  }

  /// The template as written.
  public let description: String
  /// The MQTT topic filter for exactly the topics of the template: `+` for every placeholder.
  public let filter: String
  private let levels: ContiguousArray<Level>
  private let literals: ContiguousArray<UInt8>

  /// Compiles a template; throws its fault if it is invalid.
  public init(_ template: String) throws(TopicTemplateError) {
    func wrong(_ problem: TopicTemplateError.Problem) -> TopicTemplateError {
      TopicTemplateError(template: template, problem: problem)
    }
    guard !template.isEmpty else { throw wrong(.empty) }
    var levels = ContiguousArray<Level>()
    var literals = ContiguousArray<UInt8>()
    var filter: [String] = []
    for text in template.split(separator: "/", omittingEmptySubsequences: false) {
      if let placeholder = Placeholder.allCases.first(where: { text == "{\($0.name)}" }) {
        if levels.contains(where: { $0.placeholder == placeholder }) { throw wrong(.repeated(placeholder)) }
        levels.append(Level(placeholder: placeholder))
        filter.append("+")
      } else {
        if let problem = Self.problem(ofLiteral: text, first: levels.isEmpty) { throw wrong(problem) }
        levels.append(Level(placeholder: nil, offset: literals.count, length: text.utf8.count))
        literals += text.utf8
        filter.append(String(text))
      }
    }
    for required in [Placeholder.factory, .equipment]
    where !levels.contains(where: { $0.placeholder == required }) {
      throw wrong(.missing(required))
    }
    description = template
    self.filter = filter.joined(separator: "/")
    guard self.filter.utf8.count <= Int(UInt16.max) else { throw wrong(.tooLong) }
    self.levels = levels
    self.literals = literals
  }

  /// The reason why a level cannot be a literal; nil if it can.
  private static func problem(ofLiteral level: Substring, first: Bool) -> TopicTemplateError.Problem? {
    if level.isEmpty { return first ? nil : .emptyLevel }
    if level.contains("{") || level.contains("}") { return .notAPlaceholder(String(level)) }
    if level.contains("+") || level.contains("#") { return .wildcard(String(level)) }
    if first && level.hasPrefix("$") { return .reserved(String(level)) }
    if level.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
      return .controlCharacter
    }
    return nil
  }

  /// Returns the positions of factory, workshop, line and equipment in a topic; nil if the topic does not match
  /// ``filter``.
  ///
  /// Throws `unmatched_topic`, with the placeholder's name, if the filter matches but the level is not an id
  /// (``EquipmentKey/isID(_:)``). A topic has at most 65,535 bytes, as in MQTT; longer ones do not match.
  public func match(_ topic: UnsafeRawBufferPointer) throws(Rejection) -> TopicLevels? {
    guard topic.count <= Int(UInt16.max) else { return nil }
    var found = TopicLevels()
    var invalid: Placeholder?
    var at = 0
    for index in levels.indices {
      if index > 0 {
        guard at < topic.count, topic[at] == Self.slash else { return nil }
        at += 1
      }
      let level = levels[index]
      if let placeholder = level.placeholder {
        let start = at
        var isID = true
        while at < topic.count, topic[at] != Self.slash {
          isID = isID && EquipmentKey.isIDByte(topic[at])
          at += 1
        }
        if !isID || at == start || at - start > 64 { invalid = invalid ?? placeholder }
        let range = TopicRange(
          offset: UInt16(truncatingIfNeeded: start), length: UInt16(truncatingIfNeeded: at - start))
        switch placeholder {
        case .factory: found.factory = range
        case .workshop: found.workshop = range
        case .line: found.line = range
        case .equipment: found.equipment = range
        }
      } else {
        guard topic.count - at >= level.length, literal(level, equals: topic, from: at) else { return nil }
        at += level.length
      }
    }
    guard at == topic.count else { return nil }
    if let invalid { throw Rejection(.unmatchedTopic, .fixed(invalid.name), .notAnID) }
    return found
  }

  private func literal(_ level: Level, equals topic: UnsafeRawBufferPointer, from at: Int) -> Bool {
    for i in 0..<level.length where literals[level.offset + i] != topic[at + i] { return false }
    return true
  }

  private static let slash = UInt8(ascii: "/")
}

/// Position of one level in a topic: offset and length in bytes. An empty range means no name.
public struct TopicRange: Hashable, Sendable {
  /// Offset from the beginning of the topic, in bytes.
  public var offset: UInt16
  /// Length in bytes.
  public var length: UInt16

  /// A position of `length` bytes from `offset`.
  public init(offset: UInt16 = 0, length: UInt16 = 0) {
    self.offset = offset
    self.length = length
  }

  /// Whether the topic does not have this name.
  public var isEmpty: Bool { length == 0 }

  /// The bytes of this level in its topic.
  public func bytes(in topic: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: topic[Int(offset)..<Int(offset) + Int(length)])
  }

  /// The text of this level in its topic.
  public func text(in topic: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes(in: topic), as: UTF8.self)
  }
}

/// Positions of the names in a topic.
public struct TopicLevels: Hashable, Sendable {
  /// Position of `{factory}`.
  public var factory = TopicRange()
  /// Position of `{workshop}`; empty if the template has none.
  public var workshop = TopicRange()
  /// Position of `{line}`; empty if the template has none.
  public var line = TopicRange()
  /// Position of `{equipment}`.
  public var equipment = TopicRange()

  /// Positions before the topic is matched.
  public init() {}

  /// The key named by the topic, as strings; too slow for the hot path.
  public func key(in topic: UnsafeRawBufferPointer) -> EquipmentKey {
    EquipmentKey(factory: factory.text(in: topic), equipment: equipment.text(in: topic))
  }
}
