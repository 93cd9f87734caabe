import Telemetry

/// A form of an authority, as its file describes it: items in order, each with the cells to fill in.
public struct Form: Equatable, Sendable {
  /// A text in Chinese and English.
  public struct Wording: Equatable, Sendable {
    public var chinese: String
    public var english: String

    /// A text in both languages.
    public init(chinese: String, english: String) {
      self.chinese = chinese
      self.english = english
    }
  }

  /// How sure it is that the form asks for exactly this.
  public typealias Certainty = Policy.Certainty

  /// A figure that a cell prints.
  public enum Figure: Hashable, Sendable {
    case ratio(Metric)
    /// kWh per good piece, a quantity.
    case energyIntensity

    /// The figures that a form can name.
    public static let all: [Figure] =
      Metric.allCases.filter { $0 != .observationCoverage }.map(Figure.ratio) + [.energyIntensity]

    /// The key in files and in JSON.
    public var key: String {
      switch self {
      case .ratio(let metric): metric.key
      case .energyIntensity: Metric.energyIntensityKey
      }
    }

    /// The ratio; nil for a quantity.
    public var metric: Metric? { if case .ratio(let metric) = self { metric } else { nil } }
  }

  /// The part of a ratio that a cell prints.
  public enum Part: String, CaseIterable, Sendable {
    case numerator, denominator
  }

  /// A box to tick.
  public struct Option: Equatable, Sendable {
    /// nil for an option that the file only names by its points.
    public var text: Wording?
    /// Thousandths of a point; nil for an option without points.
    public var points: Int64?

    /// An option.
    public init(text: Wording?, points: Int64?) {
      self.text = text
      self.points = points
    }
  }

  /// A scale of points: for each unit of a number, with a maximum. Thousandths of a point.
  public struct Scale: Equatable, Sendable {
    public var each: Int64?
    public var most: Int64

    /// A scale that ends at `most`.
    public init(each: Int64?, most: Int64) {
      self.each = each
      self.most = most
    }
  }

  /// The kinds of cells.
  public enum Kind: Equatable, Sendable {
    /// The numerator or the denominator of a ratio.
    case count(Metric, Part)
    /// A ratio in percent, or a quantity.
    case ratio(Figure)
    /// Points by the bands of a policy.
    case points(Policy, Metric)
    /// Whether a threshold of a policy is met, or the band that is reached.
    case verdict(Policy, Metric)
    /// A text that the file gives.
    case text(Wording)
    /// Boxes of which the firm ticks one, or several with at most `most` points.
    case choice([Option], ticksSeveral: Bool, most: Int64?)
    /// A number that only the firm knows.
    case number(unit: Wording?, Scale?)
    /// A text that only the firm can write.
    case free
  }

  /// A cell of an item.
  public struct Cell: Equatable, Sendable {
    /// The words beside the cell; nil where the kind says enough.
    public var label: Wording?
    public var kind: Kind
    public var certainty: Certainty

    /// A cell.
    public init(label: Wording?, kind: Kind, certainty: Certainty) {
      self.label = label
      self.kind = kind
      self.certainty = certainty
    }

    /// The figure that the cell shows or rests on; nil for a cell that the firm fills in.
    public var figure: Figure? {
      switch kind {
      case .count(let metric, _), .points(_, let metric), .verdict(_, let metric): .ratio(metric)
      case .ratio(let figure): figure
      case .text, .choice, .number, .free: nil
      }
    }
  }

  /// An item of the form.
  public struct Item: Equatable, Sendable {
    /// As the form numbers it, such as `3.1`.
    public var number: String
    public var title: Wording
    public var note: Wording?
    public var certainty: Certainty
    public var cells: [Cell]

    /// An item.
    public init(
      number: String, title: Wording, note: Wording? = nil, certainty: Certainty, cells: [Cell]
    ) {
      self.number = number
      self.title = title
      self.note = note
      self.certainty = certainty
      self.cells = cells
    }
  }

  /// A part of the form with its own title.
  public struct Section: Equatable, Sendable {
    public var title: Wording
    public var items: [Item]

    /// A section.
    public init(title: Wording, items: [Item]) {
      self.title = title
      self.items = items
    }
  }

  /// Name used in options and settings.
  public var name: String
  /// The name or path by which the form was asked for.
  public var reference: String
  public var title: Wording
  public var issuingBody: Wording
  /// The day on which the items were retrieved from the source.
  public var date: CalendarDay
  /// First and last day on which the form is in force, where they are known.
  public var validFrom: CalendarDay?
  public var validUntil: CalendarDay?
  public var source: Wording
  public var note: Wording
  public var certainty: Certainty
  public var sections: [Section]

  /// A form as its file gives it.
  public init(
    name: String, title: Wording, issuingBody: Wording, date: CalendarDay, validFrom: CalendarDay? = nil,
    validUntil: CalendarDay? = nil, source: Wording, note: Wording, certainty: Certainty, sections: [Section]
  ) {
    self.name = name
    reference = name
    self.title = title
    self.issuingBody = issuingBody
    self.date = date
    self.validFrom = validFrom
    self.validUntil = validUntil
    self.source = source
    self.note = note
    self.certainty = certainty
    self.sections = sections
  }

  /// The items in order.
  public var items: [Item] { sections.flatMap(\.items) }

  /// The figures that its cells show or rest on, each once, in order.
  public var figures: [Figure] {
    items.flatMap(\.cells).compactMap(\.figure).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Whether the form is in force on a day, as far as its dates are known.
  public func isInForce(on day: CalendarDay) -> Bool {
    (validFrom.map { $0 <= day } ?? true) && (validUntil.map { day <= $0 } ?? true)
  }
}
