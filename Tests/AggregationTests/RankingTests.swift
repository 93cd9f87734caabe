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

  @Test func `factories rank by exact ratio, those without the figure last`() throws {
    let district = district([("A", 0, 0), ("B", 1, 3), ("C", 2, 3), ("E", 0, 2), ("F", 0, 0)])
    let ranked = try #require(district.ranked(by: .metric(.networkedRatio)))
    #expect(ranked.map(\.factory.id) == ["C", "B", "E", "A", "F"])
    #expect(district.ranked(by: .metric(.observationCoverage)) == nil)
  }

  @Test func `of equal ratios the one of more equipment comes first, at 0 the one of less, then by id`()
    throws
  {
    let district = district([
      ("A", 2, 2), ("B", 5, 5), ("C", 2, 2), ("D", 1, 3), ("E", 2, 6), ("F", 0, 9), ("G", 0, 2),
    ])
    let ranked = try #require(district.ranked(by: .metric(.networkedRatio)))
    #expect(ranked.map(\.factory.id) == ["B", "A", "C", "E", "D", "G", "F"])
  }

  @Test func `by the gap, factories that declare more than is measured come first`() throws {
    // All equipment is declared as connectable: the gaps are 2/3, 2/4, 2/5, 0/2 and 0/3.
    let district = district([("A", 0, 0), ("B", 2, 2), ("C", 3, 5), ("D", 1, 3), ("E", 2, 4), ("F", 3, 3)])
    let ranked = try #require(district.ranked(by: .gap))
    #expect(ranked.map(\.factory.id) == ["D", "E", "C", "B", "F", "A"])
    #expect(ranked.map(\.figures.declaredGap?.numerator) == [2, 2, 2, 0, 0, nil])
    // Of gaps of −1/2 and −2/4, the one of more equipment.
    #expect(Count(-2, of: 4).precedes(Count(-1, of: 2)) && !Count(-1, of: 2).precedes(Count(-2, of: 4)))
    #expect(RankingOrder(key: "declared_gap") == .gap)
    #expect(RankingOrder(key: "networked_ratio") == .metric(.networkedRatio))
    #expect(RankingOrder(key: "observation_coverage") == nil)
    #expect(RankingOrder.keys.last == "declared_gap")
  }

  @Test func `ratios that differ by less than any rounding still rank`() throws {
    let near = [("A", 332, 333), ("B", 333, 334)]
    let ranked = try #require(district(near.map { ($0.0, $0.1, $0.2) }).ranked(by: .metric(.networkedRatio)))
    #expect(ranked.map(\.factory.id) == ["B", "A"])
  }
}
