import Telemetry

/// The versions of one equipment: what each import said of it, and how long that holds.
public struct EquipmentHistory: Equatable, Sendable {
  /// Time for which an import's row holds, as far as is known now.
  public enum End: Equatable, Sendable {
    /// Until an import says otherwise.
    case open
    /// Until the day before `day`, from which the row of `version` holds.
    case until(day: CalendarDay, version: Int)
    /// Never, since `version` said something else from the same day on.
    case replaced(version: Int)
  }
  /// One import's row.
  public struct Version: Equatable, Sendable {
    public var origin: RegisterImport
    public var equipment: RegisteredEquipment
    public var end: End
    /// The version whose row spoke on the effective day until this one was known; nil for the first row.
    public var replaces: Int?
    /// Differences from the row it replaces, in the order of the columns; empty for the first row.
    public var changes: [RegisterDiff.Attribute]
  }

  /// Ascending by version.
  public let versions: [Version]

  /// The history that an equipment's rows make.
  /// - Parameter rows: each with its import, ascending by version.
  public init(_ rows: [(import: RegisterImport, equipment: RegisteredEquipment)]) {
    let imports = rows.map(\.import)
    let equipment = Dictionary(rows.map { ($0.import.version, $0.equipment) }, uniquingKeysWith: { $1 })
    versions = rows.map { origin, row in
      let spoke = RegisterResolution(imports: imports, day: origin.effectiveOn, version: origin.version - 1)
        .preferred.first?.version
      let changes = spoke.flatMap { equipment[$0] }.map { old in
        RegisterDiff.attributes(EquipmentColumn.self) { ($0.text(of: old), $0.text(of: row)) }
      }
      return Version(
        origin: origin, equipment: row, end: Self.end(of: origin, among: imports), replaces: spoke,
        changes: changes ?? [])
    }
  }

  private static func end(of one: RegisterImport, among imports: [RegisterImport]) -> End {
    let newer = imports.filter { $0.effectiveOn == one.effectiveOn && $0.version > one.version }
    if let newest = newer.map(\.version).max() { return .replaced(version: newest) }
    let later = imports.filter { $0.effectiveOn > one.effectiveOn }
    guard let day = later.map(\.effectiveOn).min(),
      let version = later.filter({ $0.effectiveOn == day }).map(\.version).max()
    else { return .open }
    return .until(day: day, version: version)
  }
}
