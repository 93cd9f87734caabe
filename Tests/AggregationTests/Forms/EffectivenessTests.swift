import Aggregation
import Foundation
import Telemetry
import TestSupport
import Testing

/// Overall equipment effectiveness, from integer sums.
@Suite("Overall equipment effectiveness") struct EffectivenessTests {
  private typealias Machine = LedgerDays.Machine
  private static let hour: Int32 = 3_600_000

  @Test("It is ideal cycle × good pieces of planned time, added up over machines and never averaged")
  func sums() throws {
    // E1: 12 h of 24 h running; 30 s × 1,200 pieces = 10 h; of them 900 good = 7.5 h.
    // E2: 6 h of 24 h running; 2.5 s × 7,200 = 5 h; all good.
    let days = LedgerDays(machines: [
      Machine(
        id: "E1", cycle: .seconds(30), days: [.init(running: 12 * Self.hour, good: 900_000, total: 1_200_000)]
      ),
      Machine(
        id: "E2", line: "L2", cycle: .milliseconds(2500),
        days: [.init(running: 6 * Self.hour, good: 7_200_000, total: 7_200_000)]),
    ])
    let sums = try days.sums()
    let total = sums.total.effectiveness
    #expect(total.availability == Count(64_800_000, of: 172_800_000))
    #expect(total.effectiveness == Count(54_000_000, of: 64_800_000))
    #expect(total.quality == Count(45_000_000, of: 54_000_000))
    let figures = try days.figures()
    #expect(figures.count(of: .oee) == Count(45_000_000, of: 172_800_000))
    #expect(figures.count(of: .oee)?.percent == "26.0")
    #expect(figures.bounded(.oee)?.lower == figures.bounded(.oee)?.upper)
    #expect(figures.leftOut(of: .oee) == 0 && total.limited == 0)
    // The lines add up to the factory; a machine has its own.
    #expect(sums.places[.init(workshop: "W1", line: "L2")]?.effectiveness.productive == 18_000_000)
    #expect(sums.equipment["E1"]?.effectiveness.productive == 27_000_000)
    #expect(sums.equipment["E1"]?.effectiveness.measured == 1)
  }

  @Test("Unobserved time bounds it: all of it lost, or all of it fully productive") func bounds() throws {
    let days = LedgerDays(
      machines: [
        Machine(
          id: "E1", cycle: .seconds(36),
          days: [.init(running: 12 * Self.hour, good: 600_000, total: 600_000), nil])
      ], unobserved: [1])
    let bounded = try #require(try days.figures().bounded(.oee))
    #expect(bounded.value == Count(21_600_000, of: 86_400_000))
    #expect(bounded.lower == Count(21_600_000, of: 172_800_000))
    #expect(bounded.upper == Count(108_000_000, of: 172_800_000))
  }

  @Test("A machine that is faster than its ideal cycle has an effectiveness of 100 %, and is told")
  func limited() throws {
    let days = LedgerDays(machines: [
      Machine(
        id: "E1", cycle: .seconds(60), days: [.init(running: 10 * Self.hour, good: 700_000, total: 1_400_000)]
      ),
      Machine(id: "E2", cycle: .seconds(1), days: [.init(running: 0, good: 3000, total: 3000)]),
    ])
    let total = try days.sums().total.effectiveness
    // 60 s × 1,400 pieces = 23.3 h, but it ran for 10 h; half of the pieces are good. E2 was never said to run.
    #expect(total.ideal == 36_000_000 && total.productive == 18_000_000)
    #expect(total.limited == 2 && total.measured == 2)
  }

  @Test("Pieces made outside planned time add nothing: pieces are spread evenly over all running time")
  func outsidePlan() throws {
    // Planned is the first day only. 8 h on each day, at half the speed of the ideal cycle: 480 pieces × 60 s = 8 h.
    let half = LedgerDays.Day(running: 8 * Self.hour, good: 180_000, total: 240_000)
    var days = LedgerDays(
      machines: [Machine(id: "E1", cycle: .seconds(60), days: [half, half])], plannedDays: 1)
    let sums = try days.sums().total.effectiveness
    #expect(sums.availability == Count(28_800_000, of: 86_400_000))
    #expect(sums.effectiveness == Count(14_400_000, of: 28_800_000))
    #expect(sums.quality == Count(10_800_000, of: 14_400_000))
    #expect(sums.limited == 0 && sums.measured == 1)
    // An import that changes nothing changes no figure.
    days.secondImport = 1
    #expect(try days.sums().total.effectiveness == sums)
    // It ran on the second day alone, in less time than its pieces need, or more.
    let idle = LedgerDays.Day(running: 0, good: 0, total: 0)
    days.machines[0].days = [idle, half]
    #expect(try days.figures().count(of: .oee) == Count(0, of: 86_400_000))
    #expect(try days.sums().total.effectiveness.limited == 0)
    days.machines[0].days = [idle, .init(running: 3 * Self.hour, good: 240_000, total: 240_000)]
    #expect(try days.figures().count(of: .oee) == Count(0, of: 86_400_000))
    #expect(try days.sums().total.effectiveness.limited == 1)
    // The pieces of both days would have taken 16 h, and it ran for 12 h: all 6 h of planned time count.
    let fast = LedgerDays.Day(running: 6 * Self.hour, good: 120_000, total: 480_000)
    days.machines[0].days = [fast, fast]
    let limited = try days.sums().total.effectiveness
    #expect(limited.effectiveness == Count(21_600_000, of: 21_600_000))
    #expect(limited.quality == Count(5_400_000, of: 21_600_000) && limited.limited == 1)
    // 3 pieces × 1 ms × 1 of 3 ms, floored once; and counters beyond all numbers.
    days.machines[0].cycle = .milliseconds(1)
    days.machines[0].days = [
      .init(running: 1, good: 1000, total: 2999), .init(running: 2, good: 0, total: 0),
    ]
    #expect(try days.sums().total.effectiveness.ideal == 0)
    days.machines[0].days = [.init(running: 1, good: .max, total: .max), half]
    #expect(try days.sums().total.effectiveness.ideal == 1)
  }

  @Test("Meters and counters delivered if their values rose in the period, not if they ever did")
  func delivered() throws {
    let silent = LedgerDays.Day(running: Self.hour, good: 0, total: 0)
    func meter(_ id: String) -> Machine {
      Machine(id: id, meterKind: .electricity, days: [nil, nil], countsPieces: false, isHeard: false)
    }
    var days = LedgerDays(machines: [
      Machine(id: "E1", countsOutput: true, days: [.init(running: 1, good: 1000, total: 1000), silent]),
      // Its counter has stood still since before the period, though the machine runs and sends.
      Machine(id: "E2", countsOutput: true, days: [silent, silent]),
      Machine(id: "E3", countsOutput: true, days: [silent, .init(running: 1, good: 0, total: 1)]),
      Machine(id: "E4", days: [.init(running: 1, good: 1000, total: 1000), silent]),
      Machine(
        id: "E5", meter: "M1", days: [.init(running: 1, good: 0, total: 0, energy: 1), silent],
        sendsEnergy: true),
      Machine(id: "E6", meter: "M2", days: [silent, silent], sendsEnergy: true), meter("M1"), meter("M2"),
    ])
    for secondImport in [nil, 1] {
      days.secondImport = secondImport
      let delivered = try days.sums().delivered
      #expect(delivered.counters == ["E1", "E3"] && delivered.meters == ["M1"])
    }
  }

  @Test("Fractions of a millisecond are floored for each machine") func floored() throws {
    let days = LedgerDays(machines: [
      Machine(id: "E1", cycle: .milliseconds(1), days: [.init(running: 1000, good: 1999, total: 2999)]),
      Machine(id: "E2", cycle: .milliseconds(1), days: [.init(running: 1000, good: 1999, total: 2999)]),
    ])
    let total = try days.sums().total.effectiveness
    #expect(total.ideal == 4 && total.productive == 2)
  }

  @Test("An import that changes nothing changes no figure") func secondImport() throws {
    let day = LedgerDays.Day(running: 1000, good: 1500, total: 1500)
    var days = LedgerDays(machines: [Machine(id: "E1", cycle: .milliseconds(1), days: [day, day, day])])
    let once = try days.sums().total.effectiveness
    #expect(once.productive == 4 && once.planned == 259_200_000)
    days.secondImport = 1
    #expect(try days.sums().total.effectiveness == once)
  }

  @Test("Counters beyond all numbers stop at the greatest, and nothing traps") func saturation() throws {
    let day = LedgerDays.Day(running: 86_400_000, good: .max, total: .max)
    let days = LedgerDays(machines: [Machine(id: "E1", cycle: .days(1), days: [day, day])])
    let figures = try days.figures()
    #expect(figures.count(of: .oee) == Count(172_800_000, of: 172_800_000))
    #expect(figures.time.effectiveness.limited == 1)
  }

  @Test("Without one of its factors there is none, and the reason is given") func absences() throws {
    let day = LedgerDays.Day(running: 1000, good: 1000, total: 1000)
    func figures(_ change: (inout LedgerDays) -> Void) throws -> Figures {
      var days = LedgerDays(machines: [Machine(id: "E1", cycle: .seconds(1), days: [day])])
      change(&days)
      return try days.figures()
    }
    let cases: [(Absence?, (inout LedgerDays) -> Void)] = [
      (.notStated, { $0.machines[0].cycle = nil }), (.noCalendar, { $0.hasCalendar = false }),
      (.neverHeard, { $0.machines[0].isHeard = false }), (.noPieces, { $0.machines[0].countsPieces = false }),
      (nil, { _ in }),
    ]
    for (absence, change) in cases {
      let figures = try figures(change)
      #expect(figures.absence(of: .oee) == absence)
      if let absence, absence != .notStated {
        #expect(figures.count(of: .oee) == Count(0, of: 0), "\(absence)")
      }
    }
    #expect(try figures { $0.machines[0].cycle = nil }.count(of: .oee) == nil)
    // A machine that produced nothing in its planned time counts with 0; one without counters does not count.
    let days = LedgerDays(machines: [
      Machine(id: "E1", cycle: .seconds(1), days: [.init(running: 0, good: 0, total: 0)]),
      Machine(id: "E2", cycle: .seconds(1), days: [day], countsPieces: false),
    ])
    let idle = try days.figures()
    #expect(idle.count(of: .oee) == Count(0, of: 86_400_000))
    #expect(idle.leftOut(of: .oee) == 1 && idle.time.effectiveness.declared == 2)
  }

  // MARK: The package oee

  private struct Answer: Decodable {
    var oee, availability, performance, quality: Double
  }

  @Test("It is what the package oee of PyPI computes and adds up, of the same machines") func package() throws
  {
    let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../..")
      .standardizedFileURL
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    var groups: [LedgerDays] = []
    for _ in 0..<100 {
      groups.append(
        LedgerDays(
          machines: (1...Int.random(in: 1...4, using: &random)).map { number in
            Machine(
              id: "E\(number)", line: Bool.random(using: &random) ? "L1" : "L2",
              cycle: .milliseconds(.random(in: 1...120_000, using: &random)),
              days: (1...Int.random(in: 1...3, using: &random)).map { _ in
                let total = Int64.random(in: 1...3000, using: &random)
                return .init(
                  running: .random(in: 1...86_400_000, using: &random),
                  good: .random(in: 0...total, using: &random) * 1000, total: total * 1000)
              })
          }))
    }
    let folder = try TemporaryDirectory("oee")
    let questions = groups.map { group in
      group.machines.map { machine in
        let days = machine.days.compactMap(\.self)
        return [
          Double(days.count) * 86_400_000, days.reduce(0) { $0 + Double($1.running) },
          Double(machine.cycle?.milliseconds ?? 0), days.reduce(0) { $0 + Double($1.total) } / 1000,
          days.reduce(0) { $0 + Double($1.good) } / 1000,
        ]
      }
    }
    let file = try folder.write("groups.json", "")
    try JSONEncoder().encode(questions).write(to: URL(fileURLWithPath: file))
    let result = try run(
      "/usr/bin/python3",
      [top.appending(path: "Tests/AggregationTests/Forms/oee_package.py").path, file],
      environment: [
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": top.appending(path: ".build/oee").path,
      ], seconds: 60)
    try #require(result.status == 0, "\(result.errors)")
    let answers = try JSONDecoder().decode([Answer].self, from: Data(result.output.utf8))
    try #require(answers.count == groups.count)
    for (group, answer) in zip(groups, answers) {
      let sums = try group.sums().total.effectiveness
      // Ours are floored to a millisecond for each machine, numerators and denominators.
      let most = 2 * Double(group.machines.count) + 1
      func differs(_ count: Count, _ other: Double) -> Bool {
        abs(Double(count.numerator) - other * Double(count.denominator)) > most
      }
      #expect(!differs(Count(Int(sums.productive), of: Int(sums.planned)), answer.oee), "seed \(seed)")
      #expect(!differs(sums.availability, answer.availability), "seed \(seed)")
      #expect(!differs(sums.effectiveness, answer.performance), "seed \(seed)")
      #expect(!differs(sums.quality, answer.quality), "seed \(seed)")
    }
  }
}
