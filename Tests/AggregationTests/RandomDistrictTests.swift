import Aggregation
import Telemetry
import Testing

struct RandomDistrictTests {
  @Test func `2,000 random districts match the reference rule at every level`() {
    let first = UInt64.random(in: 0...UInt64.max - 2000)
    for seed in first..<first + 2000 {
      let random = RandomDistrict(seed: seed)
      let district = DistrictAssessment(
        register: random.register, evidence: random.evidence, knownAt: RandomDistrict.asOf,
        period: random.period)
      let problems = check(district, ReferenceRule(district: random))
      #expect(problems.isEmpty, "seed \(seed): \(problems)")
      if !problems.isEmpty { return }
    }
  }

  /// What does not hold, in words.
  private func check(_ district: DistrictAssessment, _ reference: ReferenceRule) -> [String] {
    var problems: [String] = []
    func compare(_ what: String, _ figures: Figures, _ expected: Figures) {
      if figures != expected { problems.append("\(what): \(figures) is not \(expected)") }
      if figures.buckets.total != figures.equipment { problems.append("\(what): buckets do not add up") }
      for metric in Metric.equipmentRatios {
        guard let count = figures.count(of: metric) else { continue }
        if count.numerator > count.denominator { problems.append("\(what): \(metric) above one") }
      }
    }
    compare("district", district.figures, reference.figures { _, _, _ in true })
    var sum = Figures()
    for summary in district.factories {
      let id = summary.factory.id
      guard let factory = district.factory(id) else { return problems + ["factory \(id) is missing"] }
      sum += factory.figures
      compare(id, factory.figures, reference.figures { factory, _, _ in factory == id })
      var ofFactory = Figures()
      for workshop in factory.workshops {
        ofFactory += workshop.figures
        compare(
          "\(id)/\(workshop.id)", workshop.figures,
          reference.figures { factory, area, _ in (factory, area) == (id, workshop.id) })
        var ofWorkshop = Figures()
        for line in workshop.lines {
          ofWorkshop += line.figures
          compare(
            "\(id)/\(workshop.id)/\(line.id)", line.figures,
            reference.figures { ($0, $1, $2) == (id, workshop.id, line.id) })
          var ofLine = Figures()
          for equipment in line.equipment { ofLine += Figures(of: equipment) }
          if ofLine != line.figures { problems.append("\(id)/\(workshop.id)/\(line.id): equipment") }
        }
        if ofWorkshop != workshop.figures { problems.append("\(id)/\(workshop.id): lines do not add up") }
      }
      if ofFactory != factory.figures { problems.append("\(id): workshops do not add up") }
      for equipment in factory.equipment where district.equipment(equipment.key)?.key != equipment.key {
        problems.append("\(equipment.key) is not found")
      }
    }
    if sum != district.figures { problems.append("factories do not add up") }
    return problems
  }
}
