import Foundation

/// The file with accounts and tokens. It has mode 0600, is replaced as a whole, and is changed under a lock.
public struct AccountsFile: Sendable {
  public let path: String

  /// Maximum size in bytes.
  static let mostBytes = 16 << 20

  /// The file at an absolute path; it need not exist.
  public init(_ path: String) { self.path = path }

  /// The accounts; none if there is no file.
  ///
  /// - Throws: ``AccessError`` of kind `.exposed` if others can read the file, `.corrupt`, or `.io`.
  public func load() throws(AccessError) -> Accounts { try loadWithStamp().accounts }

  /// Changes the accounts under the file's lock, and stores them before it returns. If `change` throws, the file stays
  /// as it is.
  ///
  /// - Throws: ``AccessError``, also that of `change`.
  public func update<Result>(
    _ change: (inout Accounts) throws(AccessError) -> Result
  ) throws(AccessError) -> Result {
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw failed("cannot write", "无法写入", errno) }
    // Closing the descriptor releases the lock.
    defer { close(lock) }
    try keepOwner(of: lock, as: access(path, F_OK) == 0 ? path : Self.folder(of: path))
    while flock(lock, LOCK_EX) != 0 {
      guard errno == EINTR else { throw failed("cannot lock", "无法锁定", errno) }
    }
    var accounts = try load()
    let result = try change(&accounts)
    try replace(by: try AccountsDocument.write(accounts))
    return result
  }

  // MARK: Reading

  /// Tells one content of the file from another; nil: there is no file.
  struct Stamp: Equatable, Sendable {
    var device: UInt
    var file: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int

    init(_ status: stat) {
      device = UInt(status.st_dev)
      file = UInt(status.st_ino)
      size = Int(status.st_size)
      // The time of the newest change, also of the mode.
      seconds = status.st_ctim.tv_sec
      nanoseconds = status.st_ctim.tv_nsec
    }
  }

  /// The stamp of the present file.
  var stamp: Stamp? {
    var status = stat()
    return stat(path, &status) == 0 ? Stamp(status) : nil
  }

  func loadWithStamp() throws(AccessError) -> (accounts: Accounts, stamp: Stamp?) {
    // Without O_NONBLOCK, opening a pipe would wait.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      if errno == ENOENT { return (Accounts(), nil) }
      throw failed("cannot read", "无法读取", errno)
    }
    defer { close(file) }
    // Checks the open file instead of the path, so that the file cannot be replaced in between.
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw AccessError(.exposed, "\(path): is not a regular file", "\(path)：不是普通文件")
    }
    guard status.st_mode & 0o077 == 0 else {
      let mode = "0" + String(status.st_mode & 0o777, radix: 8)
      throw AccessError(
        .exposed, "\(path): has mode \(mode), so that others can read it; run chmod 600 on it",
        "\(path)：权限为 \(mode)，其他用户可以读取；请对其执行 chmod 600")
    }
    guard status.st_size <= Self.mostBytes else {
      throw AccessError(
        .corrupt, "\(path): is larger than \(Self.mostBytes >> 20) MiB, so it is no accounts file",
        "\(path)：大于 \(Self.mostBytes >> 20) MiB，不是账户文件")
    }
    let bytes = try read(file, atMost: Self.mostBytes)
    return (try AccountsDocument.read(bytes, path: path), Stamp(status))
  }

  private func read(_ file: Int32, atMost most: Int) throws(AccessError) -> Data {
    var all = Data()
    var part = [UInt8](repeating: 0, count: 65_536)
    while all.count <= most {
      let count = Glibc.read(file, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failed("cannot read", "无法读取", errno) }
      if count == 0 { break }
      all.append(contentsOf: part[..<count])
    }
    return all
  }

  // MARK: Writing

  private func replace(by bytes: Data) throws(AccessError) {
    // For a symbolic link, the file at its end is replaced.
    let target = realpath(path, nil).map { resolved in
      defer { free(resolved) }
      return String(cString: resolved)
    }
    let place = target ?? path
    let folder = Self.folder(of: place)
    // mkstemp creates it with mode 0600.
    var template = Array("\(place).XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw failed("cannot write", "无法写入", errno) }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do throws(AccessError) {
      defer { close(file) }
      try keepOwner(of: file, as: target ?? folder)
      try write(bytes, to: file)
      guard fsync(file) == 0 else { throw failed("cannot write", "无法写入", errno) }
      guard rename(made, place) == 0 else { throw failed("cannot write", "无法写入", errno) }
    } catch {
      unlink(made)
      throw error
    }
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw failed("cannot write", "无法写入", errno) }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw failed("cannot write", "无法写入", errno) }
  }

  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// Gives a file written by root the owner of the file that it replaces, else of the folder: the server reads it.
  private func keepOwner(of file: Int32, as other: String) throws(AccessError) {
    guard geteuid() == 0 else { return }
    var status = stat()
    guard stat(other, &status) == 0, fchown(file, status.st_uid, status.st_gid) == 0 else {
      throw failed("cannot set the owner of", "无法设置所有者", errno)
    }
  }

  private func write(_ bytes: Data, to file: Int32) throws(AccessError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failed("cannot write", "无法写入", errno) }
      rest = rest.dropFirst(count)
    }
  }

  private func failed(_ english: String, _ chinese: String, _ code: Int32) -> AccessError {
    if code == EACCES || code == EPERM {
      return AccessError(
        .io, "\(english) \(path): permission denied; run this as the owner of the file and its folder",
        "\(chinese) \(path)：没有权限；请以该文件及其所在文件夹的所有者身份运行")
    }
    let reason = String(cString: strerror(code))
    return AccessError(.io, "\(english) \(path): \(reason)", "\(chinese) \(path)：系统错误（\(reason)）")
  }
}
