import Aggregation
import Telemetry

/// A picture of figures that the report also gives as numbers.
public struct Chart: Sendable {
  /// The kind of chart and its data.
  public enum Content: Sendable {
    /// One bar per ratio.
    case bars([(label: String, count: Count)])
    /// The number in each class.
    case histogram([(label: String, number: Int)])
    /// Two ratios per row, joined by a line.
    case slopes(before: String, after: String, [(label: String, before: Count, after: Count)])
    /// A declared and a measured ratio per row.
    case dots(Dots)
    /// A ratio for each row and day; nil for a missing one.
    case heat(days: [CalendarDay], rows: [(label: String, counts: [Count?])])
    /// Thousandths of `unit` for each day, of one or more series that are stacked.
    case columns(days: [CalendarDay], unit: String, series: [(label: String, values: [Int64])])
    /// A ratio for each day, or for each month by its first day; nil for a missing one.
    case course(name: String, days: [CalendarDay], counts: [Count?])
    /// States over a stretch of time, one row per equipment.
    case gantt(Range<Timestamp>, rows: [(label: String, spans: [StateSpan])])
  }

  /// Declared and measured ratios.
  public struct Dots: Sendable {
    /// A declared ratio and the measured one.
    public struct Row: Sendable {
      public var label: String
      public var declared: Count
      public var measured: Count

      /// The ratios of `label`.
      public init(label: String, declared: Count, measured: Count) {
        self.label = label
        self.declared = declared
        self.measured = measured
      }
    }

    /// Names of the two figures.
    public var declared: String
    public var measured: String
    /// The rows in the order in which they are drawn.
    public var rows: [Row]

    /// Rows of two figures.
    public init(declared: String, measured: String, rows: [Row]) {
      self.declared = declared
      self.measured = measured
      self.rows = rows
    }
  }

  /// A stretch of one state. A nil state has no valid reading, or was not observed.
  public struct StateSpan: Sendable, Equatable {
    /// State of knowledge about a stretch of time.
    public enum Kind: Sendable, Equatable {
      case state(EquipmentState)
      /// Observed, but without a valid reading.
      case off
      /// Neither observed nor covered by a valid reading.
      case unobserved
    }
    public var from: Timestamp
    public var until: Timestamp
    public var kind: Kind

    /// The state from `from` to `until`, excluding `until`.
    public init(from: Timestamp, until: Timestamp, kind: Kind) {
      self.from = from
      self.until = until
      self.kind = kind
    }
  }

  public var title: String
  /// The text alternative, for a reader who cannot see the chart.
  public var description: String
  public var content: Content

  /// A chart.
  public init(title: String, description: String, content: Content) {
    self.title = title
    self.description = description
    self.content = content
  }
}
