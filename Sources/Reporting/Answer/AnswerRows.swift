import Register

/// Reads the rows of a file, each with its problems.
public struct AnswerRows {
  /// A problem of a row.
  public struct Found {
    /// Number of the column, from 1; nil if the whole row is meant.
    public var column: Int?
    public var kind: RegisterProblem.Kind
    /// The problem with its message; nil if it is only counted.
    public var problem: RegisterProblem?
    /// Number of the row that the problem is about, which cannot be read; nil for the row that shows it.
    public var unreadableRow: Int?
  }

  /// The position of a row in relation to the headings.
  public enum Role: Sendable {
    case title, heading, data
  }

  /// A row with its problems in the order of columns.
  public struct Row {
    public var number: Int
    /// Its cells up to the last column of the table, and a few columns further.
    public var cells: [SheetCell]
    /// Cells far to the right that have content, by position; ascending.
    public var farCells: [(position: Int, cell: SheetCell)] = []
    public var role: Role
    public var problems: [Found]

    /// The cell at a position, from 0.
    func cell(_ position: Int) -> SheetCell {
      guard position >= cells.count else { return cells[position] }
      return farCells.first { $0.position == position }?.cell ?? .empty
    }
  }

  /// A problem in the order of lines; `kept` is its place among the problems with messages.
  private struct Entry {
    var place: ProblemPlace
    var kept: Int16
  }

  private var source: any SheetRows
  private let problems: [RegisterProblem]
  private let entries: [Entry]
  private var position = 0
  private var following: SheetRow?
  /// The problem after which the file cannot be read further; nil until the row before it has been read.
  public private(set) var end: RegisterProblem?
  private let headingRow: Int?
  private var isFirst = true
  private var heading: Int?
  /// Number of columns that are kept of each row; cells right of them are kept only where they have content. A single
  /// cell in a sheet's last column would give each row 16,384 cells.
  private var width = Self.widestGap
  /// Maximum number of columns without headings between two columns of the table, and right of it.
  private static let widestGap = 20
  /// Texts of the heading row, once it was read.
  public private(set) var headings: [String] = []
  /// Merged cells of the sheet.
  public var merges: [SheetMerge] { source.merges }

  /// Reads a file of an answer from the first row on.
  ///
  /// - Throws: a problem if the file cannot be read at all.
  public init(_ file: RegisterAnswer.File, of answer: RegisterAnswer) throws(RegisterProblem) {
    problems = answer.problems?.problems ?? []
    headingRow = file.headingRow
    var entries: [Entry] = []
    for (number, problem) in problems.enumerated()
    where problem.file == file.name && problem.sheet == file.sheet {
      guard let line = problem.line, let kept = Int16(exactly: number),
        let place = ProblemPlace(problem.kind, line: line, column: problem.column?.number)
      else { continue }
      entries.append(Entry(place: place, kept: kept))
    }
    for place in answer.problems?.places(file: file.name, sheet: file.sheet) ?? [] {
      entries.append(Entry(place: place, kept: -1))
    }
    entries.sort {
      ($0.place.line, $0.place.column ?? 0, $0.kept < 0 ? Int16.max : $0.kept)
        < ($1.place.line, $1.place.column ?? 0, $1.kept < 0 ? Int16.max : $1.kept)
    }
    self.entries = entries
    source = try file.rows()
    following = try source.next()
  }

  /// Places of the file's problems in the order of lines.
  public var places: [ProblemPlace] { entries.map(\.place) }

  /// Returns the next row; nil after the last one that can be read. A problem of a line inside a row's quoted cells
  /// belongs to that row. The last row has the problem at which reading ended, too: see ``end``.
  public mutating func next() -> Row? {
    guard let row = following else { return nil }
    following = nil
    do throws(RegisterProblem) { following = try source.next() } catch { end = error }
    let heading = headingRow ?? self.heading ?? row.number
    self.heading = heading
    let role: Role = row.number < heading ? .title : row.number == heading ? .heading : .data
    if role == .heading {
      headings = row.cells.map(\.shown)
      width = Self.width(of: headings)
    }
    var found: [Found] = []
    while position < entries.count, following.map({ entries[position].place.line < $0.number }) ?? true {
      let entry = entries[position]
      position += 1
      // The row of the problem that ended reading is added below.
      if let end, entry.place.line == end.line { continue }
      found.append(
        Found(
          column: entry.place.column, kind: entry.place.kind,
          problem: entry.kept < 0 ? nil : problems[Int(entry.kept)]))
    }
    if let end {
      // The marked cells of this row are not those of the row that cannot be read.
      found.append(Found(column: nil, kind: end.kind, problem: end, unreadableRow: end.line))
    }
    guard row.cells.count > width else {
      return Row(number: row.number, cells: row.cells, role: role, problems: found)
    }
    let far = row.cells.indices.dropFirst(width).filter { row.cells[$0] != .empty }
    var cells = Array(row.cells.prefix(width))
    while cells.last == .empty { cells.removeLast() }
    return Row(
      number: row.number, cells: cells, farCells: far.map { ($0, row.cells[$0]) }, role: role,
      problems: found)
  }

  /// Number of columns up to the last heading that is not far from the one before it, and as many as a gap may have.
  private static func width(of headings: [String]) -> Int {
    var width = 0
    for (position, heading) in headings.enumerated() where !heading.isEmpty {
      guard position < width + widestGap else { break }
      width = position + 1
    }
    return width + widestGap
  }
}

extension SheetCell {
  /// The cell as one line of inert text.
  var line: String {
    let text = shown
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text.inert }
    return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }).inert
  }
}
