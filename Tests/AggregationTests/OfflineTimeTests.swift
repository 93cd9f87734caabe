import Aggregation
import Telemetry
import Testing

@Suite("Offline time") struct OfflineTimeTests {
  private static func at(_ minute: Int64) -> Timestamp { Timestamp(milliseconds: minute * 60_000) }

  private static func states(_ parts: [(Int64, Int64, EquipmentStates.Kind)], _ id: String = "E1")
    -> EquipmentStates
  {
    EquipmentStates(
      equipment: id, workshop: "W01", line: "L1", connectivity: .init(),
      parts: parts.map { .init(from: at($0.0), until: at($0.1), kind: $0.2) })
  }

  private static func spells(_ pairs: [(Int64, Int64)]) -> [Range<Timestamp>] {
    pairs.map { at($0.0)..<at($0.1) }
  }

  @Test(
    "Parts that are off are spells; unobserved time is none, and less than five minutes is a late message")
  func parts() throws {
    let states = Self.states([
      (0, 10, .state(.running)), (10, 40, .off), (40, 60, .unobserved), (60, 64, .off),
      (64, 70, .state(.idle)),
      (70, 75, .off),
    ])
    let time = try #require(OfflineTime(states))
    #expect(time.spells == Self.spells([(10, 40), (70, 75)]))
    #expect(time.longest == Self.at(10)..<Self.at(40))
    #expect(time.total == .minutes(35) && time.isOpen)
    #expect(time.equipment == "E1" && time.workshop == "W01" && time.line == "L1")
    let back = Self.states([(0, 10, .off), (10, 11, .state(.running)), (11, 20, .unobserved)])
    #expect(OfflineTime(back)?.isOpen == false)
    // Unobserved time after a spell does not end it.
    #expect(OfflineTime(Self.states([(0, 10, .off), (10, 20, .unobserved)]))?.isOpen == true)
    #expect(OfflineTime(Self.states([(0, 4, .off), (4, 9, .unobserved)])) == nil)
  }

  @Test("Time of an open session is not offline, wherever it begins and ends") func sessions() throws {
    let states = Self.states([(0, 100, .off), (100, 110, .state(.running)), (110, 200, .off)])
    let sessions = Self.spells([(-10, 20), (30, 33), (90, 120), (150, 300)])
    let time = try #require(OfflineTime(states, sessions: sessions))
    #expect(time.spells == Self.spells([(20, 30), (33, 90), (120, 150)]))
    #expect(time.total == .minutes(97) && !time.isOpen)
    #expect(time.longest == Self.at(33)..<Self.at(90))
    #expect(OfflineTime(states, sessions: Self.spells([(0, 200)])) == nil)
  }

  @Test("The twenty machines with the longest time are kept, and all are counted") func machines() throws {
    var machines = OfflineMachines()
    for number in 0..<25 as Range<Int64> {
      // 5, 6, …, 29 minutes, and of equal ones the first.
      let states = Self.states([(0, 5 + number, .off)], "E\(number)")
      machines.add(try #require(OfflineTime(states)))
    }
    machines.add(try #require(OfflineTime(Self.states([(0, 29, .off)], "Z"))))
    #expect(machines.count == 26 && machines.longest.count == 20)
    #expect(machines.longest.prefix(3).map(\.equipment) == ["E24", "Z", "E23"])
    #expect(machines.longest.last?.total == .minutes(11))
  }
}
