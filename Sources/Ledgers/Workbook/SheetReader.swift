import Glibc
import Register

/// Reads the rows of a sheet's document, from its beginning.
final class SheetReader: RowSource {
  private let file: String
  private let part: String
  private let buffer: SheetBuffer
  private let head: SheetHead
  private var builder: RowBuilder
  private var state: State
  /// Expat's reader of the rest of the document: of its rows too if they are not plain.
  private var rest: (reader: XMLReader, document: SheetDocument)?
  private var nextRow = 0
  private(set) var merges: [SheetMerge]?

  private enum State { case plain, document, ended }

  /// The most bytes of a sheet's document: a million rows of 18 columns take 700 million.
  static let largest = 8 << 30

  /// A reader of the part with this name.
  ///
  /// - Parameter usesExpat: whether expat reads all rows; for tests, which compare its rows with those of the scanner.
  init(
    _ part: String, of archive: ZipArchive, builder: RowBuilder, usesExpat: Bool
  ) throws(RegisterProblem) {
    (file, self.part, self.builder) = (archive.file, part, builder)
    buffer = SheetBuffer(try archive.openAhead(part, limit: Self.largest), file: archive.file)
    head = try SheetHead(buffer, file: archive.file, part: part)
    state = head.isPlain && !usesExpat ? .plain : head.hasRows ? .document : .ended
    if state == .document { try startDocument(withRows: true) }
  }

  func next() throws(RegisterProblem) -> SheetRow? {
    do throws(RegisterProblem) {
      while true {
        switch state {
        case .ended: return nil
        case .plain: if let row = try nextPlain() { return row }
        case .document: if let row = try nextOfDocument() { return row }
        }
      }
    } catch {
      state = .ended
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
          merges = document.merges
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
}
