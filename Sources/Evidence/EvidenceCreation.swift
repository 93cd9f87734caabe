import Foundation
import Journal
import Register
import Storage
import Telemetry

/// Makes a pack from a store.
public struct EvidenceCreation {
  private let store: any Store
  private let factory: String
  private let resources: ReplayResources

  /// A creation of packs of `factory`.
  public init(store: any Store, factory: String, _ resources: ReplayResources) {
    self.store = store
    self.factory = factory
    self.resources = resources
  }

  /// The pack for a period of closed days, and its files.
  ///
  /// - Parameter policies: texts of policy files by name.
  /// - Throws: ``EvidenceError``, and ``StoreError`` if the store cannot be read.
  public func pack(
    _ days: ClosedRange<CalendarDay>, rules: EvidencePack.Rules, policies: [String: String]
  ) throws -> (pack: EvidencePack, files: [String: Data]) {
    let roots = try closedDays(days)
    let register = try store.registerReader()
    try verifyRegister()
    guard Int(days.upperBound.number) - Int(days.lowerBound.number) < PackBounds.periodDays else {
      throw EvidenceError(.usage, "--from: evidence is of at most \(PackBounds.periodDays) days")
    }
    try rules.check()
    if let last = roots.last { try requireNoLaterDecision(than: last) }
    var pack = EvidencePack(
      factory: factory, days: days, millwrightVersion: resources.version, rules: rules, policies: policies,
      register: try register.contents(of: factory), chain: try register.proof(of: factory),
      opening: try store.openingState(of: factory),
      records: try roots.map { try store.factoryRecords(of: factory, on: $0) }, report: "")
    pack.report = try EvidenceReplay(pack, resources).report()
    let files = try PackFormat.files(of: pack)
    try check(files, of: pack)
    return (pack, files)
  }

  /// Refuses files that `evidence verify` would not read as what was written: a store can hold more than a pack.
  private func check(_ files: [String: Data], of pack: EvidencePack) throws {
    let read: EvidencePack
    do { read = try PackFormat.pack(files) } catch let error as EvidenceError {
      throw EvidenceError(.tooLarge, "no pack can be made of this store: \(error)")
    }
    guard read.register == pack.register, read.opening == pack.opening, read.chain == pack.chain else {
      throw EvidenceError(.tooLarge, "no pack can be made of this store: it holds what no pack can")
    }
  }

  private func verifyRegister() throws {
    do throws(StoreError) {
      _ = try store.verifyRegister(anchoredIn: try store.closedDays())
    } catch {
      guard error.kind == .corrupt || error.kind == .refused else { throw error }
      throw EvidenceError(.doesNotHold, "\(error)")
    }
  }

  /// Refuses a pack of days that a decision of a day still open reads anew (`rebuild --with-present-sources`,
  /// `quarantine retry`): the store follows it at once, but a pack has records of closed days only.
  private func requireNoLaterDecision(than last: DayRoot) throws {
    let journal = store.records()
    let outline = try journal.outline(reaching: last.lastBlock + 1)
    for opening in outline.openings where opening.isRereading && opening.block > last.lastBlock {
      var first: CalendarDay?
      try journal.block(opening.block)?.forEachRecord { record in
        guard record.kind == .rereading else { return }
        first = RereadingScope(text: String(decoding: record.topic, as: UTF8.self))?.day
      }
      guard let first, first <= last.day else { continue }
      let day = outline.days.last { $0.firstBlock <= opening.block }?.day
      throw EvidenceError(
        .tryAgain,
        """
        \(store.location): messages received from \(first) on are read anew since block \(opening.block) (rebuild \
        --with-present-sources, or quarantine retry), and a pack can show that only once \(day.map { "\($0)" } ?? "the day of that block") \
        is closed; a day closes soon after the next has begun: make the pack then
        """)
    }
  }

  /// Every closed day whose messages the journal has.
  private func closedDays(_ days: ClosedRange<CalendarDay>) throws -> [DayRoot] {
    let kept = Set(try store.journalDays())
    let roots = try store.closedDays().filter { kept.contains($0.day) }
    guard let first = roots.first, let last = roots.last else {
      throw EvidenceError(
        .tryAgain, "\(store.location): no day of the journal is closed yet; one is once the next has begun")
    }
    // That the collector listened until midnight shows in the first records after it.
    guard last.day > days.upperBound else {
      throw EvidenceError(
        .tryAgain,
        """
        --to: evidence needs the day after \(days.upperBound) to be closed too, and the newest closed day is \
        \(last.day); a day closes soon after the next has begun
        """)
    }
    // The first day kept may lack what came for it before.
    guard first.previous == .zero || days.lowerBound > first.day else {
      throw EvidenceError(
        .noInput,
        "--from: the journal reaches back to \(first.day), so that evidence can begin on \(first.day + 1)")
    }
    return roots
  }
}
