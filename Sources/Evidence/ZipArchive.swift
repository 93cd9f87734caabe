import Foundation
import Glibc
import Reporting

/// A zip archive determined by its files: names ascend, nothing is compressed, all files have the same time, and
/// there is one way to write it. So an archive that is read can be compared byte by byte with the one that would be
/// written; and nothing in it can claim to be larger than it is.
public enum ZipArchive {
  /// Reads every file of an archive, which must equal the output of ``encode(_:to:)`` byte by byte.
  ///
  /// - Throws: ``EvidenceError`` that names the byte.
  public static func read(_ path: String) throws -> [String: Data] {
    let archive = try contents(path)
    func refused(_ place: Int, _ what: String) -> EvidenceError {
      EvidenceError(.doesNotHold, "\(path.inert): byte \(place): \(what)")
    }
    var files: [String: Data] = [:]
    var directory = Data()
    var names: [String] = []
    var at = 0
    while archive.count - at >= Header.localSize, Header.isLocal(archive, at) {
      let (nameSize, size) = Header.sizes(archive, at)
      let start = at + Header.localSize + nameSize
      guard nameSize > 0, start <= archive.count, size <= archive.count - start else {
        throw refused(at, "a file that is longer than the archive")
      }
      guard let name = String(validating: archive[at + Header.localSize..<start], as: UTF8.self),
        name == name.inert, names.last.map({ isBefore($0, name) }) ?? true, names.count < PackBounds.files
      else { throw refused(at, "a file whose name 'evidence create' would not write there") }
      let data = Data(archive[start..<start + size])
      let header = Header(name: name, data: data, offset: at)
      guard archive[at..<start] == header.local else {
        throw refused(at, "\(name): is damaged, or is not written as 'evidence create' writes it")
      }
      files[name] = data
      names.append(name)
      directory += header.central
      at = start + size
    }
    let rest = directory + Header.end(files: names.count, directory: directory.count, at: at)
    guard !names.isEmpty, archive[at...] == rest else {
      let same = zip(archive[at...], rest).prefix { $0 == $1 }.count
      throw refused(
        at + same, names.isEmpty ? "is no zip archive of evidence" : "is not what 'evidence create' writes")
    }
    return files
  }

  /// The archive of some files; `path` is its place, for errors.
  ///
  /// - Throws: ``EvidenceError`` of kind `.tooLarge`.
  public static func encode(_ files: [String: Data], to path: String) throws(EvidenceError) -> Data {
    let bytes = files.reduce(0) { $0 + $1.value.count + 2 * $1.key.utf8.count + 128 }
    guard bytes <= PackBounds.archiveBytes, files.count <= PackBounds.files else {
      throw EvidenceError(
        .tooLarge, "\(path.inert): evidence of more than 2 GiB: choose a shorter period")
    }
    var archive = Data(capacity: bytes)
    var directory = Data()
    for (name, data) in files.sorted(by: { isBefore($0.key, $1.key) }) {
      let header = Header(name: name, data: data, offset: archive.count)
      archive += header.local
      archive += data
      directory += header.central
    }
    let place = archive.count
    archive += directory
    archive += Header.end(files: files.count, directory: directory.count, at: place)
    return archive
  }

  // MARK: -

  /// Order by bytes, the same on every system.
  private static func isBefore(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  /// Reads a regular file of at most ``PackBounds/archiveBytes``.
  private static func contents(_ path: String) throws -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw EvidenceError(.noInput, "\(path.inert): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw EvidenceError(.noInput, "\(path.inert): is no file")
    }
    var head = [UInt8](repeating: 0, count: 4)
    guard pread(descriptor, &head, 4, 0) == 4, Header.isLocal(Data(head), 0),
      status.st_size <= off_t(PackBounds.archiveBytes)
    else { throw EvidenceError(.doesNotHold, "\(path.inert): byte 0: is no zip archive of evidence") }
    var data = Data(count: Int(status.st_size))
    let isRead = data.withUnsafeMutableBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.read(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
    guard isRead else { throw EvidenceError(.noInput, "\(path.inert): cannot be read whole") }
    return data
  }
}

/// The headers of a file, before it in the archive and in the directory at the end (APPNOTE.TXT, 4.3): stored, name
/// in UTF-8, dated 1980-01-01 00:00, the first date of the format; readable by everybody.
private struct Header {
  static let localSize = 30
  private static let localMark: UInt32 = 0x0403_4b50

  let local: Data
  let central: Data

  init(name: String, data: Data, offset: Int) {
    var shared = Data()
    for field: UInt16 in [10, 0x0800, 0, 0, 0x21] { shared.append(field) }
    shared.append(crc32(of: data))
    shared.append(UInt32(truncatingIfNeeded: data.count))
    shared.append(UInt32(truncatingIfNeeded: data.count))
    shared.append(UInt16(truncatingIfNeeded: name.utf8.count))
    shared.append(UInt16(0))
    var local = Data()
    local.append(Self.localMark)
    local += shared
    local += Data(name.utf8)
    self.local = local
    var central = Data()
    central.append(0x0201_4b50 as UInt32)
    central.append(0x0314 as UInt16)
    central += shared
    for field: UInt16 in [0, 0, 0] { central.append(field) }
    central.append(0o100644 << 16 as UInt32)
    central.append(UInt32(truncatingIfNeeded: offset))
    central += Data(name.utf8)
    self.central = central
  }

  static func isLocal(_ archive: Data, _ at: Int) -> Bool { archive.integer(at, bytes: 4) == Int(localMark) }

  /// Sizes in bytes of the name and of the file.
  static func sizes(_ archive: Data, _ at: Int) -> (name: Int, file: Int) {
    (archive.integer(at + 26, bytes: 2), archive.integer(at + 18, bytes: 4))
  }

  /// The record at the end of the archive.
  static func end(files: Int, directory: Int, at offset: Int) -> Data {
    var end = Data()
    end.append(0x0605_4b50 as UInt32)
    for field in [0, 0, files, files] { end.append(UInt16(truncatingIfNeeded: field)) }
    end.append(UInt32(truncatingIfNeeded: directory))
    end.append(UInt32(truncatingIfNeeded: offset))
    end.append(0 as UInt16)
    return end
  }
}

extension Data {
  fileprivate mutating func append(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate func integer(_ at: Int, bytes: Int) -> Int {
    (0..<bytes).reduce(0) { $0 | Int(self[startIndex + at + $1]) << (8 * $1) }
  }
}

/// The CRC-32 of zip archives (ISO 3309).
private func crc32(of data: Data) -> UInt32 {
  var crc = UInt32.max
  data.withUnsafeBytes { bytes in
    crcTable.withUnsafeBufferPointer { table in
      for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
    }
  }
  return ~crc
}

private let crcTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
}
