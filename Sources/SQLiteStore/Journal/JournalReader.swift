import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Reads a store's journal, as anyone who may read its files.
public struct JournalReader: RecordSource {
  private let opened: OpenDays
  var folder: String { opened.folder }

  /// A reader of the journal of `store`. Keep it for one task only: it keeps some files open.
  public init(_ store: StoreDirectory) {
    opened = OpenDays(store.journal)
  }

  /// Lends every block that is kept, ascending and with its hash, each checked against the chain. `closed` is
  /// told of every day once it was read, with its records by factory and the head of the journal then.
  public func forEachVerifiedBlock(
    _ body: (JournalBlock) throws -> Void,
    closed: (_ day: CalendarDay, _ opening: JournalHead, _ end: JournalHead, DayDigest) throws -> Void = {
      _, _, _, _ in
    }
  ) throws {
    var previous: JournalHead?
    for day in try days() {
      guard let opening = try day.opening() else { continue }
      // The oldest kept day states what it follows; later days must follow what was read.
      guard opening == previous ?? opening else {
        throw StoreError(.corrupt, "\(day.path): does not continue the day before it")
      }
      let (end, digest) = try day.forEachVerifiedBlock(following: opening, body)
      previous = end
      if let date = CalendarDay(day.name) { try closed(date, opening, end, digest) }
    }
  }

  /// The block after which the newest `records` up to block `cursor` lie, or as many as there are.
  public func block(before cursor: Int64, holding records: Int) throws(StoreError) -> Int64 {
    var number = cursor
    var held = 0
    guard records > 0 else { return number }
    for name in try JournalFiles.days(in: folder).reversed() where held < records {
      try opened.open(name).forEachCount(upTo: cursor) { first, count in
        number = first - 1
        held.add(saturating: count)
        return held < records
      }
    }
    return number
  }

  /// Lends the blocks after `number` up to `last`, ascending; one that is missing is an error.
  public func forEachBlock(
    after number: Int64, through last: Int64 = .max, _ body: (JournalBlock) throws -> Void
  ) throws {
    var next = max(number, try opening()) + 1
    try DaySearch(opened).forEachDay(holdingAfter: number) { day in
      try day.forEachBlock(from: next, through: last) { block in
        try body(block)
        next = block.number + 1
      }
      return next <= last
    }
  }

  /// Lends every record of some factories in blocks up to `last`, ascending, with its block's number; false
  /// ends it.
  ///
  /// - Parameter day: of the journal, from which on records are wanted.
  public func forEachRecord(
    ofFactories factories: Set<String>?, fromDay day: CalendarDay?, through last: Int64 = .max,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws {
    let from = day?.description ?? ""
    let names = try JournalFiles.days(in: folder)
    // Days never go back though the clock may: what was received on a day is in its file or, when the clock
    // had been ahead, in a later one.
    for name in names where name >= from {
      let file = try opened.open(name)
      guard try file.forEachRecord(ofFactories: factories, through: last, body) else { return }
    }
  }

  /// Lends every record of some factories (nil: all) in the blocks after `number` up to `last`, ascending, with its
  /// block's number; false ends it.
  public func forEachRecord(
    ofFactories factories: Set<String>?, after number: Int64, through last: Int64,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws {
    var newest = number
    try DaySearch(opened).forEachDay(holdingAfter: number) { day in
      // After a crash while days were filed anew, two files have the same blocks.
      let first = newest + 1
      return try day.forEachRecord(ofFactories: factories, from: first, through: last) { record, block in
        newest = max(newest, block)
        return try body(record, block)
      }
    }
  }

  /// The first blocks of the journal's newest days, and the blocks that name sources: back to the day with the
  /// sources in effect at block `number`, or else all days.
  public func outline(reaching number: Int64) throws -> JournalOutline {
    var outline = JournalOutline()
    for name in try JournalFiles.days(in: folder).reversed() {
      let day = try opened.open(name)
      guard let date = CalendarDay(name), let opening = try day.opening() else { continue }
      let openings = try day.openings().map {
        JournalOutline.Opening(block: $0.block, isRereading: $0.isRereading)
      }
      outline.days.insert(JournalOutline.Day(day: date, firstBlock: opening.number + 1), at: 0)
      outline.openings.insert(contentsOf: openings, at: 0)
      if let first = openings.first, first.block <= number { break }
    }
    return outline
  }

  /// The first block of the days from `day` on; nil if there is none.
  public func firstBlock(from day: CalendarDay) throws -> Int64? {
    for name in try JournalFiles.days(in: folder) where name >= day.description {
      if let opening = try opened.open(name).opening() { return opening.number + 1 }
    }
    return nil
  }

  /// The newest block; 0 when there is none.
  public func head() throws -> Int64 {
    for name in try JournalFiles.days(in: folder).reversed() {
      if let head = try opened.open(name).head() { return head.number }
    }
    return 0
  }

  /// The block before the oldest kept day's first; 0 when nothing was ever dropped.
  private func opening() throws(StoreError) -> Int64 {
    try DaySearch(opened).firstOpening()?.number ?? 0
  }

  /// Hash and last receipt of block `number`, or nil when the journal no longer has it.
  public func head(at number: Int64) throws -> (hash: SHA256Digest, lastReceived: Timestamp)? {
    var found: (hash: SHA256Digest, lastReceived: Timestamp)?
    try DaySearch(opened).forEachDay(holdingAfter: number - 1) { day in
      found = try day.head(at: number)
      return found == nil
    }
    return found
  }

  /// The block `number`, or nil.
  public func block(_ number: Int64) throws -> JournalBlock? {
    var found: JournalBlock?
    try DaySearch(opened).forEachDay(holdingAfter: number - 1) { day in
      try day.forEachBlock(from: number, through: number) { found = $0 }
      return found == nil
    }
    return found
  }

  private func days() throws(StoreError) -> [JournalDay] {
    var days: [JournalDay] = []
    for name in try JournalFiles.days(in: folder) { days.append(try JournalDay(name, in: folder)) }
    return days
  }
}
