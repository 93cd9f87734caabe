import Aggregation
import Register
import Telemetry

/// One section of a document as one rectangular table of texts: a line of headings, and rows with a cell for each.
///
/// Each column has values of one type. A cell of two values takes two columns, a column of numbers in several units is
/// followed by one with the units, and texts in a column of numbers have a column of their own. Numbers have no
/// separators of thousands and no sign of their unit: percentages floored to a tenth (a smaller one has as many decimals
/// as its first digit needs), hours floored to a tenth, yuan in full. A cell without a value is empty.
struct CSVTable {
  private(set) var headings: [String] = []
  private(set) var rows: [[String]] = []
  /// Captions of the section's other tables, whose headings differ from those of the first.
  private(set) var leftOut: [String] = []

  private let document: ReportDocument
  private let terms: Terms

  /// The first table of a section, together with those that have the same headings; else the section's list of fields,
  /// the numbers of its first chart, or its texts.
  init(_ section: ReportDocument.Section, of document: ReportDocument) {
    self.document = document
    terms = Terms(document.language)
    var tables: [DocumentTable] = section.blocks.compactMap { block in
      if case .table(let table) = block { table } else { nil }
    }
    let fields = section.blocks.flatMap { block -> [ReportDocument.Field] in
      if case .fields(let fields) = block { fields } else { [] }
    }
    if tables.isEmpty, fields.isEmpty {
      tables = section.blocks.compactMap { block in
        if case .chart(let chart) = block { document.table(of: chart) } else { nil }
      }
    }
    if let first = tables.first {
      let titles = first.columns.map(\.fullTitle)
      let same = tables.filter { $0.columns.map(\.fullTitle) == titles }
      leftOut = tables.filter { $0.columns.map(\.fullTitle) != titles }.map(\.caption)
      add(same, first.columns)
    } else if !fields.isEmpty {
      add(fields)
    } else {
      headings = [terms.pick("Text", "文字")]
      rows = section.blocks.compactMap { if case .prose(let text, _) = $0 { [text] } else { nil } }
    }
  }

  private mutating func add(_ fields: [ReportDocument.Field]) {
    headings = [terms.pick("Item", "项目"), terms.pick("Value", "内容")]
    var label = ""
    for field in fields {
      if !field.label.isEmpty { label = field.label }
      rows.append([label, field.value])
    }
  }

  /// Adds tables with the same columns. A first column has their captions if there are several, and the next one the
  /// headings of groups if there are any.
  private mutating func add(_ tables: [DocumentTable], _ columns: [DocumentTable.Column]) {
    let hasGroups = tables.contains { table in table.rows.contains { $0.cells == nil } }
    let layouts = columns.indices.map { place in
      var layout = CSVColumn()
      for case let cells? in tables.lazy.flatMap(\.rows).map(\.cells) where place < cells.count {
        layout.widen(for: cells[place])
      }
      return layout
    }
    if tables.count > 1 { headings.append(terms.pick("Table", "表")) }
    if hasGroups { headings.append(terms.pick("Group", "分组")) }
    for (column, layout) in zip(columns, layouts) {
      let title = column.fullTitle.isEmpty ? terms.pick("Item", "项目") : column.fullTitle
      headings += layout.headings(title, terms)
    }
    for table in tables {
      var group = ""
      for row in table.rows {
        switch row {
        case .group(let title): group = title
        case .cells(let cells), .sum(let cells), .warning(let cells):
          if case .sum = row { group = "" }
          var texts = (tables.count > 1 ? [table.caption] : []) + (hasGroups ? [group] : [])
          for (place, layout) in layouts.enumerated() {
            texts += layout.texts(place < cells.count ? cells[place] : .empty, document, terms)
          }
          rows.append(texts)
        }
      }
    }
  }
}

/// The columns of CSV that a column of a table takes.
private struct CSVColumn {
  private enum Parts { case one, fraction, bounds }

  private var parts = Parts.one
  private var units: [String] = []
  private var hasNumbers = false
  private var hasTimes = false
  private var hasTexts = false

  mutating func widen(for cell: Cell) {
    switch cell {
    case .fraction: parts = .fraction
    case .bounds: if parts == .one { parts = .bounds }
    default: break
    }
    switch cell {
    case .empty, .blank: break
    case .day, .instant: hasTimes = true
    case .text, .status: hasTexts = true
    case .decimal(let text):
      if text.isDecimal { note("") } else { hasTexts = true }
    case .number, .thousandths: note("")
    case .ratio, .bounds: note("%")
    case .points: note("pp")
    case .fraction(_, .hours): note("h")
    case .fraction(_, .yuan): note("CNY")
    case .fraction: note("")
    }
  }

  private mutating func note(_ unit: String) {
    hasNumbers = true
    if !units.contains(unit) { units.append(unit) }
  }

  /// Whether texts stand in a column of their own.
  private var splitsTexts: Bool { hasTexts && (hasNumbers || hasTimes) }
  private var hasUnits: Bool { units.count > 1 }

  func headings(_ title: String, _ terms: Terms) -> [String] {
    let unit = units.count == 1 && units[0] != "" ? terms.pick(" (\(units[0]))", "（\(units[0])）") : ""
    func part(_ english: String, _ chinese: String) -> String {
      title + terms.pick(": \(english)", "：\(chinese)")
    }
    var headings =
      switch parts {
      case .one: [title + unit]
      case .fraction: [part("numerator", "分子") + unit, part("denominator", "分母") + unit]
      case .bounds: [part("lower bound", "下界") + unit, part("upper bound", "上界") + unit]
      }
    if hasUnits { headings.append(part("unit", "单位")) }
    if splitsTexts { headings.append(part("text", "文字")) }
    return headings
  }

  func texts(_ cell: Cell, _ document: ReportDocument, _ terms: Terms) -> [String] {
    var values: [String] = []
    var unit = ""
    var text = ""
    switch cell {
    case .empty, .blank: break
    case .text(let own), .status(_, let own): text = own
    case .decimal(let own): if own.isDecimal { values = [own] } else { text = own }
    case .number(let number): values = [String(number)]
    case .thousandths(let value): values = [Thousandths.text(value)]
    case .ratio(let count): (values, unit) = ([count.percentNumber], "%")
    case .bounds(let lower, let upper):
      (values, unit) = ([lower.percentNumber, upper.percentRoundedUp ?? ""], "%")
    case .points(let tenths):
      (values, unit) = (["\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"], "pp")
    case .fraction(let count, .plain): values = [String(count.numerator), String(count.denominator)]
    case .fraction(let count, .pieces):
      values = [String(count.numerator / 1000), String(count.denominator / 1000)]
    case .fraction(let count, .hours):
      (values, unit) = (
        [count.numerator, count.denominator].map { "\($0 / 3_600_000).\($0 / 360_000 % 10)" }, "h"
      )
    case .fraction(let count, .yuan):
      (values, unit) = ([count.numerator, count.denominator].map { Money.text(Int64($0)) }, "CNY")
    case .day(let day): values = [day.description]
    case .instant(let instant): values = [document.calendar.second(instant)]
    }
    if !splitsTexts, !text.isEmpty { values = [text] }
    values += [String](repeating: "", count: max(0, (parts == .one ? 1 : 2) - values.count))
    if hasUnits { values.append(values[0].isEmpty ? "" : unit) }
    if splitsTexts { values.append(text) }
    return values
  }
}

extension Count {
  /// The percentage floored to a tenth, or to its first digit if it is smaller but not zero; at most nine decimals.
  /// Empty if the denominator is zero.
  fileprivate var percentNumber: String {
    guard let percent else { return "" }
    guard permille == 0, numerator > 0 else { return percent }
    var scale: Int128 = 1000
    for decimals in 2...9 {
      scale *= 10
      let digits = Int128(numerator) * scale / Int128(denominator)
      guard digits > 0 else { continue }
      return "0." + String(repeating: "0", count: decimals - String(digits).count) + String(digits)
    }
    return percent
  }
}

extension String {
  /// Whether the text is a number without separators of thousands.
  fileprivate var isDecimal: Bool { wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil }
}
