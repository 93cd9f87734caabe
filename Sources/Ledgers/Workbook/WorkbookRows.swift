import Glibc
import Register

/// The rows of a sheet of an `.xlsx` workbook.
final class WorkbookRows: SheetRows {
  let file: String
  let sheet: String
  private let part: String
  private let buffer: SheetBuffer
  private let head: SheetHead
  private var builder: RowBuilder
  private var state: State
  /// Expat's reader of the rest of the document: of its rows too if they are not plain.
  private var rest: (reader: XMLReader, document: SheetDocument)?
  private var nextRow = 0
  private let foundMerges: SheetMerges
  private var problem: RegisterProblem?

  private enum State { case plain, document, ended }

  /// The most bytes of a sheet's document: a million rows of 18 columns take 700 million.
  static let largest = 8 << 30

  /// The rows of the part with this name.
  ///
  /// - Parameter usesExpat: whether expat reads all rows; for tests, which compare its rows with those of the scanner.
  init(
    _ part: String, of archive: ZipArchive, sheet: String, merges: SheetMerges, builder: RowBuilder,
    usesExpat: Bool
  ) throws(RegisterProblem) {
    (file, self.sheet, self.part, foundMerges, self.builder) = (archive.file, sheet, part, merges, builder)
    buffer = SheetBuffer(try archive.openAhead(part, limit: Self.largest), file: archive.file)
    head = try SheetHead(buffer, file: archive.file, part: part)
    state = head.isPlain && !usesExpat ? .plain : head.hasRows ? .document : .ended
    if state == .document { try startDocument(withRows: true) }
  }

  func next() throws(RegisterProblem) -> SheetRow? {
    do throws(RegisterProblem) {
      if let problem { throw problem }
      while true {
        switch state {
        case .ended: return nil
        case .plain: if let row = try nextPlain() { return row }
        case .document: if let row = try nextOfDocument() { return row }
        }
      }
    } catch {
      // The next call returns nil.
      (state, problem) = (.ended, nil)
      throw error
    }
  }

  /// The next row by the scanner; nil when another state goes on.
  private func nextPlain() throws(RegisterProblem) -> SheetRow? {
    while true {
      guard let base = buffer.base else { return nil }
      var scanner = RowScanner(base, from: buffer.start, count: buffer.end)
      scan: while true {
        switch try scanner.next(&builder) {
        case .row(let row):
          buffer.start = scanner.position
          if let row { return row }
        case .more: break scan
        case .unusual:
          try startDocument(withRows: true)
          return nil
        case .end:
          buffer.start = scanner.position
          try startDocument(withRows: false)
          return nil
        }
      }
      if !(try buffer.refill()) {
        // The document ends within a row: expat says so.
        try startDocument(withRows: true)
        return nil
      }
    }
  }

  /// Lets expat read the rest of the document.
  private func startDocument(withRows: Bool) throws(RegisterProblem) {
    let document = SheetDocument(file: file, builder: withRows ? builder : nil)
    let reader = try XMLReader(file: file, part: part, document)
    try reader.read(head.bytes)
    rest = (reader, document)
    state = .document
  }

  private func nextOfDocument() throws(RegisterProblem) -> SheetRow? {
    guard let (reader, document) = rest else { return nil }
    while true {
      if nextRow < document.rows.count {
        nextRow += 1
        return document.rows[nextRow - 1]
      }
      if let problem = document.problem { throw problem }
      document.removeRows()
      nextRow = 0
      guard state == .document else { return nil }
      if reader.isPaused {
        try reader.resume()
        continue
      }
      if buffer.bytes.isEmpty {
        if !(try buffer.refill()) {
          try reader.read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
          foundMerges.set(document.merges)
          state = .ended
          return nil
        }
      }
      // Small pieces keep few rows waiting.
      let piece = UnsafeRawBufferPointer(rebasing: buffer.bytes.prefix(1 << 16))
      try reader.read(piece)
      buffer.start += piece.count
    }
  }

  var hiddenColumns: [ClosedRange<Int>] { head.hiddenColumns }

  // MARK: Merged cells

  var merges: [SheetMerge] {
    do throws(RegisterProblem) { return try foundMerges.found() } catch {
      if state != .ended { problem = problem ?? error }
      return []
    }
  }
}

/// Looks for the merged cells of a sheet, which stand after its rows.
struct MergeSearch {
  private(set) var merges: [SheetMerge] = []

  /// Unpacks the whole sheet and passes its rows without reading them.
  init(_ part: String, of archive: ZipArchive) throws(RegisterProblem) {
    let buffer = SheetBuffer(try archive.open(part, limit: WorkbookRows.largest), file: archive.file)
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
