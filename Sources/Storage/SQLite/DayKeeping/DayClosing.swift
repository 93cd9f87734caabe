import GRDB
import Telemetry

/// Closes a day of the journal: everything in it is read and held against the chain, and its root is made.
struct DayClosing {
  private let directory: StoreDirectory
  private let day: CalendarDay

  init(_ directory: StoreDirectory, _ day: CalendarDay) {
    self.directory = directory
    self.day = day
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
      merkleRoot: digest.merkleRoot, previous: previous?.root.root ?? .zero)
    return DayRootStore.ClosedDay(root: root, observation: observation.current)
  }
}
