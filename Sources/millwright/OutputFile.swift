import Foundation
import Reporting

/// Writes the output files of commands.
///
/// A regular file is written beside its place and then renamed, so that no reader gets half of it. For a symbolic
/// link, the file at its end is replaced, not the link. Any other file (a device, a pipe) is written in place.
enum OutputFile {
  /// Writes `content` to `path`.
  ///
  /// - Throws: exit 73 if no file can be created there, exit 74 if writing fails.
  static func write(_ content: Data, to path: String) throws {
    try make(path) { _, descriptor in
      try writeAll(content, to: descriptor, path)
    } writeThrough: {
      try writeThrough(content, to: path)
    }
  }

  /// Lets `write` fill a file that then takes the place of `path`, for content that is too large for memory. A signal
  /// that interrupts the command leaves neither this file nor the folder for temporary files.
  ///
  /// - Throws: exit 73 if no file can be created there, exit 74 if writing fails, and what `write` throws.
  static func write(
    to path: String, by write: (_ file: String, _ temporaryFolder: String) throws -> Void
  ) throws {
    try make(path) { made, _ in
      try PrivateFolder.with("output", interrupted: { unlink(made) }) { try write(made, $0) }
    } writeThrough: {
      try PrivateFolder.with("output") { folder in
        let file = folder + "/output"
        try write(file, folder)
        try writeThrough(Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe), to: path)
      }
    }
  }

  /// Replaces a regular file by one that `fill` fills, and writes to any other file by `writeThrough`.
  private static func make(
    _ path: String, fill: (_ made: String, _ descriptor: Int32) throws -> Void,
    writeThrough: () throws -> Void
  ) throws {
    guard !path.isEmpty else { throw CommandFailure(.usage, "--output: name a file", "--output：请指定文件名") }
    var status = stat()
    let isThere = stat(path, &status) == 0
    switch isThere ? status.st_mode & S_IFMT : S_IFREG {
    case S_IFREG: try replace(path, isThere ? status : nil, fill)
    case S_IFDIR:
      throw CommandFailure(
        .cannotWrite, "\(path.inert): is a folder; name a file in it", "\(path.inert)：这是文件夹；请指定其中的文件名")
    default: try writeThrough()
    }
  }

  /// Creates a folder and its parents.
  ///
  /// - Throws: exit 73 if something else is in its place or it cannot be created.
  static func makeFolder(_ path: String, option: String) throws {
    guard !path.isEmpty else { throw CommandFailure(.usage, "\(option): name a folder", "\(option)：请指定文件夹") }
    var missing: [String] = []
    var place = path
    while true {
      var status = stat()
      if stat(place, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFDIR else {
          throw CommandFailure(.cannotWrite, "\(place.inert): is not a folder", "\(place.inert)：不是文件夹")
        }
        break
      }
      guard errno == ENOENT || errno == ENOTDIR else { throw failure(path, errno) }
      missing.append(place)
      let parent = Self.folder(of: place)
      guard parent != place else { break }
      place = parent.isEmpty ? "." : parent
    }
    for folder in missing.reversed() where mkdir(folder, 0o777) != 0 && errno != EEXIST {
      throw failure(folder, errno)
    }
  }

  // MARK: -

  /// The folder that a path names a file or folder in; empty for the working directory. `NSString` ends the process for
  /// names of one character.
  private static func folder(of path: String) -> String {
    let trimmed = trimmed(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "/" ? "/" : "" }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// The last component of a path.
  private static func name(of path: String) -> String {
    let trimmed = trimmed(path)
    return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed
  }

  private static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }

  private static func replace(
    _ path: String, _ status: stat?, _ fill: (_ made: String, _ descriptor: Int32) throws -> Void
  ) throws {
    let target = try destination(of: path)
    let folder = Self.folder(of: target)
    let name = Self.name(of: target)
    var template = Array("\(folder.isEmpty ? "." : folder)/.\(name).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw failure(path, errno) }
    let made = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    defer { close(descriptor) }
    do {
      try fill(made, descriptor)
      // A replaced file keeps its permissions; a new file gets those allowed by the umask.
      chmod(made, status.map { $0.st_mode & 0o7777 } ?? 0o666 & ~Self.mask)
      guard rename(made, target) == 0 else { throw failure(path, errno) }
    } catch {
      unlink(made)
      throw error
    }
  }

  /// The path after following links, even if the file at the end does not exist yet.
  private static func destination(of path: String) throws -> String {
    var place = path
    for _ in 0..<40 {
      var status = stat()
      guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return place }
      let link: String
      do { link = try FileManager.default.destinationOfSymbolicLink(atPath: place) } catch {
        throw failure(path, EIO)
      }
      let folder = Self.folder(of: place)
      place = link.hasPrefix("/") || folder.isEmpty ? link : folder + "/" + link
    }
    throw failure(path, ELOOP)
  }

  private static func writeThrough(_ content: Data, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    try writeAll(content, to: descriptor, path)
  }

  /// Writes all of `content`; throws exit 74 if it fails.
  static func writeAll(_ content: Data, to descriptor: Int32, _ name: String) throws {
    try content.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          let reason = systemError(errno)
          throw CommandFailure(
            .io, "\(name.inert): cannot be written: \(reason)", "\(name.inert)：无法写入：\(reason)")
        }
        written += count
      }
    }
  }

  private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
    let reason = systemError(code)
    return CommandFailure(
      .cannotWrite, "cannot write \(path.inert): \(reason)", "无法写入 \(path.inert)：\(reason)")
  }

  /// The process's umask, which can only be read by setting it.
  private static let mask: mode_t = {
    let mask = umask(0o027)
    umask(mask)
    return mask
  }()
}
