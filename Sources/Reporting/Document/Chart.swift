import Aggregation
import Telemetry

/// A picture of figures that the report also has as numbers.
public struct Chart: Sendable {
  /// What is drawn.
  public enum Content: Sendable {
    /// One bar a ratio.
    case bars([(label: String, count: Count)])
    /// How many fall into each class.
    case histogram([(label: String, number: Int)])
    /// Two ratios each, joined by a line.
    case slopes(before: String, after: String, [(label: String, before: Count, after: Count)])
    /// A ratio for each row and day; nil where there is none.
    case heat(days: [CalendarDay], rows: [(label: String, counts: [Count?])])
    /// Thousandths of `unit` for each day, of one or several series that add up.
    case columns(days: [CalendarDay], unit: String, series: [(label: String, values: [Int64])])
    /// States over a stretch of time, one row an equipment.
    case gantt(Range<Timestamp>, rows: [(label: String, spans: [StateSpan])])
  }

  /// A stretch of one state; nil is no reading that vouches, or not observed.
  public struct StateSpan: Sendable, Equatable {
    /// What is known of a stretch of time.
    public enum Kind: Sendable, Equatable {
      case state(EquipmentState)
      /// Observed, and nothing vouches for it.
      case off
      /// Neither observed nor vouched for.
      case unobserved
    }
    public var from: Timestamp
    public var until: Timestamp
    public var kind: Kind

    /// What is known from `from` to `until`, excluded.
    public init(from: Timestamp, until: Timestamp, kind: Kind) {
      self.from = from
      self.until = until
      self.kind = kind
    }
  }

  public var title: String
  /// What it shows to someone who cannot see it.
  public var description: String
  public var content: Content

  /// A chart.
  public init(title: String, description: String, content: Content) {
    self.title = title
    self.description = description
    self.content = content
  }
}
