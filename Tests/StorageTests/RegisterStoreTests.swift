import Foundation
import GRDB
import Journal
import Register
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("The register in its file")
struct RegisterStoreTests {
  @Test("without a file the register is empty, and a reader sees the first import when it comes")
  func readerBeforeFirstImport() throws {
    try withRegisterDirectory { directory in
      let reader = try RegisterStore.open(directory: directory, readOnly: true)
      #expect(try reader.version() == 0)
      #expect(try reader.snapshot(day: day(0)) == RegisterSnapshot(version: 0, day: day(0)))
      #expect(try reader.factoryIDs() == [])
      #expect(FileManager.default.fileExists(atPath: directory) == false, "reading makes nothing")

      let writer = try RegisterStore.open(directory: directory, readOnly: false)
      #expect(try reader.version() == 0)
      try writer.store([machine("E1", from: 0)], effective: 10, at: 1000)
      #expect(try reader.version() == 1)
      #expect(try reader.snapshot(day: day(10)).entries.map(\.equipment) == [machine("E1", from: 0)])
    }
  }

  @Test(
    "a register or its lock that is taken away while it is written is no success",
    arguments: [
      "register.sqlite", "register.lock",
    ])
  func takenAway(name: String) throws {
    try withRegisterDirectory { directory in
      let writer = try RegisterStore.open(directory: directory, readOnly: false)
      try writer.store([machine("E1")], effective: 10, at: 1000)
      try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
      let refusal = storeError { try writer.store([machine("E2")], effective: 11, at: 2000) }
      #expect(refusal?.kind == .removed)
      #expect(
        refusal?.description.hasPrefix("\(directory)/\(name) was deleted while the register was written")
          == true)
    }
  }

  @Test("every attribute of equipment and factories comes back as it was stored")
  func attributes() throws {
    let factory = RegisteredFactory(
      id: "F1", nameChinese: "示例厂", nameEnglish: "Works", industry: "machinery", district: "科学城",
      retrofitCompletedOn: day(3))
    let equipment = RegisteredEquipment(
      key: EquipmentKey(factory: "F1", equipment: "E1"), workshop: "W1", line: "L1",
      name: "'; DROP TABLE import; --", category: "车床", automation: .semiAutomatic, intelligent: true,
      digital: true, connectable: true, reportInterval: .seconds(60), commissionedOn: day(-9000),
      decommissionedOn: day(900), retrofittedOn: day(2), serial: "S", energyMeter: "M", gateway: "G",
      cnc: false,
      process: "精加工", keyProcess: true, idealCycle: .milliseconds(12_345), assetValue: 123_456_789,
      meterKind: MeterKind.none, countsOutput: true)
    let rows = RegisterRows(factories: [factory], equipment: [equipment, machine("E2")])
    try withRegisterDirectory { directory in
      let writer = try RegisterStore.open(directory: directory, readOnly: false)
      let version = try writer.importSnapshot(
        rows, effectiveOn: day(5), importedAt: Timestamp(milliseconds: 77),
        equipmentFile: file("equipment.csv", "abc"),
        factoriesFile: file("factories.csv", ""))
      #expect(version == 1)
      let snapshot = try RegisterStore.open(directory: directory, readOnly: true).snapshot(day: day(5))
      #expect(snapshot.factories == [factory])
      #expect(snapshot.entries.map(\.equipment) == [equipment, machine("E2")])

      let imports = try writer.imports()
      #expect(imports.count == 1)
      #expect(
        imports.first?.version
          == RegisterImport(version: 1, effectiveOn: day(5), importedAt: Timestamp(milliseconds: 77)))
      // The digests of FIPS 180-4's own example "abc", and of no bytes.
      #expect(
        imports.first?.equipment.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(
        imports.first?.factories?.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      )
      #expect(imports.first?.equipment.name == "equipment.csv")
      #expect(imports.first?.equipment.rows == 2)
      #expect(imports.first?.factories?.rows == 1)
    }
  }

  @Test(
    "a register made before the attributes for forms is read, keeps its hashes, and takes them from then on")
  func earlierSchema() throws {
    let rows = RegisterRows(factories: [RegisteredFactory(id: "F1")], equipment: [machine("E1")])
    let columns = [
      "cnc", "process", "key_process", "ideal_cycle_ms", "asset_value", "meter_kind", "counts_output",
    ]
    try withRegisterDirectory { directory in
      func store(_ rows: RegisterRows) throws {
        let writer = try RegisterStore.open(directory: directory, readOnly: false)
        _ = try writer.importSnapshot(
          rows, effectiveOn: day(5), importedAt: Timestamp(milliseconds: 77),
          equipmentFile: file("equipment.csv", "abc"))
      }
      try store(rows)
      let queue = try DatabaseQueue(path: directory + "/register.sqlite")
      try queue.write { database in
        for column in columns { try database.execute(sql: "ALTER TABLE equipment_row DROP COLUMN \(column)") }
        try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE 'register 5:%'")
      }
      let reader = try RegisterStore.open(directory: directory, readOnly: true)
      #expect(try reader.snapshot(day: day(5)).entries.map(\.equipment) == [machine("E1")])
      let before = try reader.verifyChain(anchoredIn: [])
      #expect(before?.entries == 1)
      #expect(try reader.contents(of: "F1").imports.map(\.equipment) == [[machine("E1")]])
      var changed = machine("E1")
      changed.assetValue = 5
      try store(RegisterRows(equipment: [changed]))
      // The reader was open while the register was upgraded.
      #expect(try reader.snapshot(day: day(5)).entries.map(\.equipment) == [changed])
      let after = try reader.verifyChain(anchoredIn: [])
      #expect(after?.entries == 2)
      #expect(
        try queue.read { try Data.fetchOne($0, sql: "SELECT hash FROM chain WHERE position = 1") }.map(
          Array.init)
          == before?.hash.bytes)
    }
  }

  @Test("a random register's snapshots from the file are those of its history in memory")
  func agreesWithHistory() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<12 {
      try withRegisterDirectory { directory in
        var history = RegisterHistory()
        let store = try RegisterStore.open(directory: directory, readOnly: false)
        for version in 1...Int.random(in: 1...6, using: &random) {
          let rows = RegisterRows.random(name: "v\(version)", using: &random)
          let effective = day(.random(in: 0...40, using: &random))
          let at = Timestamp(milliseconds: Int64(version) * 1000)
          history.append(rows, effectiveOn: effective, importedAt: at)
          try store.importSnapshot(
            rows, effectiveOn: effective, importedAt: at, equipmentFile: file("equipment.csv", ""),
            factoriesFile: file("factories.csv", ""))
        }
        for number in stride(from: -2, through: 42, by: 3) {
          let known = Int.random(in: 0...history.imports.count, using: &random)
          let expected = history.snapshot(day: day(number), knownVersion: known)
          let instant = Timestamp(milliseconds: Int64(known) * 1000 + 500)
          try #require(try store.snapshot(day: day(number), knownVersion: known) == expected, "seed \(seed)")
          try #require(try store.snapshot(day: day(number), knownAt: instant) == expected, "seed \(seed)")
          let one = try store.snapshot(day: day(number), knownVersion: known, factory: "F2")
          try #require(
            one.entries == expected.entries.filter { $0.equipment.key.factory == "F2" }, "seed \(seed)")
          try #require(one.factories == expected.factories.filter { $0.id == "F2" }, "seed \(seed)")
        }
        try #require(try store.snapshot(day: day(20)) == history.snapshot(day: day(20)), "seed \(seed)")
      }
    }
  }

  @Test("an import that fails leaves nothing of itself")
  func allOrNothing() throws {
    try withRegisterDirectory { directory in
      let store = try RegisterStore.open(directory: directory, readOnly: false)
      try store.store([machine("E1", from: 0)], effective: 10, at: 1000)
      let before = try store.snapshot(day: day(10))
      #expect(throws: StoreError.self) {
        try store.importSnapshot(
          RegisterRows(
            factories: [RegisteredFactory(id: "F7")],
            equipment: [machine("E2", factory: "F7"), machine("E3", factory: "F9")]),
          effectiveOn: day(5), importedAt: Timestamp(milliseconds: 2000),
          equipmentFile: file("equipment.csv", ""))
      }
      #expect(try store.version() == 1)
      #expect(try store.snapshot(day: day(10)) == before)
      #expect(try store.factoryIDs() == ["F1"])
    }
  }

  @Test("what was imported is never changed or deleted, whoever tries")
  func appendOnly() throws {
    try withRegisterDirectory { directory in
      let store = try RegisterStore.open(directory: directory, readOnly: false)
      try store.store([machine("E1")], effective: 10, at: 1000)
      let intruder = try DatabaseQueue(path: directory + "/register.sqlite")
      for table in ["import", "factory_row", "equipment_row", "import_factory"] {
        #expect(throws: DatabaseError.self) {
          try intruder.write { try $0.execute(sql: "DELETE FROM \(table)") }
        }
        #expect(throws: DatabaseError.self) {
          try intruder.write { try $0.execute(sql: "UPDATE \(table) SET version = 9") }
        }
      }
      #expect(try store.snapshot(day: day(10)).entries.count == 1)
    }
  }

  @Test("one writer at a time; the next one once the first is gone; readers always")
  func oneWriter() throws {
    try withRegisterDirectory { directory in
      var first: RegisterStore? = try RegisterStore.open(directory: directory, readOnly: false)
      try first?.store([machine("E1")], effective: 10, at: 1000)
      do {
        _ = try RegisterStore.open(directory: directory, readOnly: false)
        Issue.record("two writers at once")
      } catch let error as StoreError {
        #expect(error.kind == .locked)
        #expect(
          error.description
            == "\(directory)/register.lock: another register command is writing; try again when it is done")
      }
      #expect(try RegisterStore.open(directory: directory, readOnly: true).version() == 1)
      first = nil
      let second = try RegisterStore.open(directory: directory, readOnly: false)
      #expect(try second.store([machine("E1")], effective: 10, at: 2000) == 2)
    }
  }

  @Test("a reader cannot import")
  func readerCannotImport() throws {
    try withRegisterDirectory { directory in
      try RegisterStore.open(directory: directory, readOnly: false).store(
        [machine("E1")], effective: 1, at: 1)
      let reader = try RegisterStore.open(directory: directory, readOnly: true)
      #expect(throws: StoreError.self) { try reader.store([machine("E2")], effective: 2, at: 2) }
      #expect(try reader.version() == 1)
    }
  }

  @Test("the log outlives the writer, so that a user who may only read can open the register")
  func persistentLog() throws {
    try withRegisterDirectory { directory in
      try RegisterStore.open(directory: directory, readOnly: false).store(
        [machine("E1")], effective: 1, at: 1)
      let files = FileManager.default
      for name in ["register.sqlite", "register.sqlite-wal", "register.sqlite-shm"] {
        let attributes = try files.attributesOfItem(atPath: "\(directory)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o640, "\(name)")
      }
      for name in try files.contentsOfDirectory(atPath: directory) where name.hasPrefix("register") {
        try files.setAttributes([.posixPermissions: 0o440], ofItemAtPath: "\(directory)/\(name)")
      }
      try files.setAttributes([.posixPermissions: 0o550], ofItemAtPath: directory)
      defer { try? files.setAttributes([.posixPermissions: 0o750], ofItemAtPath: directory) }
      let reader = try RegisterStore.open(directory: directory, readOnly: true)
      #expect(try reader.snapshot(day: day(1)).entries.count == 1)
    }
  }

  @Test(
    "a register from a newer Millwright is refused, for reading and for writing", arguments: [true, false])
  func newerSchema(readOnly: Bool) throws {
    try withRegisterDirectory { directory in
      try RegisterStore.open(directory: directory, readOnly: false).store(
        [machine("E1")], effective: 1, at: 1)
      try DatabaseQueue(path: directory + "/register.sqlite").write {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('register 999: from the future')")
      }
      do {
        _ = try RegisterStore.open(directory: directory, readOnly: readOnly)
        Issue.record("a newer schema was accepted")
      } catch let error as StoreError {
        #expect(error.kind == .refused)
        #expect(error.description.contains("register.sqlite: written by a newer Millwright"))
      }
    }
  }

  @Test("a file that is no database is named, not taken for an empty register")
  func notADatabase() throws {
    try withRegisterDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try Data(repeating: 0x41, count: 4096).write(to: URL(fileURLWithPath: directory + "/register.sqlite"))
      do {
        _ = try RegisterStore.open(directory: directory, readOnly: true)
        Issue.record("4096 letters A were opened as a register")
      } catch let error as StoreError { #expect(error.kind == .corrupt) }
    }
  }

  @Test("a clock that was set back does not reorder what was known when")
  func clockSetBack() throws {
    try withRegisterDirectory { directory in
      let store = try RegisterStore.open(directory: directory, readOnly: false)
      try store.store([machine("E1")], effective: 1, at: 5000)
      try store.store([machine("E2")], effective: 1, at: 3000)
      #expect(try store.imports().map(\.version.importedAt.milliseconds) == [5000, 5000])
      #expect(try store.version(knownAt: Timestamp(milliseconds: 4999)) == 0)
      #expect(try store.version(knownAt: Timestamp(milliseconds: 5000)) == 2)
    }
  }

  @Test("an equipment's history names each import it has a row in")
  func history() throws {
    try withRegisterDirectory { directory in
      let store = try RegisterStore.open(directory: directory, readOnly: false)
      try store.store([machine("E1", name: "a")], effective: 1, at: 1)
      try store.store([machine("E2")], effective: 2, at: 2)
      try store.store([machine("E1", name: "b")], effective: 0, at: 3)
      let history = try store.history(of: EquipmentKey(factory: "F1", equipment: "E1"))
      #expect(history.map(\.import.version) == [1, 3])
      #expect(history.map(\.equipment.name) == ["a", "b"])
      #expect(try store.history(of: EquipmentKey(factory: "F1", equipment: "E9")).isEmpty)
      #expect(try store.keys() == [machine("E1").key, machine("E2").key])
    }
  }

  @Test("a district of 53,700 machines, imported three times, reads in time that follows its size")
  func district() throws {
    // Ten times the machines take ten times as long; with a wrong query plan, a hundred times.
    #expect(try readingTime(factories: 179) < 40 * readingTime(factories: 18))
  }

  /// Processor time in seconds of reading a snapshot of the machines of that many factories, 300 each.
  private func readingTime(factories: Int) throws -> Double {
    let factories = (0..<factories).map { RegisteredFactory(id: "F\($0)") }
    let equipment = factories.flatMap { factory in
      (0..<300).map { number in
        RegisteredEquipment(
          key: EquipmentKey(factory: factory.id, equipment: "E\(number)"), workshop: "W\(number % 4)",
          line: "L\(number % 12)", name: "数控车床 \(number)", category: "CNC lathe", automation: .automatic,
          digital: true, connectable: true, reportInterval: .seconds(60), commissionedOn: day(0),
          serial: "S-\(number)", energyMeter: "M\(number % 30)", gateway: "G\(number % 9)")
      }
    }
    let rows = RegisterRows(factories: factories, equipment: equipment)
    var took = 0.0
    try withRegisterDirectory { directory in
      let store = try RegisterStore.open(directory: directory, readOnly: false)
      for version in 1...3 {
        _ = try store.importSnapshot(
          rows, effectiveOn: day(version * 10), importedAt: Timestamp(milliseconds: Int64(version)),
          equipmentFile: file("equipment.csv", ""), factoriesFile: file("factories.csv", ""))
      }
      var snapshot = RegisterSnapshot(version: 0, day: day(0))
      took = try leastProcessorTime { snapshot = try store.snapshot(day: day(25)) }
      print("snapshot of \(equipment.count) machines over three imports: \(took) s")
      #expect(snapshot.entries.count == equipment.count)
      #expect(snapshot.entries.allSatisfy { $0.service == .inService && !$0.assumed })
      #expect(snapshot.entries.map(\.equipment) == rows.equipment)
      #expect(snapshot.factories == rows.factories)
    }
    return took
  }
}

func withRegisterDirectory(_ body: (String) throws -> Void) throws {
  let directory = NSTemporaryDirectory() + "register-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: directory) }
  try body(directory)
}

func file(_ name: String, _ text: String) -> RegisterFile {
  RegisterFile(name: name, bytes: Array(text.utf8))
}

/// The day `number` days after 2026-01-01.
func day(_ number: Int) -> CalendarDay { CalendarDay(number: 20_454 + Int32(number)) }

func machine(
  _ id: String, factory: String = "F1", name: String = "", from: Int? = nil, until: Int? = nil
) -> RegisteredEquipment {
  RegisteredEquipment(
    key: EquipmentKey(factory: factory, equipment: id), name: name, commissionedOn: from.map(day),
    decommissionedOn: until.map(day))
}

extension RegisterStore {
  @discardableResult
  func store(_ equipment: [RegisteredEquipment], effective: Int, at: Int64) throws -> Int {
    try importSnapshot(
      RegisterRows(factories: [RegisteredFactory(id: "F1")], equipment: equipment),
      effectiveOn: day(effective),
      importedAt: Timestamp(milliseconds: at), equipmentFile: file("equipment.csv", ""))
  }
}

extension RegisterRows {
  /// A few machines of two factories, with dates between days 0 and 60 or none.
  fileprivate static func random(name: String, using random: inout SeededGenerator) -> RegisterRows {
    var equipment: [RegisteredEquipment] = []
    for factory in ["F1", "F2"] {
      for id in ["A", "B", "C", "a"] where Bool.random(using: &random) {
        let from = Bool.random(using: &random) ? Int.random(in: 0...40, using: &random) : nil
        let until = Int.random(in: 0..<4, using: &random) == 0 ? (from ?? 0) + 15 : nil
        equipment.append(machine(id, factory: factory, name: name, from: from, until: until))
      }
    }
    return RegisterRows(
      factories: [
        RegisteredFactory(id: "F1", nameEnglish: name), RegisteredFactory(id: "F2", industry: name),
      ],
      equipment: equipment)
  }
}
