import Foundation
import GRDB
import Journal
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// A store as a kill leaves it, with logs not yet emptied, a register, a calendar, refused messages, closed days and
/// an open one; and the output of every command on it.
final class WholeStore {
  let folder: TemporaryDirectory
  let first: CalendarDay
  private let config: String
  /// Output of each command.
  private(set) var expected: [(arguments: [String], result: CommandResult)] = []
  /// Every file that is not empty, ascending.
  private(set) var files: [String] = []
  /// The policies in use when the days were closed.
  static let policies = DayRoot.policies([
    "coverage": Array("rules: [{ metric: networked_ratio, at_least: 90 }]".utf8)
  ])

  var store: String { folder.path + "/store" }
  private var pristine: String { folder.path + "/pristine" }

  init() throws {
    folder = try TemporaryDirectory("damage")
    first = StoredDays.calendar.day(at: Timestamp(milliseconds: now())) - 5
    config = try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1 }
      store: sqlite:store
      """)
    let made = folder.path + "/made"
    let equipment = try folder.write("equipment.csv", StoredDays.equipment)
    let factories = try folder.write("factories.csv", StoredDays.factories)
    // Before the days are closed, so that their roots bind it.
    let imported = try millwright(
      ["register", "import", equipment, "--factories", factories, "--yes"], store: "made")
    guard imported.status == 0 else { throw SupportError(imported.errors) }
    try StoredDays(StoreDirectory(made), first: first, days: 5).collect(
      JournalSettings(compactAfterDays: 1, pause: .zero, policies: Self.policies)
    ) { [folder] in _ = try run("cp", ["-a", made, folder.path + "/pristine"]) }
    try restore()
    for arguments in commands {
      let result = try millwright(arguments)
      guard result.status == 0 else { throw SupportError("\(arguments): \(result.errors)") }
      expected.append((arguments, result))
    }
    try restore()
    let found = FileManager.default.enumerator(atPath: pristine)?.compactMap { $0 as? String } ?? []
    files = found.filter { (try? size(of: $0)) ?? 0 > 0 }.sorted()
  }

  /// Commands that print a listing or a figure.
  private var commands: [[String]] {
    let period = ["--from", "\(first)", "--to", "\(first + 3)"]
    // These outputs contain neither age nor "now", so that they are always the same.
    return [
      ["report", "district", "--format", "json", "--known-at", "\(first + 6)"] + period,
      ["report", "factory", "F001", "--format", "json", "--known-at", "\(first + 6)"] + period,
      ["report", "equipment", "F001/E1", "--format", "json", "--known-at", "\(first + 6)"] + period,
      ["register", "list"], ["register", "show", "F001/E1"], ["register", "history"], ["quarantine", "list"],
    ]
  }

  func millwright(_ arguments: [String], store: String = "store") throws -> CommandResult {
    try run(
      Installation.executable, arguments + ["--config", config],
      environment: ["LANG": "en_US.UTF-8", "MILLWRIGHT_STORE": "sqlite:\(folder.path)/\(store)"])
  }

  func size(of file: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: pristine + "/" + file)
    let isFile = attributes[.type] as? FileAttributeType == .typeRegular
    return isFile ? (attributes[.size] as? Int ?? 0) : 0
  }

  func restore() throws {
    _ = try run("rm", ["-rf", store])
    _ = try run("cp", ["-a", pristine, store])
  }

  func flip(_ file: String, at offset: Int, by mask: UInt8) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: store + "/" + file))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(offset))
    let byte = try handle.read(upToCount: 1)?.first ?? 0
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: Data([byte ^ mask]))
  }

  /// Effects of damage in the store on the output.
  enum Outcome: Equatable { case harmless, refused, found, silent(String), signal(String) }

  func outcome() throws -> Outcome {
    var isRefused = false
    var changed: String?
    for (arguments, expected) in expected {
      let result = try millwright(arguments)
      let name = arguments.prefix(3).joined(separator: " ")
      guard !result.isSignal else { return .signal(name) }
      if result.status != 0 {
        isRefused = true
      } else if result.output != expected.output {
        changed = name
      }
    }
    guard let changed else { return isRefused ? .refused : .harmless }
    for arguments in [["journal", "verify"], ["rebuild", "--verify"]] {
      let result = try millwright(arguments)
      guard !result.isSignal else { return .signal(arguments[0]) }
      if result.status != 0 { return .found }
    }
    return .silent(changed)
  }
}

/// Views as an accident or a copy of another day leaves them, each a valid file for SQLite.
enum EmptiedViews: CaseIterable {
  /// No byte, with and without the log beside it.
  case noBytes, noBytesBesideLog
  /// A database without tables.
  case noTables
  /// All tables, without rows: views of another, new store.
  case noRows
  /// Views that end with the first block: those of an old copy.
  case old

  /// The error's beginning, after the path.
  var words: String {
    switch self {
    case .noBytes, .noBytesBesideLog, .noTables: "is empty: it was emptied or replaced."
    case .noRows: "has nothing of the journal, but days up to block "
    case .old: "ends with block 1, but days up to block "
    }
  }

  func apply(to store: String) throws {
    let views = store + "/views.sqlite"
    switch self {
    case .noBytes, .noBytesBesideLog:
      // The log is folded in first, so that it has nothing to fill the file with.
      try DatabaseQueue(path: views).inDatabase { _ = try $0.checkpoint(.truncate) }
      for ending in ["-wal", "-shm"] { unlink(views + ending) }
      if self == .noBytesBesideLog { try Data().write(to: URL(fileURLWithPath: views + "-wal")) }
      truncate(views, 0)
    case .noTables: try change(views) { "DROP TABLE \"\($0)\"" }
    case .noRows:
      try change(views) { ["grdb_migrations", "setting"].contains($0) ? nil : "DELETE FROM \"\($0)\"" }
    case .old: try change(views) { $0 == "cursor" ? "UPDATE cursor SET block = 1" : nil }
    }
  }

  /// Executes a statement for each table.
  private func change(_ path: String, _ statement: (String) -> String?) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      let tables = try String.fetchAll(
        database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      for table in tables {
        if let sql = statement(table) { try database.execute(sql: sql) }
      }
    }
    try queue.close()
  }
}

@Suite("Damaged stores", .serialized) struct DamagedStoreTests {
  /// Number of bytes to flip; STORE_FLIPS raises it.
  private static let flips = ProcessInfo.processInfo.environment["STORE_FLIPS"].flatMap(Int.init) ?? 120

  @Test("A byte that flips in any file of a store is found, refused, or in nothing that is printed")
  func flipped() throws {
    let whole = try WholeStore()
    var random = SeededGenerator(seed: 38)
    var counts: [String: Int] = [:]
    #expect(whole.files.count > 10)
    for number in 0..<Self.flips {
      // Every file in turn, at any place.
      let file = whole.files[number % whole.files.count]
      let offset = Int(random.next(UInt64(try whole.size(of: file))))
      let mask = UInt8(1) << UInt8(random.next(8))
      try whole.flip(file, at: offset, by: mask)
      let outcome = try whole.outcome()
      switch outcome {
      case .harmless, .refused, .found: break
      case .silent(let what): Issue.record("\(file): byte \(offset) ^ \(mask) changes '\(what)' silently")
      case .signal(let what): Issue.record("\(file): byte \(offset) ^ \(mask) ends '\(what)' by a signal")
      }
      counts["\(outcome)".prefix { $0 != "(" }.description, default: 0] += 1
      try whole.restore()
    }
    print("flipped bytes: \(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
  }

  @Test(
    "A file that is gone is noticed",
    arguments: [
      ("roots.sqlite", "lacks the root that"), ("views.sqlite", "is missing, though the journal holds days"),
      ("register.sqlite", "is not the register that days were closed with"),
    ])
  func missing(file: String, words: String) throws {
    let whole = try WholeStore()
    for ending in ["", "-wal", "-shm"] { unlink(whole.store + "/" + file + ending) }
    let report = try whole.millwright(["report", "district"])
    #expect(report.status != 0)
    #expect(report.errors.contains(words), "\(report.errors)")
    guard file != "views.sqlite" else { return }
    let verified = try whole.millwright(["journal", "verify"])
    #expect(verified.status == 1)
    #expect(verified.errors.contains(file), "\(verified.errors)")
  }

  @Test("Roots that name blocks which nobody has: reports and the collector refuse the store")
  func blocksGone() throws {
    let whole = try WholeStore()
    for name in try FileManager.default.contentsOfDirectory(atPath: whole.store + "/journal") {
      unlink(whole.store + "/journal/" + name)
    }
    for ending in ["", "-wal", "-shm"] { unlink(whole.store + "/views.sqlite" + ending) }
    for command in [["report", "district"], ["collect"]] {
      let result = try whole.millwright(command)
      #expect(result.status == 69, "\(command)")
      #expect(result.errors.contains("(roots.sqlite), but there is none"), "\(result.errors)")
    }
  }

  @Test(
    "Views that were emptied, or lack closed days, are refused, and a rebuild makes them anew",
    arguments: EmptiedViews.allCases)
  func emptiedViews(_ kind: EmptiedViews) throws {
    let whole = try WholeStore()
    try kind.apply(to: whole.store)
    for command in [
      ["report", "district"], ["report", "equipment", "F001/E1"], ["quarantine", "list"],
      ["rebuild", "--verify"],
    ] {
      let result = try whole.millwright(command)
      #expect(result.status == 69 && result.output == "", "\(command): \(result.output)")
      #expect(
        result.errors.hasPrefix("\(whole.store)/views.sqlite: \(kind.words)"), "\(command): \(result.errors)")
      #expect(result.errors.contains("'millwright rebuild'"), "\(command): \(result.errors)")
    }
    let rebuilt = try whole.millwright(["rebuild"])
    #expect(rebuilt.status == 0, "\(rebuilt.errors)")
    #expect(try whole.outcome() == .harmless)
  }

  @Test("A closed day's policies are bound by its root: another digest of one is found")
  func alteredPolicy() throws {
    let whole = try WholeStore()
    let closed = try DayRootStore(StoreDirectory(whole.store)).all().map(\.root)
    #expect(closed.count == 4)
    #expect(Set(closed.map(\.policies)) == [WholeStore.policies])
    let filed = try #require(closed.last).root.description
    #expect(try whole.millwright(["journal", "verify", "--root", filed]).status == 0)
    let other = DayRoot.policies(["coverage": Array("rules: [{ metric: networked_ratio, at_least: 1 }]".utf8)]
    )
    let queue = try DatabaseQueue(path: whole.store + "/roots.sqlite")
    func verify(_ arguments: String...) throws -> CommandResult {
      try whole.millwright(["journal", "verify"] + arguments)
    }
    for day in closed {
      try queue.write {
        try $0.execute(
          sql: "UPDATE day_root SET policies = ? WHERE day = ?", arguments: [other, day.day.number])
      }
      let verified = try verify()
      #expect(verified.status == 1)
      #expect(
        verified.errors.hasSuffix("the root of \(day.day) is not the one that its fields give\n"),
        "\(verified.errors)")
      try queue.write {
        try $0.execute(
          sql: "UPDATE day_root SET policies = ? WHERE day = ?", arguments: [day.policies, day.day.number])
      }
    }
    #expect(try verify().status == 0)
    // With the newest day's root made to fit, the day's own file and the filed root still have the old one.
    var forged = try #require(closed.last)
    forged.policies = other
    try queue.write {
      try $0.execute(
        sql: "UPDATE day_root SET policies = ?, root = ? WHERE day = ?",
        arguments: [other, Data(forged.root.bytes), forged.day.number])
    }
    for verified in [try verify(), try verify("--root", filed)] {
      #expect(verified.status != 0)
      #expect(
        verified.errors.contains("lacks the root that \(forged.day) was closed with"), "\(verified.errors)")
    }
  }

  @Test("An emptied file of roots is refused") func emptied() throws {
    let whole = try WholeStore()
    for ending in ["-wal", "-shm"] { unlink(whole.store + "/roots.sqlite" + ending) }
    try Data().write(to: URL(fileURLWithPath: whole.store + "/roots.sqlite"))
    let report = try whole.millwright(["report", "district"])
    #expect(report.status != 0)
    #expect(report.errors.contains("roots.sqlite: is empty"), "\(report.errors)")
  }
}
