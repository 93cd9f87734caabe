import Telemetry

/// A cell of a sheet as the program that wrote it kept it.
public enum SheetCell: Equatable, Sendable {
  case empty
  /// Text as it stands, not trimmed.
  case text(String)
  /// A number in decimal digits as the file has them, for instance `12.5` or `4.2E+17`; a binary number, or a fraction
  /// of more than 15 digits, in the fewest digits that name it.
  case number(String)
  /// A whole number that the sheet shows with zeros at its front or words beside it, for instance `SB-007` for 7.
  case formatted(digits: String, shown: String)
  /// A number that the sheet shows as a date. Texts as the sheet shows them are dates with a time of day, dates of which
  /// it does not show year or day, and the two that never were, 1900-01-00 and 1900-02-29.
  case day(CalendarDay)
  case truth(Bool)
  /// A formula that failed, with the name of its error, for instance `#N/A`; empty for ``unknownResult``.
  case error(String)

  /// A formula whose result is not in the file: the program that wrote it does not compute. It is a fault only of a cell
  /// that is stored.
  public static let unknownResult = SheetCell.error("")
}

/// A row of a sheet.
public struct SheetRow: Equatable, Sendable {
  /// Its number in the file, from 1: a spreadsheet's row, a text file's line.
  public var number: Int
  /// The row in which a spreadsheet shows it, from 1. It differs from ``number`` in text files: a spreadsheet does not
  /// show a first line `sep=`, and shows a record of several lines in one row.
  public var shownRow: Int
  /// Its cells from the first column on; missing cells at the end are empty.
  public var cells: [SheetCell]
  /// Whether the spreadsheet does not show it, since it was hidden or filtered out.
  public var isHidden: Bool
  /// Faults in the form of single cells, after which the sheet is read further; they name the file, sheet and place.
  public var problems: [RegisterProblem]

  /// A row with its cells; without `shownRow`, a spreadsheet shows it in the row `number`.
  public init(
    number: Int, shownRow: Int? = nil, cells: [SheetCell], isHidden: Bool = false,
    problems: [RegisterProblem] = []
  ) {
    self.number = number
    self.shownRow = shownRow ?? number
    self.cells = cells
    self.isHidden = isHidden
    self.problems = problems
  }
}

/// A rectangle of cells merged into one: the first cell has the value, the others are empty.
public struct SheetMerge: Equatable, Sendable {
  /// Numbers of its rows, from 1.
  public var rows: ClosedRange<Int>
  /// Numbers of its columns, from 1.
  public var columns: ClosedRange<Int>

  /// A rectangle of rows and columns.
  public init(rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    self.rows = rows
    self.columns = columns
  }
}

/// The rows of one sheet, read one at a time, so that a million of them take no memory.
public protocol SheetRows {
  /// The file's name as the user gave it: problems begin with it.
  var file: String { get }
  /// The sheet's name; empty for a text file.
  var sheet: String { get }
  /// Merged cells of the sheet, at most 100,000. In workbooks they stand after the rows: before the last row has been
  /// read, the first call looks for them, which takes about a fifth of the time of reading the sheet. A problem that is
  /// found there is thrown by the next call of ``next()``.
  var merges: [SheetMerge] { get }
  /// Numbers of the columns (from 1) that the spreadsheet does not show; a column may be in several ranges. They are
  /// known before the first row.
  var hiddenColumns: [ClosedRange<Int>] { get }
  /// Returns the next row that has any cell; nil after the last. Numbers of rows ascend.
  ///
  /// - Throws: a problem of the row. The caller may go on: the next call returns the row after it, or nil if the sheet
  ///   cannot be read further.
  mutating func next() throws(RegisterProblem) -> SheetRow?
}

extension SheetRows {
  /// No column is hidden, as in all files of text.
  public var hiddenColumns: [ClosedRange<Int>] { [] }
}
