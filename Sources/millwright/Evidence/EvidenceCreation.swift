import Aggregation
import Foundation
import Journal
import Register
import SQLiteStore
import Telemetry

/// Gathers a pack from a store.
struct EvidenceCreation {
  let settings: Settings
  let factory: String

  /// The pack for a period of closed days.
  func pack(
    _ days: ClosedRange<CalendarDay>, knownAt: Timestamp, policies: [String]
  ) throws -> EvidencePack {
    let directory = settings.storeDirectory
    guard directory.exists else {
      throw CommandFailure(.noInput, "\(directory.path): no store here, or not yours to read")
    }
    let roots = try closedDays(directory, days)
    let journal = JournalReader(directory)
    let register = try RegisterStore.open(directory: directory.path, readOnly: true)
    _ = try JournalVerifyCommand.register(directory, try DayRootStore(directory).all().map(\.root))
    guard Int(days.upperBound.number) - Int(days.lowerBound.number) < EvidencePack.mostDays else {
      throw CommandFailure(.usage, "--from: evidence is of at most \(EvidencePack.mostDays) days")
    }
    var pack = EvidencePack(
      factory: factory, days: days, rules: try EvidencePack.Rules(settings, knownAt: knownAt),
      policies: try sources(of: policies),
      register: try register.dump(factory: factory), chain: try register.proof(of: factory),
      opening: try BaseDump.read(directory, factory: factory),
      records: try roots.map { try journal.factoryRecords(of: factory, on: $0) }, report: "")
    try pack.rules.check()
    pack.report = try EvidenceReplay(pack).report()
    return pack
  }

  /// Every closed day whose messages the journal has.
  private func closedDays(_ directory: StoreDirectory, _ days: ClosedRange<CalendarDay>) throws -> [DayRoot] {
    let kept = Set(try JournalReader(directory).dayNames())
    let roots = try DayRootStore(directory).all().map(\.root).filter { kept.contains($0.day) }
    guard let first = roots.first, let last = roots.last else {
      throw CommandFailure(
        .tryAgain, "\(directory.path): no day of the journal is closed yet; one is once the next has begun")
    }
    // That the collector listened until midnight shows in the first records after it.
    guard last.day > days.upperBound else {
      throw CommandFailure(
        .tryAgain,
        """
        --to: evidence needs the day after \(days.upperBound) to be closed too, and the newest closed day is \
        \(last.day); a day closes soon after the next has begun
        """)
    }
    // The first day kept may lack what came for it before.
    guard first.previous == .zero || days.lowerBound > first.day else {
      throw CommandFailure(
        .noInput,
        "--from: the journal reaches back to \(first.day), so that evidence can begin on \(first.day + 1)")
    }
    return roots
  }

  /// Policy files as they are written, by name.
  private func sources(of names: [String]) throws -> [String: String] {
    var sources: [String: String] = [:]
    for name in names.isEmpty ? settings.policies : names.filter({ $0 != Settings.noPolicy }) {
      _ = try settings.policy(name, asked: "--policy")
      guard let file = PolicyFile.find(name, besides: settings.file),
        let text = try? String(contentsOfFile: file, encoding: .utf8)
      else { throw CommandFailure(.noInput, "--policy: '\(name)' cannot be read") }
      sources[URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent] = text
    }
    return sources
  }
}
