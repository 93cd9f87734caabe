import Telemetry

/// A register file as a table: its headings understood, its rows not yet.
struct RegisterTable<Column: RegisterColumn> {
  let file: String
  /// Position and heading of each column the file has.
  private(set) var columns: [Column: (position: Int, heading: String)] = [:]
  /// Positions below no heading: spreadsheets save empty columns too.
  private var unnamed: Set<Int> = []
  private var width = 0
  private(set) var rows: ArraySlice<CSVRecord> = []
  private(set) var problems: [RegisterProblem] = []

  /// Whether every required column is there, so that looking at rows makes sense.
  var isReadable: Bool { Column.allCases.allSatisfy { !$0.isRequired || columns[$0] != nil } }

  init(_ source: RegisterFile) {
    file = source.name
    let text: [UInt8]
    do {
      text = try source.text()
    } catch {
      problems.append(error)
      return
    }
    let (records, malformed) = CSVParser.parse(text)
    for problem in malformed {
      let heading = records.first.flatMap {
        problem.column <= $0.cells.count ? $0.cells[problem.column - 1] : nil
      }
      problems.append(
        RegisterProblem(
          file: file, line: problem.line, column: (problem.column, heading ?? ""), message: problem.message))
    }
    guard let headings = records.first else {
      problems.append(
        RegisterProblem(file: file, message: "the file is empty; its first line holds the headings"))
      return
    }
    rows = records.dropFirst()
    guard !isSeparatedOtherwise(headings) else { return }
    readHeadings(headings)
    for row in rows { refuseStrayCells(row) }
  }

  private mutating func isSeparatedOtherwise(_ headings: CSVRecord) -> Bool {
    guard headings.cells.count == 1 else { return false }
    for (separator, name) in [("\t", "tabs"), (";", "semicolons"), ("；", "semicolons"), ("，", "wide commas")]
    where headings.cells[0].contains(separator) {
      problems.append(
        RegisterProblem(
          file: file, line: headings.line,
          message: "the cells are separated by \(name); save the file as CSV separated by commas"))
      return true
    }
    return false
  }

  private mutating func readHeadings(_ headings: CSVRecord) {
    var known: [String: Column] = [:]
    for column in Column.allCases {
      known[column.rawValue] = column
      known[column.chinese] = column
    }
    // In the order of the columns, so that of two equally near suggestions the same is always made.
    let names = Column.allCases.map(\.rawValue) + Column.allCases.map(\.chinese)
    width = headings.cells.count
    for (position, heading) in headings.cells.enumerated() {
      func refuse(_ message: String) {
        problems.append(
          RegisterProblem(
            file: file, line: headings.line, column: (position + 1, heading), message: message))
      }
      if heading.isEmpty {
        unnamed.insert(position)
      } else if let column = known[heading] {
        if let first = columns[column] {
          refuse("this heading repeats column \(first.position + 1), '\(first.heading)'")
        } else {
          columns[column] = (position, heading)
        }
      } else {
        refuse("unknown heading" + Suggestion.phrase(for: heading, among: names))
      }
    }
    for column in Column.allCases where column.isRequired && columns[column] == nil {
      problems.append(
        RegisterProblem(
          file: file, line: headings.line,
          message: "there is no column '\(column.rawValue)' ('\(column.chinese)')"))
    }
  }

  /// A value that stands below no heading would be lost in silence. Cells missing at a row's end are empty:
  /// spreadsheets leave out trailing commas.
  private mutating func refuseStrayCells(_ row: CSVRecord) {
    guard row.cells.count > width || !unnamed.isEmpty else { return }
    for (position, cell) in row.cells.enumerated()
    where !cell.isEmpty && (position >= width || unnamed.contains(position)) {
      problems.append(
        RegisterProblem(
          file: file, line: row.line, column: (position + 1, ""), message: "'\(cell)' stands below no heading"
        ))
    }
  }
}
