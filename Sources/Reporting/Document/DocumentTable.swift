import Aggregation
import Telemetry

/// Rows of cells under headings.
public struct DocumentTable: Sendable {
  /// A column's heading and how it is set.
  public struct Column: Sendable {
    /// May be empty.
    public var title: String
    public var isNumeric: Bool
    /// The narrowest a terminal may make it; nil when it keeps its natural width.
    public var shrinksTo: Int?
    /// Whether its texts go on in the next line where a terminal has no room, rather than being cut.
    public var wraps: Bool

    /// A column of texts, or of numbers.
    public init(_ title: String, numeric: Bool = false, shrinksTo: Int? = nil, wraps: Bool = false) {
      self.title = title
      isNumeric = numeric
      self.shrinksTo = shrinksTo
      self.wraps = wraps
    }
  }

  /// A line of a table.
  public enum Row: Sendable {
    /// One cell for each column.
    case cells([Cell])
    /// The same, of all rows before it added up.
    case sum([Cell])
    /// A heading for the rows after it.
    case group(String)
  }

  /// What it shows, in a few words.
  public var caption: String
  public var columns: [Column]
  public var rows: [Row] = []
  /// The column whose ratios may be drawn as bars.
  public var drawn: Int?
  /// Places of the rows that a short rendering shows; nil for all.
  public var brief: [Int]?
  /// Maximum number of rows in any rendering; the others are only counted. Tables that grow with messages have a
  /// lower maximum than those that grow with the register.
  public var mostRows = 10_000

  /// A table without rows.
  public init(_ caption: String, _ columns: [Column], drawn: Int? = nil) {
    self.caption = caption
    self.columns = columns
    self.drawn = drawn
  }

  /// Removes the columns in which no row has anything. Not for a table that is drawn.
  mutating func removeEmptyColumns() {
    let used = columns.indices.filter { column in
      rows.contains { $0.cells.map { $0[column] != .empty } ?? false }
    }
    guard drawn == nil, used.count < columns.count else { return }
    columns = used.map { columns[$0] }
    rows = rows.map { row in
      switch row {
      case .cells(let cells): .cells(used.map { cells[$0] })
      case .sum(let cells): .sum(used.map { cells[$0] })
      case .group: row
      }
    }
  }
}

extension DocumentTable.Row {
  /// Its cells; nil for a heading.
  public var cells: [Cell]? {
    switch self {
    case .cells(let cells), .sum(let cells): cells
    case .group: nil
    }
  }
}

/// A value in a table, before it is written out.
public enum Cell: Sendable, Equatable {
  case empty
  case text(String)
  case number(Int)
  /// Thousandths of a unit: kWh, pieces.
  case thousandths(Int64)
  /// A decimal number that is already written out exactly.
  case decimal(String)
  /// A ratio as percent, floored to a tenth.
  case ratio(Count)
  /// A ratio as numerator and denominator.
  case fraction(Count, Unit)
  /// The bounds of a ratio; the upper one is rounded up.
  case bounds(lower: Count, upper: Count)
  /// Tenths of a percentage point gained or, negative, lost.
  case points(Int)
  case day(CalendarDay)
  case instant(Timestamp)

  /// What a fraction's parts are counted in.
  public enum Unit: Sendable, Equatable {
    case plain
    /// Thousandths of pieces, shown as pieces.
    case pieces
    /// Milliseconds, shown as hours.
    case hours
  }

  /// What it reads as.
  func text(_ terms: Terms, _ calendar: LocalCalendar) -> String {
    switch self {
    case .empty: ""
    case .text(let text): text
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
