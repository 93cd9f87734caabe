import Foundation
import Testing
import TestSupport

@Suite("A simulated district", .serialized) struct DistrictRunTests {
  @Test(
    "Reports what was simulated: the retrofitted plant in full, the empty one not at all, buckets that add up"
  )
  func district() throws {
    let site = try Installation(name: "district")
    let register = site.folder.path + "/register"
    let size = ["--factories", "24", "--equipment", "20", "--port", "\(site.broker.port)"]
    let written = try run(
      Installation.executable, ["simulate", "--register-only", "--register-dir", register] + size)
    #expect(written.status == 0, "\(written.errors)")
    let imported = try site.millwright(
      "register", "import", register + "/equipment.csv", "--factories", register + "/factories.csv", "--yes")
    #expect(imported.status == 0, "\(imported.errors)")
    try site.startCollector()
    let simulated = try run(
      Installation.executable, ["simulate", "--backfill", "40m", "--duration", "1s"] + size, seconds: 120)
    #expect(simulated.status == 0, "\(simulated.errors)")
    // Everything was acknowledged by the broker; the last of it reaches the views.
    let published = try #require(
      (simulated.output + simulated.errors).split(whereSeparator: { " \n".contains($0) }).first {
        Int($0) != nil && $0.count > 3
      }.flatMap { Int($0) })
    #expect(waitUntil(60) { site.journaledCount() >= published })
    #expect(
      waitUntil(10) { (try? site.report("factory", "F001").metrics["reporting_ratio"]?.percent) == "100.0" })

    let report = try site.report("district")
    let factories = try #require(report.factories)
    let retrofitted = try #require(factories.first { $0.id == "F001" })
    for metric in ["automation_ratio", "networked_ratio", "digitalization_ratio", "reporting_ratio"] {
      let ratio = try #require(retrofitted.metrics[metric])
      #expect(ratio.percent == "100.0", "\(metric)")
      #expect(ratio.numerator == ratio.denominator && ratio.denominator > 0)
    }
    let empty = try #require(factories.first { $0.id == "F024" })
    for metric in ["automation_ratio", "networked_ratio"] {
      #expect(empty.metrics[metric] == .init(numerator: 0, denominator: 0, percent: nil))
    }
    // The buckets of every factory add up to its equipment, and the factories to the district.
    let buckets = ["reporting", "silent", "offline", "not_connectable", "never_seen"]
    for factory in factories {
      let sum = buckets.reduce(0) { $0 + (factory.buckets[$1] ?? -1) }
      #expect(sum == factory.metrics["automation_ratio"]?.denominator, "\(factory.id)")
    }
    for bucket in buckets + ["retired", "unregistered"] {
      #expect(factories.reduce(0) { $0 + ($1.buckets[bucket] ?? -1) } == report.buckets[bucket], "\(bucket)")
    }
    #expect(
      factories.reduce(0) { $0 + ($1.metrics["networked_ratio"]?.numerator ?? 0) }
        == report.metrics["networked_ratio"]?.numerator)
    // What a real district has too.
    #expect(report.buckets["unregistered"] ?? 0 > 0)
    #expect(report.buckets["never_seen"] ?? 0 > 0)
    let reasons = try site.stored.overview().rejections.map(\.reason)
    #expect(reasons.contains(.malformed), "malformed payloads are quarantined")
    #expect(reasons.contains(.future), "a clock eight hours ahead is refused as future")
    try site.stopCollector()
    let verified = try site.millwright("journal", "verify")
    #expect(verified.status == 0)
    #expect(verified.output.contains("messages     \(site.journaledCount()), of them 0 delivered again"))
  }
}
