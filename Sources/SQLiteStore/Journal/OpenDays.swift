import Journal
import Synchronization

/// Opens days of a journal for reading, and keeps the last used ones open: to decode records again, first the outlines
/// of days are read, then their blocks.
///
/// Keep it for one task only: as long as a day is open, the space of a file that was dropped or compacted is not freed.
final class OpenDays: Sendable {
  let folder: String
  private struct Kept: Sendable {
    let day: JournalDay
    let file: FileIdentity
  }
  /// The last used one is the last.
  private let kept = Mutex<[Kept]>([])
  /// Each has three files open.
  private static let most = 16

  /// Days of the journal in `folder`.
  init(_ folder: String) { self.folder = folder }

  /// The day `name`. It is opened anew unless its file is the one that is open.
  func open(_ name: String) throws(StoreError) -> JournalDay {
    let path = JournalFiles.path(name, in: folder)
    let file = FileIdentity(path: path)
    if let day = take(name, file) { return day }
    let day = try JournalDay(name, in: folder)
    // The connection to a file of an earlier version, or without tables, would not notice those that are made later.
    guard let file, day.hasNewestSchema, FileIdentity(path: path) == file else { return day }
    kept.withLock { kept in
      if kept.count >= Self.most { kept.removeFirst() }
      kept.append(Kept(day: day, file: file))
    }
    return day
  }

  private func take(_ name: String, _ file: FileIdentity?) -> JournalDay? {
    kept.withLock { kept in
      guard let place = kept.firstIndex(where: { $0.day.name == name }) else { return nil }
      let found = kept.remove(at: place)
      guard found.file == file else { return nil }
      kept.append(found)
      return found.day
    }
  }
}
