import Aggregation
import Register
import Telemetry

/// The equipment behind one ratio: what is counted, what is only in the base, and what is in neither.
public struct CountedEquipment: Sendable {
  /// The part that an equipment has in a ratio.
  public enum Part: String, CaseIterable, Sendable {
    /// In the numerator, and so in the denominator.
    case numerator
    /// In the denominator only.
    case denominator
    /// In neither.
    case neither
  }

  /// One equipment or sender.
  public struct Row: Sendable {
    public let assessment: Assessment
    /// Its own numerator and denominator; for a ratio of key process steps, those of its step.
    public let count: Count
  }

  public let metric: Metric
  /// Numbers of equipment by part, whether listed or not.
  public private(set) var numbers: [Part: Int] = [:]
  /// For a ratio of key process steps, the number of steps in the numerator, and of those in the denominator only.
  public let steps: (numerator: Int, denominator: Int)?
  /// Number of counted equipment of which a message was received within the networked window.
  public private(set) var heardOfCounted = 0
  /// The listed equipment by part, ascending by key.
  public private(set) var rows: [Part: [Row]] = [:]

  /// Maximum number of rows of a part in a district; a factory's list is complete.
  public static let mostOfDistrict = 1000

  /// The steps of the whole scope.
  private let scope: FormFigures

  private init(_ metric: Metric, of figures: Figures) {
    self.metric = metric
    scope = figures.forms
    steps =
      metric.base == .keySteps
      ? figures.count(of: metric).map { ($0.numerator, $0.denominator - $0.numerator) } ?? (0, 0) : nil
  }

  /// The numerator and the denominator of an equipment with figures of its own. A process step counts as a whole.
  private func count(_ own: Figures) -> Count {
    guard metric.base == .keySteps else {
      // Equipment that does not state an attribute stays in a base of all production equipment.
      return own.count(of: metric) ?? Count(0, of: metric.base == .production ? own.equipment : 0)
    }
    guard let step = own.forms.steps.keys.first else { return Count(0, of: 0) }
    return scope.keyStep(step, any: metric == .keyProcessCNCAnyRatio)
  }

  private mutating func add(_ row: Row, most: Int) {
    let part: Part =
      row.count.denominator == 0 ? .neither : row.count.numerator > 0 ? .numerator : .denominator
    numbers[part, default: 0] += 1
    if part == .numerator, row.assessment.isNetworked { heardOfCounted += 1 }
    if rows[part, default: []].count < most { rows[part, default: []].append(row) }
  }

  /// Lists of some ratios, of a factory or a part of it.
  ///
  /// - Parameter figures: of all the equipment.
  static func lists(
    of metrics: [Metric], _ figures: Figures, among equipment: [Assessment], in assessment: DistrictAssessment
  ) -> [CountedEquipment] {
    lists(of: metrics, figures, assessment, most: .max) { body in
      for one in equipment.sorted(by: { $0.key < $1.key }) { body(one) }
    }
  }

  /// Lists of some ratios, of a district.
  static func lists(
    of metrics: [Metric], _ figures: Figures, in assessment: DistrictAssessment
  ) -> [CountedEquipment] {
    lists(of: metrics, figures, assessment, most: mostOfDistrict) { body in
      assessment.forEachEquipment(body)
    }
  }

  private static func lists(
    of metrics: [Metric], _ figures: Figures, _ assessment: DistrictAssessment, most: Int,
    _ forEach: ((Assessment) -> Void) -> Void
  ) -> [CountedEquipment] {
    guard !metrics.isEmpty else { return [] }
    var lists = metrics.map { CountedEquipment($0, of: figures) }
    // If any equipment is networked, the others are not networked instead of unknown.
    let isUnobserved = assessment.observation.isNothing && figures.networked == 0
    forEach { one in
      let own = Figures(of: one, over: assessment.period, isUnobserved: isUnobserved)
      for index in lists.indices {
        lists[index].add(Row(assessment: one, count: lists[index].count(own)), most: most)
      }
    }
    return lists
  }
}
