import Testing
import TestSupport

@Suite("Formats mixed at random") struct MixedFormatTests {
  @Test("Through reloads, restarts, failures and kills each message counts once; rebuilt views are the same")
  func mixes() throws {
    for seed in 0..<12 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let site = try MixedFormatSite()
      try site.run(&random)
      let stored = try site.stored()
      #expect(stored.readings == site.readings, "seed \(seed)")
      #expect(stored.refused == site.refused, "seed \(seed)")
      for configuration in MixedFormatSite.Configuration.allCases {
        let rebuilt = try site.rebuilt(by: configuration)
        #expect(rebuilt.lines.difference(from: stored.lines).isEmpty, "seed \(seed), by \(configuration)")
        #expect(rebuilt.readings == site.readings, "seed \(seed), by \(configuration)")
      }
    }
  }
}
