import Aggregation
import Telemetry

/// Rows of cells under headings.
public struct DocumentTable: Sendable {
  /// A column's heading and layout.
  public struct Column: Sendable {
    /// The heading; may be empty.
    public var title: String
    /// The heading for records of CSV, which have neither neighbouring columns nor a list above the table. It is different
    /// in each column of a table.
    public var fullTitle: String
    public var isNumeric: Bool
    /// Minimum width on a terminal; nil if it keeps its natural width.
    public var shrinksTo: Int?
    /// Whether long texts are wrapped on a terminal instead of cut.
    public var wraps: Bool
    /// Whether its texts repeat the headings of groups: only records and sheets have it, where rows can be filtered.
    public var repeatsGroups = false
    /// Whether its texts are ids of factories, which a page of a set of reports links to their reports.
    public var namesFactory: Bool

    /// A column of texts, or of numbers if `numeric`.
    ///
    /// - Parameter fullTitle: the heading by itself; nil if it is `title`.
    public init(
      _ title: String, fullTitle: String? = nil, numeric: Bool = false, shrinksTo: Int? = nil,
      wraps: Bool = false, namesFactory: Bool = false
    ) {
      self.title = title
      self.fullTitle = fullTitle ?? title
      isNumeric = numeric
      self.shrinksTo = shrinksTo
      self.wraps = wraps
      self.namesFactory = namesFactory
    }
  }

  /// A line of a table.
  public enum Row: Sendable {
    /// One cell for each column.
    case cells([Cell])
    /// The same, as the sum of all rows before it.
    case sum([Cell])
    /// The same, as a warning about the rows before it; its first text begins with ⚠.
    case warning([Cell])
    /// A heading for the following rows.
    case group(String)
  }

  /// The table's caption: a few words.
  public var caption: String
  public var columns: [Column]
  public var rows: [Row] = []
  /// The column whose ratios may be drawn as bars.
  public var drawn: Int?
  /// Places of the rows that a short rendering shows: a terminal, and a page, which has the complete table folded below
  /// them. nil for all.
  public var brief: [Int]?
  /// Whether the charts of the section show the same numbers. Then a page has the table folded below them.
  public var repeatsCharts = false
  /// Whether the rows are steps in time. Then a workbook draws the columns of ratios as lines.
  public var isCourse = false
  /// Maximum number of rows in any rendering; the others are only counted. Tables that grow with messages have a
  /// lower maximum than those that grow with the register.
  public var mostRows = 10_000

  /// A table without rows.
  public init(_ caption: String, _ columns: [Column], drawn: Int? = nil) {
    self.caption = caption
    self.columns = columns
    self.drawn = drawn
  }

  /// Removes the columns that are empty in all rows. Not for a table that is drawn.
  mutating func removeEmptyColumns() {
    let rows = rows
    keepColumns { column in rows.contains { $0.cells.map { $0[column] != .empty } ?? false } }
  }

  /// The table as it is read below the headings of its groups: without the columns that repeat them.
  var withoutRepeatedGroups: DocumentTable {
    var table = self
    table.keepColumns { [columns] in !columns[$0].repeatsGroups }
    return table
  }

  private mutating func keepColumns(where isKept: (Int) -> Bool) {
    let used = columns.indices.filter(isKept)
    guard drawn == nil, used.count < columns.count else { return }
    columns = used.map { columns[$0] }
    rows = rows.map { row in
      switch row {
      case .cells(let cells): .cells(used.map { cells[$0] })
      case .sum(let cells): .sum(used.map { cells[$0] })
      case .warning(let cells): .warning(used.map { cells[$0] })
      case .group: row
      }
    }
  }
}

extension DocumentTable.Row {
  /// The row's cells; nil for a heading.
  public var cells: [Cell]? {
    switch self {
    case .cells(let cells), .sum(let cells), .warning(let cells): cells
    case .group: nil
    }
  }
}

/// A value in a table, before it is formatted.
public enum Cell: Sendable, Equatable {
  case empty
  /// A place to fill in by hand.
  case blank
  case text(String)
  /// A text that names a status. A page shows the status by a sign as well.
  case status(Status, String)
  case number(Int)
  /// Thousandths of a unit: kWh, pieces.
  case thousandths(Int64)
  /// A decimal number in exact text form.
  case decimal(String)
  /// A ratio, shown as a percentage floored to a tenth.
  case ratio(Count)
  /// A ratio as numerator and denominator.
  case fraction(Count, Unit)
  /// The bounds of a ratio; the upper bound is rounded up.
  case bounds(lower: Count, upper: Count)
  /// A change in tenths of a percentage point; negative for a loss.
  case points(Int)
  case day(CalendarDay)
  case instant(Timestamp)

  /// A status that a page marks by a sign and a colour. The raw value is the class in HTML.
  public enum Status: String, CaseIterable, Sendable {
    /// A threshold is met, not met, or there is no figure to hold against it.
    case met, missed
    case noFigure = "none"
    case reporting, silent, offline, refused
    case notConnectable = "unconnectable"
    case neverSeen = "unseen"
  }

  /// The unit of a fraction's numerator and denominator.
  public enum Unit: Sendable, Equatable {
    case plain
    /// Thousandths of pieces, shown as pieces.
    case pieces
    /// Milliseconds, shown as hours.
    case hours
    /// Hundredths of a yuan, shown as yuan.
    case yuan
  }

  /// The text of the unit.
  func text(_ terms: Terms, _ calendar: LocalCalendar) -> String {
    switch self {
    case .empty: ""
    case .blank: "________"
    case .text(let text), .status(_, let text): text
    case .number(let number): terms.number(number)
    case .thousandths(let value): terms.thousandths(value)
    case .decimal(let text): text
    case .ratio(let count): terms.percent(count)
    case .fraction(let count, let unit): terms.fraction(count, unit)
    case .bounds(let lower, let upper): terms.bounds(lower, upper)
    case .points(let tenths): terms.points(tenths)
    case .day(let day): day.description
    case .instant(let instant): calendar.minute(instant)
    }
  }
}
