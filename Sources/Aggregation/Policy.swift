import Telemetry

/// Thresholds that somebody published, to hold figures against. Shares are thousandths of a percent.
public struct Policy: Equatable, Sendable {
  /// A ratio that must reach a share.
  public struct Rule: Equatable, Sendable {
    public var metric: Metric
    /// Thousandths of a percent.
    public var atLeast: Int64

    /// `metric` must be at least `atLeast` thousandths of a percent.
    public init(metric: Metric, atLeast: Int64) {
      self.metric = metric
      self.atLeast = atLeast
    }
  }

  /// A step of a scale: above one share, up to another.
  public struct Band: Equatable, Sendable {
    public var metric: Metric
    public var name: String
    /// Thousandths of a percent: `above` excluded, `upTo` included.
    public var above: Int64
    public var upTo: Int64

    /// The step `name` of a scale for `metric`.
    public init(metric: Metric, name: String, above: Int64, upTo: Int64) {
      self.metric = metric
      self.name = name
      self.above = above
      self.upTo = upTo
    }
  }

  /// Name used in options and settings.
  public var name: String
  public var titleChinese: String
  public var titleEnglish: String
  public var issuingBodyChinese: String
  public var issuingBodyEnglish: String
  /// The day on which its thresholds were retrieved from the source.
  public var date: CalendarDay
  /// Source of the thresholds, in English and in Chinese.
  public var source: String
  public var sourceChinese: String
  public var noteChinese: String
  public var noteEnglish: String
  public var rules: [Rule]
  public var bands: [Band]

  /// A policy as its file gives it.
  public init(
    name: String, titleChinese: String, titleEnglish: String, issuingBodyChinese: String,
    issuingBodyEnglish: String, date: CalendarDay, source: String, sourceChinese: String? = nil,
    noteChinese: String, noteEnglish: String,
    rules: [Rule], bands: [Band]
  ) {
    self.name = name
    self.titleChinese = titleChinese
    self.titleEnglish = titleEnglish
    self.issuingBodyChinese = issuingBodyChinese
    self.issuingBodyEnglish = issuingBodyEnglish
    self.date = date
    self.source = source
    self.sourceChinese = sourceChinese ?? source
    self.noteChinese = noteChinese
    self.noteEnglish = noteEnglish
    self.rules = rules
    self.bands = bands
  }
}

/// Judgement of figures by a policy. Everything is compared in integers.
public struct PolicyVerdict: Equatable, Sendable {
  /// One rule held against its figure.
  public struct RuleVerdict: Equatable, Sendable {
    public var rule: Policy.Rule
    public var count: Count
    /// nil without a figure.
    public var isMet: Bool?
    /// Number missing from the numerator; 0 if the rule is met or there is no figure.
    public var missing: Int
  }

  /// The step of a scale that a figure reaches.
  public struct BandVerdict: Equatable, Sendable {
    public var metric: Metric
    public var count: Count
    /// nil without a figure, and for one below the first step.
    public var band: Policy.Band?
  }

  public let policy: Policy
  public let rules: [RuleVerdict]
  /// One for each metric of the policy's scales, in their order.
  public let bands: [BandVerdict]

  /// Holds figures against a policy.
  public init(_ policy: Policy, of figures: Figures) {
    self.policy = policy
    rules = policy.rules.map { rule in
      let count = figures.count(of: rule.metric) ?? Count(0, of: 0)
      guard count.denominator > 0 else {
        return RuleVerdict(rule: rule, count: count, isMet: nil, missing: 0)
      }
      // numerator / denominator ≥ atLeast / 100,000, without dividing.
      let needed = (Int128(count.denominator) * Int128(rule.atLeast) + 99_999) / 100_000
      return RuleVerdict(
        rule: rule, count: count, isMet: Int128(count.numerator) >= needed,
        missing: Int(clamping: max(0, needed - Int128(count.numerator))))
    }
    var metrics: [Metric] = []
    for band in policy.bands where !metrics.contains(band.metric) { metrics.append(band.metric) }
    bands = metrics.map { metric in
      let count = figures.count(of: metric) ?? Count(0, of: 0)
      let share = Int128(count.numerator) * 100_000
      let reached = policy.bands.first { band in
        band.metric == metric && count.denominator > 0
          && share > Int128(band.above) * Int128(count.denominator)
          && share <= Int128(band.upTo) * Int128(count.denominator)
      }
      return BandVerdict(metric: metric, count: count, band: reached)
    }
  }

  /// Whether every rule is met. One that is not decides; else a figure that cannot be had leaves it open
  /// (nil), as does a policy without rules.
  public var isMet: Bool? {
    if rules.contains(where: { $0.isMet == false }) { return false }
    if rules.isEmpty || rules.contains(where: { $0.isMet == nil }) { return nil }
    return true
  }

  /// The metrics it asks for that have no figure, each once, in its order.
  public var missingFigures: [Metric] {
    let missing =
      rules.filter { $0.isMet == nil }.map(\.rule.metric)
      + bands.filter { $0.count.denominator == 0 }.map(\.metric)
    return missing.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
