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

  @Test(
    "Chinese names have initials",
    arguments: [
      ("渝北精密机械厂", "ybjmjxc"), ("两江齿轮", "ljcl"), ("A1 重庆", "a1zq"), ("", ""), ("\u{1F600}", ""),
    ])
  func initials(name: String, initials: String) { #expect(PinyinInitials.of(name) == initials) }
}
