import Storage
import Foundation
import SQLiteStore
import Telemetry
import Testing
import TestSupport

/// Packs that `evidence create` did not write: `mutate.py` makes them from one that it did.
@Suite("Mutated packs", .serialized) struct MutatedPackTests {
  /// Number of mutations to try; PACK_MUTATIONS raises it.
  private static let mutations =
    ProcessInfo.processInfo.environment["PACK_MUTATIONS"].flatMap(Int.init) ?? 200

  @Test("None is accepted, none ends by a signal, and each is refused within two seconds") func refused()
    throws
  {
    let folder = try TemporaryDirectory("mutated")
    let pack = try Self.pack(folder)
    let accepted = try run(Installation.executable, ["evidence", "verify", pack])
    #expect(accepted.status == 0, "\(accepted.errors)")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "mutate.py"
    ).path
    let result = try run(
      "python3", ["-B", script, Installation.executable, pack, folder.path, "\(Self.mutations)"],
      seconds: 60 + Double(Self.mutations))
    print(result.output)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("No number in what is taken as stated ends it by a signal") func opening() throws {
    let folder = try TemporaryDirectory("opening")
    let pack = try Self.pack(folder, kept: 3)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "mutate.py"
    ).path
    let count = max(30, Self.mutations / 10)
    let result = try run(
      "python3", ["-B", script, Installation.executable, pack, folder.path, "\(count)", "opening"],
      seconds: 60 + Double(count))
    print(result.output)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  /// Makes a pack of those days of a factory that can be proved when `kept` closed days are kept.
  private static func pack(_ folder: TemporaryDirectory, kept: Int = 90) throws -> String {
    let first = StoredDays.calendar.day(at: Timestamp(milliseconds: now())) - 5
    let config = try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1 }
      store: sqlite:store
      """)
    func millwright(_ arguments: String...) throws {
      let result = try run(Installation.executable, arguments + ["--config", config])
      guard result.status == 0 else { throw SupportError("\(arguments): \(result.errors)") }
    }
    let equipment = try folder.write("equipment.csv", StoredDays.equipment)
    let factories = try folder.write("factories.csv", StoredDays.factories)
    try millwright("register", "import", equipment, "--factories", factories, "--yes")
    try StoredDays(StoreDirectory(folder.path + "/store"), first: first, days: 5).collect(
      JournalSettings(keptDays: kept, compactAfterDays: 0, pause: .zero))
    let pack = folder.path + "/pack.zip"
    try millwright(
      "evidence", "create", "factory", "F001", "--from", "\(first + (kept < 4 ? 2 : 1))", "--to",
      "\(first + 2)", "--policy",
      "full-coverage", "--output", pack)
    return pack
  }
}
