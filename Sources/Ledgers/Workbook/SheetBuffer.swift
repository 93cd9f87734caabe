import Register

/// Unpacked bytes of an entry from which rows are cut.
final class SheetBuffer {
  private let entry: any UnpackedBytes
  private let file: String
  private var memory: UnsafeMutableRawBufferPointer
  /// Offset of the first byte that is still needed.
  var start = 0
  /// Offset of the end of the bytes that have been read.
  private(set) var end = 0

  private static let usual = 1 << 18
  /// The longest row in bytes: 16,384 cells of 32,767 characters would take more than any ledger's row.
  private static let largest = 64 << 20

  init(_ entry: any UnpackedBytes, file: String) {
    (self.entry, self.file) = (entry, file)
    memory = .allocate(byteCount: Self.usual, alignment: 16)
  }

  deinit { memory.deallocate() }

  /// The bytes that are still needed.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[start..<end]) }
  /// All bytes since the last refill, of which the needed ones begin at ``start``.
  var base: UnsafePointer<UInt8>? {
    memory.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) }
  }

  /// Unpacks more bytes after those still needed; false at the end of the entry.
  func refill() throws(RegisterProblem) -> Bool {
    if start > 0 {
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
      (start, end) = (0, end - start)
    }
    if end == memory.count {
      guard memory.count < Self.largest else { throw LedgerProblem.tooLarge(file) }
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: memory.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(memory))
      memory.deallocate()
      memory = larger
    }
    let count = try entry.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[end...]))
    end += count
    return count > 0
  }
}
