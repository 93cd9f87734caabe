import Storage
import ArgumentParser
import Foundation
import Ingestion
import SQLiteStore
import Telemetry

struct RebuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Compute everything anew from the journal, beside a collector that goes on.",
    discussion: """
      Builds new views. Each message is read by the sources and limits that were in effect when it came, which the \
      journal has. A collector that runs takes the views over by itself; without one they are put in place. \
      Interrupted, it goes on where it was.

      --with-present-sources reads the past anew by the sources and limits of the configuration as it is now: so a \
      changed mapping reaches the past. The journal keeps this decision, and every later rebuild keeps to it. A \
      collector that runs must have been started with this configuration.

      --verify changes nothing: it recomputes aside, prints every difference and exits 1 if there is one.

      Examples:
        millwright rebuild
        millwright rebuild --with-present-sources --from 2026-11-01
        millwright rebuild --verify
      """)

  @Flag(help: "Only compare what is stored with what the journal gives.")
  var verify = false

  @Flag(help: "Read what the journal has by the sources of the configuration as it is now.")
  var withPresentSources = false

  @Option(help: "With --with-present-sources: the first day received that is read anew; default: all days.")
  var from: String?

  @OptionGroup var storeOptions: StoreOptions

  func validate() throws {
    if verify, withPresentSources {
      throw ValidationError("--verify changes nothing: give it without --with-present-sources")
    }
    if from != nil, !withPresentSources {
      throw ValidationError("--from belongs to --with-present-sources")
    }
  }

  func run() throws {
    let settings = try storeOptions.settings()
    let directory = settings.storeDirectory
    guard directory.exists || directory.hasJournal else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    if verify {
      try check(settings, directory)
    } else {
      if withPresentSources {
        let decided = try Rereading(settings: settings, directory: directory).decide(from: from)
        print(
          "Messages received from \(decided.day) on are read by the present sources; block \(decided.block) says so."
        )
      }
      try rebuild(settings, directory)
    }
  }

  private func rebuild(_ settings: Settings, _ directory: StoreDirectory) throws {
    let progress = Progress()
    let options = ShardOptions(
      calendar: settings.district.calendar, horizonMinimum: settings.presence.horizonMinimum)
    let rebuild = try directory.rebuild(.embedded, options, rules: try Self.rules(settings, directory)) {
      block, last in
      progress.show("blocks", block, last)
    }
    try Self.complete(rebuild.shard, of: rebuild.store, settings, progress)
    let head = rebuild.last
    if try rebuild.handOver() {
      print("Everything was computed anew up to block \(head), and is in place.")
    } else {
      print("Everything was computed anew up to block \(head); the collector takes it over.")
    }
  }

  private func check(_ settings: Settings, _ directory: StoreDirectory) throws {
    _ = try JournalVerifyCommand.register(directory, try DayRootStore(directory).all().map(\.root))
    try PrivateFolder.with("verify") { try compare(settings, directory, in: $0) }
  }

  private func compare(_ settings: Settings, _ directory: StoreDirectory, in folder: String) throws {
    let stored = StoreDirectory(directory, views: folder + "/stored.sqlite")
    let computed = StoreDirectory(directory, views: folder + "/computed.sqlite")
    let cursor = try ViewsReader(directory).copy(to: stored.views)
    // Days that wait for repair are no differences: they are recomputed in the copy too.
    let waiting = try Self.build(stored, through: cursor, settings)
    try Self.build(computed, through: cursor, settings)
    var differences = 0
    try ViewsComparison(stored: stored.views, computed: computed.views).forEachDifference { difference in
      differences += 1
      print(difference)
    }
    if waiting > 0 {
      print("\(waiting) equipment-days waited for repair, and were repaired before comparing.")
    }
    guard differences == 0 else {
      throw CommandFailure(
        .doesNotHold,
        "\(differences) \(differences == 1 ? "row differs" : "rows differ") from what the journal gives; 'millwright rebuild' computes them anew"
      )
    }
    print("Everything stored is what the journal gives, up to block \(cursor).")
  }

  /// Completes views up to a block, and repairs them; returns how many days had to be repaired.
  @discardableResult
  private static func build(
    _ directory: StoreDirectory, through head: Int64, _ settings: Settings
  ) throws -> Int {
    let views = RebuildStore(
      directory: directory, calendar: settings.district.calendar,
      horizonMinimum: settings.presence.horizonMinimum, through: head, progress: { _, _ in })
    let repaired = try complete(views, of: directory, settings, nil)
    try views.close()
    return repaired
  }

  /// Brings a shard's views up to the journal and repairs them; returns how many days had to be repaired.
  @discardableResult
  private static func complete(
    _ views: any ShardStore, of store: any Store, _ settings: Settings, _ progress: Progress?
  ) throws -> Int {
    let shard = try Shard(
      store: views, settings: try settings.shardSettings(), repairsFrom: store, register: { [] },
      report: { _ in })
    var repaired = 0
    try shard.repairAll { days in
      repaired += days
      progress?.show("days repaired", Int64(repaired), nil)
    }
    progress?.end()
    try shard.finish()
    return repaired
  }

  /// What views depend on beside what the journal says of its messages; and the newest decision to read them anew,
  /// which views half built may lack.
  private static func rules(_ settings: Settings, _ directory: StoreDirectory) throws -> String {
    let openings = try JournalReader(directory).outline(reaching: 0).openings
    let sources =
      openings.isEmpty
      ? try settings.shardSettings().rules.text
      : "read anew by block \(openings.last { $0.isRereading }?.block ?? 0)"
    return
      [
        sources, "\(settings.presence.horizonMinimum)", settings.district.calendar.identifier,
        Version.current,
      ].joined(separator: "\n")
  }
}

/// How far a long computation is, on a terminal.
private final class Progress {
  private let isShown: Bool
  private var last = ContinuousClock.now - .seconds(1)

  init() { isShown = isatty(STDERR_FILENO) == 1 }

  func show(_ what: String, _ done: Int64, _ all: Int64?) {
    guard isShown, ContinuousClock.now - last > .milliseconds(200) else { return }
    last = .now
    let text = all.map { "\r\(what): \(done) of \($0) (\($0 > 0 ? done * 100 / $0 : 100) %)\u{1B}[K" }
    FileHandle.standardError.write(Data((text ?? "\r\(what): \(done)\u{1B}[K").utf8))
  }

  func end() {
    if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
