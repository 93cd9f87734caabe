import Decoding
import Ingestion
import SQLiteStore
import Telemetry
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

  @Test("Decisions to read refused messages again are the journal's too, among those to read everything anew")
  func readRefused() throws {
    for seed in 200..<240 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let site = try DecoderSite(&random)
      try site.run(&random)
      for _ in 0...random.next(3) {
        if random.next(4) == 0 { try site.reread(&random) } else { try site.retry(&random) }
        if random.next(3) > 0 { try site.run(&random) }
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
      try site.restart(without: true)
      try site.shard.repairAll()
      let replayed = try site.stored()
      #expect(replayed.figures.difference(from: expected.figures).isEmpty, "seed \(seed), replayed")
      #expect(replayed.refusals == expected.refusals, "seed \(seed), refused after the replay")
    }
  }

  @Test("An event time beyond a limit refuses the message, whatever its decoder, live and rebuilt")
  func eventTimes() throws {
    var random = SeededGenerator(seed: 0)
    let site = try DecoderSite(&random)
    let oldest: Int64 = -88 * 86_400
    func triple(_ equipment: String, _ seconds: Int64) -> Sent {
      Sent(topic: "t/F1/W1/\(equipment)", payload: "\(seconds) running", at: 10_000)
    }
    try site.receive([
      // The third event of each is two seconds later than the first.
      triple("E1", 308), triple("E2", 309), triple("E3", oldest + 10), triple("E4", oldest + 9),
      triple("E5", .max / 1_000_000), triple("E6", .min / 1_000_000),
      Sent(topic: "a/F1/W1/E7", payload: "B 1 A1", at: 10_000),
      Sent(topic: "a/F1/W1/E7", payload: "D 1 311 running", at: 10_000),
      Sent(topic: "a/F1/W1/E7", payload: "D 1 310 running", at: 10_000),
    ])
    let live = try site.stored()
    #expect(live.refusals == ["future 'ts' 3", "tooLate 'ts' 2"])
    let expected = try site.expectation()
    #expect(live.refusals == expected.refusals)
    #expect(live.figures.difference(from: expected.figures).isEmpty)
    let isSame = try site.rebuilt(by: .first) == live
    #expect(isSame)
  }

  @Test("The largest limits of a stretch of the journal include those of decisions to read it anew")
  func largestLimits() throws {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E1", 0)])
    var settings = try ShardFixture.settings(limit: 1000)
    let present = settings.limits
    settings.limits.futureSkew = .minutes(120)
    settings.limits.payload = 1 << 20
    try fixture.shard.use(settings, probe: nil, at: morning + .seconds(1))
    let decision = try fixture.shard.reread(from: firstDay, at: morning + .seconds(2))
    let journal = JournalReader(fixture.directory)
    func largest(through last: Int64) throws -> DecodingLimits {
      try RulesHistory(
        from: 2, through: last, configured: settings.rules, outline: journal.outline, block: journal.block
      ).largestLimits
    }
    #expect(try largest(through: decision - 1) == present)
    let anew = try largest(through: decision)
    #expect(anew == settings.limits)
  }
}
