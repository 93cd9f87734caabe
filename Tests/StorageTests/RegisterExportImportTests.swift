import Register
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("A register exported and imported again")
struct RegisterExportImportTests {
  /// The day `number` days after 2026-01-01.
  private func day(_ number: Int) -> CalendarDay { CalendarDay(number: 20_454 + Int32(number)) }

  @Test("a new store that imports the files has the same snapshot on their day", arguments: [0, 15, 25, 40])
  func sameSnapshot(number: Int) throws {
    let original = try store(named: "original")
    try fill(original.store)
    let snapshot = try original.store.snapshot(day: day(number))
    let export = RegisterExport(snapshot)
    for headings in RegisterExport.Headings.allCases {
      let copy = try store(named: "copy")
      let equipment = RegisterFile(name: "equipment.csv", bytes: export.equipmentCSV(headings))
      let factories = RegisterFile(name: "factories.csv", bytes: export.factoriesCSV(headings))
      let rows = try RegisterRows.read(equipment: equipment, factories: factories)
      try copy.store.importSnapshot(
        rows, effectiveOn: export.day, importedAt: Timestamp(milliseconds: 1), equipmentFile: equipment,
        factoriesFile: factories)
      let imported = try copy.store.snapshot(day: export.day)
      #expect(imported.factories == snapshot.factories)
      #expect(imported.entries == expected(snapshot, day: number))
    }
  }

  @Test("of a register dated in one import, also every other snapshot from that day on is the same")
  func sameLater() throws {
    let original = try store(named: "original")
    let rows = RegisterRows(factories: factories, equipment: machines(named: "lathe \"1\", =x"))
    let file = RegisterFile(name: "equipment.csv", bytes: [])
    try original.store.importSnapshot(
      rows, effectiveOn: day(10), importedAt: Timestamp(milliseconds: 1), equipmentFile: file)
    let export = RegisterExport(try original.store.snapshot(day: day(10)))
    let read = try RegisterRows.read(
      equipment: RegisterFile(name: "e", bytes: export.equipmentCSV(byteOrderMark: true)),
      factories: RegisterFile(name: "f", bytes: export.factoriesCSV(byteOrderMark: true)))
    let copy = try store(named: "copy")
    try copy.store.importSnapshot(
      read, effectiveOn: day(10), importedAt: Timestamp(milliseconds: 2), equipmentFile: file)
    for number in 0...60 {
      #expect(try copy.store.snapshot(day: day(number)) == original.store.snapshot(day: day(number)))
    }
  }

  /// On day 0 the rows of E1 and E3 are carried back and become facts; E2, without a commissioning date, and
  /// E4, added later, are not there yet and are left out. From day 25 on everything is as it was.
  private func expected(_ snapshot: RegisterSnapshot, day number: Int) -> [RegisterSnapshot.Entry] {
    let absent = number == 0 ? ["E2", "E4"] : number == 15 ? ["E4"] : []
    return snapshot.entries.filter { !absent.contains($0.equipment.key.equipment) }.map {
      var entry = $0
      entry.assumed = false
      return entry
    }
  }

  private let factories = [
    RegisteredFactory(id: "F1", nameChinese: "示例厂，一期", nameEnglish: "=Works\n\"A\", Ltd"),
    RegisteredFactory(id: "F2", district: "科学城"),
  ]

  private func machines(named name: String) -> [RegisteredEquipment] {
    func machine(_ id: String, _ factory: String, from: Int?, until: Int? = nil) -> RegisteredEquipment {
      RegisteredEquipment(
        key: EquipmentKey(factory: factory, equipment: id), workshop: "W1", name: name, category: "车床",
        automation: .automatic, digital: true, connectable: true, reportInterval: .seconds(60),
        commissionedOn: from.map(day), decommissionedOn: until.map(day), serial: "-\(id)")
    }
    return [
      machine("E1", "F1", from: -100), machine("E2", "F1", from: nil),
      machine("E3", "F2", from: -5, until: 40),
      machine("E5", "F2", from: 50),
    ]
  }

  /// Imports effective on days 10 and 20; the second renames all and adds E4.
  private func fill(_ store: RegisterStore) throws {
    let file = RegisterFile(name: "equipment.csv", bytes: [])
    try store.importSnapshot(
      RegisterRows(factories: factories, equipment: machines(named: "数控\"车床\"")), effectiveOn: day(10),
      importedAt: Timestamp(milliseconds: 1), equipmentFile: file)
    let added = RegisteredEquipment(key: EquipmentKey(factory: "F1", equipment: "E4"), name: "@robot\r\n2")
    try store.importSnapshot(
      RegisterRows(equipment: machines(named: "a,b") + [added]), effectiveOn: day(20),
      importedAt: Timestamp(milliseconds: 2), equipmentFile: file)
  }

  private func store(named name: String) throws -> (folder: TemporaryDirectory, store: RegisterStore) {
    let folder = try TemporaryDirectory(name)
    return (folder, try RegisterStore.open(directory: folder.path, readOnly: false))
  }
}
