import Foundation
import Register
import Threads

/// The merged cells of a sheet, which stand after its rows. They are looked for once, however often the sheet is read.
final class SheetMerges {
  private typealias Outcome = Result<[SheetMerge], RegisterProblem>

  private let part: String
  private let archive: ZipArchive
  private var outcome: Outcome?
  /// Receives the outcome of a search on another thread.
  private var search: BoundedQueue<Outcome>?

  /// The merged cells of the part with this name; looks for them at once, in a large sheet on a thread of its own.
  init(_ part: String, of archive: ZipArchive) {
    (self.part, self.archive) = (part, archive)
    guard let path = archive.pathOfLarge(part) else { return }
    let file = archive.file
    let search = BoundedQueue<Outcome>(limit: 1)
    let thread = Thread {
      _ = search.send(
        Outcome { () throws(RegisterProblem) in
          try MergeSearch(part, of: ZipArchive(path: path, file: file)).merges
        })
      search.end()
    }
    thread.name = "merged cells"
    thread.start()
    self.search = search
  }

  /// The merged cells; waits until they are found.
  ///
  /// - Throws: a problem for a damaged sheet.
  func found() throws(RegisterProblem) -> [SheetMerge] {
    if outcome == nil { outcome = search?.receive() }
    let known = outcome ?? Outcome { () throws(RegisterProblem) in try MergeSearch(part, of: archive).merges }
    outcome = known
    search = nil
    return try known.get()
  }

  /// Takes the merged cells that a reader of the whole sheet came across.
  func set(_ merges: [SheetMerge]) { outcome = .success(merges) }
}
