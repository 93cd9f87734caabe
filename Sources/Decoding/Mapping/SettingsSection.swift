import Telemetry

/// Reads the keys of one section of a source's settings, strictly: a key that no one asked for is a problem. Problems
/// are collected, so that all of them can be reported at once.
public struct SettingsSection {
  /// The section in messages, such as `sources[0].state`.
  public let name: String
  /// Place of the section.
  public let place: SettingsTree.Place
  /// The entries in the order of the file.
  public let entries: [SettingsTree.Entry]
  private var asked: [String] = []

  /// A reader of a section; nil, with a problem, if the tree is none.
  public init?(_ tree: SettingsTree, name: String, _ problems: inout [SettingsProblem]) {
    guard case .section(let entries) = tree.content else {
      problems.append(SettingsProblem(tree.place, "\(name) must be a section, not \(tree.shown)"))
      return nil
    }
    self.name = name
    self.entries = entries
    place = tree.place
  }

  /// The name of a key in messages.
  public func name(of key: String) -> String { "\(name).\(key)" }

  /// A key that may be left out.
  public mutating func optional(_ key: String) -> SettingsTree? {
    if !asked.contains(key) { asked.append(key) }
    guard let entry = entries.first(where: { $0.key == key }) else { return nil }
    if case .nothing = entry.value.content { return nil }
    return entry.value
  }

  /// A key that must be given; nil after a problem. `expected` completes "it must be …".
  public mutating func required(
    _ key: String, _ expected: String, _ problems: inout [SettingsProblem]
  ) -> SettingsTree? {
    if let value = optional(key) { return value }
    problems.append(SettingsProblem(place, "\(name(of: key)) is missing: it must be \(expected)"))
    return nil
  }

  /// The text of a key that may be left out; nil, with a problem, for a list or a section. `expected` completes
  /// "must be …".
  public mutating func text(
    _ key: String, _ expected: String, _ problems: inout [SettingsProblem]
  ) -> SettingsWord? {
    guard let value = optional(key) else { return nil }
    return SettingsWord(value, name: name(of: key), expected, &problems)
  }

  /// The word of a key that may be left out; nil, with a problem, if it is none of `words`.
  public mutating func word<Value>(
    _ key: String, among words: [(word: String, value: Value)], _ problems: inout [SettingsProblem]
  ) -> Value? {
    guard let value = optional(key) else { return nil }
    return SettingsWord.value(of: value, name: name(of: key), among: words, &problems)
  }

  /// The factory of all messages, if the settings name it.
  mutating func ownFactory() -> String? { optional("factory")?.text }

  /// Adds a problem for each key that no one asked for.
  public func finish(_ problems: inout [SettingsProblem]) {
    for entry in entries where !asked.contains(entry.key) {
      let hint = Suggestion.phrase(for: entry.key, among: asked)
      problems.append(SettingsProblem(entry.place, "unknown key '\(entry.key)' in \(name)\(hint)"))
    }
  }
}

/// Text of a source's settings, with its name and place for messages.
public struct SettingsWord: Sendable {
  public var text: String
  /// The key in messages.
  public var name: String
  public var place: SettingsTree.Place

  /// The text of a tree; nil, with a problem, for a list, a section or empty text.
  public init?(
    _ tree: SettingsTree, name: String, _ expected: String, _ problems: inout [SettingsProblem]
  ) {
    guard let text = tree.text, !text.isEmpty, text.utf8.count <= 1024 else {
      problems.append(SettingsProblem(tree.place, "\(name) must be \(expected), not \(tree.shown)"))
      return nil
    }
    self.text = text
    self.name = name
    place = tree.place
  }

  /// The value of a word; nil, with a problem, if it is none of `words`.
  static func value<Value>(
    of tree: SettingsTree, name: String, among words: [(word: String, value: Value)],
    _ problems: inout [SettingsProblem]
  ) -> Value? {
    if let text = tree.text, let found = words.first(where: { $0.word == text }) { return found.value }
    let hint = tree.text.map { Suggestion.phrase(for: $0, among: words.map(\.word)) } ?? ""
    let expected = words.map(\.word).joined(separator: ", ")
    problems.append(
      SettingsProblem(tree.place, "\(name) must be one of \(expected), not \(tree.shown)\(hint)"))
    return nil
  }
}

extension SettingsTree {
  /// The tree as shown in messages.
  public var shown: String {
    switch content {
    case .nothing: "nothing"
    case .text(let text): text.count > 60 ? "'\(text.prefix(60))…'" : "'\(text)'"
    case .list: "a list"
    case .section: "a section"
    }
  }
}
