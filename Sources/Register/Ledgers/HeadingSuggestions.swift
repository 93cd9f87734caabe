import Telemetry

/// Columns that an unknown heading may mean.
extension HeadingNames {
  /// A column that a heading may mean, with the name that is most similar to the heading.
  struct Suggested {
    let name: String
    let column: Column
  }

  /// Maximum number of columns that are suggested for a heading.
  private static var mostSuggested: Int { 4 }

  /// The columns that a heading may mean, in their order; at most four.
  ///
  /// An English heading is held against the names letter by letter. Chinese names differ in so few characters that a
  /// heading must contain a name whole, or be a part of names or synonyms, as 编号 is of 资产编号 and 企业编号.
  func suggestions(for heading: String) -> [Suggested] {
    let plain = HeadingText.plain(heading)
    if plain.utf8.allSatisfy({ $0 < 0x80 }) {
      return named(Suggestion.nearest(to: plain, among: names).map { [$0] } ?? [])
    }
    if let whole = names.filter({ plain.contains($0) }).max(by: { $0.count < $1.count }) {
      return named([whole])
    }
    let core = Self.core(plain)
    guard core.count > 1 else { return [] }
    let contained = columns { synonym, column in Self.isTelling(column) && core.contains(synonym) }
    if !contained.isEmpty { return contained }
    let whole = Set(columns { synonym, _ in synonym.contains(core) }.map(\.column))
    let found = Column.allCases.filter { whole.contains($0) || $0.chinese.contains(core) }
    return found.prefix(Self.mostSuggested).map { Suggested(name: $0.chinese, column: $0) }
  }

  private func named(_ names: [String]) -> [Suggested] {
    names.compactMap { name in columns[name].map { Suggested(name: name, column: $0) } }
  }

  /// The columns of which a synonym meets a condition, in their order.
  private func columns(where isSimilar: (_ synonym: String, _ column: Column) -> Bool) -> [Suggested] {
    var found: Set<Column> = []
    for (synonym, meaning) in ledger?.synonyms.meanings ?? [:] {
      guard case .column(let column, _, _) = meaning, let column = column as? Column else { continue }
      if isSimilar(synonym, column) { found.insert(column) }
    }
    return Column.allCases.filter(found.contains).map { Suggested(name: $0.chinese, column: $0) }
  }

  /// Whether a synonym of the column within a longer heading says what the heading means. Words for ids, names and dates
  /// stand in many headings that are none of the register, such as 供应商名称.
  private static func isTelling(_ column: Column) -> Bool {
    switch EquipmentColumn(rawValue: column.rawValue) {
    case .automation, .intelligent, .digital, .connectable, .cnc, .keyProcess, .idealCycle, .assetValue: true
    default: false
    }
  }

  /// A heading without the words that ask for a value and do not say of what, as 是否 and 情况; at least two characters.
  private static func core(_ plain: String) -> String {
    var core = plain[...]
    for word in ["是否为", "是否", "有无", "能否", "可否", "已"] where core.hasPrefix(word) && core.count > word.count + 1
    {
      core.removeFirst(word.count)
    }
    for word in ["与否", "情况", "状态", "状况"] where core.hasSuffix(word) && core.count > word.count + 1 {
      core.removeLast(word.count)
    }
    return String(core)
  }
}
