import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Closes a day of the journal: everything in it is read and held against the chain, and its root is made.
struct DayClosing {
  private let directory: StoreDirectory
  private let day: CalendarDay
  private let policies: String

  /// - Parameter policies: the policies in use (``DayRoot/policies``).
  init(_ directory: StoreDirectory, _ day: CalendarDay, policies: String) {
    self.directory = directory
    self.day = day
    self.policies = policies
  }

  /// The closed day, which follows `previous`; nil for a file without blocks.
  func close(following previous: DayRootStore.ClosedDay?) throws -> DayRootStore.ClosedDay? {
    let file = try JournalDay(day.description, in: directory.journal)
    guard let opening = try file.opening() else { return nil }
    guard previous == nil || previous?.root.blockHash == opening.hash else {
      throw StoreError(.corrupt, "\(file.path): does not continue the day before it")
    }
    var observation = ObservationFold(previous?.observation)
    let (end, digest) = try file.forEachVerifiedBlock(following: opening) { try observation.add($0) }
    guard end.number > opening.number else { return nil }
    let root = DayRoot(
      day: day, firstBlock: opening.number + 1, lastBlock: end.number, blockHash: end.hash,
      merkleRoot: digest.merkleRoot, previous: previous?.root.root ?? .zero,
      register: try RegisterStore.open(directory: directory.path, readOnly: true).chainHead(),
      policies: policies)
    return DayRootStore.ClosedDay(root: root, observation: observation.current)
  }

  /// Writes the root into the day's file.
  func note(_ root: DayRoot) throws {
    let path = JournalFiles.path(day.description, in: directory.journal)
    let queue = try SQLiteConnection.openWriter(
      path: path, label: "journal \(day)", durable: true, schema: JournalDay.migrator)
    try queue.write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO closed VALUES (1, ?)", arguments: [Data(root.root.bytes)])
    }
    try queue.close()
  }
}
