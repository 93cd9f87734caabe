import Telemetry

/// Changes of an import that make figures of a period already past look better, found before they are stored.
///
/// Days from the import's effective day to yesterday are past. A first import of a factory reaches back further, to the
/// commissioning dates of its rows.
public struct PastImprovements: Equatable, Sendable {
  /// Kinds of improvements.
  public enum Kind: CaseIterable, Sendable {
    case automation, intelligent, digital, connectable, cnc, process, keyProcess, idealCycle, assetValue,
      meterKind
    case countsOutput, reportInterval
    /// Equipment leaves the base set for days that are past.
    case removed
    /// A meter or counter that is no production equipment leaves the registered ones for days that are past.
    case meterRemoved
    /// Equipment that raises a ratio joins the base set for days that are past.
    case added
    /// Rows of a factory's first import, which count from their commissioning dates.
    case assumed

    /// Whether reports of the days flag it. They do not flag rows that are added.
    public var isFlagged: Bool { self != .added && self != .assumed }
  }
  /// The changes of one kind.
  public struct Finding: Equatable, Sendable {
    public var kind: Kind
    /// Number of pieces of equipment.
    public var equipment: Int
    /// Number of factories they belong to.
    public var factories: Int
    /// The first piece of equipment, and its value before and after; empty where there is none.
    public var example: EquipmentKey
    public var before: String
    public var after: String
    /// The first day whose figures change.
    public var since: CalendarDay

    /// A finding with its first example.
    public init(
      kind: Kind, equipment: Int, factories: Int, example: EquipmentKey, before: String, after: String,
      since: CalendarDay
    ) {
      self.kind = kind
      self.equipment = equipment
      self.factories = factories
      self.example = example
      self.before = before
      self.after = after
      self.since = since
    }
  }

  /// In the order of the kinds; empty if no past figure looks better.
  public private(set) var findings: [Finding] = []

  /// The improvements by an import.
  ///
  /// - Parameters:
  ///   - before: the register on `effectiveOn` as known before the import, of all factories.
  ///   - rows: rows of the import, with equipment that is retired because it is missing.
  ///   - today: the local day of the import.
  public init(before: RegisterSnapshot, rows: RegisterRows, effectiveOn: CalendarDay, today: CalendarDay) {
    var search = PastImprovementSearch(before: before, effectiveOn: effectiveOn, today: today)
    for one in rows.equipment { search.add(one) }
    self = search.improvements
  }

  fileprivate init(_ findings: [Finding]) { self.findings = findings }
}

/// Looks for improvements in rows that come one at a time in any order, so that an import need not be held in memory.
public struct PastImprovementSearch {
  private let entries: [EquipmentKey: RegisterSnapshot.Entry]
  private let known: Set<String>
  private let effectiveOn: CalendarDay
  private let today: CalendarDay
  private var counts = Counts()

  /// A search in an import: see ``PastImprovements/init(before:rows:effectiveOn:today:)``.
  public init(before: RegisterSnapshot, effectiveOn: CalendarDay, today: CalendarDay) {
    entries = Dictionary(before.entries.map { ($0.equipment.key, $0) }, uniquingKeysWith: { $1 })
    known = Set(before.entries.map(\.equipment.key.factory))
    self.effectiveOn = effectiveOn
    self.today = today
  }

  /// Compares a row of the import with the register.
  public mutating func add(_ one: RegisteredEquipment) {
    let key = one.key
    guard known.contains(key.factory) else {
      // A factory's first import.
      guard let day = one.commissionedOn, day < min(effectiveOn, today), one.isProduction else { return }
      counts.add(.assumed, key, "", day.description, since: day)
      return
    }
    counts.compare(entries[key], one, effectiveOn: effectiveOn, today: today)
  }

  /// The improvements by the rows so far.
  public var improvements: PastImprovements {
    PastImprovements(PastImprovements.Kind.allCases.compactMap { counts.findings[$0] })
  }
}

/// Findings by kind while they are counted.
private struct Counts {
  private(set) var findings: [PastImprovements.Kind: PastImprovements.Finding] = [:]
  private var factories: [PastImprovements.Kind: Set<String>] = [:]

  /// The example is the equipment with the least key, whatever the order of the rows.
  mutating func add(
    _ kind: PastImprovements.Kind, _ key: EquipmentKey, _ before: @autoclosure () -> String,
    _ after: @autoclosure () -> String, since: CalendarDay
  ) {
    factories[kind, default: []].insert(key.factory)
    let count = factories[kind]?.count ?? 0
    guard var finding = findings[kind] else {
      findings[kind] = PastImprovements.Finding(
        kind: kind, equipment: 1, factories: count, example: key, before: before(), after: after(),
        since: since)
      return
    }
    finding.equipment += 1
    finding.factories = count
    finding.since = min(finding.since, since)
    if key < finding.example { (finding.example, finding.before, finding.after) = (key, before(), after()) }
    findings[kind] = finding
  }

  /// Compares a row with the one that held on the effective day, over the past days from there, each by its own days of
  /// service.
  mutating func compare(
    _ entry: RegisterSnapshot.Entry?, _ new: RegisteredEquipment, effectiveOn: CalendarDay, today: CalendarDay
  ) {
    let newDays = ServiceDays(new, from: effectiveOn, before: today)
    guard let entry, !entry.registeredLater else {
      if new.raisesRatios, let since = newDays.first { add(.added, new.key, "", "", since: since) }
      return
    }
    let old = entry.equipment
    // The first snapshot of a factory reaches back only with a date of commissioning.
    let holds = entry.service == .inService || old.commissionedOn != nil
    let oldDays = holds ? ServiceDays(old, from: effectiveOn, before: today) : ServiceDays()
    let (oldBase, newBase) = (
      old.isProduction ? oldDays : ServiceDays(), new.isProduction ? newDays : ServiceDays()
    )
    if let since = oldBase.first(notIn: newBase) {
      let (before, after) = Self.removal(old, new, today: today)
      add(.removed, old.key, before, after, since: since)
    } else if old.meterKind != nil, !old.isProduction, let since = oldDays.first(notIn: newDays) {
      let (before, after) = Self.removal(old, new, today: today)
      add(.meterRemoved, old.key, before, after, since: since)
    }
    if new.raisesRatios, let since = newBase.first(notIn: oldBase) {
      add(.added, old.key, "", "", since: since)
    }
    let inBase = oldBase.first(in: newBase)
    for column in new.improvements(over: old) + (new.raisesInterval(over: old) ? [.reportInterval] : []) {
      // A meter may be registered in a row that is no production equipment.
      guard let kind = PastImprovements.Kind(column),
        let since = column == .meterKind ? oldDays.first(in: newDays) : inBase
      else { continue }
      add(kind, old.key, column.text(of: old), column.text(of: new), since: since)
    }
  }

  /// The values by whose change equipment leaves its base.
  private static func removal(
    _ old: RegisteredEquipment, _ new: RegisteredEquipment, today: CalendarDay
  ) -> (before: String, after: String) {
    let column: EquipmentColumn
    if old.isProduction, !new.isProduction {
      column = .category
    } else if let out = new.decommissionedOn, out < today, out < old.decommissionedOn ?? today {
      column = .decommissionedOn
    } else {
      column = .commissionedOn
    }
    return (column.text(of: old), column.text(of: new))
  }
}

/// The days of a span on which a row is in service; none if it is not.
private struct ServiceDays {
  private var days: Range<CalendarDay>?

  /// None.
  init() {}

  /// The days from `begin` until the day before `end`.
  init(_ row: RegisteredEquipment, from begin: CalendarDay, before end: CalendarDay) {
    let first = max(begin, row.commissionedOn ?? begin)
    let last = min(end, row.decommissionedOn ?? end)
    days = first < last ? first..<last : nil
  }

  /// The first day.
  var first: CalendarDay? { days?.lowerBound }

  /// The first day that the others have too.
  func first(in others: ServiceDays) -> CalendarDay? {
    guard let days, let others = others.days, days.overlaps(others) else { return nil }
    return max(days.lowerBound, others.lowerBound)
  }

  /// The first day that the others do not have.
  func first(notIn others: ServiceDays) -> CalendarDay? {
    guard let days else { return nil }
    guard let others = others.days, others.contains(days.lowerBound) else { return days.lowerBound }
    return others.upperBound < days.upperBound ? others.upperBound : nil
  }
}

extension PastImprovements.Kind {
  fileprivate init?(_ column: EquipmentColumn) {
    switch column {
    case .automation: self = .automation
    case .intelligent: self = .intelligent
    case .digital: self = .digital
    case .connectable: self = .connectable
    case .cnc: self = .cnc
    case .process: self = .process
    case .keyProcess: self = .keyProcess
    case .idealCycle: self = .idealCycle
    case .assetValue: self = .assetValue
    case .meterKind: self = .meterKind
    case .countsOutput: self = .countsOutput
    case .reportInterval: self = .reportInterval
    default: return nil
    }
  }
}

extension RegisteredEquipment {
  /// Columns by whose change since an earlier row of the same equipment a figure can rise without new evidence: a
  /// declaration that a figure counts, or a base that the equipment leaves. Without the report interval: see
  /// ``raisesInterval(over:)``.
  public func improvements(over earlier: RegisteredEquipment) -> [EquipmentColumn] {
    self == earlier ? [] : EquipmentColumn.allCases.filter { improves($0, over: earlier) }
  }

  private func improves(_ column: EquipmentColumn, over earlier: RegisteredEquipment) -> Bool {
    switch column {
    case .automation: automation == .automatic && earlier.automation != .automatic
    case .intelligent: intelligent && !earlier.intelligent
    // Equipment that is not digital leaves the base of the networked of the digital.
    case .digital: digital != earlier.digital
    case .connectable: connectable && !earlier.connectable
    case .cnc: cnc == true && earlier.cnc != true
    // Steps are met by all or any of their machines, so that one moved out or in can meet a step. A machine that is not
    // numerically controlled meets none where it had none.
    case .process: process != earlier.process && (!earlier.process.isEmpty || cnc == true)
    case .keyProcess: (keyProcess == true) != (earlier.keyProcess == true)
    case .idealCycle:
      idealCycle.map { cycle in earlier.idealCycle.map { cycle > $0 } ?? false }
        ?? (earlier.idealCycle != nil)
    case .assetValue:
      assetValue != earlier.assetValue
        && (earlier.assetValue != nil || automation == .automatic || intelligent || digital)
    case .meterKind:
      (meterKind == nil && earlier.meterKind != nil)
        || (meterKind?.isRequired != true && earlier.meterKind?.isRequired == true)
    // Only "no" where nothing was stated counts fewer pieces for certain.
    case .countsOutput:
      countsOutput != earlier.countsOutput && (countsOutput != false || earlier.countsOutput != nil)
    default: false
    }
  }

  /// Whether the report interval changed otherwise than to a shorter one: the equipment is due less often, or by the
  /// district's own rule instead of a declared interval, or the other way round.
  public func raisesInterval(over earlier: RegisteredEquipment) -> Bool {
    guard let now = reportInterval, let then = earlier.reportInterval else {
      return reportInterval != earlier.reportInterval
    }
    return now > then
  }

  /// Whether it is in the numerator of a ratio of the register.
  var raisesRatios: Bool {
    isProduction && (automation == .automatic || intelligent || digital || connectable || cnc == true)
  }
}
