import Aggregation
import Register
import Telemetry
import Testing

struct RankingTests {
  /// Equipment of a factory of which `networked` report.
  private func plant(_ factory: String, _ networked: Int, of equipment: Int) -> (
    entries: [RegisterSnapshot.Entry], ids: [String]
  ) {
    let ids = (0..<equipment).map { String(1000 + $0) }
    return (ids.map { DistrictAssessmentTests.entry(factory, $0) }, Array(ids.prefix(networked)))
  }

  private func district(_ plants: [(id: String, networked: Int, equipment: Int)]) -> DistrictAssessment {
    let made = plants.map { (id: $0.id, plant: plant($0.id, $0.networked, of: $0.equipment)) }
    return DistrictAssessmentTests.assess(
      made.flatMap(\.plant.entries),
      made.flatMap { made in made.plant.ids.map { DistrictAssessmentTests.reading(made.id, $0) } },
      factories: plants.map { RegisteredFactory(id: $0.id) })
  }

  @Test func `the roll-up adds counts, mean and median stand beside it`() throws {
    let district = district([("A", 1, 3), ("B", 2, 3), ("C", 94, 94), ("D", 0, 0), ("E", 1, 7)])
    #expect(district.figures.count(of: .networkedRatio) == Count(98, of: 107))
    #expect(district.figures.count(of: .networkedRatio)?.percent == "91.5")
    let spread = try #require(district.spread(of: .networkedRatio))
    // 333,333 + 666,666 + 1,000,000 + 142,857 = 2,142,856; the middle two are 333,333 and 666,666.
    #expect(spread.factories == 4)
    #expect(spread.mean == 535_714)
    #expect(spread.median == 499_999)
    #expect(Spread([Count(1, of: 2), Count(0, of: 0), Count(1, of: 3), Count(3, of: 4)])?.median == 500_000)
    #expect(Spread([Count(0, of: 0)]) == nil)
  }

  @Test func `factories rank by exact ratio, ties by id, those without the figure last`() throws {
    let district = district([("A", 0, 0), ("B", 1, 3), ("C", 2, 3), ("D", 2, 6), ("E", 0, 2), ("F", 0, 0)])
    let ranked = try #require(district.ranked(by: .networkedRatio))
    #expect(ranked.map(\.factory.id) == ["C", "B", "D", "E", "A", "F"])
    #expect(district.ranked(by: .observationCoverage) == nil)
  }

  @Test func `ratios that differ by less than any rounding still rank`() throws {
    let near = [("A", 332, 333), ("B", 333, 334)]
    let ranked = try #require(district(near.map { ($0.0, $0.1, $0.2) }).ranked(by: .networkedRatio))
    #expect(ranked.map(\.factory.id) == ["B", "A"])
  }
}
