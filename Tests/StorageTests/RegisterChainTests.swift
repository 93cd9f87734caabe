import Foundation
import GRDB
import Journal
import Register
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("The register's chain") struct RegisterChainTests {
  /// Two imports of three factories, the second of one of them, and a calendar.
  private func store(_ directory: String) throws -> RegisterStore {
    let store = try RegisterStore.open(directory: directory, readOnly: false)
    func stating(_ equipment: RegisteredEquipment) -> RegisteredEquipment {
      var equipment = equipment
      (equipment.cnc, equipment.process, equipment.keyProcess) = (true, "铣削", false)
      (equipment.idealCycle, equipment.assetValue) = (.milliseconds(1), 0)
      (equipment.meterKind, equipment.countsOutput) = (.steam, true)
      return equipment
    }
    let factories = ["F1", "F2", "F3"].map { RegisteredFactory(id: $0, nameEnglish: $0) }
    func equipment(_ factory: String, _ id: String) -> RegisteredEquipment {
      RegisteredEquipment(
        key: EquipmentKey(factory: factory, equipment: id), workshop: "W1", name: id, automation: .automatic,
        connectable: true, reportInterval: .seconds(60))
    }
    for (version, rows) in [
      RegisterRows(
        factories: factories,
        equipment: ["F1", "F2", "F3"].flatMap { [equipment($0, "E1"), equipment($0, "E2")] }),
      RegisterRows(factories: [], equipment: [stating(equipment("F2", "E1"))]),
    ].enumerated() {
      try store.importSnapshot(
        rows, effectiveOn: CalendarDay(number: 20_000), importedAt: Timestamp(milliseconds: Int64(version)),
        equipmentFile: file("equipment.csv", "\(version)"))
    }
    try store.importCalendar(
      [
        CalendarEntry(
          factory: "F1", place: .init(workshop: "", line: ""),
          kind: .holiday(days: CalendarDay(number: 20_000)...CalendarDay(number: 20_001)), note: "rest")
      ], from: file("calendar.csv", "c"), at: Timestamp(milliseconds: 9))
    return store
  }

  private func root(_ register: RegisterHead?) -> DayRoot {
    DayRoot(
      day: CalendarDay(number: 20_000), firstBlock: 1, lastBlock: 2, blockHash: .zero, merkleRoot: .zero,
      previous: .zero, register: register)
  }

  @Test(
    "A row that is altered, added or taken out is found",
    arguments: [
      "UPDATE equipment_row SET automation = 'manual' WHERE factory = 'F2' AND version = 1 AND equipment = 'E1'",
      "UPDATE equipment_row SET commissioned_on = 1 WHERE factory = 'F3'",
      "UPDATE equipment_row SET cnc = 1 WHERE factory = 'F3'",
      "UPDATE equipment_row SET asset_value = 1 WHERE version = 2",
      "UPDATE equipment_row SET process = NULL WHERE version = 2",
      "UPDATE factory_row SET name_en = 'Other' WHERE factory = 'F1'",
      "DELETE FROM equipment_row WHERE factory = 'F1' AND equipment = 'E2'",
      "INSERT INTO import_factory VALUES ('F1', 2, 0)", "UPDATE import SET imported_at = 5 WHERE version = 2",
      "UPDATE import SET effective_on = effective_on + 1", "UPDATE calendar_entry SET last = last + 1",
      "DELETE FROM calendar_factory", "UPDATE calendar_import SET file = 'other.csv'",
      "DELETE FROM chain WHERE position = 3", "UPDATE chain SET version = 7 WHERE position = 2",
      "DELETE FROM chain WHERE position = 1",
    ])
  func altered(_ change: String) throws {
    try withRegisterDirectory { directory in
      let head = try #require(try store(directory).verifyChain(anchoredIn: []))
      #expect(head.entries == 3)
      let queue = try DatabaseQueue(path: directory + "/register.sqlite")
      try queue.write { database in
        for trigger in try String.fetchAll(
          database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        {
          try database.execute(sql: "DROP TRIGGER \(trigger)")
        }
        try database.execute(sql: "PRAGMA foreign_keys = OFF")
        try database.execute(sql: change)
      }
      let error = #expect(throws: StoreError.self) {
        try RegisterStore.open(directory: directory, readOnly: true).verifyChain(anchoredIn: [])
      }
      #expect(error?.kind == .corrupt)
    }
  }

  @Test("A register rewritten together with its chain is found by the root of a closed day") func anchored()
    throws
  {
    try withRegisterDirectory { directory in
      let store = try store(directory)
      let head = try #require(try store.chainHead())
      #expect(try store.verifyChain(anchoredIn: [root(nil), root(head)]) == head)
      let other = RegisterHead(entries: 2, hash: head.hash)
      for wrong in [
        other, RegisterHead(entries: 4, hash: head.hash), RegisterHead(entries: .max, hash: head.hash),
      ] {
        #expect(throws: StoreError.self) { try store.verifyChain(anchoredIn: [root(wrong)]) }
      }
    }
  }

  @Test("Another column without a value changes no hash; a value in it does") func laterColumn() throws {
    try withRegisterDirectory { directory in
      let head = try store(directory).verifyChain(anchoredIn: [])
      let queue = try DatabaseQueue(path: directory + "/register.sqlite")
      try queue.write { try $0.execute(sql: "ALTER TABLE equipment_row ADD COLUMN later TEXT") }
      let store = try RegisterStore.open(directory: directory, readOnly: true)
      #expect(try store.verifyChain(anchoredIn: []) == head)
      try queue.write {
        try $0.execute(sql: "DROP TRIGGER equipment_row_refuses_update; UPDATE equipment_row SET later = 'x'")
      }
      #expect(throws: StoreError.self) { try store.verifyChain(anchoredIn: []) }
    }
  }

  @Test(
    "One factory's rows are proved by themselves, also that an import has none of it",
    arguments: ["F1", "F2", "F3"])
  func proved(factory: String) throws {
    try withRegisterDirectory { directory in
      let store = try store(directory)
      let proof = try store.proof(of: factory)
      #expect(proof.links.map(\.leaves) == [3, 1, 1])
      #expect(proof.head(at: 3) == (try store.chainHead()))
      #expect(proof.head(at: 4) == nil)
      let contents = try store.contents(of: factory)
      #expect(proof.contradiction(with: contents, of: factory) == nil)
      // Rows left out of an import cannot be presented as having been absent.
      var hidden = proof
      hidden.links[0].proof = []
      #expect(hidden.contradiction(with: contents, of: factory) != nil)
      var shorter = proof
      shorter.links.removeLast()
      #expect(shorter.contradiction(with: contents, of: factory) != nil)
      var fewer = contents
      fewer.imports[0].equipment = []
      #expect(
        proof.contradiction(with: fewer, of: factory)?.contains("import 1 do not lead to its hash") == true)
    }
  }
}
