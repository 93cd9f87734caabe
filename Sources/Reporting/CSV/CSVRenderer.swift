import Aggregation
import Register
import Telemetry

/// Writes a report as one tidy table (RFC 4180): one record for each cell of each table, each field and each text.
/// ``CSVTableRenderer`` writes one table with its columns.
///
/// Columns: `section` (the word for the command line; `report` for the lines above all sections), `table` (the
/// caption), `row` (the place in the table or list, from 1), `item` (the row's heading), `column` (the column's full
/// heading), `value` (the displayed text without separators of thousands; empty for a fraction), `numerator` and
/// `denominator` (integers) and `unit` (the unit of these two unless they are counts: `ms`, `1/1000`, `0.01 CNY`).
public struct CSVRenderer: Sendable {
  public var language: Language
  /// Whether the file begins with a byte order mark, by which Excel recognises UTF-8.
  public var byteOrderMark: Bool

  static let header = [
    "section", "table", "row", "item", "column", "value", "numerator", "denominator", "unit",
  ]

  /// A renderer.
  public init(language: Language = .english, byteOrderMark: Bool = false) {
    self.language = language
    self.byteOrderMark = byteOrderMark
  }

  /// The file in UTF-8.
  ///
  /// - Parameter sections: the requested sections; nil for all.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) -> [UInt8] {
    render(ReportDocument(report, language: language, sections: sections))
  }

  /// The document as CSV. The document can be of any report, in the renderer's language.
  public func render(_ document: ReportDocument) -> [UInt8] {
    var writer = CSVWriter()
    writer.append(Self.header)
    for (column, value) in [
      ("title", document.title), ("names", document.names), ("period", document.period),
    ] where !value.isEmpty {
      writer.append(Record(section: "report", column: column, value: value))
    }
    for section in document.sections {
      let name = section.name.rawValue
      writer.append(Record(section: name, column: "title", value: section.title))
      if !section.aside.isEmpty {
        writer.append(Record(section: name, column: "aside", value: section.aside))
      }
      for block in section.blocks { write(block, in: section, of: document, to: &writer) }
    }
    return (byteOrderMark ? [0xEF, 0xBB, 0xBF] : []) + writer.bytes
  }

  private func write(
    _ block: ReportDocument.Block, in place: ReportDocument.Section, of document: ReportDocument,
    to writer: inout CSVWriter
  ) {
    let section = place.name.rawValue
    switch block {
    case .prose(let text, _): writer.append(Record(section: section, column: "text", value: text))
    case .fields(let fields):
      var item = ""
      for (place, field) in fields.enumerated() {
        if !field.label.isEmpty { item = field.label }
        writer.append(
          Record(section: section, row: place + 1, item: item, column: "field", value: field.value))
      }
    case .table(let table): write(table, in: section, of: document, to: &writer)
    case .chart(let chart):
      let table = document.table(of: chart)
      if !place.repeats(table) { write(table, in: section, of: document, to: &writer) }
    }
  }

  private func write(
    _ table: DocumentTable, in section: String, of document: ReportDocument, to writer: inout CSVWriter
  ) {
    // The first column of texts is the heading of a row.
    let naming = table.columns.firstIndex { !$0.isNumeric } ?? 0
    for (place, row) in table.rows.enumerated() {
      var record = Record(section: section, table: table.caption, row: place + 1)
      guard let cells = row.cells else {
        if case .group(let title) = row {
          record.item = title
          record.column = "group"
          record.value = title
          writer.append(record)
        }
        continue
      }
      record.item = cells.indices.contains(naming) ? document.text(cells[naming]) : ""
      record.fraction =
        cells.lazy.compactMap { cell in
          if case .fraction(let count, let unit) = cell { (count, unit.word) } else { nil }
        }.first
      for (column, cell) in zip(table.columns, cells) {
        record.column = column.fullTitle
        for record in record.holding(cell, document) { writer.append(record) }
      }
    }
  }
}

/// A record of the table, before its cells are made harmless.
private struct Record {
  var section: String
  var table = ""
  var row: Int?
  var item = ""
  var column = ""
  var value = ""
  var count: (numerator: Int, denominator: Int)?
  var unit = ""
  /// The fraction in the same row, with the unit of the ratio beside it and of that ratio's bounds.
  var fraction: (count: Count, unit: String)?

  var cells: [String] {
    [
      section, table, row.map(String.init) ?? "", item, column, value,
      count.map { String($0.numerator) } ?? "",
      count.map { String($0.denominator) } ?? "", unit,
    ]
  }

  /// Records of a cell: one, or two for a pair of bounds; none for an empty cell.
  func holding(_ cell: Cell, _ document: ReportDocument) -> [Record] {
    let terms = Terms(document.language)
    var record = self
    func counting(_ count: Count, _ text: String, _ unit: String = "", at suffix: String = "") -> Record {
      var record = self
      record.column += suffix
      record.count = (count.numerator, count.denominator)
      record.value = text
      record.unit = unit
      return record
    }
    switch cell {
    case .empty: return []
    // A place to fill in is a record without a value.
    case .blank: break
    case .text, .status, .decimal, .day: record.value = document.text(cell)
    case .number(let number): record.value = String(number)
    case .thousandths(let value): record.value = Thousandths.text(value)
    case .ratio(let count):
      return [counting(count, document.text(cell), fraction?.count == count ? fraction?.unit ?? "" : "")]
    // `value` is empty, because spreadsheets read `4 / 9` as a date in April.
    case .fraction(let count, let unit): return [counting(count, "", unit.word)]
    case .bounds(let lower, let upper):
      return [
        counting(
          lower, percent(lower.percent, terms), fraction?.unit ?? "", at: terms.pick(" (lower)", "（下界）")),
        counting(
          upper, percent(upper.percentRoundedUp, terms), fraction?.unit ?? "",
          at: terms.pick(" (upper)", "（上界）")),
      ]
    case .points(let tenths):
      record.value = "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    case .instant(let instant): record.value = document.calendar.second(instant)
    }
    return [record]
  }

  private func percent(_ percent: String?, _ terms: Terms) -> String {
    percent.map { $0 + " %" } ?? terms.notApplicable
  }
}

extension CSVWriter {
  fileprivate mutating func append(_ record: Record) { append(record.cells.map(\.unrunnable)) }
}

extension Cell.Unit {
  /// The unit of numerator and denominator; empty for counts.
  fileprivate var word: String {
    switch self {
    case .plain: ""
    case .pieces: "1/1000"
    case .hours: "ms"
    case .yuan: "0.01 CNY"
    }
  }
}

extension String {
  /// The text with an apostrophe before each part that a spreadsheet would run: a cell that begins like a formula and
  /// is no number, and a part after a semicolon that begins like one.
  var unrunnable: String {
    guard mayBeRun else { return self }
    if wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?( ?%)?/) != nil { return self }
    var text = String.UnicodeScalarView()
    var isAtStart = true
    // Compares scalars, because a spreadsheet recognises a sign even when a mark combines with it.
    for scalar in unicodeScalars {
      if isAtStart, scalar.beginsFormula { text.append("'") }
      isAtStart = scalar == ";" || (isAtStart && (scalar.properties.isWhitespace || scalar == "\""))
      text.append(scalar)
    }
    return String(text)
  }
}

extension String {
  /// Whether the text may need an apostrophe: a sign that begins a formula, or the first byte of a non-ASCII sign or
  /// space, is at the beginning or after a semicolon. A fast test that is false for nearly every cell.
  private var mayBeRun: Bool {
    var isAtStart = true
    for byte in utf8 {
      switch byte {
      case 0x3B: isAtStart = true  // ;
      case 0x20, 0x22: continue  // spaces and quotes
      case 0x09, 0x0D, 0x2B, 0x2D, 0x3D, 0x40, 0xC2, 0xE1...0xE3, 0xEF:
        if isAtStart { return true }
      default: isAtStart = false
      }
    }
    return false
  }
}

extension Unicode.Scalar {
  /// Whether the sign begins a formula, also in full width, which some spreadsheets read as the same.
  fileprivate var beginsFormula: Bool {
    switch self {
    case "=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠": true
    default: false
    }
  }
}
