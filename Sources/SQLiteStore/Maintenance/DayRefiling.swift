import Foundation
import GRDB
import Journal
import Telemetry

/// Files blocks of days far ahead of the clock under the right days.
///
/// A clock that jumps to 2099 for a second opens the file of that day, and since days never go back, every later
/// block is stored in it too. Once the clock is right again, the blocks are moved: each to the day of its receipt,
/// and those received while the clock was wrong to the day that was open then. Numbers, hashes and the chain stay as
/// they are; only the assignment to files changes. A crash at any step leaves blocks in two files, and the next run
/// finishes.
struct DayRefiling {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let today: CalendarDay

  /// Maximum number of days ahead of today that is still plausible: time zones, and clocks slightly ahead.
  static let permitted: Int32 = 2

  init(_ directory: StoreDirectory, calendar: LocalCalendar, now: Timestamp) {
    self.directory = directory
    self.calendar = calendar
    today = calendar.day(at: now)
  }

  /// Whether a day is too far ahead of the clock to be right.
  func isFar(_ day: CalendarDay) -> Bool { day.number > today.number + Self.permitted }

  /// The moves to make.
  struct Plan: Equatable {
    /// The far days, ascending.
    var far: [CalendarDay]
    /// The newest other day that has blocks; nil if there is none.
    var last: CalendarDay?
    /// The day for blocks received while the clock was wrong.
    var open: CalendarDay
  }

  /// The moves that a run would make; nil when there are none, or they must wait.
  ///
  /// - Parameter isAsked: whether a person has confirmed that the clock is right. Without that, today must not be
  ///   before the newest other day with blocks: a clock that jumps back makes every day a far one.
  func plan(isAsked: Bool) throws -> Plan? {
    let days = try JournalFiles.days(in: directory.journal).compactMap { CalendarDay($0) }
    let far = days.filter(isFar)
    guard !far.isEmpty else { return nil }
    let last = try days.last(where: { day in
      try !isFar(day) && JournalDay(day.description, in: directory.journal).opening() != nil
    })
    guard let last else { return isAsked ? Plan(far: far, last: nil, open: today) : nil }
    guard isAsked || today >= last else { return nil }
    // No block can be added to a day that has a root.
    let isClosed = try DayRootStore(directory).all().contains { $0.root.day == last }
    let open = isClosed ? last + 1 : last
    return isFar(open) ? nil : Plan(far: far, last: last, open: open)
  }

  /// Moves the blocks of a plan. The store must be claimed, and no file of its journal open for writing.
  func run(_ plan: Plan) throws -> RefiledDays {
    var target = RefilingTarget(directory)
    var head = try plan.last.flatMap { try JournalDay($0.description, in: directory.journal).head() }
    var day = plan.open
    for far in plan.far {
      let file = try JournalDay(far.description, in: directory.journal)
      guard let opening = try file.opening() else { continue }
      let known = head ?? opening
      guard opening.number < known.number || opening == known else {
        throw StoreError(.corrupt, "\(file.path): does not continue the day before it")
      }
      head = known
      let (end, _) = try file.forEachVerifiedBlock(following: opening) { block in
        guard let hash = block.hash, let previous = head else { return }
        if block.number == previous.number, hash != previous.hash {
          throw StoreError(.corrupt, "\(file.path): block \(block.number) is another than that filed already")
        }
        guard block.number > previous.number else { return }
        let received = calendar.day(at: block.lastReceived)
        if !isFar(received) { day = max(day, received) }
        try target.append(block, hash, following: previous, on: day)
        head = JournalHead(number: block.number, hash: hash)
      }
      guard end.number <= head?.number ?? 0 else {
        throw StoreError(.corrupt, "\(file.path): could not be filed under other days")
      }
    }
    try target.close()
    try DayRootStore(writing: directory).setAside(from: plan.far[0])
    for far in plan.far {
      let path = JournalFiles.path(far.description, in: directory.journal)
      for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
    }
    try synchronize(folder: directory.journal)
    return RefiledDays(days: plan.far, blocks: target.blocks, into: target.days)
  }
}

/// The result of moving the blocks of far days.
public struct RefiledDays: Equatable, Sendable {
  /// The far days, whose files are gone.
  public var days: [CalendarDay]
  /// Number of blocks moved.
  public var blocks: Int
  /// The days under which they are filed now.
  public var into: [CalendarDay]

  /// A sentence for the log.
  public var description: String {
    let names = days.map(\.description).joined(separator: ", ")
    let targets = into.map(\.description).joined(separator: ", ")
    return """
      the clock had leapt: \(blocks) \(blocks == 1 ? "block" : "blocks") of \(names) \
      \(blocks == 1 ? "is" : "are") filed under \(targets.isEmpty ? "the days before already" : targets) now; the \
      chain is unchanged
      """
  }
}

/// Writes the day files to which blocks are moved, one after another.
private struct RefilingTarget {
  private let folder: String
  private var current: (day: CalendarDay, queue: DatabaseQueue)?
  private(set) var days: [CalendarDay] = []
  private(set) var blocks = 0
  private var waiting: [(block: JournalBlock, hash: SHA256Digest)] = []
  private var waitingBytes = 0

  /// Bytes of content from which a transaction is committed.
  private static let transaction = 16 << 20

  init(_ directory: StoreDirectory) { folder = directory.journal }

  mutating func append(
    _ block: JournalBlock, _ hash: SHA256Digest, following previous: JournalHead, on day: CalendarDay
  ) throws {
    if current?.day != day { try begin(day, following: previous) }
    waiting.append((block, hash))
    waitingBytes += block.content.count
    if waitingBytes >= Self.transaction { try flush() }
  }

  mutating func close() throws {
    try flush()
    if let queue = current?.queue {
      _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try queue.close()
    }
    current = nil
    try synchronize(folder: folder)
  }

  private mutating func begin(_ day: CalendarDay, following previous: JournalHead) throws {
    try close()
    let path = JournalFiles.path(day.description, in: folder)
    let queue = try SQLiteConnection.openWriter(
      path: path, label: "journal \(day)", durable: true, schema: JournalDay.migrator)
    try queue.write { database in
      // A day that has blocks keeps its opening.
      let isEmpty = try Bool.fetchOne(
        database, sql: "SELECT NOT EXISTS (SELECT 1 FROM block) AND NOT EXISTS (SELECT 1 FROM span)")
      guard isEmpty ?? true else { return }
      try database.execute(
        sql: "INSERT OR REPLACE INTO opening (only, number, hash) VALUES (1, ?, ?)",
        arguments: [previous.number, Data(previous.hash.bytes)])
    }
    current = (day, queue)
    days.append(day)
  }

  private mutating func flush() throws {
    guard let queue = current?.queue, !waiting.isEmpty else { return }
    try queue.write { database in
      for (block, hash) in waiting {
        let sealed = SealedBlock(
          number: block.number, firstReceived: block.firstReceived, lastReceived: block.lastReceived,
          records: block.records, contentBytes: block.content.count, hash: hash,
          packetIDs: block.packetIDs ?? PacketIDs(), opening: block.content.opening)
        try compress(block.content, level: 3).withUnsafeBytes {
          try JournalFiles.insert(sealed, content: $0, into: database)
        }
      }
    }
    blocks += waiting.count
    waiting.removeAll(keepingCapacity: true)
    waitingBytes = 0
  }
}

/// Repairs a journal on request, with its collector stopped.
public struct JournalRepair {
  /// Files the blocks of far days as ``DayRefiling`` does; nil when there are none, or the last good day must end
  /// first. Throws `.locked` while a collector holds the store: the collector does this itself.
  public static func refile(
    _ directory: StoreDirectory, calendar: LocalCalendar, now: Timestamp
  ) throws -> RefiledDays? {
    let lock = try StoreLock(path: directory.lock, purpose: "collector")
    return try withExtendedLifetime(lock) {
      let refiling = DayRefiling(directory, calendar: calendar, now: now)
      return try refiling.plan(isAsked: true).map { try refiling.run($0) }
    }
  }
}
