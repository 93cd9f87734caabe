import CZip
import Foundation

/// Files in a zip archive, by libzip. What is written depends on the files alone: names ascend, and every file
/// has the same time.
enum ZipArchive {
  /// The most that the files of an archive may come to: what is claimed beyond it is not evidence.
  private static let mostBytes = 4 << 30

  /// Writes an archive beside `path` and renames it, so that nobody ever finds half of one.
  static func write(_ files: [String: Data], to path: String) throws {
    let made = path + ".part"
    unlink(made)
    var code: Int32 = 0
    guard let archive = zip_open(made, ZIP_CREATE | ZIP_EXCL, &code) else {
      throw CommandFailure(.cannotWrite, "\(path): cannot be written: \(message(code))")
    }
    do {
      for (name, data) in files.sorted(by: { $0.key < $1.key }) { try add(data, name, to: archive, path) }
    } catch {
      zip_discard(archive)
      throw error
    }
    guard zip_close(archive) == 0 else {
      let text = String(cString: zip_strerror(archive))
      zip_discard(archive)
      throw CommandFailure(.cannotWrite, "\(path): cannot be written: \(text)")
    }
    guard rename(made, path) == 0 else {
      throw CommandFailure(.cannotWrite, "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Reads every file of an archive.
  static func read(_ path: String) throws -> [String: Data] {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code) else {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw CommandFailure(isThere ? .doesNotHold : .noInput, "\(path): is no zip archive: \(message(code))")
    }
    defer { zip_discard(archive) }
    var files: [String: Data] = [:]
    var bytes = 0
    for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
      var status = zip_stat_t()
      guard zip_stat_index(archive, index, 0, &status) == 0, let name = status.name,
        status.size <= UInt64(mostBytes)
      else { throw CommandFailure(.doesNotHold, "\(path): file \(index) cannot be read") }
      let file = String(cString: name)
      bytes += Int(status.size)
      guard bytes <= mostBytes, files[file] == nil else {
        throw CommandFailure(.doesNotHold, "\(path): \(file): is there twice, or too large")
      }
      files[file] = try contents(of: index, size: Int(status.size), archive, "\(path): \(file)")
    }
    return files
  }

  // MARK: -

  private static func add(_ data: Data, _ name: String, to archive: OpaquePointer, _ path: String) throws {
    // libzip reads when the archive is closed, and frees what it read.
    guard let copy = malloc(max(1, data.count)) else {
      throw CommandFailure(.cannotWrite, "\(path): no memory for \(name)")
    }
    data.copyBytes(to: copy.assumingMemoryBound(to: UInt8.self), count: data.count)
    guard let source = zip_source_buffer(archive, copy, UInt64(data.count), 1) else {
      free(copy)
      throw CommandFailure(.cannotWrite, "\(path): no memory for \(name)")
    }
    let index = zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8)
    guard index >= 0 else {
      zip_source_free(source)
      throw CommandFailure(.cannotWrite, "\(path): \(name): \(String(cString: zip_strerror(archive)))")
    }
    // 1980-01-01 00:00, the first that a zip archive knows.
    zip_file_set_dostime(archive, UInt64(index), 0, 0x21, 0)
    let isPacked = name.hasSuffix(EvidencePack.recordsEnding)
    zip_set_file_compression(archive, UInt64(index), isPacked ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 9)
  }

  private static func contents(
    of index: UInt64, size: Int, _ archive: OpaquePointer, _ name: String
  ) throws -> Data {
    guard let file = zip_fopen_index(archive, index, 0) else {
      throw CommandFailure(.doesNotHold, "\(name): \(String(cString: zip_strerror(archive)))")
    }
    defer { zip_fclose(file) }
    var data = Data(count: size)
    let read = data.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, UInt64(size)) }
    // Reading on past the end is when libzip looks at the checksum.
    var more: UInt8 = 0
    guard read == size, zip_fread(file, &more, 1) == 0 else {
      throw CommandFailure(.doesNotHold, "\(name): is damaged")
    }
    return data
  }

  private static func message(_ code: Int32) -> String {
    var error = zip_error_t()
    zip_error_init_with_code(&error, code)
    defer { zip_error_fini(&error) }
    return String(cString: zip_error_strerror(&error))
  }
}
