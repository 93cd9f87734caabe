import Foundation
import Telemetry
import Testing
import TestSupport

@Suite("Files removed under a running collector", .serialized) struct RemovedFilesTests {
  /// Something done to the store from outside, and its repair.
  struct Mishap: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Shell commands in the store's folder; `DAY` is the current day's file.
    var happens: String
    var isPutRight: String
    /// The file named in the log.
    var names: String
  }

  static let ofTheJournal = [
    Mishap(
      testDescription: "the day's file is deleted", happens: "rm journal/DAY journal/DAY-wal journal/DAY-shm",
      isPutRight: "true", names: "journal/DAY was deleted"),
    Mishap(
      testDescription: "the day's file is renamed", happens: "mv journal/DAY journal/aside",
      isPutRight: "mv journal/aside journal/DAY", names: "move it back: mv "),
    Mishap(
      testDescription: "the day's file is replaced by a copy",
      happens: "cp journal/DAY copy && mv copy journal/DAY",
      isPutRight: "mv journal/DAY.saved journal/DAY", names: "journal/DAY was replaced by another file"),
    Mishap(
      testDescription: "the day's log is deleted", happens: "rm journal/DAY-wal", isPutRight: "true",
      names: "journal/DAY-wal was deleted"),
    Mishap(
      testDescription: "the journal's folder is renamed", happens: "mv journal old",
      isPutRight: "mv old journal", names: "move it back: mv "),
    Mishap(
      testDescription: "the journal's folder is deleted", happens: "rm -r journal",
      isPutRight: "mkdir journal && mv DAY.saved journal/DAY", names: "what it held was saved"),
    Mishap(
      testDescription: "the store is renamed", happens: "mv ../store ../elsewhere",
      isPutRight: "mv ../elsewhere ../store", names: "move it back: mv "),
  ]

  @Test(
    "What is published after the journal was taken away is not acknowledged: none of 600 is lost",
    arguments: ofTheJournal)
  func journal(mishap: Mishap) throws {
    let site = try Installation(window: "{ messages: 20, interval: 5ms }")
    try site.startCollector()
    try publish(0..<100, to: site)
    #expect(waitUntil(20) { site.journaledCount() == 100 })
    try happen(mishap.happens, to: site)
    try publish(100..<700, to: site)
    #expect(site.waitForEnd(20), "\(site.log)")
    #expect(site.log.contains(named(mishap.names)), "\(site.log)")
    #expect(site.log.contains("nothing more is acknowledged"))
    try happen(mishap.isPutRight, to: site)
    try site.startCollector()
    // Some are delivered twice, so that their count alone does not tell.
    #expect(try waitUntil(60) { try numbers(of: site) == Set(0..<700) }, "\(site.journaledCount()) of 700")
    #expect(try site.stopCollector() == 0)
    let verified = try site.millwright("journal", "verify")
    #expect(verified.status == 0, "\(verified.errors)")
  }

  static let ofTheRest = [
    ("lock", "rm lock", "lock was deleted"), ("id", "mv id aside", "id was removed or renamed"),
    ("views", "rm views.sqlite", "views.sqlite was deleted"),
    ("views replaced", "cp views.sqlite copy && mv copy views.sqlite", "views.sqlite was replaced"),
    ("views' log", "rm views.sqlite-wal", "views.sqlite-wal was deleted"),
    ("register", "mv register.sqlite aside", "register.sqlite was moved to"),
    ("roots", "rm roots.sqlite", "roots.sqlite was "),
    ("an earlier day", "rm journal/EARLIER", "journal/EARLIER was removed or renamed"),
  ]

  @Test("A collector ends within seconds when another file of its store is taken away", arguments: ofTheRest)
  func others(name: String, happens: String, says: String) throws {
    let site = try Installation()
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop,automation\nE1,F001,W01,automatic\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    // Use an earlier day, so that the collector closes it and creates the roots.
    try StoredDays(site.directory, first: Self.today - 2, days: 1).collect(nil)
    try site.startCollector()
    try publish(0..<10, to: site)
    #expect(waitUntil(60) { FileManager.default.fileExists(atPath: site.directory.roots) })
    // The collector pins it in the second after it was created.
    let ticks = try status(of: site, after: Date())
    #expect(ticks)
    try happen(happens, to: site)
    let since = Date()
    // On a busy machine the collector may still be closing the day; the time is printed.
    #expect(site.waitForEnd(60), "\(site.log)")
    print("\(name): noticed after \(Int(Date().timeIntervalSince(since) * 1000)) ms")
    #expect(site.log.contains(named(says)), "\(site.log)")
  }

  @Test("The collector ends with 69 and says so in one line of the log") func exitCode() throws {
    let site = try Installation()
    try site.startCollector()
    try happen("rm lock", to: site)
    #expect(waitUntil(10) { site.log.contains("its store was changed under it") })
    #expect(try site.stopCollector() == 69)
    #expect(site.log.components(separatedBy: "lock was deleted").count == 2)
  }

  @Test("Register imports and rebuilds beside the collector are no removal") func lawfulChanges() throws {
    let site = try Installation()
    try site.startCollector()
    try publish(0..<10, to: site)
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop,automation\nE1,F001,W01,automatic\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    #expect(try site.millwright("rebuild").status == 0)
    #expect(waitUntil(20) { site.log.contains("views built anew were taken over") })
    try publish(10..<20, to: site)
    #expect(waitUntil(20) { site.journaledCount() == 20 })
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop,automation\nE1,F001,W01,manual\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    // A second after the last change it still runs.
    #expect(try status(of: site, after: Date()))
    #expect(site.collectorID != nil)
    #expect(try site.stopCollector() == 0)
  }

  @Test("Verification does not hold for a store without its newest day, or without its journal")
  func verification()
    throws
  {
    let site = try Installation()
    try site.startCollector()
    try publish(0..<10, to: site)
    // The views reflect a block of messages, not only that of the connection.
    #expect(waitUntil(20) { (try? site.stored.senders()) == ["F001/E1"] })
    #expect(try site.stopCollector() == 0)
    #expect(try site.millwright("journal", "verify").status == 0)
    try happen("rm journal/DAY*", to: site)
    let without = try site.millwright("journal", "verify")
    #expect(without.status == 1)
    #expect(without.errors.contains("the journal is empty: blocks 1–"))
    #expect(without.errors.contains("are missing (the views reflect them)"))
    try happen("rm -r journal", to: site)
    let nothing = try site.millwright("journal", "verify")
    #expect(nothing.status == 1)
    #expect(nothing.errors.contains("/journal: missing although the store exists"))
    #expect(try site.millwright("collect").status == 69)
  }

  // MARK: -

  /// Waits until the collector has checked its store once more since `moment`: it writes its status then.
  private func status(of site: Installation, after moment: Date) throws -> Bool {
    let path = site.directory.path + "/status.json"
    return waitUntil(20) {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      guard let changed = attributes?[.modificationDate] as? Date else { return false }
      return changed > moment.addingTimeInterval(1)
    }
  }

  private func named(_ text: String) -> String {
    text.replacing("DAY", with: "\(Self.today).sqlite").replacing("EARLIER", with: "\(Self.today - 2).sqlite")
  }

  private static var today: CalendarDay { StoredDays.calendar.day(at: Timestamp(milliseconds: now())) }

  private func happen(_ commands: String, to site: Installation) throws {
    // If the folder was moved away, run the shell in its new place.
    let folder = FileManager.default.fileExists(atPath: site.directory.path) ? "store" : "elsewhere"
    let done = try run("sh", ["-ec", "cd '\(site.folder.path)/\(folder)'; \(named(commands))"])
    guard done.status == 0 else { throw SupportError(done.errors) }
  }

  private func publish(_ numbers: Range<Int>, to site: Installation) throws {
    let lines = numbers.map { #"{"ts":\#(now()),"state":"running","n":\#($0)}"# }
    let file = try site.folder.write("messages", lines.joined(separator: "\n") + "\n")
    let sent = try run(
      "sh",
      [
        "-c",
        "mosquitto_pub -h 127.0.0.1 -p \(site.broker.port) -q 1 -t factory/F001/W01/E1/status -l < \(file)",
      ])
    #expect(sent.status == 0)
  }

  private func numbers(of site: Installation) throws -> Set<Int> {
    struct Numbered: Decodable { var n: Int }
    return Set(
      try site.journaledPayloads().map { try JSONDecoder().decode(Numbered.self, from: Data($0.utf8)).n })
  }
}
