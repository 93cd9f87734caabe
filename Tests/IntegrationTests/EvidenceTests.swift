import Storage
import Foundation
import GRDB
import SQLiteStore
import Telemetry
import Testing
import TestSupport

/// A store of two factories over five days, the last one open, and the commands run on it.
private struct EvidenceSite {
  let folder: TemporaryDirectory
  let directory: StoreDirectory
  let calendar = StoredDays.calendar
  /// The first of the five days; today is the one after the last.
  let first: CalendarDay
  private let config: String

  /// - Parameters:
  ///   - kept: closed days the journal keeps.
  ///   - forged: whether one message of the second day says something else.
  ///   - refused: whether some messages of the second day come on a topic of no source.
  init(kept: Int = 90, forged: Bool = false, refused: Bool = false) throws {
    folder = try TemporaryDirectory("evidence")
    directory = StoreDirectory(folder.path + "/store")
    first = calendar.day(at: Timestamp(milliseconds: now())) - 5
    config = try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1 }
      store: sqlite:store
      """)
    try StoredDays(directory, first: first, days: 5, forged: forged, refused: refused).collect(
      JournalSettings(keptDays: kept, compactAfterDays: 0, pause: .zero))
    let equipment = try folder.write("equipment.csv", StoredDays.equipment)
    let factories = try folder.write("factories.csv", StoredDays.factories)
    let imported = try millwright("register", "import", equipment, "--factories", factories, "--yes")
    guard imported.status == 0 else { throw SupportError(imported.errors) }
  }

  func millwright(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable, arguments + ["--config", config], environment: ["LANG": "en_US.UTF-8"])
  }

  /// Adds a source for the messages that came on a topic of none.
  func useFurtherSource() throws {
    let sources = ["status", "state"].map {
      "  - { format: status, topic: \"factory/{factory}/{workshop}/{equipment}/\($0)\" }\n"
    }
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try folder.write("millwright.yaml", text + "\nsources:\n" + sources.joined())
  }

  /// Needs no configuration, and is given none.
  func verify(_ pack: String, _ arguments: String...) throws -> CommandResult {
    try run(Installation.executable, ["evidence", "verify", pack] + arguments, environment: [:])
  }

  func create(from: CalendarDay, to: CalendarDay, _ name: String = "pack.zip", knownAt: String? = nil) throws
    -> (result: CommandResult, path: String)
  {
    let path = folder.path + "/" + name
    let known = knownAt ?? "\(calendar.day(at: Timestamp(milliseconds: now())))"
    let result = try millwright(
      "evidence", "create", "factory", "F001", "--from", "\(from)", "--to", "\(to)", "--known-at", known,
      "--policy", "full-coverage", "--output", path)
    return (result, path)
  }

  /// Unpacks a pack, lets `change` at the files, and packs them again with the digests of what is there.
  func altered(_ pack: String, consistent: Bool, _ change: (String) throws -> Void) throws -> String {
    let unpacked = try TemporaryDirectory("unpacked")
    _ = try run("python3", ["-m", "zipfile", "-e", pack, unpacked.path])
    try change(unpacked.path)
    let made = folder.path + "/altered.zip"
    // Laid out as by `create`, so that nothing differs except the change.
    let script = """
      import sys, os, json, hashlib
      folder, made, consistent, tests = sys.argv[1:5]
      sys.path.insert(0, tests)
      from mutate import archive, written
      names = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, fs in os.walk(folder) for f in fs)
      files = {n: open(os.path.join(folder, n), 'rb').read() for n in names}
      if consistent == 'yes':
        m = json.loads(files['manifest.json'])
        m['files'] = {n: hashlib.sha256(files[n]).hexdigest() for n in names if n != 'manifest.json'}
        files['manifest.json'] = written(m)
      open(made, 'wb').write(archive(files))
      """
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    let packed = try run(
      "python3", ["-B", "-c", script, unpacked.path, made, consistent ? "yes" : "no", tests])
    guard packed.status == 0 else { throw SupportError(packed.errors) }
    return made
  }
}

@Suite("Evidence", .serialized) struct EvidenceTests {
  private func replace(_ file: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != text, "\(old) is not in \(file)")
    try changed.write(toFile: file, atomically: true, encoding: .utf8)
  }

  /// Two JSON reports, `provenance` and what a pack leaves out aside: retrofits and other periods reach beyond its
  /// days, and what to do next rests on rules of the house.
  private func expectSame(_ a: String, _ b: String) {
    func figures(_ report: String) -> String {
      report.components(separatedBy: "\"provenance\"")[0]
        .replacing(/"actions":\[.*\],"flags"/, with: "\"actions\":[],\"flags\"")
        .replacing(/"previous_period":\{[^}]*\}/, with: "\"previous_period\":null")
        .replacing(/"trend":\{[^\]]*\]\}/, with: "\"trend\":null")
    }
    let (a, b) = (figures(a), figures(b))
    let shared = zip(a, b).prefix { $0 == $1 }.count
    let around = max(0, shared - 60)..<shared + 60
    let isSame = a == b
    #expect(
      isSame,
      "…\(a.dropFirst(around.lowerBound).prefix(120))… is not …\(b.dropFirst(around.lowerBound).prefix(120))…"
    )
  }

  @Test("A pack is the same each time, holds nobody else's messages, and everything in it holds") func holds()
    throws
  {
    let site = try EvidenceSite()
    let (created, pack) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    let (_, again) = try site.create(from: site.first + 1, to: site.first + 2, "again.zip")
    let isSame =
      try Data(contentsOf: URL(fileURLWithPath: pack)) == Data(contentsOf: URL(fileURLWithPath: again))
    #expect(isSame)
    let verified = try site.verify(pack)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("everything holds"))
    // The root of the newest closed day is the one that reports print.
    let report = try site.millwright("report", "factory", "F001", "--format", "json")
    let root = try #require(report.output.firstMatch(of: /"day_root":"([0-9a-f]{64})"/)?.1)
    #expect(try site.verify(pack, "--root", String(root)).status == 0)
    // What the live store says of the same days, but for what only the pack or only the store can know.
    let live = try site.millwright(
      "report", "factory", "F001", "--from", "\(site.first + 1)", "--to", "\(site.first + 2)", "--format",
      "json",
      "--policy", "full-coverage", "--known-at", "\(site.first + 5)")
    let packed = try run(
      "python3",
      [
        "-c",
        "import sys,zipfile;sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read('report.json').decode())",
        pack,
      ]
    ).output
    expectSame(live.output, packed)
    let contents = try run(
      "python3",
      [
        "-c",
        "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(sum(b'F002' in z.read(n) or b'Somebody' in z.read(n) for n in z.namelist()))",
        pack,
      ])
    #expect(contents.output == "0\n")
  }

  @Test("Whatever is changed in a pack is found and named") func altered() throws {
    let site = try EvidenceSite()
    let (created, pack) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    func expect(_ words: String, consistent: Bool, _ change: (String) throws -> Void) throws {
      let result = try site.verify(try site.altered(pack, consistent: consistent, change))
      #expect(result.status == 1)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    try expect("report.json: does not match its digest", consistent: false) {
      try replace($0 + "/report.json", "\"numerator\":2", "\"numerator\":3")
    }
    try expect("report.json: metrics.automation_ratio.numerator is 3", consistent: true) {
      try replace(
        $0 + "/report.json", "\"automation_ratio\":{\"numerator\":2", "\"automation_ratio\":{\"numerator\":3")
    }
    try expect("register.json: does not match its digest", consistent: false) {
      try replace($0 + "/register.json", "\"manual\"", "\"automatic\"")
    }
    try expect("register.json: the rows of import 1 do not lead to its hash", consistent: true) {
      try replace($0 + "/register.json", "\"manual\"", "\"automatic\"")
    }
    try expect("settings.json: line 2 is not what Millwright", consistent: true) {
      try replace($0 + "/settings.json", "{\n  \"default_interval_ms\"", "{\n   \"default_interval_ms\"")
    }
    try expect(
      "manifest.json: made in format 1 by a Millwright from before the first release", consistent: true
    ) {
      try replace($0 + "/manifest.json", "millwright.evidence/2", "millwright.evidence/1")
    }
    try expect("report.json: is not written as Millwright", consistent: true) {
      try replace($0 + "/report.json", ",\"as_of\"", ", \"as_of\"")
    }
    try expect("more.txt: does not belong in a pack of evidence", consistent: true) {
      try "more".write(toFile: $0 + "/more.txt", atomically: true, encoding: .utf8)
    }
    try expect("journal/\(site.first + 1).records", consistent: true) { folder in
      let file = folder + "/journal/\(site.first + 1).records"
      var data = try Data(contentsOf: URL(fileURLWithPath: file))
      data[data.count / 2] ^= 1
      try data.write(to: URL(fileURLWithPath: file))
    }
    // Another day's records, whole and well-formed.
    try expect("is not among those that can come next", consistent: true) { folder in
      let file = folder + "/journal/\(site.first + 1).records"
      try FileManager.default.removeItem(atPath: file)
      try FileManager.default.copyItem(atPath: folder + "/journal/\(site.first + 2).records", toPath: file)
    }
    try expect("roots.json: ", consistent: true) { folder in
      let text = try String(contentsOfFile: folder + "/roots.json", encoding: .utf8)
      let place = try #require(text.range(of: "\"day\" : \"\(site.first + 1)\""))
      let digest = try #require(text[place.upperBound...].range(of: "\"first_block\" : "))
      let changed = text.replacingCharacters(in: digest, with: "\"first_block\" : 9")
      try changed.write(toFile: folder + "/roots.json", atomically: true, encoding: .utf8)
    }
  }

  @Test("A store rewritten consistently is found by the root that was filed") func rewritten() throws {
    let site = try EvidenceSite()
    let report = try site.millwright("report", "factory", "F001", "--format", "json")
    let filed = String(try #require(report.output.firstMatch(of: /"day_root":"([0-9a-f]{64})"/)?.1))
    let (_, honest) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(try site.verify(honest, "--root", filed).status == 0)
    // The same store but for one state on a closed day: everything in it fits together.
    let forged = try EvidenceSite(forged: true)
    let (created, pack) = try forged.create(from: forged.first + 1, to: forged.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    #expect(try forged.verify(pack).status == 0)
    #expect(try forged.millwright("journal", "verify").status == 0)
    let found = try forged.verify(pack, "--root", filed)
    #expect(found.status == 1)
    #expect(found.errors.contains("no day of the pack has the root"))
    #expect(try forged.millwright("journal", "verify", "--root", filed).status == 1)
    let early = try #require(try site.directory.closedDays().first).root.description
    let tooEarly = try site.verify(honest, "--root", early)
    #expect(tooEarly.status == 1)
    #expect(tooEarly.errors.contains("binds nothing after it"))
    let other = String(filed.dropLast()) + (filed.hasSuffix("0") ? "1" : "0")
    #expect(try site.millwright("journal", "verify", "--root", filed).status == 0)
    #expect(try site.millwright("journal", "verify", "--root", other).status == 1)
  }

  @Test("A closed day rewritten in the store, its chain and all, does not have its root") func rewrittenDay()
    throws
  {
    let site = try EvidenceSite()
    let day = site.first + 3
    let path = site.directory.journal + "/\(day).sqlite"
    // The day's records of F001 taken out, the rest left as it is: by SQL, as somebody would do it.
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "DELETE FROM part WHERE factory = 'F001'") }
    let verified = try site.millwright("journal", "verify")
    #expect(verified.status == 1)
    #expect(verified.errors.contains("\(day).sqlite"))
    let created = try site.create(from: site.first + 1, to: site.first + 2).result
    #expect(created.status != 0)
  }

  @Test("After days were dropped a pack begins from what was kept, and says so") func dropped() throws {
    let site = try EvidenceSite(kept: 3)
    #expect(FileManager.default.fileExists(atPath: site.directory.base))
    let early = try site.create(from: site.first, to: site.first + 2).result
    #expect(early.status == 66)
    #expect(early.errors.contains("the journal reaches back to"))
    let (created, pack) = try site.create(from: site.first + 2, to: site.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    let verified = try site.verify(pack)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("Taken as stated"))
    let live = try site.millwright(
      "report", "factory", "F001", "--from", "\(site.first + 2)", "--to", "\(site.first + 2)", "--format",
      "json",
      "--policy", "full-coverage", "--known-at", "\(site.first + 5)")
    expectSame(live.output, try report(in: pack))
    #expect(try site.millwright("rebuild", "--verify").status == 0)
  }

  @Test("A decision to read messages anew is in packs once its day is closed, and refuses them until then")
  func readAnew() throws {
    let site = try EvidenceSite()
    // Days that no pack has yet.
    #expect(
      try site.millwright("rebuild", "--with-present-sources", "--from", "\(site.first + 4)").status == 0)
    let (unaffected, _) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(unaffected.status == 0, "\(unaffected.errors)")
    let decided = try site.millwright("rebuild", "--with-present-sources", "--from", "\(site.first + 1)")
    let block = try #require(decided.output.firstMatch(of: /stored in block (\d+)/)?.1)
    let refused = try site.create(from: site.first + 1, to: site.first + 2).result
    #expect(refused.status == 75)
    #expect(
      refused.errors.contains(
        "messages received from \(site.first + 1) on are read anew since block \(block)"),
      "\(refused.errors)")
    let today = site.calendar.day(at: Timestamp(milliseconds: now()))
    #expect(refused.errors.contains("only once \(today) is closed"), "\(refused.errors)")
    try StoredDays(site.directory, first: site.first, days: 5).begin(today + 1)
    let (created, pack) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    let verified = try site.verify(pack)
    #expect(verified.status == 0, "\(verified.errors)")
  }

  @Test("A decision to read refused messages is in packs once its day is closed, and a pack of it verifies")
  func retried() throws {
    let site = try EvidenceSite(refused: true)
    let before = try site.create(from: site.first + 1, to: site.first + 2, "before.zip")
    #expect(before.result.status == 0, "\(before.result.errors)")
    try site.useFurtherSource()
    let counted = try site.millwright("quarantine", "retry", "--dry-run")
    #expect(counted.output == "12 of 12 refused messages would be read now.\n", "\(counted.errors)")
    let decided = try site.millwright("quarantine", "retry", "--from", "\(site.first + 1)")
    let block = try #require(decided.output.firstMatch(of: /stored in block (\d+)/)?.1)
    let refused = try site.create(from: site.first + 1, to: site.first + 2).result
    #expect(refused.status == 75)
    #expect(refused.errors.contains("are read anew since block \(block)"), "\(refused.errors)")
    // A pack of before shows what was known then.
    #expect(try site.verify(before.path).status == 0)
    let today = site.calendar.day(at: Timestamp(milliseconds: now()))
    try StoredDays(site.directory, first: site.first, days: 5).begin(today + 1)
    let (created, pack) = try site.create(from: site.first + 1, to: site.first + 2)
    #expect(created.status == 0, "\(created.errors)")
    let verified = try site.verify(pack)
    #expect(verified.status == 0, "\(verified.errors)")
    let live = try site.millwright(
      "report", "factory", "F001", "--from", "\(site.first + 1)", "--to", "\(site.first + 2)", "--format",
      "json", "--policy", "full-coverage", "--known-at", "\(today)")
    expectSame(live.output, try report(in: pack))
    let earlier = try report(in: before.path)
    #expect(earlier.contains("unmatched_topic"))
    #expect(!live.output.contains("unmatched_topic"))
    #expect(try site.millwright("rebuild", "--verify").status == 0)
  }

  /// The report of a pack.
  private func report(in pack: String) throws -> String {
    let script =
      "import sys,zipfile;sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read('report.json').decode())"
    return try run("python3", ["-c", script, pack]).output
  }

  @Test("A row of the register altered in the store is found by verify, by rebuild and by evidence")
  func register()
    throws
  {
    let site = try EvidenceSite()
    let verified = try site.millwright("journal", "verify")
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("register     "))
    let queue = try DatabaseQueue(path: site.directory.register)
    try queue.write {
      try $0.execute(
        sql: """
          DROP TRIGGER equipment_row_refuses_update;
          UPDATE equipment_row SET automation = 'automatic' WHERE equipment = 'E2';
          """)
    }
    for result in [
      try site.millwright("journal", "verify"), try site.millwright("rebuild", "--verify"),
      try site.create(from: site.first + 1, to: site.first + 2).result,
    ] {
      #expect(result.status == 1)
      #expect(result.errors.contains("the rows of import 1 do not match their hash"), "\(result.errors)")
    }
  }

  @Test("An open day, and an archive that is none, are refused in words") func refused() throws {
    let site = try EvidenceSite()
    for last in [site.first + 3, site.first + 4] {
      let open = try site.create(from: site.first + 1, to: last).result
      #expect(open.status == 75)
      #expect(
        open.errors.contains(
          "needs the day after \(last) to be closed too, and the newest closed day is \(site.first + 3)"))
    }
    let none = try site.verify(try site.folder.write("none.zip", "not a zip"))
    #expect(none.status == 1)
    #expect(try site.verify(site.folder.path + "/absent.zip").status == 66)
  }
}
