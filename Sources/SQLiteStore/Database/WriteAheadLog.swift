import Foundation
import Journal

/// Checks a database's log (`-wal`) when it is opened.
///
/// SQLite reads a log up to the first frame that does not match its checksum, and takes the rest for writes cut off
/// by a power failure. So a flipped bit in the log silently loses transactions. This check distinguishes the two: a
/// damaged frame is followed by frames that fit together, the end of a log is not.
///
/// The format is SQLite's (fileformat2, section 4). A frame's checksum continues that of the frame before it, so each
/// frame can be checked with the checksum stated in the one before, whether that frame is intact or not. Damage to
/// the very last frame is not detected: it looks as if the power had failed while the frame was written.
enum WriteAheadLog {
  private static let headerSize = 32
  private static let frameHeader = 24
  /// Maximum number of bytes read; larger logs are truncated when they are emptied (`journal_size_limit`).
  private static let mostBytes = 256 << 20

  /// Throws `.corrupt` when transactions in the log of the database at `path` would be lost.
  static func requireWhole(ofDatabase path: String) throws(StoreError) {
    let log = path + "-wal"
    // A writer may be extending or restarting the log: only damage found twice in succession at the same frame
    // counts.
    var seen: Int?
    for _ in 0..<3 {
      guard let damaged = damagedFrame(log) else { return }
      if damaged == seen {
        throw StoreError(
          .corrupt,
          "\(log): frame \(damaged) does not match its checksum, and what was written after it would be lost; restore the store from a copy"
        )
      }
      seen = damaged
    }
  }

  /// Number of the first damaged frame, from 1; 0 for the header; nil when the log is intact up to its end.
  private static func damagedFrame(_ log: String) -> Int? {
    guard let handle = FileHandle(forReadingAtPath: log) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: mostBytes), data.count > headerSize else { return nil }
    return data.withUnsafeBytes(damagedFrame(in:))
  }

  private static func damagedFrame(in bytes: UnsafeRawBufferPointer) -> Int? {
    let magic = word(bytes, 0)
    let pageSize = Int(word(bytes, 8))
    let isBigEndian = magic & 1 == 1
    guard magic & ~1 == 0x377f_0682, pageSize >= 512, pageSize <= 65_536, pageSize & (pageSize - 1) == 0,
      sum((0, 0), bytes, 0..<24, isBigEndian) == stated(bytes, 24)
    else { return 0 }
    let frameSize = frameHeader + pageSize
    let count = (bytes.count - headerSize) / frameSize
    let salts = (word(bytes, 16), word(bytes, 20))
    /// Whether a frame belongs to this log and continues a checksum.
    func follows(_ frame: Int, _ before: (UInt32, UInt32)) -> Bool {
      let at = headerSize + frame * frameSize
      guard (word(bytes, at + 8), word(bytes, at + 12)) == salts else { return false }
      let header = sum(before, bytes, at..<at + 8, isBigEndian)
      return sum(header, bytes, at + frameHeader..<at + frameSize, isBigEndian) == stated(bytes, at + 16)
    }
    var before = stated(bytes, 24)
    for frame in 0..<count {
      if follows(frame, before) {
        before = stated(bytes, headerSize + frame * frameSize + 16)
        continue
      }
      // The stated checksum itself may be damaged: then the frame after the next continues the next.
      for later in frame + 1..<max(frame + 1, min(count, frame + 3)) {
        if follows(later, stated(bytes, headerSize + (later - 1) * frameSize + 16)) { return frame + 1 }
      }
      return nil
    }
    return nil
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
  }

  private static func stated(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> (UInt32, UInt32) {
    (word(bytes, at), word(bytes, at + 4))
  }

  private static func sum(
    _ start: (UInt32, UInt32), _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ isBigEndian: Bool
  ) -> (UInt32, UInt32) {
    var (first, second) = start
    for at in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
      let a = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
      let b = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
      first &+= (isBigEndian ? UInt32(bigEndian: a) : UInt32(littleEndian: a)) &+ second
      second &+= (isBigEndian ? UInt32(bigEndian: b) : UInt32(littleEndian: b)) &+ first
    }
    return (first, second)
  }
}
