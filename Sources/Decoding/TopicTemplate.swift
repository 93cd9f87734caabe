import Telemetry

/// A source's topic with placeholders, such as `factory/{factory}/{workshop}/{equipment}/status`.
///
/// A placeholder is a whole level. `{factory}` and `{equipment}` occur exactly once, `{workshop}` and `{line}` at
/// most once. The template of a mapped source may lack `{factory}` and `{equipment}`, which its settings or payloads
/// then give, and may have `{field}` and the wildcards of MQTT (``Form``). The template is compiled once, into the
/// MQTT filter to subscribe to and a matcher that allocates nothing.
public struct TopicTemplate: Sendable, Hashable, CustomStringConvertible {
  /// The placeholders and wildcards that a template may have.
  public enum Form: Sendable {
    /// `{factory}` and `{equipment}`, and no wildcards.
    case native
    /// Any placeholders; `+` for a level and `#` for the last levels.
    case mapped
    /// The topics of Sparkplug's edge nodes and devices, such as `spBv1.0/{factory}/+/{workshop}/{equipment}`, with
    /// `+` for the verb.
    case sparkplug
  }

  /// A name that a topic level can have.
  public enum Placeholder: UInt8, CaseIterable, Sendable {
    case factory, workshop, line, equipment
    /// A field's name, which may have any characters.
    case field

    /// The name as written between braces.
    public var name: StaticString {
      switch self {
      case .factory: "factory"
      case .workshop: "workshop"
      case .line: "line"
      case .equipment: "equipment"
      case .field: "field"
      }
    }
  }

  /// One compiled level: a placeholder, or `length` bytes from `offset` of ``literals``; `length` is -1 for any level.
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
  /// Whether further levels may follow: `#`.
  private let isOpen: Bool
  /// For the topics of Sparkplug, which differ by verb; nil for others.
  let sparkplug: SparkplugRule?

  /// The topics of Sparkplug's edge nodes and devices.
  init(sparkplug rule: SparkplugRule) {
    description = rule.text
    filter = "\(rule.namespace.token)/#"
    levels = []
    literals = []
    isOpen = false
    sparkplug = rule
  }

  /// Compiles a template; throws its fault if it is invalid.
  public init(_ template: String, _ form: Form = .native) throws(TopicTemplateError) {
    guard form == .sparkplug else {
      try self.init(compiling: template, form)
      return
    }
    guard let rule = SparkplugRule(text: template) else {
      throw TopicTemplateError(template: template, problem: .notSparkplug)
    }
    self.init(sparkplug: rule)
  }

  private init(compiling template: String, _ form: Form) throws(TopicTemplateError) {
    func wrong(_ problem: TopicTemplateError.Problem) -> TopicTemplateError {
      TopicTemplateError(template: template, problem: problem)
    }
    guard !template.isEmpty else { throw wrong(.empty) }
    var levels = ContiguousArray<Level>()
    var literals = ContiguousArray<UInt8>()
    var filter: [String] = []
    let parts = template.split(separator: "/", omittingEmptySubsequences: false)
    let isOpen = form == .mapped && parts.last == "#"
    for text in isOpen ? parts.dropLast() : parts[...] {
      if let placeholder = Placeholder.allCases.first(where: { text == "{\($0.name)}" }),
        form == .mapped || placeholder != .field
      {
        if levels.contains(where: { $0.placeholder == placeholder }) { throw wrong(.repeated(placeholder)) }
        levels.append(Level(placeholder: placeholder))
        filter.append("+")
      } else if form == .mapped, text == "+" {
        levels.append(Level(placeholder: nil, length: -1))
        filter.append("+")
      } else {
        if let problem = Self.problem(ofLiteral: text, first: levels.isEmpty) { throw wrong(problem) }
        levels.append(Level(placeholder: nil, offset: literals.count, length: text.utf8.count))
        literals += text.utf8
        filter.append(String(text))
      }
    }
    for required in form == .native ? [Placeholder.factory, .equipment] : []
    where !levels.contains(where: { $0.placeholder == required }) {
      throw wrong(.missing(required))
    }
    if isOpen { filter.append("#") }
    description = template
    self.filter = filter.joined(separator: "/")
    guard self.filter.utf8.count <= Int(UInt16.max) else { throw wrong(.tooLong) }
    self.levels = levels
    self.literals = literals
    self.isOpen = isOpen
    sparkplug = nil
  }

  /// Whether the template has a placeholder.
  public func has(_ placeholder: Placeholder) -> Bool {
    sparkplug?.has(placeholder) ?? levels.contains { $0.placeholder == placeholder }
  }

  /// The group of the edge nodes whose topics it matches; nil if it matches any group, or no topics of Sparkplug.
  public var sparkplugGroup: String? {
    if case .literal(let group) = sparkplug?.group { group } else { nil }
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
    guard let found = find(topic) else { return nil }
    if let invalid = found.invalid { throw Rejection(.unmatchedTopic, .fixed(invalid.name), .notAnID) }
    return found.levels
  }

  /// Returns the positions of the names in a topic, and the first placeholder whose level is not an id; nil if the
  /// topic does not match ``filter``.
  func find(_ topic: UnsafeRawBufferPointer) -> (levels: TopicLevels, invalid: Placeholder?)? {
    guard topic.count <= Int(UInt16.max) else { return nil }
    if let sparkplug { return sparkplug.find(topic) }
    if topic.first == UInt8(ascii: "$"), beginsWithWildcard { return nil }
    var found = TopicLevels()
    var invalid: Placeholder?
    var at = 0
    for index in levels.indices {
      if index > 0 {
        guard at < topic.count, topic[at] == Self.slash else { return nil }
        at += 1
      }
      let level = levels[index]
      if level.length < 0 || level.placeholder == .field {
        let range = Self.level(of: topic, from: &at)
        if level.placeholder == .field { found.field = range }
      } else if let placeholder = level.placeholder {
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
        case .field: break
        }
      } else {
        guard topic.count - at >= level.length, literal(level, equals: topic, from: at) else { return nil }
        at += level.length
      }
    }
    if isOpen {
      guard let rest = Self.rest(of: topic, from: at, isFirst: levels.isEmpty) else { return nil }
      if found.field.isEmpty { found.field = rest }
    } else if at != topic.count {
      return nil
    }
    return (found, invalid)
  }

  /// The level that begins at `at`, which moves to its end.
  private static func level(of topic: UnsafeRawBufferPointer, from at: inout Int) -> TopicRange {
    let start = at
    while at < topic.count, topic[at] != slash { at += 1 }
    return TopicRange(
      offset: UInt16(truncatingIfNeeded: start), length: UInt16(truncatingIfNeeded: at - start))
  }

  /// Whether the filter's first level is a wildcard, which does not match topics that begin with `$` (MQTT 5.0, 4.7.2).
  private var beginsWithWildcard: Bool {
    guard let first = levels.first else { return isOpen }
    return first.length < 0 || first.placeholder != nil
  }

  /// The levels from `at` on that `#` stands for, which may be none; nil if `at` is in the middle of a level.
  private static func rest(of topic: UnsafeRawBufferPointer, from at: Int, isFirst: Bool) -> TopicRange? {
    if isFirst {
      return TopicRange(offset: 0, length: UInt16(truncatingIfNeeded: topic.count))
    }
    if at == topic.count { return TopicRange() }
    guard topic[at] == slash else { return nil }
    return TopicRange(
      offset: UInt16(truncatingIfNeeded: at + 1), length: UInt16(truncatingIfNeeded: topic.count - at - 1))
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
  /// Position of `{factory}`; empty if the template has none.
  public var factory = TopicRange()
  /// Position of `{workshop}`; empty if the template has none.
  public var workshop = TopicRange()
  /// Position of `{line}`; empty if the template has none.
  public var line = TopicRange()
  /// Position of `{equipment}`; empty if the template has none.
  public var equipment = TopicRange()
  /// Position of `{field}`, or else of the levels that `#` stands for; empty if the template has neither.
  public var field = TopicRange()

  /// Positions before the topic is matched.
  public init() {}

  /// The key named by the topic, as strings; too slow for the hot path.
  public func key(in topic: UnsafeRawBufferPointer) -> EquipmentKey {
    EquipmentKey(factory: factory.text(in: topic), equipment: equipment.text(in: topic))
  }
}
