import Journal
import Register
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Contract: register") struct RegisterContract {
  private let file = RegisterFile(name: "equipment.csv", bytes: Array("abc".utf8))
  private func day(_ number: Int) -> CalendarDay { firstDay + number }
  private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

  private func machine(
    _ id: String, factory: String = "F1", name: String = "", meter: String = "", interval: Span? = nil,
    until: Int? = nil
  ) -> RegisteredEquipment {
    var equipment = RegisteredEquipment(
      key: EquipmentKey(factory: factory, equipment: id), workshop: "W1", name: name, category: "cnc",
      automation: .automatic)
    equipment.energyMeter = meter
    equipment.reportInterval = interval
    equipment.decommissionedOn = until.map(day)
    return equipment
  }

  @Test("Rows hold from their day on, and are known from their import on", arguments: StoreKind.all)
  func bothTimes(kind: StoreKind) throws {
    let made = try kind.make()
    #expect(try made.store.registerReader().version() == 0)
    #expect(try made.store.registerReader().snapshot(day: day(0)).entries.isEmpty)
    let writer = try made.store.registerWriter()
    let factories = [RegisteredFactory(id: "F1", nameChinese: "示例厂", nameEnglish: "Works")]
    let first = RegisterRows(factories: factories, equipment: [machine("E1", name: "old"), machine("E2")])
    #expect(
      try writer.importSnapshot(
        first, effectiveOn: day(10), importedAt: at(1000), equipmentFile: file, factoriesFile: nil) == 1)
    // Known later, holds earlier.
    let second = RegisterRows(equipment: [machine("E1", name: "new"), machine("E2", until: 20)])
    #expect(
      try writer.importSnapshot(
        second, effectiveOn: day(5), importedAt: at(5000), equipmentFile: file, factoriesFile: nil) == 2)
    let reader = try made.store.registerReader()
    func names(_ number: Int, knownAt: Int64?) throws -> [String] {
      try reader.snapshot(day: day(number), knownAt: knownAt.map(at)).entries.map(\.equipment.name)
    }
    #expect(try names(10, knownAt: 1000) == ["old", ""])
    #expect(try names(10, knownAt: 999) == [])
    #expect(try names(7, knownAt: 5000) == ["new", ""])
    #expect(try names(12, knownAt: nil) == ["old", ""])
    #expect(try reader.version() == 2)
    #expect(try reader.version(knownAt: at(4999)) == 1)
    #expect(try reader.imports().map(\.version.effectiveOn) == [day(10), day(5)])
    // FIPS 180-4's own example.
    #expect(
      try reader.imports().first?.equipment.sha256
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try reader.factoryIDs() == ["F1"])
    #expect(try reader.keys().count == 2)
    #expect(try reader.versions(of: EquipmentKey(factory: "F1", equipment: "E1")) == [1, 2])
    #expect(
      try reader.history(of: EquipmentKey(factory: "F1", equipment: "E1")).map(\.equipment.name) == [
        "old", "new",
      ])
    #expect(storeError { _ = try made.store.registerWriter() }?.kind == .locked)
    withExtendedLifetime(writer) {}
  }

  @Test("Attributes for forms come back as they were stored, version by version", arguments: StoreKind.all)
  func formAttributes(kind: StoreKind) throws {
    let made = try kind.make()
    let writer = try made.store.registerWriter()
    var stated = machine("E1")
    (stated.cnc, stated.process, stated.keyProcess) = (true, "精车", true)
    (stated.idealCycle, stated.assetValue) = (.milliseconds(86_400_000), 100_000_000_000_000)
    (stated.meterKind, stated.countsOutput) = (.other, false)
    var cleared = stated
    (cleared.cnc, cleared.process, cleared.keyProcess, cleared.idealCycle) = (false, "", nil, nil)
    (cleared.assetValue, cleared.meterKind, cleared.countsOutput) = (0, MeterKind.none, nil)
    let factories = [RegisteredFactory(id: "F1")]
    for (index, one) in [machine("E1"), stated, cleared].enumerated() {
      _ = try writer.importSnapshot(
        RegisterRows(factories: index == 0 ? factories : [], equipment: [one]), effectiveOn: day(index),
        importedAt: at(Int64(index)), equipmentFile: file, factoriesFile: nil)
    }
    let reader = try made.store.registerReader()
    for (index, one) in [machine("E1"), stated, cleared].enumerated() {
      #expect(try reader.snapshot(day: day(index)).entries.map(\.equipment) == [one])
    }
    #expect(try reader.history(of: machine("E1").key).map(\.equipment) == [machine("E1"), stated, cleared])
    let contents = try reader.contents(of: "F1")
    #expect(contents.imports.map(\.equipment) == [[machine("E1")], [stated], [cleared]])
    #expect(try reader.proof(of: "F1").contradiction(with: contents, of: "F1") == nil)
  }

  @Test(
    "An import is stored whole or not at all, and never known before the one before it",
    arguments: StoreKind.all)
  func whole(kind: StoreKind) throws {
    let made = try kind.make()
    let writer = try made.store.registerWriter()
    let rows = RegisterRows(factories: [RegisteredFactory(id: "F1")], equipment: [machine("E1")])
    _ = try writer.importSnapshot(
      rows, effectiveOn: day(1), importedAt: at(9000), equipmentFile: file, factoriesFile: nil)
    #expect(throws: StoreError.self) {
      try writer.importSnapshot(
        RegisterRows(equipment: [machine("E2"), machine("E3", factory: "F9")]), effectiveOn: day(2),
        importedAt: at(9500), equipmentFile: file, factoriesFile: nil)
    }
    #expect(try writer.version() == 1)
    #expect(try writer.keys().map(\.equipment) == ["E1"])
    _ = try writer.importSnapshot(
      rows, effectiveOn: day(3), importedAt: at(4000), equipmentFile: file, factoriesFile: nil)
    #expect(try writer.imports().map(\.version.importedAt) == [at(9000), at(9000)])
  }

  @Test("Random registers read as their histories in memory", arguments: StoreKind.all)
  func random(kind: StoreKind) throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<6 {
      let made = try kind.make()
      let writer = try made.store.registerWriter()
      var history = RegisterHistory()
      for version in 1...Int.random(in: 1...5, using: &random) {
        let equipment = ["A", "B", "C"].filter { _ in Bool.random(using: &random) }.flatMap { id in
          ["F1", "F2"].map {
            machine(
              id, factory: $0, name: "v\(version)", until: Bool.random(using: &random) ? 25 : nil)
          }
        }
        let rows = RegisterRows(
          factories: [RegisteredFactory(id: "F1"), RegisteredFactory(id: "F2")], equipment: equipment)
        let effective = day(.random(in: 0...40, using: &random))
        history.append(rows, effectiveOn: effective, importedAt: at(Int64(version) * 1000))
        _ = try writer.importSnapshot(
          rows, effectiveOn: effective, importedAt: at(Int64(version) * 1000), equipmentFile: file,
          factoriesFile: file)
      }
      for number in stride(from: -2, through: 42, by: 4) {
        let known = Int.random(in: 0...history.imports.count, using: &random)
        let expected = history.snapshot(day: day(number), knownVersion: known)
        try #require(try writer.snapshot(day: day(number), knownVersion: known) == expected, "seed \(seed)")
        let one = try writer.snapshot(day: day(number), knownVersion: known, factory: "F2")
        try #require(
          one.entries == expected.entries.filter { $0.equipment.key.factory == "F2" }, "seed \(seed)")
      }
    }
  }

  @Test("Meters, intervals and calendars are those of the rows that speak", arguments: StoreKind.all)
  func rest(kind: StoreKind) throws {
    let made = try kind.make()
    let writer = try made.store.registerWriter()
    let key = EquipmentKey(factory: "F1", equipment: "E1")
    for (version, meter) in [(1, "M1"), (2, ""), (3, "M2")] {
      _ = try writer.importSnapshot(
        RegisterRows(
          factories: [RegisteredFactory(id: "F1")],
          equipment: [
            machine("E1", meter: meter, interval: .seconds(60 * Int64(version))),
            machine("E2", interval: .hours(5), until: 12),
          ]), effectiveOn: day(version * 10), importedAt: at(Int64(version)), equipmentFile: file,
        factoriesFile: nil)
    }
    let meters = try writer.meterHistories(of: .all, knownVersion: 3)
    #expect(Array(meters.keys) == [key])
    #expect([5, 15, 25, 35].map { meters[key]?.meter(on: day($0)) } == ["M1", "M1", "E1", "M2"])
    #expect(try writer.meterHistories(of: .one("F2"), knownVersion: 3).isEmpty)
    #expect(try writer.longestInterval(on: day(11)) == .hours(5))
    #expect(try writer.longestInterval(on: day(12)) == .minutes(3))
    let shift = CalendarEntry(
      factory: "F1", place: .init(workshop: "W1", line: ""),
      kind: .shift(days: day(0)...day(9), weekdays: [1, 7], start: 60, end: 1500), note: "n")
    #expect(try writer.importCalendar([shift], from: file, at: at(50)) == 1)
    let calendars = try writer.productionCalendars()
    #expect(calendars.version == 1)
    #expect(calendars.factories["F1"]?.shifts.map(\.start) == [60])
    #expect(try writer.productionCalendars(knownAt: at(49), factory: nil).factories.isEmpty)
    #expect(try writer.calendarImports().map(\.factories) == [["F1"]])
  }
}
