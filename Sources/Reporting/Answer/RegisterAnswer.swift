import Register
import Telemetry

/// The answer to the sender of register files: the problems in words, and the sender's own rows with every problem
/// beside its cell.
public struct RegisterAnswer {
  /// A file that was checked.
  public struct File {
    /// The file's name as the user gave it, the same as in its problems.
    public var name: String
    /// The sheet's name; empty for a text file.
    public var sheet: String
    /// Number of the row with the headings; nil for the first row.
    public var headingRow: Int?
    /// Number of rows that were read as equipment; nil if it is not known.
    public var equipment: Int?
    /// Rules that changed the meaning of cells, with the number of rows, in both languages.
    public var rules: [(english: String, chinese: String)]
    /// Returns the rows of the file from the first on. Throws a problem if the file cannot be read at all.
    public var rows: () throws(RegisterProblem) -> any SheetRows

    /// A file whose rows can be read again.
    public init(
      name: String, sheet: String = "", headingRow: Int? = nil, equipment: Int? = nil,
      rules: [(english: String, chinese: String)] = [],
      rows: @escaping () throws(RegisterProblem) -> any SheetRows
    ) {
      self.name = name
      self.sheet = sheet
      self.headingRow = headingRow
      self.equipment = equipment
      self.rules = rules
      self.rows = rows
    }

    /// The name without folders, inert.
    public var shownName: String { (name.split(separator: "/").last.map(String.init) ?? name).inert }
  }

  /// What one reading of a file's rows found.
  public struct Extent: Equatable, Sendable {
    /// Number of rows below the headings that have any cell.
    public var rows: Int
    /// Number of rows that the answer leaves out.
    public var leftOut: Int
    /// Whether merged cells were separated.
    public var separatesCells: Bool
    /// The problem after which the file could not be read further; nil if all of it was read.
    public var end: RegisterProblem?

    /// An extent.
    public init(rows: Int, leftOut: Int = 0, separatesCells: Bool = false, end: RegisterProblem? = nil) {
      self.rows = rows
      self.leftOut = leftOut
      self.separatesCells = separatesCells
      self.end = end
    }
  }

  public var language: Language
  /// The instant of the check.
  public var checked: Timestamp
  /// The time zone in which it is shown.
  public var calendar: LocalCalendar
  public var files: [File]
  /// Everything that is wrong with the files; nil if they are valid.
  public var problems: RegisterProblems?
  /// The improvements of past figures and the flags that the answer tells of.
  public var context: AnswerContext

  /// An answer.
  public init(
    language: Language, checked: Timestamp, calendar: LocalCalendar, files: [File],
    problems: RegisterProblems?, context: AnswerContext = AnswerContext()
  ) {
    self.language = language
    self.checked = checked
    self.calendar = calendar
    self.files = files
    self.problems = problems
    self.context = context
  }

  var terms: Terms { Terms(language) }

  /// Heading of the column that the answer adds to the sender's own.
  public var problemHeading: String { terms.pick("Problems", "问题") }

  /// A problem of a cell or of a row, as its row shows it: `“自动化程度”：…`.
  ///
  /// - Parameter headings: the file's heading row, for problems that are only counted.
  public func text(_ found: AnswerRows.Found, headings: [String]) -> String {
    let message =
      found.problem.map { terms.pick($0.forSender.english, $0.forSender.chinese) }
      ?? terms.pick(found.kind.english, found.kind.chinese)
    if let row = found.unreadableRow {
      return terms.pick("From row \(row) on the file cannot be read: ", "自第 \(row) 行起无法读取：") + message.inert
    }
    guard let column = found.column else { return message.inert }
    var heading = found.problem?.column?.heading ?? ""
    if heading.isEmpty, headings.indices.contains(column - 1) { heading = headings[column - 1] }
    if heading.isEmpty {
      let place = terms.pick("column \(column)", "第 \(column) 列")
      // Messages about a column without a heading name the column themselves.
      return message.contains(place) ? message.inert : place + terms.pick(": ", "：") + message.inert
    }
    return terms.pick("\(heading.inert): ", "“\(heading.inert)”：") + message.inert
  }

  /// A problem as the comment of its cell shows it.
  public func comment(_ found: AnswerRows.Found) -> String? {
    found.problem.map { terms.pick($0.forSender.english, $0.forSender.chinese).inert }
  }
}
