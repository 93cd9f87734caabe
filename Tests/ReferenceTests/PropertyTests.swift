import Foundation
import TestSupport
import Testing

@Suite("Reference") struct PropertyTests {
  @Test("Every figure, after repair, is the one the definition gives for the whole set of records")
  func againstReference() throws {
    let environment = ProcessInfo.processInfo.environment
    let cases = environment["MILLWRIGHT_REFERENCE_CASES"].flatMap(Int.init) ?? 200
    let first = environment["MILLWRIGHT_REFERENCE_SEED"].flatMap(UInt64.init) ?? 0
    for seed in first..<first + UInt64(cases) {
      let scenario = RandomScenario.make(seed: seed)
      let expected = Reference(scenario: scenario).figures()
      let found = try ProductRun(scenario: scenario).figures()
      guard same(expected, found) else {
        Issue.record("seed \(seed) differs from the reference:\n\(difference(expected, found))")
        return
      }
      guard seed % 8 == 0 else { continue }
      let shuffled = try ProductRun(scenario: scenario).figures(.shuffled(SeededGenerator(seed: seed)))
      guard found == shuffled else {
        Issue.record("seed \(seed) shuffled differs from in order:\n\(difference(found, shuffled))")
        return
      }
    }
  }

  @Test(
    "In most scenarios messages of some equipment are missing for longer than a horizon, in many of several")
  func gapsHappen() {
    let equipment = (0..<100 as Range<UInt64>).map { seed in
      let scenario = RandomScenario.make(seed: seed)
      let reference = Reference(scenario: scenario)
      return ["E1", "E2", "E3", "E4", "E5"].count { id in
        guard let row = scenario.days.compactMap({ reference.inService(id, on: $0) }).first else {
          return false
        }
        return !reference.lost(reference.distinct(id), row).isEmpty
      }
    }
    #expect(equipment.count { $0 >= 1 } > 80)
    #expect(equipment.count { $0 >= 2 } > 50)
  }

  /// What the reference does not mention must be nothing.
  private func same(_ expected: [String: String], _ found: [String: String]) -> Bool {
    difference(expected, found).isEmpty
  }

  private func difference(_ expected: [String: String], _ found: [String: String]) -> String {
    Set(expected.keys).union(found.keys).sorted().compactMap { path in
      let (a, b) = (expected[path], found[path])
      if a == b || (a == nil && isNothing(b)) || (b == nil && isNothing(a)) { return nil }
      return "\(path): expected \(a ?? "nothing"), found \(b ?? "nothing")"
    }.joined(separator: "\n")
  }

  private func isNothing(_ figure: String?) -> Bool {
    figure.map { ["", "0", "none", "0/0", "0/0 0/0 0/0"].contains($0) } ?? true
  }
}
