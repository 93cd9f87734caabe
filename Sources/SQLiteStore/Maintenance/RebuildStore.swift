import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Views being built anew from the journal, beside a collector that goes on writing both. A shard over it
/// reads the journal up to a block, and can append nothing.
public final class RebuildStore: ShardStore {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  private let last: Int64
  private let progress: (_ block: Int64, _ last: Int64) throws -> Void
  private var views: ViewsWriter?
  public private(set) var finalDay: CalendarDay?

  /// A store whose views are those of `directory` (``StoreDirectory/init(_:views:)``); what is there already
  /// is gone on with.
  ///
  /// - Parameters:
  ///   - last: the block to stop at.
  ///   - progress: told of every block read, and the last one; what it throws ends the building, which can
  ///     be gone on with later.
  public init(
    directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span, through last: Int64,
    progress: @escaping (_ block: Int64, _ last: Int64) throws -> Void
  ) {
    self.directory = directory
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    self.last = last
    self.progress = progress
  }

  public func claim(remembering: Int) throws -> ShardState {
    try ViewsBase.restore(directory)
    finalDay = try ViewsBase.finalDay(of: directory)
    let views = try ViewsWriter(path: directory.views, calendar: calendar, horizonMinimum: horizonMinimum)
    var state = try views.state(head: last)
    state.remembered = try JournalReader(directory).block(before: state.cursor, holding: remembering)
    self.views = views
    return state
  }

  public func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    builder.reset()
    throw StoreError(.refused, "\(directory.views): views being built anew take no messages")
  }

  public func update(_ update: ViewUpdate) throws {
    do {
      try claimed().write(update)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func pendingRepairs(limit: Int) throws -> [PendingRepair] {
    do {
      return try claimed().pendingRepairs(limit: limit) { () throws(StoreError) in finalDay }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try JournalReader(directory).forEachBlock(after: number, through: last) { block in
      try body(block)
      try progress(block.number, last)
    }
  }

  /// No day begins: nothing is appended.
  public func beginsDay(at received: Timestamp) -> Bool { false }

  public func outline(reaching number: Int64) throws -> JournalOutline {
    try JournalReader(directory).outline(reaching: number)
  }

  public func block(_ number: Int64) throws -> JournalBlock? { try JournalReader(directory).block(number) }

  /// Packs all groups of days that are over, which a collector does bit by bit.
  func packGroups() throws {
    do {
      while try claimed().packGroups(for: .seconds(1)) {}
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func release() { views = nil }

  /// Closes the views, so that they are one file.
  public func close() throws {
    try views?.close()
    views = nil
  }

  private func claimed() throws(StoreError) -> ViewsWriter {
    guard let views else { throw StoreError(.refused, "\(directory.views): used before it was claimed") }
    return views
  }
}
