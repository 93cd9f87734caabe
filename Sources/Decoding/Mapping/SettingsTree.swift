/// The settings of a source as a tree: text, lists and sections, each with its place in the configuration.
///
/// It is independent of YAML, so that the journal's record of sources, tests and the configuration share one form.
/// Two trees are equal if their contents are, wherever they stand.
public struct SettingsTree: Sendable {
  /// Line and column from 1; zeros for a tree that is not from a file.
  public struct Place: Hashable, Sendable {
    public var line: Int
    public var column: Int

    /// A place in the file.
    public init(line: Int = 0, column: Int = 0) {
      self.line = line
      self.column = column
    }
  }

  /// A key of a section with its value.
  public struct Entry: Sendable {
    public var key: String
    public var place: Place
    public var value: SettingsTree

    /// An entry whose key stands at `place`.
    public init(_ key: String, at place: Place = Place(), _ value: SettingsTree) {
      self.key = key
      self.place = place
      self.value = value
    }
  }

  /// The kinds of content.
  public enum Content: Sendable {
    /// A key without a value, or `~`.
    case nothing
    /// A number, a truth value or text, as written.
    case text(String)
    case list([SettingsTree])
    /// In the order of the file.
    case section([Entry])
  }

  public var content: Content
  public var place: Place

  /// A tree that stands at `place`.
  public init(_ content: Content, at place: Place = Place()) {
    self.content = content
    self.place = place
  }

  /// Maximum nesting of sections and lists.
  public static let mostLevels = 16

  /// The value of a key; nil if it is missing, has no value, or the tree is not a section.
  public subscript(key: String) -> SettingsTree? {
    guard case .section(let entries) = content, let entry = entries.first(where: { $0.key == key }) else {
      return nil
    }
    if case .nothing = entry.value.content { return nil }
    return entry.value
  }

  /// The text; nil for a list or a section.
  public var text: String? { if case .text(let text) = content { text } else { nil } }

  /// Whether a text or a key contains some text.
  func mentions(_ text: String) -> Bool {
    switch content {
    case .nothing: false
    case .text(let own): own.contains(text)
    case .list(let elements): elements.contains { $0.mentions(text) }
    case .section(let entries): entries.contains { $0.key.contains(text) || $0.value.mentions(text) }
    }
  }

  /// The section without some keys.
  public func without(_ keys: [String]) -> SettingsTree {
    guard case .section(let entries) = content else { return self }
    return SettingsTree(.section(entries.filter { !keys.contains($0.key) }), at: place)
  }

  /// The tree with the keys of `defaults` that it lacks. A section in both is completed in the same way; any other
  /// value replaces the default as a whole.
  public func completed(by defaults: SettingsTree) -> SettingsTree {
    guard case .section(let own) = content, case .section(let others) = defaults.content else { return self }
    var entries = own
    for other in others {
      if let index = entries.firstIndex(where: { $0.key == other.key }) {
        entries[index].value = entries[index].value.completed(by: other.value)
      } else {
        entries.append(other)
      }
    }
    return SettingsTree(.section(entries), at: place)
  }
}

extension SettingsTree: Hashable {
  public static func == (a: SettingsTree, b: SettingsTree) -> Bool {
    SettingsText.text(of: a) == SettingsText.text(of: b)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(SettingsText.text(of: self)) }
}

extension SettingsTree: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Text without a place.
  public init(stringLiteral text: String) { self.init(.text(text)) }
  /// A list without a place.
  public init(arrayLiteral elements: SettingsTree...) { self.init(.list(elements)) }
  /// A section without a place.
  public init(dictionaryLiteral entries: (String, SettingsTree)...) {
    self.init(.section(entries.map { Entry($0.0, $0.1) }))
  }
}

/// A fault of a source's settings.
public struct SettingsProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The place to change.
  public var place: SettingsTree.Place
  /// The fault and, if it is known, the text to write instead.
  public var message: String

  /// A problem at a place.
  public init(_ place: SettingsTree.Place, _ message: String) {
    self.place = place
    self.message = message
  }

  /// The message, without the file's name and the place. The reader of the file adds both.
  public var description: String { message }
}
