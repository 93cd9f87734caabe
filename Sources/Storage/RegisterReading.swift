import Journal
import Register
import Telemetry

/// Reads a store's register, in both times: the day on which rows hold, and the imports that are known.
///
/// Imports are added and never changed, so a snapshot known at a version stays the same.
public protocol RegisterReading: Sendable {
  /// Number of the newest import; 0 if there is none. It grows with every import and is cheap to ask for, so that a
  /// reader can keep a snapshot until it changes.
  func version() throws(StoreError) -> Int

  /// Every import of equipment, ascending by version.
  func imports() throws(StoreError) -> [RegisterImportRecord]

  /// Ids of every factory ever imported.
  func factoryIDs() throws(StoreError) -> Set<String>

  /// Keys of every equipment ever imported, in service or not.
  func keys() throws(StoreError) -> Set<EquipmentKey>

  /// The longest report interval among the newest rows of equipment that is not decommissioned on `day`; nil if none
  /// declares one.
  func longestInterval(on day: CalendarDay) throws(StoreError) -> Span?

  /// Every row an equipment ever had with its import, ascending by version.
  func history(
    of key: EquipmentKey
  ) throws(StoreError) -> [(import: RegisterImport, equipment: RegisteredEquipment)]

  /// Versions of the imports that have a row of an equipment.
  func versions(of key: EquipmentKey) throws(StoreError) -> Set<Int>

  /// The register as each resolution says, in their order; read at one moment.
  func snapshots(
    _ resolutions: [RegisterResolution], of scope: FactoryScope
  ) throws(StoreError) -> [RegisterSnapshot]

  /// Histories of the energy meters of equipment whose meter changes, as known at a version.
  func meterHistories(
    of scope: FactoryScope, knownVersion: Int
  ) throws(StoreError) -> [EquipmentKey: MeterHistory]

  /// Every import of production calendars, ascending by version.
  func calendarImports() throws(StoreError) -> [CalendarImport]

  /// Production calendars as known at an instant (nil: everything known), of all factories or of one.
  func productionCalendars(
    knownAt instant: Timestamp?, factory: String?
  ) throws(StoreError) -> ProductionCalendars

  /// Every import, with its rows of one factory.
  func contents(of factory: String) throws(StoreError) -> RegisterContents

  /// Proof that a factory's rows belong to the chain of imports, made while verifying the whole chain.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` for the first import that does not match the chain.
  func proof(of factory: String) throws(StoreError) -> RegisterProof
}

extension RegisterReading {
  /// The version that was newest at an instant; 0 before the first import.
  public func version(knownAt instant: Timestamp) throws(StoreError) -> Int {
    RegisterResolution.version(of: try imports().map(\.version), knownAt: instant)
  }

  /// The register on a local day, as known at an instant, of all factories or of one.
  ///
  /// - Parameter knownAt: nil for everything known, which differs from the present if a clock was ever ahead.
  public func snapshot(
    day: CalendarDay, knownAt: Timestamp? = nil, factory: String? = nil
  ) throws(StoreError) -> RegisterSnapshot {
    let imports = try imports().map(\.version)
    let version = knownAt.map { RegisterResolution.version(of: imports, knownAt: $0) }
    return try snapshots(
      [RegisterResolution(imports: imports, day: day, version: version)], of: FactoryScope(factory))[0]
  }

  /// The register on a local day, as known at a version, of all factories or of one.
  public func snapshot(
    day: CalendarDay, knownVersion: Int, factory: String? = nil
  ) throws(StoreError) -> RegisterSnapshot {
    try snapshots(days: [day], knownVersion: knownVersion, of: FactoryScope(factory))[0]
  }

  /// The register on several days, as known at a version; read at one moment.
  public func snapshots(
    days: [CalendarDay], knownVersion: Int, of scope: FactoryScope = .all
  ) throws(StoreError) -> [RegisterSnapshot] {
    let imports = try imports().map(\.version)
    return try snapshots(
      days.map { RegisterResolution(imports: imports, day: $0, version: knownVersion) }, of: scope)
  }

  /// Production calendars of all factories, with everything known.
  public func productionCalendars() throws(StoreError) -> ProductionCalendars {
    try productionCalendars(knownAt: nil, factory: nil)
  }
}

/// Adds imports to a store's register. One writer at a time holds it.
public protocol RegisterWriting: RegisterReading {
  /// Stores an import, all of it or nothing, and returns its version once it survives a power cut.
  ///
  /// - Parameters:
  ///   - rows: rows of the files; they include every factory that the equipment names and the register lacks.
  ///   - importedAt: the present. An import is never recorded as known before the preceding one: if the clock was set
  ///     back, it gets that one's time.
  @discardableResult
  func importSnapshot(
    _ rows: RegisterRows, effectiveOn: CalendarDay, importedAt: Timestamp, equipmentFile: RegisterFile,
    factoriesFile: RegisterFile?
  ) throws(StoreError) -> Int

  /// Stores a calendar for every factory that the entries name, all of it or nothing; returns its version.
  @discardableResult
  func importCalendar(
    _ entries: [CalendarEntry], from file: RegisterFile, at importedAt: Timestamp
  ) throws(StoreError) -> Int
}

/// One import of equipment.
public struct RegisterImportRecord: Equatable, Sendable {
  /// A file as it was imported.
  public struct File: Equatable, Sendable {
    public var name: String
    /// 64 hexadecimal digits.
    public var sha256: String
    /// Number of rows taken from it.
    public var rows: Int

    package init(name: String, sha256: String, rows: Int) {
      self.name = name
      self.sha256 = sha256
      self.rows = rows
    }
  }
  /// Number and dates.
  public var version: RegisterImport
  public var equipment: File
  /// nil if the import had no factories file.
  public var factories: File?

  package init(version: RegisterImport, equipment: File, factories: File?) {
    self.version = version
    self.equipment = equipment
    self.factories = factories
  }
}

/// One import of production calendars.
public struct CalendarImport: Equatable, Sendable {
  public var version: Int
  public var importedAt: Timestamp
  /// The file's name as it was given.
  public var file: String
  /// Of the file, hexadecimal.
  public var sha256: String
  /// Ids of the factories whose calendars it replaced, ascending.
  public var factories: [String]
  public var entries: Int

  package init(
    version: Int, importedAt: Timestamp, file: String, sha256: String, factories: [String], entries: Int
  ) {
    self.version = version
    self.importedAt = importedAt
    self.file = file
    self.sha256 = sha256
    self.factories = factories
    self.entries = entries
  }
}
