import Telemetry

/// Thresholds that somebody published, to hold figures against. Shares are thousandths of a percent.
public struct Policy: Equatable, Sendable {
  /// How sure it is that a number is the published one.
  public enum Certainty: String, CaseIterable, Sendable {
    /// Read in the source that is named.
    case read
    /// Taken from a third party that restates the authority's text.
    case restated
    /// Written down from memory.
    case memory
  }

  /// Where a number comes from.
  public struct Origin: Equatable, Sendable {
    /// The source, in English and in Chinese.
    public var source: String
    public var sourceChinese: String
    /// nil when the file does not state it.
    public var certainty: Certainty?

    /// A source.
    public init(source: String, sourceChinese: String? = nil, certainty: Certainty? = nil) {
      self.source = source
      self.sourceChinese = sourceChinese ?? source
      self.certainty = certainty
    }
  }

  /// A ratio that must reach a share.
  public struct Rule: Equatable, Sendable {
    public var metric: Metric
    /// Thousandths of a percent.
    public var atLeast: Int64
    /// nil where the number comes from the policy's own source.
    public var origin: Origin?

    /// `metric` must be at least `atLeast` thousandths of a percent.
    public init(metric: Metric, atLeast: Int64, origin: Origin? = nil) {
      self.metric = metric
      self.atLeast = atLeast
      self.origin = origin
    }
  }

  /// A step of a scale: from one share to another.
  public struct Band: Equatable, Sendable {
    public var metric: Metric
    public var name: String
    /// Thousandths of a percent.
    public var lower: Int64
    public var upper: Int64
    /// Whether the share `lower`, or `upper`, belongs to the step.
    public var includesLower: Bool
    public var includesUpper: Bool
    /// Points of the step, in thousandths; nil for a scale without points.
    public var points: Int64?
    /// nil where the numbers come from the policy's own source.
    public var origin: Origin?

    /// The step `name` of a scale for `metric`.
    public init(
      metric: Metric, name: String, lower: Int64, includesLower: Bool, upper: Int64, includesUpper: Bool,
      points: Int64? = nil, origin: Origin? = nil
    ) {
      self.metric = metric
      self.name = name
      self.lower = lower
      self.includesLower = includesLower
      self.upper = upper
      self.includesUpper = includesUpper
      self.points = points
      self.origin = origin
    }

    /// The step of shares above one and up to another, which is included.
    public init(metric: Metric, name: String, above: Int64, upTo: Int64, points: Int64? = nil) {
      self.init(
        metric: metric, name: name, lower: above, includesLower: false, upper: upTo, includesUpper: true,
        points: points)
    }

    /// Whether a ratio lies in the step; compared exactly. A ratio without denominator lies in none.
    public func contains(_ count: Count) -> Bool {
      guard count.denominator > 0 else { return false }
      let share = Int128(count.numerator) * 100_000
      let (low, high) = (Int128(lower) * Int128(count.denominator), Int128(upper) * Int128(count.denominator))
      return (includesLower ? share >= low : share > low) && (includesUpper ? share <= high : share < high)
    }

    /// `(10, 20]`: the shares in percent. A round bracket excludes its end.
    public var interval: String {
      (includesLower ? "[" : "(") + Thousandths.text(lower) + ", " + Thousandths.text(upper)
        + (includesUpper ? "]" : ")")
    }
  }

  /// Part of a period on which a policy is in force.
  public enum Force: String, Sendable {
    case throughout, partly, never
  }

  /// Name used in options and settings.
  public var name: String
  public var titleChinese: String
  public var titleEnglish: String
  public var issuingBodyChinese: String
  public var issuingBodyEnglish: String
  /// The day on which its thresholds were retrieved from the source.
  public var date: CalendarDay
  /// Source of the thresholds that name none of their own.
  public var origin: Origin
  public var noteChinese: String
  public var noteEnglish: String
  /// The first and the last day on which it is in force; nil where that is not known, or open.
  public var validFrom: CalendarDay?
  public var validUntil: CalendarDay?
  public var rules: [Rule]
  public var bands: [Band]

  /// A policy as its file gives it.
  public init(
    name: String, titleChinese: String, titleEnglish: String, issuingBodyChinese: String,
    issuingBodyEnglish: String, date: CalendarDay, origin: Origin, noteChinese: String, noteEnglish: String,
    validFrom: CalendarDay? = nil, validUntil: CalendarDay? = nil, rules: [Rule], bands: [Band]
  ) {
    self.name = name
    self.titleChinese = titleChinese
    self.titleEnglish = titleEnglish
    self.issuingBodyChinese = issuingBodyChinese
    self.issuingBodyEnglish = issuingBodyEnglish
    self.date = date
    self.origin = origin
    self.noteChinese = noteChinese
    self.noteEnglish = noteEnglish
    self.validFrom = validFrom
    self.validUntil = validUntil
    self.rules = rules
    self.bands = bands
  }

  /// The part of some days on which it is in force; all of them where its dates are not known.
  public func force(over days: ClosedRange<CalendarDay>) -> Force {
    let first = validFrom ?? days.lowerBound
    let last = validUntil ?? days.upperBound
    if first > days.upperBound || last < days.lowerBound { return .never }
    return first <= days.lowerBound && last >= days.upperBound ? .throughout : .partly
  }

  /// The metrics of its scales, each once, in their order.
  public var scales: [Metric] {
    bands.map(\.metric).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
