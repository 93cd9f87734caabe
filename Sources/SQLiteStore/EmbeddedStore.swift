import Foundation
import Journal
import Storage
import Telemetry

/// The embedded store: a folder with databases of SQLite and a few small files.
extension StoreDirectory: Store {
  public var location: String { path }

  public func shard(_ id: ShardID, _ options: ShardOptions) throws(StoreError) -> any ShardStore {
    try require(id)
    return SQLiteShardStore(directory: self, options)
  }

  public func notes(of id: ShardID) throws(StoreError) -> any ShardNotes {
    try require(id)
    return self
  }

  public func statusPlace(of id: ShardID) throws(StoreError) -> any StatusPlace {
    try require(id)
    return self
  }

  public func rebuild(
    _ id: ShardID, _ options: ShardOptions, rules: String,
    progress: @escaping (_ block: Int64, _ last: Int64) throws -> Void
  ) throws(StoreError) -> any ViewsRebuild {
    try require(id)
    return try SQLiteRebuild(self, options, rules: rules, progress: progress)
  }

  private func require(_ id: ShardID) throws(StoreError) {
    guard id == .embedded else {
      throw StoreError(.refused, "\(path): an embedded store has one shard, 0, and no shard \(id.number)")
    }
  }

  public func hasViews() throws(StoreError) -> Bool {
    try requireViews()
    return exists
  }

  public func reader() throws(StoreError) -> any StoreReader { try ViewsReader(self) }

  public func registerReader() throws(StoreError) -> any RegisterReading {
    try RegisterStore.open(directory: path, readOnly: true)
  }

  public func registerWriter() throws(StoreError) -> any RegisterWriting {
    try RegisterStore.open(directory: path, readOnly: false)
  }

  public func quarantine() throws(StoreError) -> any QuarantineReading { try QuarantineReader(self) }

  public func verifyJournal(_ body: (JournalBlock) throws -> Void) throws {
    try JournalReader(self).forEachVerifiedBlock(body)
  }

  public func closedDays() throws(StoreError) -> [DayRoot] { try DayRootStore(self).all().map(\.root) }

  public func journalDays() throws(StoreError) -> [CalendarDay] {
    try JournalReader(self).dayNames()
  }

  public func factoryRecords(of factory: String, on root: DayRoot) throws -> FactoryDayRecords {
    try JournalReader(self).factoryRecords(of: factory, on: root)
  }

  public func verifyRegister(anchoredIn roots: [DayRoot]) throws(StoreError) -> RegisterHead? {
    try DayRootStore.requireRoots(of: self, all: true)
    return try RegisterStore.open(directory: path, readOnly: true).verifyChain(anchoredIn: roots)
  }

  public func openingState(of factory: String) throws(StoreError) -> OpeningState? {
    try OpeningStateReading.read(self, factory: factory)
  }

  public func restore(_ past: FactoryPast, _ options: ShardOptions) throws {
    guard !exists, !hasJournal, !FileManager.default.fileExists(atPath: register) else {
      throw StoreError(.refused, "\(path): is not empty, and cannot be filled with a factory's past")
    }
    try RegisterStore.open(directory: path, readOnly: false)
      .restore(past.register, past.chain, of: past.factory)
    if let opening = past.opening {
      try OpeningStateWriter.write(opening, of: past.factory, to: self, options)
    }
    _ = try FactoryJournalWriter(self, calendar: options.calendar).write(past.days, of: past.factory)
  }

  public func records() -> any RecordSource { JournalReader(self) }

  public func backup(to folder: String) throws -> BackupReport { try StoreBackup(self, to: folder).make() }

  public func repairSource() throws(StoreError) -> any RepairSource { try JournalAndViews(self) }
}

/// Reads what recomputing days needs: records of the journal, and timelines stored in the views.
private struct JournalAndViews: RepairSource {
  let records: any RecordSource
  private let views: ViewsReader

  init(_ directory: StoreDirectory) throws(StoreError) {
    records = JournalReader(directory)
    views = try ViewsReader(directory)
  }

  func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws(StoreError) -> Timeline? {
    try views.closing(of: equipment, before: day)
  }

  func firstClosing(
    of equipment: EquipmentNumber, after day: CalendarDay
  ) throws(StoreError) -> CalendarDay? { try views.firstClosing(of: equipment, after: day) }
}
