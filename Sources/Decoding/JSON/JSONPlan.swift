import Telemetry

/// The paths of the values that a source of mapped JSON reads from a document, each with the fields that get the value.
struct JSONPlan: Equatable, Sendable {
  /// A wanted value.
  struct Want: Equatable, Sendable {
    var path: [JSONPath.Part]
    /// Whether the path begins at a record; if not, at the root.
    var isOfRecord: Bool
    /// Fields that get the value.
    var fields: [Int] = []
    /// Fields that get the value of a document without records, which then is a record itself.
    var fallbacks: [Int] = []
    /// Whether elements of an array are alarms.
    var hasElements = false
  }

  /// A list of values by name instead of members of a record.
  struct Tags: Equatable, Sendable {
    /// The list from the root.
    var path: [JSONPath.Part]
    /// Paths in an element; nil: the list is an object, whose keys are the names.
    var name: [JSONPath.Part]?
    var value: [JSONPath.Part] = []
    var quality: [JSONPath.Part]?
    var goodWords = WordList()
    var pattern: TagPattern
  }

  /// A condition for a record to count.
  struct Filter: Equatable, Sendable {
    var field: Int
    var words: WordList
  }

  var map: ReadingMap
  /// The path of records from the root; empty if the document is the record.
  var record: [JSONPath.Part] = []
  /// By place.
  var wants: [Want] = []
  var tags: Tags?
  var equipment: Int?
  var workshop: Int?
  var only: [Filter] = []
  /// The factory of all messages, if the topics do not name it.
  var factory: [UInt8] = []

  /// Numbers of entries other than values of ``wants``.
  enum Mark {
    static let record: Int32 = 10_000
    static let tagName: Int32 = 10_001
    static let tagValue: Int32 = 10_002
    static let tagQuality: Int32 = 10_003
  }

  /// Number of the name that is a tag's.
  static let tagNameNumber: Int32 = 2

  /// Whether records are elements of the document.
  var hasRecords: Bool { !record.isEmpty }
  /// Whether a document without records is a record itself: only if its sender does not stand in the path of records.
  var canBeRecord: Bool { record.allSatisfy { if case .key = $0 { true } else { false } } }

  /// Adds a wanted value for a field.
  mutating func want(_ path: JSONPath, for field: Int, elements: Bool = false) {
    let isOfRecord = !hasRecords || !path.isFromRoot
    add(path.parts, isOfRecord, elements) { $0.fields.append(field) }
    if hasRecords, isOfRecord, canBeRecord { add(path.parts, false, elements) { $0.fallbacks.append(field) } }
  }

  private mutating func add(
    _ path: [JSONPath.Part], _ isOfRecord: Bool, _ elements: Bool, _ change: (inout Want) -> Void
  ) {
    let place = wants.firstIndex { $0.path == path && $0.isOfRecord == isOfRecord } ?? wants.count
    if place == wants.count { wants.append(Want(path: path, isOfRecord: isOfRecord)) }
    change(&wants[place])
    if elements { wants[place].hasElements = true }
  }

  /// Makes a finder of the wanted values. Throws ``StatusDecoder/OutOfMemory`` or ``TooManyPaths``.
  func finder(limits: DecodingLimits) throws -> JSONFinder {
    let finder = try JSONFinder(limits: limits)
    let root = JSONFinder.root
    let record = try finder.node(self.record, below: root)
    // The root has no value of its own, and is always there.
    if hasRecords { finder.want(record, as: Mark.record) }
    if tags == nil { finder.markRecord(record) }
    for (place, want) in wants.enumerated() {
      let node = try finder.node(want.path, below: want.isOfRecord && hasRecords ? record : root)
      finder.want(node, as: Int32(place), elements: want.hasElements)
    }
    guard let tags else { return finder }
    let list = try finder.node(tags.path, below: root)
    guard let name = tags.name else {
      finder.want(try finder.tagNode(below: list), as: Mark.tagValue)
      return finder
    }
    finder.markRecord(list)
    finder.want(try finder.node(name, below: list), as: Mark.tagName)
    finder.want(try finder.node(tags.value, below: list), as: Mark.tagValue)
    if let quality = tags.quality { finder.want(try finder.node(quality, below: list), as: Mark.tagQuality) }
    return finder
  }

  /// A source has more paths than a document is searched for.
  struct TooManyPaths: Error, CustomStringConvertible {
    var description: String { "the source names too many JSON paths: at most 64 keys of one object" }
  }
}

/// The form of a tag's name, such as `*.{equipment}.{field}`: parts between separators, of which the last may contain
/// separators itself.
struct TagPattern: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case any, equipment, workshop, field
    case literal([UInt8])
  }

  var parts: [Part]
  var separator: UInt8

  /// The pattern of names that are a field as a whole.
  static let whole = TagPattern(parts: [.field], separator: UInt8(ascii: "."))

  /// Reads a pattern; nil if the text is not one. The separator is the first of `.`, `/`, `:` and `_` that occurs
  /// outside braces.
  init?(_ text: String) {
    var isInBraces = false
    let separator = text.utf8.first { byte in
      if byte == UInt8(ascii: "{") { isInBraces = true }
      if byte == UInt8(ascii: "}") { isInBraces = false }
      return !isInBraces && "./:_".utf8.contains(byte)
    }
    self.separator = separator ?? UInt8(ascii: ".")
    parts = []
    for part in text.utf8.split(separator: self.separator, omittingEmptySubsequences: false) {
      switch String(Substring(part)) {
      case "*": parts.append(.any)
      case "{equipment}": parts.append(.equipment)
      case "{workshop}": parts.append(.workshop)
      case "{field}": parts.append(.field)
      case let literal where !literal.isEmpty && !literal.contains("{"): parts.append(.literal(Array(part)))
      default: return nil
      }
    }
    guard parts.count <= 16, parts.filter({ $0 == .field }).count == 1,
      parts.filter({ $0 == .equipment }).count <= 1, parts.filter({ $0 == .workshop }).count <= 1
    else { return nil }
  }

  private init(parts: [Part], separator: UInt8) {
    self.parts = parts
    self.separator = separator
  }

  var hasEquipment: Bool { parts.contains(.equipment) }

  /// The parts of a tag's name; nil if it has another form. Parts that the pattern lacks are empty.
  func match(_ name: UnsafeRawBufferPointer) -> (
    equipment: UnsafeRawBufferPointer, workshop: UnsafeRawBufferPointer, field: UnsafeRawBufferPointer
  )? {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    var found = (equipment: none, workshop: none, field: none)
    var at = 0
    for (index, part) in parts.enumerated() {
      var end = at
      if index == parts.count - 1 {
        end = name.count
      } else {
        while end < name.count, name[end] != separator { end += 1 }
      }
      let bytes = UnsafeRawBufferPointer(rebasing: name[at..<end])
      switch part {
      case .any: break
      case .equipment: found.equipment = bytes
      case .workshop: found.workshop = bytes
      case .field: found.field = bytes
      case .literal(let literal):
        guard literal.withUnsafeBytes({ $0.equals(bytes) }) else { return nil }
      }
      if index < parts.count - 1 {
        guard end < name.count else { return nil }
        at = end + 1
      }
    }
    return found.field.isEmpty ? nil : found
  }
}
