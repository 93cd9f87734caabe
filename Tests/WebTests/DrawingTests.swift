import Aggregation
import Testing
import Web

@Suite("Bars and names") struct DrawingTests {
  @Test("A bar's parts fill it in the order of the buckets, and each is visible") func parts() {
    var counts = BucketCounts()
    #expect(BucketBar.parts(counts).isEmpty)
    counts.reporting = 100_000
    counts.offline = 1
    counts.neverSeen = 1
    let parts = BucketBar.parts(counts)
    #expect(parts.map(\.bucket) == [.reporting, .offline, .neverSeen])
    #expect(parts.map(\.from) == [0, 975, 987] && parts.map(\.width) == [975, 12, 13])
    counts = BucketCounts()
    counts.reporting = .max
    counts.silent = .max
    #expect(BucketBar.parts(counts).map(\.width).reduce(0, +) == 1000)
  }

  @Test("A line is drawn from the highest ratio down to the lowest, at least ten points") func depths() {
    #expect(TrendLine.depths([]).isEmpty)
    #expect(TrendLine.depths([900, 850, 700]) == [0, 250, 1000])
    #expect(TrendLine.depths([806, 801]) == [0, 50])
    // Below ten percent the bottom is zero.
    #expect(TrendLine.depths([40, 20]) == [600, 800])
    #expect(TrendLine.depths([1200, -5]) == [0, 1000])
  }

  @Test(
    "Chinese names have initials",
    arguments: [
      ("渝北精密机械厂", "ybjmjxc"), ("两江齿轮", "ljcl"), ("A1 重庆", "a1zq"), ("", ""), ("\u{1F600}", ""),
    ])
  func initials(name: String, initials: String) { #expect(PinyinInitials.of(name) == initials) }
}
