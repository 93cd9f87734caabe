import Aggregation
import Register
import Reporting
import Storage
import Telemetry

/// A district of 179 factories with ten machines each, all declared as connectable. Of the machines of factory
/// F100 + n, n modulo 11 were heard.
enum LongDistrict {
  static let factories = 179
  static let machines = 10

  static func id(_ number: Int) -> String { "F\(100 + number)" }

  /// Number of machines that were heard.
  static func heard(_ number: Int) -> Int { number % 11 }

  static func assessment() -> DistrictAssessment {
    let t = SampleDistrict.asOf
    let period = Period(endingAt: t, calendar: SampleDistrict.calendar)
    func key(_ factory: Int, _ machine: Int) -> EquipmentKey {
      EquipmentKey(factory: id(factory), equipment: "E\(10 + machine)")
    }
    let entries = (0..<factories).flatMap { factory in
      (0..<machines).map { machine in
        RegisterSnapshot.Entry(
          equipment: RegisteredEquipment(
            key: key(factory, machine), category: "machine", automation: .automatic, digital: true,
            connectable: true),
          service: .inService)
      }
    }
    let evidence: [EquipmentEvidence] = (0..<factories).flatMap { factory in
      (0..<heard(factory)).map { machine in
        EquipmentEvidence(key: key(factory, machine), readings: .init(last: t, state: .running))
      }
    }
    return DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay,
        factories: (0..<factories).map {
          RegisteredFactory(id: id($0), nameChinese: "第\($0)机械厂", nameEnglish: "Works \($0)")
        }, entries: entries),
      evidence: StoreEvidence(asOf: t, equipment: evidence, observed: [(period.from, t + .milliseconds(1))]),
      knownAt: t, period: period)
  }

  static func report(rankedBy order: RankingOrder = .metric(.networkedRatio)) throws -> Report {
    try Report(
      on: .district, of: assessment(), district: SampleDistrict.identity, version: "0.1.0", rankedBy: order)
  }
}
