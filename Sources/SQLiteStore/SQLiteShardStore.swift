import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// The embedded store: a folder with a journal file for each day and the views, under one lock.
public final class SQLiteShardStore: ShardStore {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  private var settings: JournalSettings
  private let keeping = DayKeeperThread()
  private var open: Open?
  /// Number of days packed together in new views; see ``DayGroups``.
  package var daysPerGroup = DayGroups.standardLength
  /// Whether days are looked after only when the machine has nothing else to do. Tests that wait for it say false.
  package var keepsDaysWhenIdle = true
  /// See ``Storage/ShardOptions/clock``; ``DayRefiling`` files the days.
  public var clock: (() -> Timestamp)?
  /// See ``Storage/ShardOptions/notice``.
  public var notice: ((String) -> Void)?
  public private(set) var finalDay: CalendarDay?
  /// The newest block when ``finalDay`` was set; earlier blocks may have messages for that day.
  private var finalDaySetAt: Int64 = 0
  /// The day that was being added to when days were last looked after, and when they will be again.
  private var keptBefore: CalendarDay?
  private var nextKeeping = ContinuousClock.now

  private struct Open {
    let lock: StoreLock
    let journal: JournalFiles
    let views: ViewsWriter
    var watch: StoreWatch
  }

  /// The store in `directory`, which is made when it is not there; days are those of `calendar`.
  public init(
    directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span,
    journal settings: JournalSettings = JournalSettings()
  ) {
    self.directory = directory
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    self.settings = settings
  }

  /// The store in `directory`, kept as `options` say.
  public convenience init(directory: StoreDirectory, _ options: ShardOptions) {
    self.init(
      directory: directory, calendar: options.calendar, horizonMinimum: options.horizonMinimum,
      journal: options.journal)
    clock = options.clock
    notice = options.notice
  }

  /// Whether rebuilt views are waiting; the next claim switches to them. False while days are being closed or
  /// compacted, since a claim would wait for that.
  public var hasRebuiltViews: Bool {
    FileManager.default.fileExists(atPath: directory.rebuilt) && keeping.isIdle
  }

  public func claim(remembering: Int = 0) throws -> ShardState {
    try directory.create()
    // A claim made again keeps the lock all the while.
    let lock = try open?.lock ?? StoreLock(path: directory.lock, purpose: "collector")
    open = nil
    keeping.stop()
    try directory.adoptRebuilt()
    try ViewsBase.migrate(directory)
    try discardEarlierViews()
    try ViewsBase.restore(directory)
    finalDay = try ViewsBase.finalDay(of: directory)
    if let (refiling, plan) = try leaptDays() {
      let done = try refiling.run(plan)
      notice?(done.description)
    }
    let journal = try JournalFiles(folder: directory.journal, calendar: calendar)
    let views = try ViewsWriter(
      path: directory.views, calendar: calendar, horizonMinimum: horizonMinimum, daysPerGroup: daysPerGroup)
    // Where the views cannot be read for it, dropping the next day tries again and says so.
    try? LeftDays.complete(directory, isLocked: false)
    try DayRootStore.requireRoots(of: directory)
    try DayRootStore.requireBlocks(of: directory, upTo: journal.head)
    var state: ShardState
    do { state = try views.state(head: journal.head) } catch {
      throw StoreError(path: directory.views, error)
    }
    let opening = try journal.opening()
    guard state.cursor <= journal.head, state.cursor == 0 || state.cursor >= opening else {
      throw StoreError(
        .refused,
        """
        \(directory.path): the views reflect journal block \(state.cursor), but the journal holds blocks \
        \(opening + 1) to \(journal.head): journal files are missing. Put them back, or move views.sqlite, \
        views.sqlite-wal and views.sqlite-shm away to have the views built anew from the journal that is there
        """)
    }
    state.remembered = try JournalReader(directory).block(before: state.cursor, holding: remembering)
    keptBefore = nil
    open = Open(lock: lock, journal: journal, views: views, watch: try StoreWatch(directory))
    return state
  }

  /// Removes views whose layout is too old to be migrated, so that they are rebuilt from the journal.
  private func discardEarlierViews() throws {
    guard FileManager.default.fileExists(atPath: directory.views),
      FileManager.default.fileExists(atPath: directory.journal)
    else { return }
    do {
      let isTooOld = try SQLiteConnection.openReader(path: directory.views, label: "views").read {
        database in
        try database.tableExists("grdb_migrations") && !ViewsSchema.canMigrate(database)
          && !ViewsSchema.migrator.hasBeenSuperseded(database)
      }
      guard isTooOld else { return }
    } catch {
      throw StoreError(path: directory.views, error)
    }
    for ending in ["", "-wal", "-shm"] { unlink(directory.views + ending) }
  }

  public func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    do {
      return try claimed().journal.append(&builder, factoryID: factoryID)
    } catch {
      builder.reset()
      throw StoreError(path: directory.journal, error)
    }
  }

  public func check() throws {
    try claimed().journal.checkFiles()
    try open?.watch.check(finalDay: finalDay)
  }

  public func tidy() throws {
    do {
      try fileLeaptDays()
      try claimed().journal.packWhenWorthwhile()
      try keepDays()
    } catch {
      throw StoreError(path: directory.journal, error)
    }
    do { try claimed().views.packGroups(for: Self.packingTime) } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// The moves to make for far days; nil when there are none, or they must wait.
  private func leaptDays() throws -> (DayRefiling, DayRefiling.Plan)? {
    guard let clock else { return nil }
    let refiling = DayRefiling(directory, calendar: calendar, now: clock())
    return try refiling.plan(isAsked: false).map { (refiling, $0) }
  }

  /// Files the current day's blocks under the right days when a clock had jumped and is right again. Not while days
  /// are being closed or compacted, which reads them.
  private func fileLeaptDays() throws {
    guard let clock, let open, let name = open.journal.currentDay, let current = CalendarDay(name),
      DayRefiling(directory, calendar: calendar, now: clock()).isFar(current), keeping.isIdle,
      let (refiling, plan) = try leaptDays()
    else { return }
    let head = open.journal.head
    // Whether it succeeds or fails, open the files anew afterwards: a failure leaves the far file in place.
    let done: Result<RefiledDays, any Error>
    do {
      try open.journal.close()
      done = .success(try refiling.run(plan))
    } catch {
      done = .failure(error)
    }
    let journal = try JournalFiles(folder: directory.journal, calendar: calendar)
    guard journal.head == head else {
      throw StoreError(.removed, "\(directory.journal): ends with block \(journal.head) instead of \(head)")
    }
    self.open = Open(lock: open.lock, journal: journal, views: open.views, watch: try StoreWatch(directory))
    keptBefore = nil
    let refiled = try done.get()
    notice?(refiled.description)
  }

  /// Maximum time of packing between two windows: a commit may have to wait for it.
  private static let packingTime = Duration.milliseconds(20)

  /// Packs all groups of days that are over, however long it takes.
  package func packGroups() throws {
    do {
      while try claimed().views.packGroups(for: .seconds(1)) {}
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func update(_ update: ViewUpdate) throws {
    do {
      try claimed().views.write(update)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func pendingRepairs(limit: Int) throws -> [PendingRepair] {
    do {
      // Our final day may be ahead of the base's, while its messages are still in the journal.
      return try claimed().views.pendingRepairs(limit: limit) { () throws(StoreError) in
        finalDay == nil ? nil : try ViewsBase.finalDay(of: directory)
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try claimed().journal.forEachBlock(after: number, body)
  }

  public func beginsDay(at received: Timestamp) -> Bool { open?.journal.beginsDay(at: received) ?? false }

  public func outline(reaching number: Int64) throws -> JournalOutline {
    try JournalReader(directory).outline(reaching: number)
  }

  public func block(_ number: Int64) throws -> JournalBlock? { try JournalReader(directory).block(number) }

  public var rereadingRequest: RereadingRequest? { directory.rereadingRequest }

  public func answeredRereading() { directory.removeRereadingRequest() }

  public func use(_ settings: JournalSettings) {
    self.settings = settings
    nextKeeping = .now
  }

  public func release() {
    keeping.stop()
    open = nil
  }

  public var isTidying: Bool { !keeping.isIdle }

  /// Begins what is due of closing, compacting and dropping days, if nothing of it is going on.
  private func keepDays() throws {
    let open = try claimed()
    guard keeping.isIdle, let name = open.journal.currentDay, let current = CalendarDay(name),
      keptBefore != current || ContinuousClock.now >= nextKeeping
    else { return }
    keptBefore = current
    nextKeeping = .now + settings.pause
    let keeper = DayKeeper(
      directory: directory, calendar: calendar, horizonMinimum: horizonMinimum, settings: settings)
    let surplus = try keeper.surplus(before: current)
    // A day is made final first, and dropped once all its earlier messages are in the views.
    let dropped = surplus.filter { day in finalDay.map { day.next <= $0 } ?? false }
    let reached = finalDaySetAt
    if let last = surplus.last?.next, finalDay.map({ $0 < last }) ?? true {
      finalDay = last
      finalDaySetAt = open.journal.head
      nextKeeping = .now
    }
    try keeping.begin(whenIdle: keepsDaysWhenIdle) { isCancelled in
      try keeper.keep(before: current, isCancelled: isCancelled)
      for day in dropped where !isCancelled() {
        guard try keeper.drop(day.day, next: day.next, viewsReaching: reached) else { return }
      }
    }
  }

  private func claimed() throws(StoreError) -> Open {
    guard let open else { throw StoreError(.refused, "\(directory.path): used before it was claimed") }
    return open
  }
}
