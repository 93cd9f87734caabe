import TestSupport
import Testing

@Suite("Decoders of any kind") struct DecoderPropertyTests {
  @Test("Journal, quarantine, redelivery, repair and rebuild agree, whatever changed meanwhile")
  func agree() throws {
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let site = try DecoderSite(&random)
      try site.run(&random)
      try site.shard.repairAll()
      let expected = try site.expectation()
      let live = try site.stored()
      #expect(live.figures.difference(from: expected.figures).isEmpty, "seed \(seed), live")
      #expect(live.refusals == expected.refusals, "seed \(seed), refused live")
      // Whatever the configuration is now.
      for configuration in DecoderSite.Configuration.allCases {
        let rebuilt = try site.rebuilt(by: configuration)
        let isSame = rebuilt == live
        #expect(isSame, "seed \(seed), rebuilt by \(configuration)")
      }
      try site.restart(without: true)
      try site.shard.repairAll()
      let isSame = try site.stored() == live
      #expect(isSame, "seed \(seed), replayed")
    }
  }

  @Test(
    "The decision to read the past anew is the journal's: every rebuild keeps to it, before and behind it too"
  )
  func readAnew() throws {
    for seed in 100..<130 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let site = try DecoderSite(&random)
      try site.run(&random)
      try site.reread(&random)
      try site.run(&random)
      if random.next(2) == 0 {
        try site.reread(&random)
        try site.run(&random)
      }
      try site.shard.repairAll()
      let expected = try site.expectation()
      for configuration in DecoderSite.Configuration.allCases {
        let rebuilt = try site.rebuilt(by: configuration)
        #expect(
          rebuilt.figures.difference(from: expected.figures).isEmpty,
          "seed \(seed), rebuilt by \(configuration)")
        #expect(rebuilt.refusals == expected.refusals, "seed \(seed), refused")
      }
    }
  }
}
