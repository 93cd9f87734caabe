import Storage
import Foundation
import SQLiteStore
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
      JournalSettings(compactAfterDays: 1, pause: .zero)
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

  @Test("An emptied file of roots is refused") func emptied() throws {
    let whole = try WholeStore()
    for ending in ["-wal", "-shm"] { unlink(whole.store + "/roots.sqlite" + ending) }
    try Data().write(to: URL(fileURLWithPath: whole.store + "/roots.sqlite"))
    let report = try whole.millwright(["report", "district"])
    #expect(report.status != 0)
    #expect(report.errors.contains("roots.sqlite: is empty"), "\(report.errors)")
  }
}
