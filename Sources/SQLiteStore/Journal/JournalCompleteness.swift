import Foundation
import GRDB
import Journal
import Telemetry

/// Checks that a journal has all blocks that the rest of the store refers to: a journal without its newest blocks, or
/// without any, is still a valid chain.
public struct JournalCompleteness {
  private let directory: StoreDirectory
  /// The last block that the views reflect; nil without views.
  private let cursor: Int64?
  /// The newest closed day.
  private let newest: DayRoot?

  /// Reads the blocks that the store refers to. Create it before reading the journal, since a collector may add to
  /// both meanwhile.
  public init(_ directory: StoreDirectory) throws {
    self.directory = directory
    cursor =
      FileManager.default.fileExists(atPath: directory.views)
      ? try Self.cursor(of: directory.views, "views") : nil
    newest = try DayRootStore(directory).newest()?.root
  }

  /// Blocks missing from a journal that was found to follow block `opening` and to end with `head` (nil: it has no
  /// block), one sentence for each range; empty when none is missing.
  public func missing(opening: Int64?, head: Int64?) throws -> [String] {
    var missing: [String] = []
    let end = head ?? 0
    if let cursor, cursor > end {
      missing.append(
        Self.sentence(end + 1, cursor, "the views reflect them", in: directory.journal, isEmpty: head == nil))
    }
    if let newest, newest.lastBlock > max(end, cursor ?? 0) {
      missing.append(
        Self.sentence(
          end + 1, newest.lastBlock, "\(newest.day) was closed with them (\(directory.roots))",
          in: directory.journal, isEmpty: head == nil))
    }
    // Read last: retention updates `base` before it drops blocks.
    let dropped =
      FileManager.default.fileExists(atPath: directory.base) ? try Self.cursor(of: directory.base, "base") : 0
    if let opening, head != nil, opening > dropped {
      missing.append(
        Self.sentence(
          dropped + 1, opening, "retention did not drop them", in: directory.journal, isEmpty: false))
    }
    return missing
  }

  private static func sentence(
    _ first: Int64, _ last: Int64, _ reason: String, in folder: String, isEmpty: Bool
  ) -> String {
    let blocks = first == last ? "block \(first) is" : "blocks \(first)–\(last) are"
    let all = isEmpty ? "the journal is empty: " : ""
    return "\(folder): \(all)\(blocks) missing (\(reason)). Put the missing files back from a copy"
  }

  private static func cursor(of path: String, _ label: String) throws(StoreError) -> Int64 {
    let queue = try SQLiteConnection.openReader(path: path, label: label)
    do {
      return try queue.read { database in
        guard try database.tableExists("cursor") else { return 0 }
        return try ViewsCursor.block(database)
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }
}

extension StoreDirectory {
  /// Whether the folder holds any part of a store, with or without views.
  public var hasAny: Bool {
    [views, journal, roots, identity].contains { FileManager.default.fileExists(atPath: $0) }
  }
}
