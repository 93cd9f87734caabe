import CZip
import Foundation

/// Passes a packed document to libzip: the bytes before the rows, the file with the rows, and the bytes after them.
final class PackedSource {
  private let head: [UInt8]
  private let tail: [UInt8]
  private let descriptor: Int32
  private let rows: PackedPiece
  private let size: Int
  private let crc: UInt32
  private var position = 0

  /// Opens the file of the rows; nil if it cannot be read or memory is short.
  init?(_ frame: SheetFrame, file: String, rows: PackedPiece) {
    var (head, tail): ([UInt8], [UInt8]) = ([], [])
    guard let headCount = Packing.pack(frame.head[...], into: &head, isLast: false),
      let tailCount = Packing.pack(frame.tail[...], into: &tail, isLast: true)
    else { return nil }
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
    self.head = Array(head[..<headCount])
    self.tail = Array(tail[..<tailCount])
    self.rows = rows
    size = frame.head.count + rows.size + frame.tail.count
    let begin = Packing.crc(Packing.crc(frame.head[...], after: 0), rows.crc, count: rows.size)
    crc = Packing.crc(frame.tail[...], after: begin)
  }

  deinit { close(descriptor) }

  private var packedSize: Int { head.count + rows.packedSize + tail.count }

  /// The source as libzip's, which frees it; nil when memory is short.
  func handle(_ archive: OpaquePointer) -> OpaquePointer? {
    let context = Unmanaged.passRetained(self)
    let source = zip_source_function(
      archive,
      { context, data, count, command in
        guard let context else { return -1 }
        let source = Unmanaged<PackedSource>.fromOpaque(context)
        if command == ZIP_SOURCE_FREE {
          source.release()
          return 0
        }
        return source.takeUnretainedValue().answer(command, data, Int(clamping: count))
      }, context.toOpaque())
    if source == nil { context.release() }
    return source
  }

  private func answer(_ command: zip_source_cmd_t, _ data: UnsafeMutableRawPointer?, _ count: Int)
    -> zip_int64_t
  {
    switch command {
    case ZIP_SOURCE_SUPPORTS: return Self.supported
    case ZIP_SOURCE_OPEN:
      position = 0
      return 0
    case ZIP_SOURCE_READ:
      return zip_int64_t(read(into: UnsafeMutableRawBufferPointer(start: data, count: count)))
    case ZIP_SOURCE_CLOSE: return 0
    case ZIP_SOURCE_STAT:
      guard let data, count >= MemoryLayout<zip_stat_t>.size else { return -1 }
      data.assumingMemoryBound(to: zip_stat_t.self).pointee = status
      return zip_int64_t(MemoryLayout<zip_stat_t>.size)
    case ZIP_SOURCE_ERROR:
      // The only error is that of reading the file: libzip's code and that of the system.
      guard let data, count >= 2 * MemoryLayout<Int32>.size else { return -1 }
      data.storeBytes(of: ZIP_ER_READ, as: Int32.self)
      data.storeBytes(of: EIO, toByteOffset: MemoryLayout<Int32>.size, as: Int32.self)
      return zip_int64_t(2 * MemoryLayout<Int32>.size)
    default: return -1
    }
  }

  private static let supported: zip_int64_t = [
    ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
    ZIP_SOURCE_SUPPORTS,
  ].reduce(0) { $0 | zip_int64_t(1) << zip_int64_t($1.rawValue) }

  private var status: zip_stat_t {
    var status = zip_stat_t()
    zip_stat_init(&status)
    status.size = zip_uint64_t(size)
    status.comp_size = zip_uint64_t(packedSize)
    status.crc = crc
    status.comp_method = zip_uint16_t(ZIP_CM_DEFLATE)
    status.encryption_method = zip_uint16_t(ZIP_EM_NONE)
    status.valid = zip_uint64_t(
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD)
    return status
  }

  /// Reads the next bytes; returns their number, 0 at the end, or -1 if the file cannot be read.
  private func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let rowsEnd = head.count + rows.packedSize
    var count: Int
    if position < head.count {
      count = min(target.count, head.count - position)
      head.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + count]))
      }
    } else if position < rowsEnd {
      repeat {
        count = pread(
          descriptor, target.baseAddress, min(target.count, rowsEnd - position), off_t(position - head.count))
      } while count < 0 && errno == EINTR
      // The file is as long as it was written.
      if count <= 0 { return -1 }
    } else {
      let start = position - rowsEnd
      count = min(target.count, tail.count - start)
      tail.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
      }
    }
    position += count
    return count
  }
}
