import CZlib
import Dispatch
import Foundation
import Synchronization
import Threads

/// A part of a sheet's document as a piece of a raw deflate stream in a file.
struct PackedPiece: Equatable, Sendable {
  /// Number of bytes before and after packing.
  var size = 0
  var packedSize = 0
  var crc: UInt32 = 0
}

/// Packs the rows of a sheet on a thread of its own while they are made, and writes them to a file. At most four pieces
/// of rows are in memory.
final class PackedRows: Sendable {
  /// The file with the packed rows.
  let file: String
  private let pieces = BoundedQueue<ArraySlice<UInt8>>(limit: 2)
  private let outcome = Mutex<Result<PackedPiece, WorkbookError>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  /// zlib's level: level 1 packs these rows three times as fast as level 6, in a fifth more bytes.
  static let level: Int32 = 1

  /// Starts to write to `file`, which must not exist.
  init(file: String) {
    self.file = file
    let thread = Thread { [self] in
      var writer = PackedWriter(file: file)
      while let piece = pieces.receive() {
        guard writer.write(piece) else {
          pieces.close()
          break
        }
      }
      let result = writer.end()
      outcome.withLock { $0 = result }
      isDone.signal()
    }
    thread.name = "packing"
    thread.start()
  }

  /// Adds bytes to the rows; waits while the thread is busy.
  ///
  /// - Throws: the error that ended packing.
  func add(_ bytes: ArraySlice<UInt8>) throws(WorkbookError) {
    guard !pieces.send(bytes) else { return }
    _ = try finish()
  }

  /// Ends the thread when it has written what it has; needed also after an error.
  func end() { pieces.end() }

  /// Waits until everything is written; returns the size of the rows.
  ///
  /// - Throws: the error that ended packing.
  func finish() throws(WorkbookError) -> PackedPiece {
    end()
    isDone.wait()
    isDone.signal()
    let result = outcome.withLock { $0 }
    guard let result else { throw WorkbookError(description: "the rows were not packed") }
    return try result.get()
  }
}

/// Packs bytes and writes them to a file.
private struct PackedWriter: ~Copyable {
  private let file: String
  private let descriptor: Int32
  private var packed: [UInt8] = []
  private var piece = PackedPiece()
  private var failure: WorkbookError?

  init(file: String) {
    self.file = file
    descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { fail(errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Returns false after an error.
  mutating func write(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard failure == nil else { return false }
    guard let count = Packing.pack(bytes, into: &packed, isLast: false) else {
      fail(ENOMEM)
      return false
    }
    piece.size += bytes.count
    piece.crc = Packing.crc(bytes, after: piece.crc)
    var written = 0
    while written < count {
      let added = packed.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, count - written)
      }
      if added < 0, errno == EINTR { continue }
      guard added > 0 else {
        fail(errno)
        return false
      }
      written += added
    }
    piece.packedSize += count
    return true
  }

  func end() -> Result<PackedPiece, WorkbookError> { failure.map { .failure($0) } ?? .success(piece) }

  private mutating func fail(_ code: Int32) {
    failure = WorkbookError(description: "\(file): \(String(cString: strerror(code)))")
  }
}

/// Deflate (RFC 1951), as zip archives use it.
enum Packing {
  /// Packs bytes as blocks of a stream that end at a byte; returns their size, or nil when memory is short.
  ///
  /// - Parameters:
  ///   - target: is made as long as needed.
  ///   - isLast: whether the blocks end the stream.
  static func pack(_ bytes: ArraySlice<UInt8>, into target: inout [UInt8], isLast: Bool) -> Int? {
    let bound = zlib_pack_bound(bytes.count)
    if target.count < bound { target = [UInt8](repeating: 0, count: bound) }
    let count = bytes.withUnsafeBufferPointer { bytes in
      target.withUnsafeMutableBufferPointer { target in
        zlib_pack(bytes.baseAddress, bytes.count, target.baseAddress, PackedRows.level, isLast ? 1 : 0)
      }
    }
    return count > 0 ? count : nil
  }

  /// The checksum of bytes that follow others with the checksum `before`.
  static func crc(_ bytes: ArraySlice<UInt8>, after before: UInt32) -> UInt32 {
    bytes.withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32_z(uLong(before), $0.baseAddress, $0.count))
    }
  }

  /// The checksum of two pieces, of which the second has `count` bytes.
  static func crc(_ first: UInt32, _ second: UInt32, count: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), count))
  }
}
