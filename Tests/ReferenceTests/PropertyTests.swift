import Foundation
import TestSupport
import Testing

/// Random scenarios through the product and through the reference. `REFERENCE_CASES` says how many,
/// `REFERENCE_SEED` where to begin: a seed alone gives that one again.
@Suite("Reference") struct PropertyTests {
  /// Seeds that one test case goes through; the cases share the processors.
  private static let share = 25

  private static func seeds(ordinarily cases: Int) -> [Range<UInt64>] {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["REFERENCE_SEED"].flatMap(UInt64.init)
    let wanted = environment["REFERENCE_CASES"].flatMap(Int.init) ?? (seed == nil ? cases : 1)
    let first = seed ?? 0
    let end = first + UInt64(wanted)
    return stride(from: first, to: end, by: share).map { $0..<min($0 + UInt64(share), end) }
  }

  @Test(
    "Every figure, after repair, is the one the definition gives for the whole set of records",
    arguments: seeds(ordinarily: 200))
  func againstReference(seeds: Range<UInt64>) throws {
    for seed in seeds {
      let scenario = RandomScenario.make(seed: seed)
      let expected = Reference(scenario: scenario).figures()
      let found = try ProductRun(scenario: scenario).figures()
      let difference = difference(expected, found)
      guard difference.isEmpty else {
        Issue.record(
          "REFERENCE_SEED=\(seed) differs from the reference:\n\(difference)\n\(scenario)")
        return
      }
    }
  }

  @Test(
    "All that was told, told again with the receipts it had, changes no byte of any report",
    arguments: seeds(ordinarily: 200))
  func fedAgain(seeds: Range<UInt64>) throws {
    for seed in seeds where seed % 50 == 0 || seeds.count == 1 {
      let scenario = RandomScenario.make(seed: seed)
      let (reports, others) = try ProductRun(scenario: scenario).reportsFedAgain()
      #expect(reports.count > 5)
      guard others.isEmpty else {
        Issue.record("REFERENCE_SEED=\(seed):\n\(others.joined(separator: "\n"))\n\(scenario)")
        return
      }
    }
  }

  @Test("Scenarios hold what they are to hold: lost messages, kills, clocks that leap, messages told again")
  func whatHappens() {
    let scenarios = (0..<200 as Range<UInt64>).map { RandomScenario.make(seed: $0) }
    func share(_ happens: (Scenario) -> Bool) -> Int { scenarios.count(where: happens) / 2 }
    #expect(share { Self.equipmentWithGaps($0) >= 1 } > 50)
    #expect(share { Self.equipmentWithGaps($0) >= 2 } > 15)
    #expect(share { $0.connections.contains { $0.ending == .killed } } > 60)
    #expect(share { Self.receipts($0).contains { $1 - $0 > 60_000 + Scenario.day } } > 5, "set forward")
    #expect(share { Self.receipts($0).contains { $0 - $1 > 60_000 } } > 10, "set back")
    #expect(share { Set(Self.receipts($0).map(\.0)).count < Self.receipts($0).count } > 30)
    #expect(
      share { scenario in scenario.connections.contains { $0.resumed && Self.again($0, scenario) } } > 30)
    #expect(
      share { $0.connections.contains { $0.events.contains { if case .drops = $0 { true } else { false } } } }
        > 30)
    #expect(share { Self.silences($0) > 0 } > 12, "connected and deaf")
    #expect(
      share { Self.silences($0, ofOthers: true) > Self.silences($0) } > 3, "silent, all having said offline")
    #expect(share { Self.flaps($0) } > 30, "online and offline at one instant")
    #expect(share(\.isCut) > 15, "as of an instant within a day")
  }

  /// How many silences are judged to be deafness, or would be if nobody had ever said offline.
  private static func silences(_ scenario: Scenario, ofOthers: Bool = false) -> Int {
    var connections = scenario.connections
    if ofOthers {
      for index in connections.indices {
        connections[index].events = connections[index].events.map { event in
          guard case .message(var record) = event, record.kind == .offline else { return event }
          record.kind = .online
          return .message(record)
        }
      }
    }
    return Listening(connections, horizon: scenario.longestHorizon).silences.count
  }

  /// Whether an equipment comes and goes within one instant.
  private static func flaps(_ scenario: Scenario) -> Bool {
    let presence = scenario.connections.flatMap(\.messages).filter { $0.isAccepted }
    let online = Set(presence.filter { $0.kind == .online }.map { "\($0.equipment) \($0.time)" })
    return presence.contains { $0.kind == .offline && online.contains("\($0.equipment) \($0.time)") }
  }

  /// How many equipment have time that is unobserved because messages are missing.
  private static func equipmentWithGaps(_ scenario: Scenario) -> Int {
    let reference = Reference(scenario: scenario)
    return ["E1", "E2", "E3", "E4", "E5"].count { id in
      guard scenario.days.contains(where: { reference.inService(id, on: $0) != nil }) else { return false }
      return !reference.lost(reference.distinct(id)).isEmpty
    }
  }

  /// Each receipt with the next of its connection.
  private static func receipts(_ scenario: Scenario) -> [(Int, Int)] {
    scenario.connections.flatMap { Array(zip($0.events.map(\.at), $0.events.dropFirst().map(\.at))) }
  }

  /// Whether a connection begins with a message that came before.
  private static func again(_ connection: Scenario.Connection, _ scenario: Scenario) -> Bool {
    guard let first = connection.messages.first else { return false }
    return scenario.connections.flatMap(\.messages).contains {
      $0.isSameMessage(as: first) && $0.received != first.received
    }
  }

  /// What the reference does not mention must be nothing.
  private func difference(_ expected: [String: String], _ found: [String: String]) -> String {
    Set(expected.keys).union(found.keys).sorted().compactMap { path in
      let (a, b) = (expected[path], found[path])
      if a == b || (a == nil && isNothing(b)) || (b == nil && isNothing(a)) { return nil }
      return "\(path): expected \(a ?? "nothing"), found \(b ?? "nothing")"
    }.joined(separator: "\n")
  }

  private func isNothing(_ figure: String?) -> Bool {
    figure.map { ["", "0", "none", "0/0", "0/0 0/0 0/0"].contains($0) } ?? true
  }
}
