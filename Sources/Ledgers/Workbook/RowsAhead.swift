import Foundation
import Register
import Threads

/// Reads the rows of a large sheet on a thread of its own, ahead of their user, so that reading and checking share two
/// processors. The thread opens the file a second time, since libzip's handles belong to one thread.
final class RowsAhead: RowSource {
  private enum Piece: Sendable {
    case hiddenColumns([ClosedRange<Int>])
    /// Rows, the last one first.
    case rows([SheetRow])
    case problem(RegisterProblem)
  }

  let hiddenColumns: [ClosedRange<Int>]
  /// The merged cells of a large sheet are looked for while its texts are read.
  let merges: [SheetMerge]? = nil
  private let pieces: BoundedQueue<Piece>
  private var rows: [SheetRow] = []

  /// The number of cells, and of bytes of their texts, from which rows are passed on. Two pieces wait, so that wide rows
  /// and long texts take little memory too.
  private static let cells = 1 << 11
  private static let textBytes = 1 << 20

  /// Starts to read the sheet's part `part` of the archive that a file is.
  ///
  /// - Throws: a problem of the sheet's beginning.
  init(
    _ part: String, of file: OpenedFile, builder: RowBuilder, usesExpat: Bool
  ) throws(RegisterProblem) {
    let pieces = BoundedQueue<Piece>(limit: 2)
    let thread = Thread {
      Self.read(into: pieces) { () throws(RegisterProblem) in
        try SheetReader(
          part, of: ZipArchive(file), builder: builder, usesExpat: usesExpat)
      }
      pieces.end()
    }
    thread.name = "rows"
    thread.start()
    self.pieces = pieces
    switch pieces.receive() {
    case .hiddenColumns(let columns): hiddenColumns = columns
    case .problem(let problem): throw problem
    case .rows, nil: hiddenColumns = []
    }
  }

  deinit { pieces.close() }

  /// Sends what a reader reads, until its rows end or nobody wants more.
  private static func read(
    into pieces: BoundedQueue<Piece>, _ open: () throws(RegisterProblem) -> SheetReader
  ) {
    var rows: [SheetRow] = []
    do throws(RegisterProblem) {
      let reader = try open()
      guard pieces.send(.hiddenColumns(reader.hiddenColumns)) else { return }
      var (cells, textBytes) = (0, 0)
      while let row = try reader.next() {
        rows.append(row)
        cells += row.cells.count
        for case .text(let text) in row.cells { textBytes += text.utf8.count }
        guard cells >= Self.cells || textBytes >= Self.textBytes else { continue }
        guard pieces.send(.rows(rows.reversed())) else { return }
        rows.removeAll(keepingCapacity: true)
        (cells, textBytes) = (0, 0)
      }
      _ = pieces.send(.rows(rows.reversed()))
    } catch {
      if rows.isEmpty || pieces.send(.rows(rows.reversed())) { _ = pieces.send(.problem(error)) }
    }
  }

  func next() throws(RegisterProblem) -> SheetRow? {
    while rows.isEmpty {
      switch pieces.receive() {
      case .rows(let read): rows = read
      case .problem(let problem): throw problem
      case .hiddenColumns: continue
      case nil: return nil
      }
    }
    return rows.popLast()
  }
}
