import Foundation
import Journal
import Reporting
import Storage
import Telemetry

/// Checks what a pack says against itself, and against a root that was filed elsewhere. Throws the first thing
/// that does not hold.
public struct EvidenceVerification {
  private let pack: EvidencePack
  private let resources: ReplayResources

  /// A verification of `pack`.
  public init(_ pack: EvidencePack, _ resources: ReplayResources) {
    self.pack = pack
    self.resources = resources
  }

  /// Checks everything; `filed` is the root that a filed report printed.
  ///
  /// - Throws: the first thing that does not hold.
  public func check(filed: String?) throws {
    try checkRoots(filed: filed)
    try checkRecords()
    try checkFigures()
  }

  /// Returns the fault, in words, if the opening state reaches into the period; nil if it lies before the period, all
  /// of whose days have roots.
  ///
  /// - Parameter first: the first day with a root.
  package static func contradiction(
    of opening: OpeningState, before period: ClosedRange<CalendarDay>, first: CalendarDay,
    _ calendar: LocalCalendar
  ) -> String? {
    guard period.lowerBound > first else {
      return "manifest.json: the period must begin after \(first), the first day with a root"
    }
    guard let end = opening.lastDay(calendar), end >= period.lowerBound else { return nil }
    return "opening.json: states something of \(end), a day of the period that is to be proved"
  }

  /// Checks the chain of days, up to a filed root when one is given.
  func checkRoots(filed: String?) throws {
    let roots = pack.records.map(\.root)
    for (before, after) in zip(roots, roots.dropFirst()) {
      guard after.previous == before.root, before.day < after.day, after.firstBlock == before.lastBlock + 1
      else {
        throw EvidenceError(.doesNotHold, "roots.json: \(after.day) does not follow \(before.day)")
      }
    }
    for root in roots {
      guard let register = root.register else { continue }
      guard pack.chain.head(at: register.entries) == register else {
        throw EvidenceError(
          .doesNotHold, "chain.json: is not the register that \(root.day) was closed with")
      }
    }
    guard let first = roots.first, let last = roots.last, last.day > pack.days.upperBound else {
      throw EvidenceError(
        .doesNotHold, "roots.json: the days do not reach past the end of the period, \(pack.days.upperBound)")
    }
    guard first.previous != .zero || pack.opening == nil else {
      throw EvidenceError(
        .doesNotHold, "opening.json: nothing can come before \(first.day), the journal's first day")
    }
    if let opening = pack.opening, let calendar = LocalCalendar(identifier: pack.rules.district.timezone),
      let words = Self.contradiction(of: opening, before: pack.days, first: first.day, calendar)
    {
      throw EvidenceError(.doesNotHold, words)
    }
    guard let filed else { return }
    guard let digest = SHA256Digest(hexadecimal: filed.trimmingCharacters(in: .whitespaces)) else {
      throw EvidenceError(.usage, "--root: '\(filed.inert)' is not 64 hexadecimal digits")
    }
    guard let anchor = roots.first(where: { $0.root == digest }) else {
      throw EvidenceError(.doesNotHold, "--root: no day of the pack has the root \(digest)")
    }
    guard anchor.day >= pack.days.upperBound else {
      throw EvidenceError(
        .doesNotHold,
        "--root: is that of \(anchor.day), which binds nothing after it; the period ends on \(pack.days.upperBound)"
      )
    }
  }

  /// Parts of the pack that its roots do not bind, as sentences for the reader of the result.
  public var unbound: [String] {
    var found: [String] = []
    let bound = pack.records.compactMap(\.root.register).map(\.entries).max() ?? 0
    let imports = Int64(pack.chain.links.count)
    if imports > bound {
      found.append(
        "Taken as stated: imports \(bound + 1) to \(imports) of the register, which no day of the pack was closed with."
      )
    }
    let inUse = pack.records.map(\.root.policies).joined().split(separator: "\n")
    for (name, text) in pack.policies.sorted(by: { $0.key < $1.key }) {
      let line = "\(name) \(SHA256Digest(hashing: Array(text.utf8)))"
      guard !inUse.contains(where: { $0 == line }) else { continue }
      found.append("Taken as stated: policy \(name), which was not in use as it is when a day was closed.")
    }
    return found
  }

  /// Checks that every record leads to its day's root.
  func checkRecords() throws {
    for day in pack.records {
      if let contradiction = day.contradiction(of: pack.factory) {
        throw EvidenceError(.doesNotHold, "journal/\(day.root.day).records: \(contradiction)")
      }
    }
  }

  /// Checks that every figure of the report is what the messages and the register give, under the pack's own rules.
  ///
  /// Figures are compared by name: neither their order nor the spelling of texts matters. Then `report.json` must be
  /// written as the renderer writes it: to the byte, or, in a pack of another version of Millwright, apart from the order
  /// of names.
  func checkFigures() throws {
    let computed = try EvidenceReplay(pack, resources).report()
    guard computed != pack.report else { return }
    guard let stated = FigureReader.read(pack.report), let found = FigureReader.read(computed) else {
      throw EvidenceError(.doesNotHold, "report.json: is not a report")
    }
    if let difference = FigureTree.difference(stated, found) {
      throw EvidenceError(
        .doesNotHold,
        """
        report.json: \(difference.path.inert) is \(difference.stated.inert), the messages and the register give \
        \(difference.found.inert)
        """)
    }
    guard pack.millwrightVersion != resources.version, stated.compact + "\n" == pack.report,
      stated.canonical == found.canonical
    else {
      throw EvidenceError(
        .doesNotHold, "report.json: is not written as Millwright \(pack.millwrightVersion) writes it")
    }
  }
}

extension OpeningState {
  /// The last day of which anything is stated that figures are made of; nil if nothing is.
  fileprivate func lastDay(_ calendar: LocalCalendar) -> CalendarDay? {
    var days: [CalendarDay] = finalThrough.map { [$0] } ?? []
    var instants: [Timestamp] = observations.flatMap { [$0.from, $0.through] }
    if let silence { instants.append(silence.since) }
    for sender in senders {
      for timeline in [sender.timeline, sender.lastDay?.timeline].compactMap(\.self)
      where timeline.hasReadings {
        days.append(timeline.day)
        instants.append(timeline.newest)
      }
      days += sender.days.map(\.day) + sender.fieldErrors.map(\.day)
      instants += sender.presence.map(\.at) + sender.meterResets.map(\.at)
      if let alarms = sender.alarms { instants.append(alarms.at) }
    }
    if let last = instants.max() { days.append(calendar.day(at: last)) }
    return days.max()
  }
}
