import Telemetry

/// Reads messages of rows in CSV (``CSVRowReader``) with a declared list of columns. Each row makes a reading.
///
/// A column or the topic names the equipment. A row must have a cell for each column; an empty cell is a missing field.
/// A row that repeats the names of the columns is skipped. Numbers are read as numbers, with or without quotes.
public struct CSVDecoder: StatefulDecoder, RememberingDecoder {
  /// The settings besides those of a ``ReadingMap``.
  struct Layout: Equatable, Sendable {
    var columns: [String]
    var separator = UInt8(ascii: ",")
    /// Number of the column that names the equipment; nil if the topic does.
    var equipmentColumn: Int?
  }

  private let layout: Layout
  private let columnNames: FieldTable
  /// For each column its field; nil if the source does not use it.
  private let fieldPlaces: [Int?]
  private var mapper: RowMapper

  init(_ map: ReadingMap, _ layout: Layout, factory: String?, limits: DecodingLimits) {
    self.layout = layout
    columnNames = FieldTable(layout.columns)
    fieldPlaces = layout.columns.map { column in map.fields.firstIndex(of: column) }
    mapper = RowMapper(map, factory: factory, limits: limits)
  }

  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    var reader = CSVRowReader(message.payload.withoutMarks, separator: layout.separator)
    var rows = Rows(fields: mapper.count, joins: false)
    var texts = TextArena()
    var hasCells = false
    while let row = reader.next() {
      rows.beginRecord()
      switch row {
      case .fault(let fault): rows.note(Rejection(.malformed, "row", fault))
      case .cells:
        hasCells = true
        try read(reader.cells, into: &rows, &texts)
      }
    }
    if !hasCells { rows.note(Rejection(.malformed, "row", .empty)) }
    try mapper.append(rows, of: message, to: &events)
  }

  private func read(
    _ cells: ContiguousArray<EscapedText>, into rows: inout Rows, _ texts: inout TextArena
  ) throws(Rejection) {
    guard cells.count == layout.columns.count else {
      rows.note(Rejection(.malformed, "columns", cells.count > layout.columns.count ? .tooMany : .cutShort))
      return
    }
    if isHeading(cells) { return }
    let row = try rows.row(
      of: layout.equipmentColumn.map { cells[$0] }, at: mapper.timeField == nil ? .none : .number(0))
    for (cell, place) in zip(cells, fieldPlaces) {
      if let place { rows.set(place, .plain(texts.bytes(of: cell).trimmed), in: row) }
    }
  }

  /// Whether the cells are the names of the columns.
  private func isHeading(_ cells: ContiguousArray<EscapedText>) -> Bool {
    cells.indices.allSatisfy { columnNames.place(of: cells[$0]) == $0 }
  }

  public func path(of field: OptionalField) -> String { mapper.path(of: field) }

  public func states() -> [DecoderState] { mapper.states() }

  public mutating func restore(_ state: DecoderState) throws { try mapper.restore(state) }

  package mutating func rename(_ changes: NameChanges) { mapper.rename(changes) }
}

extension SourceFormat {
  /// Rows with a declared list of columns.
  static let csv = SourceFormat("csv", equipmentKeys: ["equipment"]) { section, limits, problems in
    let columns = columns(&section, &problems)
    var layout = CSVDecoder.Layout(columns: columns ?? [])
    if let separator = separator(&section, &problems) { layout.separator = separator }
    if let column = section.text("equipment", "the column that names the equipment", &problems) {
      layout.equipmentColumn = layout.columns.firstIndex(of: column.text)
      if columns != nil, layout.equipmentColumn == nil {
        problems.append(SettingsProblem(column.place, unknown(column.name, column.text, layout.columns)))
      }
    }
    let known = layout.columns
    var reader = ReadingMapReader(fieldForm: "one of columns") { known.isEmpty || known.contains($0) }
    guard let map = reader.map(from: &section, &problems), columns != nil, let limits else { return nil }
    return CSVDecoder(map, layout, factory: section.ownFactory(), limits: limits)
  }

  private static func unknown(_ name: String, _ column: String, _ columns: [String]) -> String {
    "\(name) must be one of columns, not '\(column)'\(Suggestion.phrase(for: column, among: columns))"
  }

  private static func columns(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> [String]? {
    let expected = "a list of columns, such as [time, machine, state]"
    guard let tree = section.required("columns", expected, &problems) else { return nil }
    guard case .list(let list) = tree.content, (1...CSVRowReader.mostCells).contains(list.count) else {
      problems.append(SettingsProblem(tree.place, "\(section.name(of: "columns")) must be \(expected)"))
      return nil
    }
    var columns: [String] = []
    for (index, element) in list.enumerated() {
      let name = "\(section.name(of: "columns"))[\(index)]"
      guard let word = SettingsWord(element, name: name, "the name of a column", &problems) else {
        return nil
      }
      if columns.contains(word.text) {
        problems.append(SettingsProblem(word.place, "\(name) names '\(word.text)' again"))
      }
      columns.append(word.text)
    }
    return columns
  }

  private static func separator(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> UInt8? {
    let expected = "one character, such as ',' or ';', or tab"
    guard let word = section.text("separator", expected, &problems) else { return nil }
    if word.text == "tab" { return UInt8(ascii: "\t") }
    guard let byte = word.text.utf8.first, word.text.utf8.count == 1, byte < 0x80, byte > 0x20,
      byte != UInt8(ascii: "\"")
    else {
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
      return nil
    }
    return byte
  }
}
