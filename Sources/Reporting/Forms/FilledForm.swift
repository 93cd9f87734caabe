import Aggregation
import Register
import Telemetry

/// A form with the values of its cells, for a factory, a part of it, or the district.
public struct FilledForm: Sendable {
  /// A cell with its value.
  public struct Cell: Sendable {
    /// The item's number and the place of the cell within the item, such as `3.2`.
    public let number: String
    public let cell: Form.Cell
    public let value: Value
    /// Whether there is a figure for points or for a level, and it lies in none of the policy's bands.
    public let isOutside: Bool
  }

  /// The value of a cell.
  public enum Value: Sendable {
    /// A part of a ratio; nil without a figure.
    case count(Int?)
    case ratio(TimeFigures.Bounded?)
    /// kWh per good piece; nil without a figure.
    case quantity(String?)
    /// Thousandths of a point for the band that is reached; nil without a figure, or outside all bands. A district has
    /// no points of its own.
    case points(Int64?, band: Policy.Band?)
    /// Whether a threshold is met (nil without a figure), or the band that is reached.
    case verdict(isMet: Bool?, rule: Policy.Rule?, band: Policy.Band?)
    /// The file gives it, or the firm fills it in.
    case ofForm
  }

  /// An item with its cells.
  public struct Item: Sendable {
    public let item: Form.Item
    public let cells: [Cell]
    /// What is known about the item's figures, in the order of the cells.
    public let figures: [Figure]
  }

  /// A figure of an item: what contradicts it, and what may make it better than reality.
  public struct Figure: Sendable {
    public let figure: Form.Figure
    /// The reason for a missing figure.
    public let absence: Absence?
    /// Flags that concern the figure; empty for a district.
    public let flags: [AuditFlag]
    /// Number of these flags by kind, for a district too.
    public let flagCounts: [FlagCount]
  }

  /// A section with its items.
  public struct Section: Sendable {
    public let title: Form.Wording
    public let items: [Item]
  }

  public let form: Form
  public let sections: [Section]
  /// Points of the scope; nil for a district, whose factories have points of their own.
  public let score: FormScore?
  /// The equipment behind each ratio that counts equipment, and behind each other ratio of a factory.
  public let lists: [CountedEquipment]
  /// A row for each registered factory; empty except for a district.
  public let factories: [FormRow]
  /// Flags that concern the form's figures; empty for a district.
  public let flags: [AuditFlag]
  /// Their number by factory and kind.
  public let flagCounts: [FactoryFlagCount]
  /// Whether the form was in force on the last day of the period, as far as its dates are known.
  public let isInForce: Bool

  /// The cells in order.
  public var cells: [Cell] { sections.flatMap(\.items).flatMap(\.cells) }

  /// Fills a form in.
  ///
  /// - Parameters:
  ///   - equipment: of the scope; empty for a district.
  ///   - flags: of the scope; empty for a district.
  ///   - tally: the district's flags; nil for any other scope.
  init(
    _ form: Form, for figures: Figures, of assessment: DistrictAssessment, equipment: [Assessment],
    flags: [AuditFlag], tally: FlagTally?
  ) {
    let wanted = form.figures
    let concerning = flags.filter { flag in wanted.contains { flag.concerns($0) } }
    let isDistrict = tally != nil
    self.form = form
    self.flags = concerning
    flagCounts = (tally ?? FlagTally(concerning)).byFactory(concerning: wanted)
    sections = form.sections.map { section in
      Section(
        title: section.title,
        items: section.items.map { item in
          Item(
            item: item, cells: Self.cells(item, figures, hasPoints: !isDistrict),
            figures: item.figures.map { figure in
              let own = concerning.filter { $0.concerns(figure) }
              return Figure(
                figure: figure, absence: figures.absence(of: figure), flags: own,
                flagCounts: tally?.byKind(concerning: [figure]) ?? FlagCount.counts(own))
            })
        })
    }
    score = isDistrict ? nil : FormScore(sections.flatMap(\.items).flatMap(\.cells))
    // A state that is not shown has no equipment behind it.
    let metrics = wanted.compactMap(\.metric).filter { !(figures.omitsStates && $0.isState) }
    lists =
      isDistrict
      ? CountedEquipment.lists(of: metrics.filter(\.base.isCounted), figures, in: assessment)
      : CountedEquipment.lists(of: metrics, figures, among: equipment, in: assessment)
    let period = assessment.observation.period
    factories = isDistrict ? assessment.registeredFactories.map { FormRow(form, $0, over: period) } : []
    isInForce = form.isInForce(on: period.lastDay)
  }

  /// The cells of an item for some figures.
  static func cells(_ item: Form.Item, _ figures: Figures, hasPoints: Bool) -> [Cell] {
    item.cells.enumerated().map { place, cell in
      let value = value(of: cell.kind, figures, hasPoints: hasPoints)
      return Cell(
        number: "\(item.number).\(place + 1)", cell: cell, value: value,
        isOutside: isOutside(cell.kind, value, figures, hasPoints: hasPoints))
    }
  }

  private static func isOutside(
    _ kind: Form.Kind, _ value: Value, _ figures: Figures, hasPoints: Bool
  ) -> Bool {
    switch (kind, value) {
    case (.points(let policy, let metric), .points(_, nil)) where hasPoints,
      (.verdict(let policy, let metric), .verdict(nil, nil, nil)):
      policy.bands.contains { $0.metric == metric } && (figures.count(of: metric)?.denominator ?? 0) > 0
    default: false
    }
  }

  private static func value(of kind: Form.Kind, _ figures: Figures, hasPoints: Bool) -> Value {
    switch kind {
    case .count(let metric, let part):
      let absence = figures.absence(of: metric)
      // Without equipment there is a count, which is 0; of a period without data there is none.
      let isCounted = metric.base.isCounted && absence != .notObserved && absence != .ofInstant
      guard let count = figures.count(of: metric), absence == nil || isCounted else { return .count(nil) }
      return .count(part == .numerator ? count.numerator : count.denominator)
    case .ratio(.ratio(let metric)):
      return .ratio(figures.bounded(metric).flatMap { $0.value.denominator > 0 ? $0 : nil })
    case .ratio(.energyIntensity): return .quantity(figures.time.energyIntensity)
    case .points(let policy, let metric):
      let band = PolicyVerdict(policy, of: figures).bands.first { $0.metric == metric }?.band
      return .points(hasPoints ? band?.points : nil, band: hasPoints ? band : nil)
    case .verdict(let policy, let metric):
      let verdict = PolicyVerdict(policy, of: figures)
      let rule = verdict.rules.first { $0.rule.metric == metric }
      return .verdict(
        isMet: rule?.isMet, rule: rule?.rule, band: verdict.bands.first { $0.metric == metric }?.band)
    case .text, .choice, .number, .free: return .ofForm
    }
  }
}

extension Metric.Base {
  /// Whether it is a number of things that the register lists.
  var isCounted: Bool {
    switch self {
    case .production, .digital, .networked, .keySteps, .dataPoints, .keyMeters: true
    case .value, .intervals, .time, .plannedTime, .pieces: false
    }
  }
}

extension Form.Item {
  /// The figures that the item's cells show or rest on, each once, in order.
  var figures: [Form.Figure] {
    cells.compactMap(\.figure).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension Figures {
  /// The reason for a missing figure; nil if there is one.
  func absence(of figure: Form.Figure) -> Absence? {
    switch figure {
    case .ratio(let metric): absence(of: metric)
    case .energyIntensity: intensityAbsence
    }
  }
}

/// One factory's cells in a district's form.
public struct FormRow: Sendable {
  public let factory: RegisteredFactory
  /// The cells that rest on a figure, in order.
  public let cells: [FilledForm.Cell]
  /// Points of these cells.
  public var score: FormScore { FormScore(cells) }

  init(_ form: Form, _ summary: FactorySummary, over period: Period) {
    factory = summary.factory
    let figures = summary.figures.shown(in: period)
    cells = form.items.flatMap { FilledForm.cells($0, figures, hasPoints: true) }
      .filter { $0.cell.figure != nil }
  }
}
