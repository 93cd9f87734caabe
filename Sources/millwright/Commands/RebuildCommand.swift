import Configuration
import Storage
import ArgumentParser
import Foundation
import Ingestion
import SQLiteStore
import Telemetry

struct RebuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Rebuild the views from the journal, while the collector keeps running.",
    discussion: """
      Each message is read by the sources and limits that were in effect when it was received; the journal has \
      them. A running collector switches to the new views by itself; otherwise they are put in place. A rebuild that \
      was interrupted continues where it stopped.

      --with-present-sources reads earlier messages by the sources and limits of the present configuration, so that \
      a changed mapping applies to them too. The journal stores this decision, and every later rebuild follows it. A \
      running collector must have been started with this configuration.

      --verify changes nothing: it rebuilds a temporary copy, prints every difference and exits 1 if there is one.

      Examples:
        millwright rebuild
        millwright rebuild --with-present-sources --from 2026-11-01
        millwright rebuild --verify
      """)

  @Flag(help: "Only compare the stored views with views computed from the journal.")
  var verify = false

  @Flag(help: "Read earlier messages by the sources of the present configuration.")
  var withPresentSources = false

  @Option(help: "With --with-present-sources: the first day of receipt that is read anew; default: all days.")
  var from: String?

  @OptionGroup var storeOptions: StoreOptions

  func validate() throws {
    if verify, withPresentSources {
      throw ValidationError("--verify changes nothing and cannot be used with --with-present-sources")
    }
    if from != nil, !withPresentSources {
      throw ValidationError("--from can only be used with --with-present-sources")
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
        let day = try Rereading.firstDay(in: directory, from: from)
        let block = try Rereading(settings: settings, directory: directory).decide(RereadingScope(day: day))
        print(
          "Messages received from \(day) on are read by the present sources, as stored in block \(block).")
      }
      let rebuilt = try Self.rebuild(settings, directory)
      print(
        rebuilt.isInPlace
          ? "The views were rebuilt up to block \(rebuilt.block) and are in place."
          : "The views were rebuilt up to block \(rebuilt.block); the collector will switch to them.")
    }
  }

  /// Rebuilds the views; returns the newest block in them, and whether they are in place already.
  static func rebuild(
    _ settings: Settings, _ directory: StoreDirectory
  ) throws -> (block: Int64, isInPlace: Bool) {
    let progress = Progress()
    let options = ShardOptions(
      calendar: settings.district.calendar, horizonMinimum: settings.presence.horizonMinimum)
    let rebuild = try directory.rebuild(.embedded, options, rules: try rules(settings, directory)) {
      block, last in
      progress.show("blocks", block, last)
    }
    try complete(rebuild.shard, of: rebuild.store, settings, progress)
    let isInPlace = try rebuild.handOver()
    // Whoever compares the views next compares these.
    let deadline = ContinuousClock.now + .seconds(10)
    while !isInPlace, FileManager.default.fileExists(atPath: directory.rebuilt),
      ContinuousClock.now < deadline
    {
      usleep(50_000)
    }
    return (rebuild.last, isInPlace)
  }

  private func check(_ settings: Settings, _ directory: StoreDirectory) throws {
    _ = try JournalVerifyCommand.register(directory, try DayRootStore(directory).all().map(\.root))
    try PrivateFolder.with("verify") { try compare(settings, directory, in: $0) }
  }

  private func compare(_ settings: Settings, _ directory: StoreDirectory, in folder: String) throws {
    let copies = try directory.withSteadyDays { try makeCopies(settings, directory, in: folder) }
    var differences = 0
    try ViewsComparison(stored: copies.stored, computed: copies.computed).forEachDifference { difference in
      differences += 1
      print(difference)
    }
    if copies.repaired > 0 {
      print(
        "\(copies.repaired) equipment-days were waiting for repair and were repaired before the comparison.")
    }
    guard differences == 0 else {
      throw CommandFailure(
        .doesNotHold,
        "\(differences) \(differences == 1 ? "row differs" : "rows differ") from the journal; 'millwright rebuild' recomputes them"
      )
    }
    print("The stored views match the journal up to block \(copies.block).")
  }

  /// Files with the stored views and with views computed from the journal, up to one block.
  private struct Copies {
    var stored: String
    var computed: String
    var block: Int64
    /// Days that were waiting for repair.
    var repaired: Int
  }

  private func makeCopies(_ settings: Settings, _ directory: StoreDirectory, in folder: String) throws
    -> Copies
  {
    let folder = folder + "/copies"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let stored = StoreDirectory(directory, views: folder + "/stored.sqlite")
    let computed = StoreDirectory(directory, views: folder + "/computed.sqlite")
    let reader = try ViewsReader(directory)
    try reader.requireClosedDays()
    let cursor = try reader.copy(to: stored.views)
    // Days marked for repair are no differences: they are recomputed in the copy too.
    let waiting = try Self.build(stored, through: cursor, settings)
    try Self.build(computed, through: cursor, settings)
    return Copies(stored: stored.views, computed: computed.views, block: cursor, repaired: waiting)
  }

  /// Completes views up to a block, and repairs them; returns the number of repaired days.
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

  /// Brings a shard's views up to the journal and repairs them; returns the number of repaired days.
  @discardableResult
  private static func complete(
    _ views: any ShardStore, of store: any Store, _ settings: Settings, _ progress: Progress?
  ) throws -> Int {
    let shard = try Shard(
      store: views, settings: try settings.shardSettings(), repairsFrom: store, register: { [] },
      emit: { _ in })
    var repaired = 0
    try shard.repairAll { days in
      repaired += days
      progress?.show("days repaired", Int64(repaired), nil)
    }
    progress?.end()
    try shard.finish()
    return repaired
  }

  /// The inputs of the views besides the journal, and the newest decision to read messages anew, which unfinished
  /// views may lack.
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

/// Progress of a long computation, on a terminal only.
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
