import Foundation
import Glibc
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
    guard let large = archive.fileOfLarge(part) else { return }
    let search = BoundedQueue<Outcome>(limit: 1)
    let thread = Thread {
      _ = search.send(
        Outcome { () throws(RegisterProblem) in
          try MergeSearch(part, of: ZipArchive(large)).merges
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

/// Looks for the merged cells of a sheet, which stand after its rows.
struct MergeSearch {
  private(set) var merges: [SheetMerge] = []

  /// Unpacks the whole sheet and passes its rows without reading them.
  init(_ part: String, of archive: ZipArchive) throws(RegisterProblem) {
    let buffer = SheetBuffer(try archive.open(part, limit: SheetReader.largest), file: archive.file)
    let head = try SheetHead(buffer, file: archive.file, part: part)
    guard head.hasRows else { return }
    let document = SheetDocument(file: archive.file, builder: nil)
    let reader = try XMLReader(file: archive.file, part: part, document)
    try reader.read(head.bytes)
    if head.isPlain { try Self.passRows(buffer) }
    repeat {
      try reader.read(buffer.bytes)
      buffer.start = buffer.end
    } while try buffer.refill()
    try reader.read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    if let problem = document.problem { throw problem }
    merges = document.merges
  }

  /// Passes all bytes before the tag that ends the rows.
  private static func passRows(_ buffer: SheetBuffer) throws(RegisterProblem) {
    let tag: StaticString = "</sheetData"
    let length = tag.utf8CodeUnitCount
    repeat {
      var rest = buffer.bytes
      // The letter D is the rarest of the tag: other tags have none.
      while rest.count >= length, let base = rest.baseAddress,
        let found = memchr(base + 7, 0x44, rest.count - length + 1)
      {
        let place = UnsafeRawPointer(found) - base - 7
        if memcmp(base + place, tag.utf8Start, length) == 0 {
          buffer.start = buffer.end - rest.count + place
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[(place + 1)...])
      }
      buffer.start = max(buffer.start, buffer.end - length + 1)
    } while try buffer.refill()
  }
}
