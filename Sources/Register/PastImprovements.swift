import Telemetry

/// Changes of an import that make figures of a period already past look better, found before they are stored.
///
/// Days from the import's effective day to yesterday are past. A first import of a factory reaches back further, to the
/// commissioning dates of its rows.
public struct PastImprovements: Equatable, Sendable {
  /// Kinds of improvements.
  public enum Kind: CaseIterable, Sendable {
    case automation, intelligent, digital, connectable, cnc, keyProcess, idealCycle, meterKind, reportInterval
    /// Equipment leaves the base set for days that are past.
    case removed
    /// Equipment that raises a ratio joins the base set for days that are past.
    case added
    /// Rows of a factory's first import, which count from their commissioning dates.
    case assumed
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
    guard effectiveOn < today else { return }
    guard let entry = entries[key], !entry.registeredLater else {
      let since = max(effectiveOn, one.commissionedOn ?? effectiveOn)
      if one.raisesRatios, since < today { counts.add(.added, key, "", "", since: since) }
      return
    }
    counts.compare(entry, one, effectiveOn: effectiveOn, today: today)
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

  /// Compares equipment that was registered on the effective day with its new row.
  mutating func compare(
    _ entry: RegisterSnapshot.Entry, _ new: RegisteredEquipment, effectiveOn: CalendarDay, today: CalendarDay
  ) {
    let old = entry.equipment
    guard old.isProduction, entry.service == .inService else {
      // It counts from now on for days on which it did not.
      let since = max(effectiveOn, new.commissionedOn ?? effectiveOn)
      let isIn = new.isProduction && new.raisesRatios && (new.decommissionedOn.map { $0 > since } ?? true)
      if isIn, since < today { add(.added, old.key, "", "", since: since) }
      return
    }
    if let removal = Self.removal(old, new, effectiveOn: effectiveOn, today: today) {
      add(.removed, old.key, removal.before, removal.after, since: removal.since)
      return
    }
    for column in new.improvements(over: old) {
      guard let kind = PastImprovements.Kind(column) else { continue }
      add(kind, old.key, column.text(of: old), column.text(of: new), since: effectiveOn)
    }
    if let interval = new.reportInterval, interval > old.reportInterval ?? .zero, old.reportInterval != nil {
      let column = EquipmentColumn.reportInterval
      add(.reportInterval, old.key, column.text(of: old), column.text(of: new), since: effectiveOn)
    }
  }

  /// How equipment in service leaves the base set on past days; nil if it stays.
  private static func removal(
    _ old: RegisteredEquipment, _ new: RegisteredEquipment, effectiveOn: CalendarDay, today: CalendarDay
  ) -> (before: String, after: String, since: CalendarDay)? {
    if !new.isProduction { return (old.category, new.category, effectiveOn) }
    if let out = new.decommissionedOn, out < today, out < old.decommissionedOn ?? today {
      return (
        old.decommissionedOn?.description ?? "", out.description, max(effectiveOn, out)
      )
    }
    if let begins = new.commissionedOn, begins > effectiveOn, begins > old.commissionedOn ?? effectiveOn {
      return (old.commissionedOn?.description ?? "", begins.description, effectiveOn)
    }
    return nil
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
    case .keyProcess: self = .keyProcess
    case .idealCycle: self = .idealCycle
    case .meterKind: self = .meterKind
    default: return nil
    }
  }
}

extension RegisteredEquipment {
  /// Columns in which this row is better than an earlier one of the same equipment: a change in them never lowers a
  /// figure.
  public func improvements(over earlier: RegisteredEquipment) -> [EquipmentColumn] {
    var columns: [EquipmentColumn] = []
    if automation == .automatic, earlier.automation != .automatic { columns.append(.automation) }
    if intelligent, !earlier.intelligent { columns.append(.intelligent) }
    if digital, !earlier.digital { columns.append(.digital) }
    if connectable, !earlier.connectable { columns.append(.connectable) }
    if cnc == true, earlier.cnc != true { columns.append(.cnc) }
    // A step that is no key one any more leaves the base of its ratio; so does a meter that is not required any more.
    if earlier.keyProcess == true, keyProcess != true, cnc != true { columns.append(.keyProcess) }
    if let then = earlier.idealCycle, let now = idealCycle, now > then { columns.append(.idealCycle) }
    if earlier.meterKind?.isRequired == true, meterKind?.isRequired != true { columns.append(.meterKind) }
    return columns
  }

  /// Whether it is in the numerator of a ratio of the register.
  var raisesRatios: Bool { isProduction && (automation == .automatic || intelligent || digital) }
}
