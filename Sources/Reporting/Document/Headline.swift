import Telemetry

/// The top of a report: its conclusion in sentences, and its headline figures.
public struct Headline: Sendable {
  /// A headline figure with numerator and denominator, its threshold, and its change.
  public struct Tile: Sendable, Equatable {
    /// Whether the figure meets its threshold.
    public enum Status: String, Sendable {
      case met, missed
      /// There is no threshold, or no figure to hold against it.
      case none
    }

    /// The figure's name.
    public var label: String
    /// The ratio, or the word for a missing one: `95.9 %`.
    public var value: String
    /// Numerator and denominator, or the reason for a missing figure: `4,320 / 4,505`.
    public var detail: String
    public var status: Status
    /// The threshold, with a sign and a word for the status: `✗ not met: ≥ 90 %`; empty without a threshold.
    public var threshold: String
    /// The change since the previous period: `+1.2 points`; empty if there is nothing to compare with.
    public var change: String
    /// The ratio in each step of the report's trend, nil for a missing one; empty if it has no course.
    public var course: [Count?]

    /// A tile.
    public init(
      label: String, value: String, detail: String, status: Status = .none, threshold: String = "",
      change: String = "", course: [Count?] = []
    ) {
      self.label = label
      self.value = value
      self.detail = detail
      self.status = status
      self.threshold = threshold
      self.change = change
      self.course = course
    }
  }

  /// At most four sentences, the most important first.
  public var sentences: [String]
  /// At most five figures; none without equipment in service.
  public var tiles: [Tile]
  /// The period that the changes are measured against, or why there are none; may be empty.
  public var note: String
  /// The figures of the tiles as values, for formats that keep numbers as such; nil without tiles.
  public var table: DocumentTable?

  /// The top of a report. Texts are inert.
  public init(sentences: [String], tiles: [Tile], note: String = "", table: DocumentTable? = nil) {
    self.table = table
    self.sentences = sentences
    self.tiles = tiles
    self.note = note
  }
}
