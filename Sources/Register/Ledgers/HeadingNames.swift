import Telemetry

/// How ledgers are read.
public struct LedgerInterpretation: Sendable {
  /// Synonyms of headings.
  public var synonyms: HeadingSynonyms
  /// Headings that are left out, as the user gives them.
  public var ignored: Set<String> = []
  /// Whether unknown headings are left out too.
  public var ignoresUnknown = false
  /// Whether the cells of a merged region get the value of its first cell.
  public var fillsDown = false

  /// Reads ledgers with these synonyms.
  public init(synonyms: HeadingSynonyms = .shipped) { self.synonyms = synonyms }
}

/// The known headings: English and Chinese names in any letter case, with or without a star for required columns, and
/// with spaces or hyphens in place of underscores; in ledgers also synonyms and words in brackets.
struct HeadingNames<Column: RegisterColumn> {
  /// What a heading stands for.
  enum Meaning {
    case name(Column)
    case synonym(Column, english: String, chinese: String)
    case rowNumber
    case notAttribute(english: String, chinese: String)
    case ignored
    case unknown
    /// A column's name or synonym with words in brackets that explain it.
    case explained(Column)
    /// A column's name or synonym with its unit; the factor is `size` / `divisor`.
    case unit(Column, size: Int64, divisor: Int64, name: String)
    /// A unit that measures something else than the column.
    case wrongUnit(Column, name: String)
    /// A synonym of a column whose values have a unit, without one.
    case withoutUnit(Column)

    /// The column; nil if the heading is not stored.
    var column: Column? {
      switch self {
      case .name(let column), .synonym(let column, _, _), .explained(let column), .unit(let column, _, _, _),
        .wrongUnit(let column, _), .withoutUnit(let column):
        column
      case .rowNumber, .notAttribute, .ignored, .unknown: nil
      }
    }
  }

  private(set) var columns: [String: Column] = [:]
  /// In the order of the columns, so that of two equally similar names always the same one is suggested.
  let names = Column.allCases.map(\.rawValue) + Column.allCases.map(\.chinese)
  /// nil for files that are not ledgers: only the names of columns are known.
  let ledger: LedgerInterpretation?
  private let ignored: Set<String>

  init(_ ledger: LedgerInterpretation? = nil) {
    self.ledger = ledger
    ignored = Set((ledger?.ignored ?? []).map(HeadingText.plain))
    for column in Column.allCases {
      columns[column.rawValue] = column
      columns[column.chinese] = column
    }
  }

  /// What a heading stands for.
  func meaning(_ heading: String) -> Meaning {
    let plain = HeadingText.plain(heading)
    if ignored.contains(plain) { return .ignored }
    if let column = columns[plain] { return .name(column) }
    if Self.rowNumbers.contains(plain) { return .rowNumber }
    guard let ledger else { return .unknown }
    switch whole(plain) {
    case .unknown: break
    case let known: return known
    }
    if let (base, words) = HeadingText.parted(plain) {
      switch explained(base, words) {
      case .unknown: break
      case let known: return known
      }
    }
    return ledger.ignoresUnknown ? .ignored : .unknown
  }

  private static var rowNumbers: Set<String> { ["序号", "行号", "no", "no.", "#"] }

  /// The meaning of a synonym without brackets.
  private func whole(_ plain: String) -> Meaning {
    switch ledger?.synonyms.meanings[plain] {
    case .column(let column, let english, let chinese):
      // A table of synonyms is one of equipment files.
      guard let column = column as? Column else { return .unknown }
      if HeadingUnit(column: column.rawValue) != nil { return .withoutUnit(column) }
      return .synonym(column, english: english, chinese: chinese)
    case .notAttribute(let english, let chinese): return .notAttribute(english: english, chinese: chinese)
    case nil: return .unknown
    }
  }

  private func explained(_ base: String, _ words: [String]) -> Meaning {
    let found = columns[base].map { Meaning.name($0) } ?? whole(base)
    if case .notAttribute = found { return found }
    guard let column = found.column else {
      // The column's own name may end with the unit, as 上报周期秒 does.
      return words.count == 1 ? columns[base + words[0]].map { .explained($0) } ?? .unknown : .unknown
    }
    var unit: (HeadingUnit, String)?
    for word in words {
      if unit == nil, let known = HeadingUnit(word), HeadingUnit(column: column.rawValue) != nil {
        unit = (known, word)
      } else if !HeadingText.isHint(word) {
        return HeadingUnit(word) != nil && HeadingUnit(column: column.rawValue) != nil
          ? .wrongUnit(column, name: word) : .unknown
      }
    }
    guard let own = HeadingUnit(column: column.rawValue) else { return .explained(column) }
    guard let (unit, name) = unit else {
      if case .withoutUnit = found { return found }
      return .explained(column)
    }
    guard unit.quantity == own.quantity else { return .wrongUnit(column, name: name) }
    return unit == own ? .explained(column) : .unit(column, size: unit.size, divisor: own.size, name: name)
  }
}
