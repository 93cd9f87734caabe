import CZip
import Register

/// A zip archive that is read. Owner of libzip's handle.
package final class ZipArchive {
  /// The file's name as the user gave it.
  let file: String
  private let handle: OpaquePointer
  /// Nil for an archive in memory.
  private let opened: OpenedFile?

  /// Unpacked size of an entry from which a thread of its own is worth while, in bytes.
  private static let large = 8 << 20

  /// Opens the archive that a file is; once for each thread, since libzip's handles belong to one.
  ///
  /// - Throws: a problem for a file that is not a complete archive, or that was changed.
  init(_ opened: OpenedFile) throws(RegisterProblem) {
    try opened.checkUnchanged()
    guard let handle = zip_open(opened.path, ZIP_RDONLY, nil) else {
      throw LedgerProblem.incomplete(opened.name)
    }
    (self.handle, file, self.opened) = (handle, opened.name, opened)
  }

  /// Opens the archive that `bytes` are.
  ///
  /// - Throws: a problem for bytes that are not a complete archive.
  package init(bytes: [UInt8], file: String) throws(RegisterProblem) {
    guard let handle = bytes.withUnsafeBytes({ zip_open_bytes($0.baseAddress, $0.count) }) else {
      throw LedgerProblem.incomplete(file)
    }
    (self.handle, self.file, opened) = (handle, file, nil)
  }

  deinit { zip_discard(handle) }

  /// The position of the entry with a name, in any letter case; nil if there is none.
  func position(of name: String) -> UInt64? {
    let found = zip_name_locate(handle, name, zip_flags_t(ZIP_FL_NOCASE))
    return found < 0 ? nil : UInt64(found)
  }

  /// Whether there is an entry with this name.
  func has(_ name: String) -> Bool { position(of: name) != nil }

  /// Whether the name of an entry ends with `suffix`.
  func hasEntry(withSuffix suffix: String) -> Bool {
    let count = min(max(0, zip_get_num_entries(handle, 0)), 10_000)
    return (0..<UInt64(count)).contains { index in
      guard let name = zip_get_name(handle, index, 0) else { return false }
      return String(cString: name).hasSuffix(suffix)
    }
  }

  /// - Throws: a problem if the archive's file was changed since it was opened.
  func checkUnchanged() throws(RegisterProblem) { try opened?.checkUnchanged() }

  /// The archive's file if the entry `name` is large; nil for others, and for an archive in memory.
  func fileOfLarge(_ name: String) -> OpenedFile? {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard let opened, let index = position(of: name), zip_stat_index(handle, index, 0, &status) == 0,
      status.size >= UInt64(Self.large)
    else { return nil }
    return opened
  }

  /// Opens the entry `name`, of which at most `limit` bytes are read; a large one is unpacked on another thread.
  ///
  /// - Throws: see ``open(_:limit:)``; of a large entry, the first call of `read` does.
  func openAhead(_ name: String, limit: Int) throws(RegisterProblem) -> any UnpackedBytes {
    guard let large = fileOfLarge(name) else { return try open(name, limit: limit) }
    return UnpackedAhead(name, of: large, limit: limit)
  }

  /// Opens the entry `name`, of which at most `limit` bytes are read.
  ///
  /// - Throws: a problem if there is no such entry, if it has a password, or if libzip cannot unpack it.
  func open(_ name: String, limit: Int) throws(RegisterProblem) -> ZipEntry {
    guard let index = position(of: name) else { throw LedgerProblem.missingPart(file, name) }
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_stat_index(handle, index, 0, &status) == 0 else { throw LedgerProblem.incomplete(file) }
    guard status.encryption_method == UInt16(ZIP_EM_NONE) else { throw LedgerProblem.password(file) }
    guard let entry = zip_fopen_index(handle, index, 0) else { throw LedgerProblem.incomplete(file) }
    return ZipEntry(entry, of: self, packed: Int(clamping: status.comp_size), limit: limit)
  }
}

/// An entry of an archive that is unpacked from its beginning.
final class ZipEntry: UnpackedBytes {
  private let handle: OpaquePointer
  /// Kept open as long as the entry.
  private let archive: ZipArchive
  private let packed: Int
  private let limit: Int
  private var unpacked = 0

  /// Size from which the ratio of sizes is checked, in bytes: small files of blanks pack very well.
  private static let unsuspected = 64 << 20
  /// The largest ratio of the unpacked to the packed size. Sheets with a million equal rows have less than 100.
  private static let largestRatio = 250

  fileprivate init(_ handle: OpaquePointer, of archive: ZipArchive, packed: Int, limit: Int) {
    (self.handle, self.archive, self.packed, self.limit) = (handle, archive, packed, limit)
  }

  deinit { zip_fclose(handle) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(RegisterProblem) -> Int {
    guard let bytes = target.baseAddress else { return 0 }
    let count = Int(zip_fread(handle, bytes, zip_uint64_t(target.count)))
    guard count >= 0 else { throw LedgerProblem.incomplete(archive.file) }
    unpacked += count
    let isBomb =
      unpacked > Self.unsuspected
      && unpacked / Self.largestRatio > packed
    guard unpacked <= limit, !isBomb else { throw LedgerProblem.tooLarge(archive.file) }
    return count
  }
}
