import Aggregation
import Register
import Telemetry

/// Content of one scope of an assessed district.
struct Findings {
  var id: String
  var nameChinese = ""
  var nameEnglish = ""
  var isRegistered = true
  var figures: Figures
  var contents: Report.Contents
  var gaps: [Gap]

  /// Equipment whose gaps and flags are listed; none for the district.
  var equipment: [Assessment] {
    switch contents {
    case .district: []
    case .factory(let workshops): workshops.flatMap(\.equipment)
    case .workshop(let lines): lines.flatMap(\.equipment)
    case .line(let equipment): equipment
    case .equipment(let equipment): [equipment]
    }
  }

  /// The forms with the values of the scope.
  func filled(
    _ forms: [Form], _ assessment: DistrictAssessment, _ flags: [AuditFlag], _ tally: FlagTally?
  ) -> [FilledForm] {
    if case .equipment = contents { return [] }
    return forms.map {
      FilledForm(
        $0, for: figures.shown(in: assessment.observation.period), of: assessment, equipment: equipment,
        flags: flags, tally: tally)
    }
  }

  /// Flags of the listed equipment.
  func flags(_ assessment: DistrictAssessment, _ scope: ReportScope) -> [AuditFlag] {
    guard let id = scope.factory, let factory = assessment.factory(id) else { return [] }
    return assessment.flags(of: factory, among: equipment, calendar: assessment.calendars.factories[id])
  }

  /// Sums errors with the same field and fault over all senders.
  private static func sums(_ errors: [FieldError]) -> [FieldError] {
    var sums: [FieldError] = []
    for error in errors {
      if let place = sums.firstIndex(where: { $0.field == error.field && $0.fault == error.fault }) {
        sums[place].messages.add(saturating: error.messages)
        sums[place].excerpt = min(sums[place].excerpt, error.excerpt)
      } else {
        var sum = error
        sum.key = EquipmentKey(factory: "", equipment: "")
        sums.append(sum)
      }
    }
    return sums.sorted { a, b in
      a.messages != b.messages
        ? a.messages > b.messages
        : (a.field.rawValue, a.fault.rawValue) < (b.field.rawValue, b.fault.rawValue)
    }
  }

  /// Rejections, refusals and field errors of the scope. A factory has all of its own; a part of a factory has those
  /// of its equipment. A district has rejections by reason, and field errors summed over senders.
  func messages(
    _ assessment: DistrictAssessment, _ scope: ReportScope
  ) -> ([(reason: RejectionReason, messages: Int)], [SenderRefusal], [FieldError]) {
    let evidence = assessment.evidence
    switch scope {
    case .factory: return (evidence.rejections, evidence.refusals, evidence.fieldErrors)
    case .district: return (evidence.rejections, [], Self.sums(evidence.fieldErrors))
    case .workshop, .line, .equipment:
      let keys = Set(equipment.map(\.key))
      let refusals = evidence.refusals.filter { keys.contains($0.key) }
      let rejections = RejectionReason.allCases.compactMap { reason in
        let messages = refusals.reduce(0) {
          $0.addingSaturated($1.refusal.reason == reason ? $1.refusal.messages : 0)
        }
        return messages > 0 ? (reason: reason, messages: messages) : nil
      }
      return (rejections, refusals, evidence.fieldErrors.filter { keys.contains($0.key) })
    }
  }

  init(
    _ scope: ReportScope, _ assessment: DistrictAssessment, _ district: DistrictIdentity,
    _ order: RankingOrder, _ policies: [Policy]
  ) throws(ReportError) {
    id = scope.path
    let twins = NearTwins(
      assessment.register.entries.lazy.map(\.equipment.key).filter { $0.factory == scope.factory }
        .map(\.equipment))
    switch scope {
    case .district:
      guard let ranked = assessment.ranked(by: order) else { throw .notRankable(order.key) }
      let period = assessment.observation.period
      guard period.showsStates || !order.metric.isState else { throw .ofInstant(order.key) }
      id = district.id
      nameChinese = district.nameChinese
      nameEnglish = district.nameEnglish
      figures = assessment.figures
      let spreads = Metric.ranked.compactMap { m in assessment.spread(of: m).map { (m, $0) } }
      contents = .district(
        Report.Ranking(
          order: order, factories: ranked, spreads: Dictionary(uniqueKeysWithValues: spreads),
          distributions: [Metric.automationRatio, .networkedRatio].map {
            ($0, assessment.distribution(of: $0))
          },
          industries: assessment.industries,
          attainments: policies.map {
            PolicyAttainment($0, of: assessment.registeredFactories, over: period)
          }))
      gaps = Gap.among(assessment.factories)
    case .factory(let factoryID):
      guard let factory = assessment.factory(factoryID) else { throw .unknown(scope) }
      nameChinese = factory.factory.nameChinese
      nameEnglish = factory.factory.nameEnglish
      isRegistered = factory.isRegistered
      figures = factory.figures
      contents = .factory(factory.workshops)
      gaps = Gap.among(factory.equipment, twins: twins)
    case .workshop(let factory, let workshopID):
      guard let workshop = assessment.workshop(factory: factory, workshopID) else { throw .unknown(scope) }
      figures = workshop.figures
      contents = .workshop(workshop.lines)
      gaps = Gap.among(workshop.equipment, twins: twins)
    case .line(let factory, let workshop, let lineID):
      guard let line = assessment.line(factory: factory, workshop: workshop, lineID) else {
        throw .unknown(scope)
      }
      figures = line.figures
      contents = .line(line.equipment)
      gaps = Gap.among(line.equipment, twins: twins)
    case .equipment(let key):
      guard let equipment = assessment.equipment(key) else { throw .unknown(scope) }
      nameChinese = equipment.name
      nameEnglish = equipment.name
      isRegistered = equipment.entry != nil
      figures = Figures(
        of: equipment, over: assessment.period, isUnobserved: assessment.observation.isNothing)
      contents = .equipment(equipment)
      gaps = Gap.among([equipment], twins: twins)
    }
  }
}

extension DistrictAssessment {
  /// All equipment and senders, ascending by key.
  var allEquipment: [Assessment] {
    var equipment: [Assessment] = []
    forEachEquipment { equipment.append($0) }
    return equipment
  }
}
