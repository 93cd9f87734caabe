import Aggregation
import Telemetry
import Testing

@Suite("A district's factories side by side") struct DistrictBreakdownTests {
  @Test("A ratio is in the tenth it reaches; only all of it is 100 %") func distribution() {
    let distribution = Distribution([
      Count(0, of: 5), Count(99, of: 1000), Count(1, of: 10), Count(999, of: 1000), Count(7, of: 7),
      Count(1, of: 1), Count(0, of: 0),
    ])
    #expect(distribution.factories == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2])
    #expect(distribution.without == 1)
    #expect(Distribution.bounds == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  }
}
