import Journal
import Register
import Telemetry

/// One factory's part of a register: every import, with the rows that it has of the factory.
///
/// Imports without a row of the factory are included, so that a version number means the same as in the register.
public struct RegisterContents: Equatable, Sendable {
  /// An import of equipment.
  public struct EquipmentImport: Equatable, Sendable {
    /// Number and dates.
    public var version: RegisterImport
    public var equipmentFile: RegisterImportRecord.File
    /// nil if the import had no factories file.
    public var factoriesFile: RegisterImportRecord.File?
    /// Number of factories in the whole import.
    public var factoryRows: Int
    /// The factory's own row; nil if the import has none.
    public var factory: RegisteredFactory?
    /// The factory's equipment in the import, ascending by id; empty if it has none.
    public var equipment: [RegisteredEquipment]

    /// An import with the rows of one factory.
    public init(
      version: RegisterImport, equipmentFile: RegisterImportRecord.File,
      factoriesFile: RegisterImportRecord.File?, factoryRows: Int, factory: RegisteredFactory?,
      equipment: [RegisteredEquipment]
    ) {
      self.version = version
      self.equipmentFile = equipmentFile
      self.factoriesFile = factoriesFile
      self.factoryRows = factoryRows
      self.factory = factory
      self.equipment = equipment
    }
  }

  /// An import of production calendars.
  public struct CalendarVersion: Equatable, Sendable {
    public var version: Int
    public var importedAt: Timestamp
    /// The file's name as it was given.
    public var file: String
    /// 64 hexadecimal digits.
    public var sha256: String
    /// The factory's calendar in the import, ascending by position; nil if the import leaves its calendar as it was.
    public var entries: [PlacedEntry]?

    /// An import with the entries of one factory.
    public init(
      version: Int, importedAt: Timestamp, file: String, sha256: String, entries: [PlacedEntry]?
    ) {
      self.version = version
      self.importedAt = importedAt
      self.file = file
      self.sha256 = sha256
      self.entries = entries
    }
  }

  /// An entry of a calendar, and its position among the entries of the imported file, from 0.
  public struct PlacedEntry: Equatable, Sendable {
    public var position: Int
    public var entry: CalendarEntry

    /// The entry at `position`.
    public init(position: Int, entry: CalendarEntry) {
      self.position = position
      self.entry = entry
    }
  }

  /// Ascending by version.
  public var imports: [EquipmentImport] = []
  /// Ascending by version.
  public var calendars: [CalendarVersion] = []

  /// A register to which nothing was imported.
  public init() {}
}

/// Kinds of imports, by the number in the register's chain.
public enum RegisterImportKind: UInt8, Sendable, CaseIterable {
  case equipment = 1
  case calendars = 2

  /// The words in messages, before the import's number.
  public var name: String { self == .equipment ? "import" : "calendar import" }
}
