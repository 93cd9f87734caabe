import Register

/// The rows of a file that a page shows: all of a short file, or those with problems.
struct AnswerExcerpt {
  /// Maximum number of rows of a file that is shown as a whole.
  static let longestWhole = 2000
  /// Maximum number of rows with problems.
  static let mostRows = 5000

  private(set) var titles: [AnswerRows.Row] = []
  private(set) var heading: AnswerRows.Row?
  private(set) var rows: [AnswerRows.Row] = []
  private(set) var headings: [String] = []
  /// Whether rows without problems are left out.
  private(set) var isPart: Bool
  /// The problem after which the file cannot be read further.
  private(set) var end: RegisterProblem?
  private var count = 0

  /// Reads a file; nil if it cannot be read at all.
  ///
  /// - Parameter isPart: whether to leave out rows without problems in a short file too.
  init?(_ file: RegisterAnswer.File, of answer: RegisterAnswer, isPart: Bool) {
    self.isPart = isPart
    var reader: AnswerRows
    do throws(RegisterProblem) { reader = try AnswerRows(file, of: answer) } catch { return nil }
    while let row = reader.next() { add(row) }
    end = reader.end
    headings = reader.headings
    guard heading != nil || !titles.isEmpty else { return nil }
  }

  var extent: RegisterAnswer.Extent { .init(rows: count, leftOut: count - rows.count, end: end) }

  /// Maximum number of columns far to the right that are shown.
  private static let mostFar = 100

  /// Positions of the columns that are shown: those of the table, with those that only some rows have, and columns far to
  /// the right that have a heading or a problem, at most 100.
  var columns: [Int] {
    let width = ([heading?.cells.count ?? 0] + rows.map(\.cells.count)).max() ?? 0
    var far = Set((heading?.farCells ?? []).map(\.position))
    for row in rows {
      for found in row.problems { if let column = found.column, column > width { far.insert(column - 1) } }
    }
    return Array(0..<width) + far.sorted().prefix(Self.mostFar)
  }

  private mutating func add(_ row: AnswerRows.Row) {
    switch row.role {
    case .title: if titles.count < 100 { titles.append(row) }
    case .heading: heading = row
    case .data:
      count += 1
      if !isPart, count > Self.longestWhole {
        isPart = true
        rows.removeAll { $0.problems.isEmpty }
      }
      guard !isPart || !row.problems.isEmpty, rows.count < Self.mostRows else { return }
      rows.append(row)
    }
  }
}
