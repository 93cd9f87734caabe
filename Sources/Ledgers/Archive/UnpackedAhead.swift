import Foundation
import Register
import Threads

/// The unpacked bytes of an entry, from its beginning.
protocol UnpackedBytes: AnyObject {
  /// Unpacks the next bytes into `target`; returns their number, 0 at the end.
  ///
  /// - Throws: a problem for damaged content, or for content that unpacks to far more than a ledger has.
  func read(into target: UnsafeMutableRawBufferPointer) throws(RegisterProblem) -> Int
}

/// Unpacks a large entry on a thread of its own, a mebibyte ahead of its reader. The thread opens the file a second time,
/// since libzip's handles belong to one thread.
final class UnpackedAhead: UnpackedBytes {
  private let pieces = BoundedQueue<Result<ArraySlice<UInt8>, RegisterProblem>>(limit: 4)
  private var piece: ArraySlice<UInt8> = []

  private static let pieceSize = 1 << 18

  /// Starts to unpack the entry `name` of the archive that a file is.
  init(_ name: String, of file: OpenedFile, limit: Int) {
    let pieces = pieces
    let thread = Thread {
      do throws(RegisterProblem) {
        let entry = try ZipArchive(file).open(name, limit: limit)
        while let piece = try Self.piece(of: entry), pieces.send(.success(piece)) {}
      } catch {
        _ = pieces.send(.failure(error))
      }
      pieces.end()
    }
    thread.name = "unpacking"
    thread.start()
  }

  deinit { pieces.close() }

  /// The next bytes of an entry; nil at its end.
  private static func piece(of entry: ZipEntry) throws(RegisterProblem) -> ArraySlice<UInt8>? {
    var bytes = [UInt8](repeating: 0, count: pieceSize)
    let count = try bytes.withUnsafeMutableBufferPointer { (bytes) throws(RegisterProblem) in
      try entry.read(into: UnsafeMutableRawBufferPointer(bytes))
    }
    return count > 0 ? bytes[..<count] : nil
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(RegisterProblem) -> Int {
    if piece.isEmpty {
      guard let next = pieces.receive() else { return 0 }
      piece = try next.get()
    }
    let count = min(target.count, piece.count)
    piece.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    piece = piece.dropFirst(count)
    return count
  }
}
