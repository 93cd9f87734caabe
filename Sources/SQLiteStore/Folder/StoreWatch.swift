import Foundation
import Journal
import Telemetry

/// Notices that a file of a claimed store was removed, renamed or replaced: an open database still accepts writes
/// then, and they are lost when it is closed.
///
/// The name of the journal file, on which acknowledgements depend, is checked with every block
/// (``JournalFiles/append(_:factoryID:)``). Everything else is checked here once a second, with about ten system
/// calls.
struct StoreWatch {
  private let directory: StoreDirectory
  private var pinned: [PinnedFile] = []
  /// Files created while the collector runs; they are pinned once they exist.
  private var expected: [String]
  /// Names of the journal's days that have a file.
  private var days: Set<String> = []
  /// Last change of the journal's folder at the newest listing; nil before the first.
  private var listed: timespec?
  /// Whether the folder was listed again after its newest change: a second change within the same tick of the file
  /// system's clock does not change the time.
  private var isSettled = false

  /// Pins the files that a claimed store has open, or will open again by name.
  init(_ directory: StoreDirectory) throws(StoreError) {
    self.directory = directory
    expected = [directory.register, directory.roots, directory.base]
    // The outermost first: its loss explains the loss of the others.
    let views = ["", "-wal", "-shm"].map { directory.views + $0 }
    for path in [directory.path, directory.journal, directory.lock, directory.identity] + views {
      guard let file = PinnedFile(path: path) else {
        throw StoreError(.removed, "\(path): was removed while the store was being opened; start again")
      }
      pinned.append(file)
    }
    days = Set(try JournalFiles.days(in: directory.journal))
    pinNew()
  }

  /// Throws `.removed` for the first file that is gone, with a remedy.
  ///
  /// - Parameter finalDay: see ``ShardStore/finalDay``; retention drops only days before it.
  mutating func check(finalDay: CalendarDay?) throws(StoreError) {
    if let gone = pinned.first(where: \.isGone) {
      throw StoreError(
        .removed, "\(gone.path) \(gone.fate) while the collector was using it: \(remedy(gone))")
    }
    pinNew()
    try checkDays(finalDay)
  }

  // MARK: -

  private mutating func pinNew() {
    expected.removeAll { path in
      guard let file = PinnedFile(path: path) else { return false }
      pinned.append(file)
      return true
    }
  }

  private mutating func checkDays(_ finalDay: CalendarDay?) throws(StoreError) {
    var status = stat()
    guard stat(directory.journal, &status) == 0 else { return }
    let changed = status.st_mtim
    let isUnchanged = listed.map { $0.tv_sec == changed.tv_sec && $0.tv_nsec == changed.tv_nsec } ?? false
    guard !isUnchanged || !isSettled else { return }
    listed = changed
    isSettled = isUnchanged
    let found = Set(try JournalFiles.days(in: directory.journal))
    for day in days.subtracting(found).sorted() {
      // Retention drops days that can no longer change.
      if let finalDay, day < finalDay.description { continue }
      throw StoreError(
        .removed,
        """
        \(JournalFiles.path(day, in: directory.journal)) was removed or renamed while the collector was running, \
        and retention did not ask for it: put it back, and start the collector again
        """)
    }
    days = found
  }

  private func remedy(_ file: PinnedFile) -> String {
    let again = "start the collector again"
    let back: String
    if case .at(let other) = file.identity.whereabouts, other != file.path {
      back = "move it back to \(file.path)"
    } else {
      back = "put it back from a copy"
    }
    switch file.path {
    case directory.path:
      return "\(back), or leave it where it is and set 'store' to that place; then \(again)"
    case directory.journal: return "\(back), then \(again)"
    case directory.lock:
      return "without it another collector can write to the store. Make sure that none does, then \(again)"
    case directory.identity:
      return "\(back) (it holds the store's id, by which the broker's session is named), then \(again)"
    case directory.register: return "\(back), or import the register anew, then \(again)"
    case directory.roots: return "\(back): it holds the roots of every closed day; then \(again)"
    case directory.base:
      return "\(back): it holds what the journal no longer reaches back to; then \(again)"
    default:
      return "\(back), or move what is left away to have it built anew from the journal; then \(again)"
    }
  }
}
