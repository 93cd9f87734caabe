import Register
import Telemetry
import TestSupport
import Testing

/// The day `number` days after 2026-01-01.
func day(_ number: Int) -> CalendarDay { CalendarDay(number: 20_454 + Int32(number)) }

func machine(
  _ id: String, factory: String = "F1", name: String = "", from: Int? = nil, until: Int? = nil
) -> RegisteredEquipment {
  RegisteredEquipment(
    key: EquipmentKey(factory: factory, equipment: id), name: name, commissionedOn: from.map(day),
    decommissionedOn: until.map(day))
}

extension RegisterHistory {
  /// Records an import a second after the one before.
  mutating func append(_ equipment: [RegisteredEquipment], effective: Int) {
    let at = Timestamp(milliseconds: Int64(imports.count + 1) * 1000)
    append(
      RegisterRows(factories: [RegisteredFactory(id: "F1")], equipment: equipment),
      effectiveOn: day(effective),
      importedAt: at)
  }

  /// `E1 a inService`, for each entry: equipment, name, service and whether it is assumed.
  func lines(_ number: Int, known: Int? = nil) -> [String] {
    snapshot(day: day(number), knownVersion: known).entries.map { entry in
      "\(entry.equipment.key.equipment) \(entry.equipment.name) \(entry.service)"
        + (entry.assumed ? " assumed" : "")
    }
  }
}

@Suite("The register on a day, as known at a version")
struct RegisterHistoryTests {
  @Test("days are what the helper says")
  func days() { #expect(day(0).description == "2026-01-01") }

  @Test("nothing was ever imported")
  func empty() {
    #expect(
      RegisterHistory().snapshot(day: day(0)) == RegisterSnapshot(version: 0, day: day(0)))
  }

  @Test("the first import reaches back to each commissioning date, assumed")
  func firstImport() {
    var history = RegisterHistory()
    history.append(
      [machine("E1", name: "a", from: 10), machine("E2", name: "b"), machine("E3", name: "c", from: 40)],
      effective: 30)
    #expect(history.lines(9) == ["E1 a notYet assumed", "E2 b notYet assumed", "E3 c notYet assumed"])
    #expect(history.lines(10) == ["E1 a inService assumed", "E2 b notYet assumed", "E3 c notYet assumed"])
    #expect(history.lines(29) == ["E1 a inService assumed", "E2 b notYet assumed", "E3 c notYet assumed"])
    #expect(history.lines(30) == ["E1 a inService", "E2 b inService", "E3 c notYet"])
    #expect(history.lines(40) == ["E1 a inService", "E2 b inService", "E3 c inService"])
    #expect(history.snapshot(day: day(9)).factories == [RegisteredFactory(id: "F1")])
  }

  @Test("a later import holds from its day on; what it adds does not reach back; what it omits stays")
  func laterImport() {
    var history = RegisterHistory()
    history.append([machine("E1", name: "a", from: 0), machine("E2", name: "b", from: 0)], effective: 10)
    history.append([machine("E1", name: "A", from: 0), machine("E3", name: "c", from: 5)], effective: 20)
    #expect(history.lines(5) == ["E1 a inService assumed", "E2 b inService assumed", "E3 c notYet"])
    #expect(history.lines(19) == ["E1 a inService", "E2 b inService", "E3 c notYet"])
    #expect(history.lines(20) == ["E1 A inService", "E2 b inService", "E3 c inService"])
  }

  @Test("an import with an earlier day corrects the past, and only the machines it names")
  func correctionOfThePast() {
    var history = RegisterHistory()
    history.append([machine("E1", name: "a", from: 0), machine("E2", name: "b", from: 0)], effective: 30)
    history.append([machine("E1", name: "A", from: 2)], effective: 10)
    #expect(history.lines(1) == ["E1 A notYet assumed", "E2 b inService assumed"])
    #expect(history.lines(9) == ["E1 A inService assumed", "E2 b inService assumed"])
    #expect(history.lines(10) == ["E1 A inService", "E2 b inService assumed"])
    #expect(history.lines(30) == ["E1 a inService", "E2 b inService"])
  }

  @Test("of two imports with the same day the newer speaks")
  func sameDay() {
    var history = RegisterHistory()
    history.append([machine("E1", name: "a", from: 0)], effective: 10)
    history.append([machine("E1", name: "A", from: 0)], effective: 10)
    #expect(history.lines(10) == ["E1 A inService"])
    #expect(history.lines(9) == ["E1 A inService assumed"])
    #expect(history.lines(10, known: 1) == ["E1 a inService"])
  }

  @Test("a report as known at a version never changes again")
  func knownVersion() {
    var history = RegisterHistory()
    history.append([machine("E1", name: "a", from: 0)], effective: 10)
    let before = (-5...40).map { history.snapshot(day: day($0), knownVersion: 1) }
    history.append([machine("E1", name: "A", from: 3), machine("E2", name: "b")], effective: 5)
    history.append([machine("E1", name: "x", until: 15)], effective: 20)
    #expect((-5...40).map { history.snapshot(day: day($0), knownVersion: 1) } == before)
    #expect(history.snapshot(day: day(10), knownVersion: 1).version == 1)
    #expect(history.snapshot(day: day(10)).version == 3)
    #expect(history.snapshot(day: day(10), knownVersion: 99).version == 3)
    #expect(history.snapshot(day: day(10), knownVersion: 0).entries == [])
  }

  @Test("out of service from the day of decommissioning, and back in service by a later row")
  func retirementAndReturn() {
    var history = RegisterHistory()
    history.append([machine("E1", name: "a", from: 0, until: 10)], effective: 5)
    history.append([machine("E1", name: "A", from: 0)], effective: 20)
    #expect(history.lines(9) == ["E1 a inService"])
    #expect(history.lines(10) == ["E1 a retired"])
    #expect(history.lines(19) == ["E1 a retired"])
    #expect(history.lines(20) == ["E1 A inService"])
  }

  @Test("each factory's own first import is what reaches back")
  func factoriesApart() {
    var history = RegisterHistory()
    history.append([machine("E1", factory: "F1", name: "a", from: 0)], effective: 10)
    history.append([machine("E2", factory: "F2", name: "b", from: 0)], effective: 20)
    #expect(history.lines(5) == ["E1 a inService assumed", "E2 b inService assumed"])
    #expect(history.lines(15) == ["E1 a inService", "E2 b inService assumed"])
  }

  @Test("known-at finds the newest import made by then")
  func knownAt() {
    let imports = [1000, 2000, 2000].enumerated().map { index, at in
      RegisterImport(
        version: index + 1, effectiveOn: day(0), importedAt: Timestamp(milliseconds: Int64(at)))
    }
    let versions = [999, 1000, 1999, 2000, 9999].map {
      RegisterResolution.version(of: imports, knownAt: Timestamp(milliseconds: $0))
    }
    #expect(versions == [0, 1, 1, 3, 3])
  }

  @Test("a random history agrees with the rules applied one equipment and one day at a time")
  func agreesWithNaiveReference() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let history = RegisterHistory.random(using: &random)
      for number in stride(from: -2, through: 42, by: 1) {
        let known = Int.random(in: 0...history.imports.count, using: &random)
        let snapshot = history.snapshot(day: day(number), knownVersion: known)
        let expected = NaiveRegister(history).entries(on: day(number), known: known)
        try #require(snapshot.entries == expected, "seed \(seed), day \(number), version \(known)")
      }
    }
  }
}

/// The rules of the register, one equipment at a time, without an order of imports.
struct NaiveRegister {
  let history: RegisterHistory
  init(_ history: RegisterHistory) { self.history = history }

  func entries(on day: CalendarDay, known: Int) -> [RegisterSnapshot.Entry] {
    let imports = history.imports.filter { $0.0.version <= known }
    var keys: Set<EquipmentKey> = []
    for (_, rows) in imports { keys.formUnion(rows.equipment.map(\.key)) }
    return keys.sorted().compactMap { key in
      var rows: [(effective: CalendarDay, version: Int, row: RegisteredEquipment)] = []
      var baseline: CalendarDay?
      for (one, content) in imports {
        if baseline == nil, content.equipment.contains(where: { $0.key.factory == key.factory }) {
          baseline = one.effectiveOn
        }
        for row in content.equipment where row.key == key { rows.append((one.effectiveOn, one.version, row)) }
      }
      guard let baseline else { return nil }
      let past = rows.filter { $0.effective <= day }
      if let latest = past.map(\.effective).max() {
        let speaker = past.filter { $0.effective == latest }.max { $0.version < $1.version }
        return speaker.map {
          entry($0.row, on: day, from: $0.row.commissionedOn ?? $0.effective, assumed: false)
        }
      }
      guard let earliest = rows.map(\.effective).min() else { return nil }
      let speaker = rows.filter { $0.effective == earliest }.max { $0.version < $1.version }
      return speaker.map { speaker in
        if speaker.effective <= baseline {
          return entry(
            speaker.row, on: day, from: speaker.row.commissionedOn ?? speaker.effective, assumed: true)
        }
        return entry(
          speaker.row, on: day, from: max(speaker.row.commissionedOn ?? speaker.effective, speaker.effective),
          assumed: false, later: true)
      }
    }
  }

  private func entry(
    _ row: RegisteredEquipment, on day: CalendarDay, from: CalendarDay, assumed: Bool, later: Bool = false
  ) -> RegisterSnapshot.Entry {
    if let until = row.decommissionedOn, day >= until {
      return RegisterSnapshot.Entry(
        equipment: row, service: .retired, assumed: assumed, registeredLater: later)
    }
    return RegisterSnapshot.Entry(
      equipment: row, service: day < from ? .notYet : .inService, assumed: assumed, registeredLater: later)
  }
}

extension RegisterHistory {
  /// Up to six imports of two factories' few machines, days 0 to 40, in any order of dates.
  static func random(using random: inout SeededGenerator) -> RegisterHistory {
    var history = RegisterHistory()
    for version in 1...Int.random(in: 1...6, using: &random) {
      var rows: [RegisteredEquipment] = []
      for factory in ["F1", "F2"] {
        for id in ["A", "B", "C"] where Bool.random(using: &random) {
          let from = Bool.random(using: &random) ? Int.random(in: 0...40, using: &random) : nil
          let until =
            Int.random(in: 0..<4, using: &random) == 0
            ? Int.random(in: (from ?? 0) + 1...(from ?? 0) + 20, using: &random) : nil
          rows.append(machine(id, factory: factory, name: "v\(version)", from: from, until: until))
        }
      }
      history.append(rows, effective: Int.random(in: 0...40, using: &random))
    }
    return history
  }
}
