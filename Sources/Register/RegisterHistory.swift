import Telemetry

/// One import of the register: a snapshot dated `effectiveOn`, recorded at `importedAt`.
public struct RegisterImport: Equatable, Sendable {
  /// 1 for a store's first import, then counting up.
  public var version: Int
  /// The day from which its rows hold.
  public var effectiveOn: CalendarDay
  /// Time of the import; never earlier than the import before.
  public var importedAt: Timestamp

  /// An import's number and its two dates.
  public init(version: Int, effectiveOn: CalendarDay, importedAt: Timestamp) {
    self.version = version
    self.effectiveOn = effectiveOn
    self.importedAt = importedAt
  }
}

/// Choice of the import whose row holds for an equipment on a day: the register's two time axes, as a value.
///
/// Imports are facts and are never changed: a row says "from `effectiveOn` on, this machine is so", and an
/// import's version says since when that is known. On a day, known up to a version:
///
/// 1. Of the rows of an equipment effective on or before the day, the one with the latest effective date
///    speaks; of two with the same date, the newer version.
/// 2. Where there is none, the row with the earliest effective date speaks (again the newer version first).
///    The register began to be kept on some day, but the machines were there before: a row *reaches back*
///    to its `commissionedOn`, marked assumed, when it is effective no later than its factory's first import.
///    Without a commissioning date it is in service from its effective date only.
/// 3. A row effective later than its factory's first import does not reach back: the machine was added,
///    and starts at the later of its effective and its commissioning date.
///
/// The first import, not the earliest date, is what rule 3 compares with, so that a later import which
/// corrects one machine in the past changes nothing about the others.
public struct RegisterResolution: Equatable, Sendable {
  /// The day asked for.
  public let day: CalendarDay
  /// The newest version considered; 0 when there is none.
  public let version: Int
  /// The imports known, the one that speaks first if it has a row at the front.
  public let preferred: [RegisterImport]
  private let effectiveOn: [Int: CalendarDay]

  /// The resolution of `imports` on `day`.
  ///
  /// - Parameter version: the newest version to consider; nil for all.
  public init(imports: [RegisterImport], day: CalendarDay, version: Int? = nil) {
    let known = imports.filter { one in version.map { one.version <= $0 } ?? true }
    self.day = day
    self.version = known.map(\.version).max() ?? 0
    preferred = known.sorted { a, b in
      let (aHolds, bHolds) = (a.effectiveOn <= day, b.effectiveOn <= day)
      if aHolds != bHolds { return aHolds }
      if a.effectiveOn != b.effectiveOn { return (a.effectiveOn > b.effectiveOn) == aHolds }
      return a.version > b.version
    }
    effectiveOn = Dictionary(uniqueKeysWithValues: known.map { ($0.version, $0.effectiveOn) })
  }

  /// The entry that the row which speaks for an equipment makes.
  ///
  /// - Parameters:
  ///   - version: of the import the row comes from, one of ``preferred``.
  ///   - firstVersion: of the factory's first import.
  public func entry(
    _ equipment: RegisteredEquipment, from version: Int, firstVersion: Int
  ) -> RegisterSnapshot.Entry {
    typealias Entry = RegisterSnapshot.Entry
    guard let effective = effectiveOn[version], let first = effectiveOn[firstVersion] else {
      return Entry(equipment: equipment, service: .notYet)
    }
    let reachesBack = effective > day && effective <= first
    let begins = equipment.commissionedOn ?? effective
    let isLater = effective > day && !reachesBack
    if let end = equipment.decommissionedOn, end <= day {
      return Entry(
        equipment: equipment, service: .retired, assumed: reachesBack, registeredLater: isLater)
    }
    if isLater { return Entry(equipment: equipment, service: .notYet, registeredLater: true) }
    return Entry(equipment: equipment, service: begins <= day ? .inService : .notYet, assumed: reachesBack)
  }

  /// The version that was current at an instant: the newest import made at or before it; 0 when none was.
  public static func version(of imports: [RegisterImport], knownAt instant: Timestamp) -> Int {
    imports.filter { $0.importedAt <= instant }.map(\.version).max() ?? 0
  }
}

/// Every import of a register with its rows, in memory.
///
/// The store resolves the same rules over its tables; this is the plain form of them.
public struct RegisterHistory: Equatable, Sendable {
  /// Ascending by version.
  public private(set) var imports: [(RegisterImport, rows: RegisterRows)]

  /// A register to which nothing was imported.
  public init() { imports = [] }

  /// Records an import; its version is the next one.
  /// - Returns: the version.
  @discardableResult
  public mutating func append(_ rows: RegisterRows, effectiveOn: CalendarDay, importedAt: Timestamp) -> Int {
    let version = imports.count + 1
    let at = max(importedAt, imports.last?.0.importedAt ?? importedAt)
    imports.append((RegisterImport(version: version, effectiveOn: effectiveOn, importedAt: at), rows))
    return version
  }

  /// The register on `day`, as known at a version (nil: the newest).
  public func snapshot(day: CalendarDay, knownVersion: Int? = nil) -> RegisterSnapshot {
    let resolution = RegisterResolution(imports: imports.map(\.0), day: day, version: knownVersion)
    let rows = Dictionary(uniqueKeysWithValues: imports.map { ($0.0.version, $0.rows) })
    var firstVersions: [String: Int] = [:]
    for (one, rows) in imports where one.version <= resolution.version {
      for equipment in rows.equipment where firstVersions[equipment.key.factory] == nil {
        firstVersions[equipment.key.factory] = one.version
      }
    }
    var factories: [String: RegisteredFactory] = [:]
    var entries: [EquipmentKey: RegisterSnapshot.Entry] = [:]
    for one in resolution.preferred {
      guard let rows = rows[one.version] else { continue }
      for factory in rows.factories where factories[factory.id] == nil { factories[factory.id] = factory }
      for equipment in rows.equipment where entries[equipment.key] == nil {
        entries[equipment.key] = resolution.entry(
          equipment, from: one.version,
          firstVersion: firstVersions[equipment.key.factory] ?? one.version)
      }
    }
    return RegisterSnapshot(
      version: resolution.version, day: day,
      factories: factories.values.sorted { $0.id < $1.id },
      entries: entries.values.sorted { $0.equipment.key < $1.equipment.key })
  }

  /// Histories of the energy meters of equipment whose meter changes, as known at a version (nil: the newest).
  public func meterHistories(knownVersion: Int? = nil) -> [EquipmentKey: MeterHistory] {
    let known = imports.filter { $0.0.version <= knownVersion ?? .max }
    let rows = known.flatMap { origin, rows in
      rows.equipment.map { (key: $0.key, import: origin, meter: $0.meter) }
    }
    return Dictionary(grouping: rows) { $0.key }.compactMapValues { rows in
      let history = MeterHistory(rows.map { ($0.import, $0.meter) })
      return history.changes ? history : nil
    }
  }

  public static func == (a: RegisterHistory, b: RegisterHistory) -> Bool {
    a.imports.elementsEqual(b.imports) { $0 == $1 }
  }
}
