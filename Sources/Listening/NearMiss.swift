import Decoding
import Telemetry

/// The difference between a topic and the topics of a source that it almost fits.
public struct NearMiss: Equatable, Sendable {
  /// The kinds of difference.
  public enum Difference: Equatable, Sendable {
    /// The topic begins with a slash, and the source's topics do not.
    case leadingSlash
    /// The source's topics begin with a slash, and the topic does not.
    case noLeadingSlash
    /// The topic ends with a slash.
    case trailingSlash
    /// A level is written in other letter case.
    case letterCase(level: String, expected: String)
    /// A level is spelled in another way.
    case spelling(level: String, expected: String)
    /// The topic has one level more.
    case extraLevel(String)
    /// The topic lacks a level: a placeholder's name in braces, or the level itself.
    case missingLevel(String)
    /// A level has characters that an id cannot have, or is too long.
    case notAnID(placeholder: String, level: String)

    /// The word in JSON.
    public var name: String {
      switch self {
      case .leadingSlash: "leading_slash"
      case .noLeadingSlash: "no_leading_slash"
      case .trailingSlash: "trailing_slash"
      case .letterCase: "letter_case"
      case .spelling: "spelling"
      case .extraLevel: "extra_level"
      case .missingLevel: "missing_level"
      case .notAnID: "not_an_id"
      }
    }
  }

  public var difference: Difference
  /// The topic of the source, as in the configuration.
  public var template: String
  /// The topic to publish on instead; a part that is not known is left as a placeholder.
  public var suggestion: String

  /// Finds the nearest source of a topic that no source reads: in the order of the differences above. nil if it is near
  /// none.
  public static func of(_ topic: String, among sources: [Source]) -> NearMiss? {
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let candidates = sources.filter { !$0.isSparkplug }.map { Candidate($0.template) }
    let searches: [(Candidate) -> NearMiss?] = [
      { $0.slash(levels) }, { $0.notAnID(levels) }, { $0.otherLetters(levels) }, { $0.extraLevel(levels) },
      { $0.missingLevel(levels) },
    ]
    for search in searches {
      if let found = candidates.lazy.compactMap(search).first { return found }
    }
    return nil
  }

  /// The name in a topic that is not an id, if the topic fits a source in everything else; nil if it does not.
  static func notAnID(_ topic: String, in source: Source) -> NearMiss? {
    guard !source.isSparkplug else { return nil }
    let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return Candidate(source.template).name(levels)
  }
}

/// A source's topics, compared with one topic.
private struct Candidate {
  private let template: TopicTemplate
  private let levels: [String]

  init(_ template: TopicTemplate) {
    self.template = template
    levels = template.description.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  }

  /// Whether the source has a level of its own to recognise topics by.
  private var hasLiteral: Bool { levels.contains { !Self.isVariable($0) && !$0.isEmpty } }

  private static func isVariable(_ level: String) -> Bool {
    level == "+" || level == "#" || level.hasPrefix("{") && level.hasSuffix("}")
  }

  private func isMatch(_ topic: [String]) -> Bool {
    let text = topic.joined(separator: "/")
    return Array(text.utf8).withUnsafeBytes { (try? template.match($0)) != nil }
  }

  private func miss(_ difference: NearMiss.Difference, _ topic: [String]) -> NearMiss {
    NearMiss(
      difference: difference, template: template.description, suggestion: topic.joined(separator: "/"))
  }

  func slash(_ topic: [String]) -> NearMiss? {
    guard hasLiteral else { return nil }
    if topic.count > 1, topic.first == "", isMatch(Array(topic.dropFirst())) {
      return miss(.leadingSlash, Array(topic.dropFirst()))
    }
    if isMatch([""] + topic) { return miss(.noLeadingSlash, [""] + topic) }
    if topic.count > 1, topic.last == "", isMatch(topic.dropLast()) {
      return miss(.trailingSlash, topic.dropLast())
    }
    return nil
  }

  func notAnID(_ topic: [String]) -> NearMiss? { hasLiteral ? name(topic) : nil }

  /// The first name of a topic that is not an id, if the levels without names fit.
  func name(_ topic: [String]) -> NearMiss? {
    let isOpen = levels.last == "#"
    let levels = isOpen ? levels.dropLast() : levels[...]
    guard isOpen ? topic.count >= levels.count : topic.count == levels.count else { return nil }
    var fixed = topic
    var wrong: (placeholder: String, level: String)?
    for (place, level) in levels.enumerated() {
      if level.hasPrefix("{"), level != "{field}" {
        if topic[place].isID { continue }
        wrong = wrong ?? (String(level.dropFirst().dropLast()), topic[place])
        fixed[place] = level
      } else if level != topic[place], !Self.isVariable(level) {
        return nil
      }
    }
    guard let wrong else { return nil }
    return miss(.notAnID(placeholder: wrong.placeholder, level: wrong.level), fixed)
  }

  /// Finds levels in other letter case, or one level in another spelling.
  func otherLetters(_ topic: [String]) -> NearMiss? {
    guard topic.count == levels.count else { return nil }
    let different = levels.indices.filter { !Self.isVariable(levels[$0]) && levels[$0] != topic[$0] }
    guard let first = different.first else { return nil }
    var fixed = topic
    for place in different { fixed[place] = levels[place] }
    guard isMatch(fixed) else { return nil }
    let (level, expected) = (topic[first], levels[first])
    if different.allSatisfy({ topic[$0].lowercased() == levels[$0].lowercased() }) {
      return miss(.letterCase(level: level, expected: expected), fixed)
    }
    // Another spelling is recognised only beside a level that is right, else any short topic would be near.
    let hasRight = levels.indices.contains {
      !Self.isVariable(levels[$0]) && !levels[$0].isEmpty && !different.contains($0)
    }
    guard different.count == 1, hasRight, Self.isAlike(level, expected) else { return nil }
    return miss(.spelling(level: level, expected: expected), fixed)
  }

  private static func isAlike(_ level: String, _ expected: String) -> Bool {
    if Suggestion.nearest(to: level, among: [expected]) != nil { return true }
    let words = [
      ["status", "state", "states", "stat", "statut"],
      ["connection", "connect", "online", "conn", "connected"],
    ]
    return words.contains { $0.contains(level.lowercased()) && $0.contains(expected.lowercased()) }
  }

  func extraLevel(_ topic: [String]) -> NearMiss? {
    guard topic.count == levels.count + 1, hasLiteral else { return nil }
    let places = topic.indices.filter { place in
      var fixed = topic
      fixed.remove(at: place)
      return isMatch(fixed)
    }
    // Of several: a level that is no name, or a line; else the one before the last, which is the equipment.
    guard let last = places.last else { return nil }
    let place =
      places.first { TopicGuess.isKeyword(topic[$0]) }
      ?? places.first { topic[$0].wholeMatch(of: /(?i)(?:l|line)[-_]?\d+/) != nil } ?? places.dropLast().last
      ?? last
    var fixed = topic
    return miss(.extraLevel(fixed.remove(at: place)), fixed)
  }

  func missingLevel(_ topic: [String]) -> NearMiss? {
    guard topic.count + 1 == levels.count, hasLiteral else { return nil }
    // An optional name is missing more likely than others.
    let places = levels.indices.sorted { a, b in Self.rank(levels[a]) < Self.rank(levels[b]) }
    for place in places where !levels[place].isEmpty && levels[place] != "#" {
      var fixed = topic
      fixed.insert(Self.isVariable(levels[place]) ? "X" : levels[place], at: place)
      guard isMatch(fixed) else { continue }
      fixed[place] = levels[place]
      return miss(.missingLevel(levels[place]), fixed)
    }
    return nil
  }

  private static func rank(_ level: String) -> Int {
    switch level {
    case "{workshop}": 0
    case "{line}": 1
    case _ where !isVariable(level): 2
    case "{equipment}": 3
    default: 4
    }
  }
}
