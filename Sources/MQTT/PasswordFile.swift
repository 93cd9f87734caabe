import Glibc

extension BrokerEndpoint {
  /// Reads a password from a file that only its owner may read. A single line break at the end is not part of the
  /// password.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the file, if it cannot be read, if others than its owner
  ///   may read it, or if it is empty or not text.
  public static func password(fromFile path: String) throws(BrokerSessionError) -> String {
    try secret(fromFile: path, called: "password file")
  }

  /// Reads another secret as ``password(fromFile:)`` reads a password; messages call the file `kind`.
  public static func secret(
    fromFile path: String, called kind: String
  ) throws(BrokerSessionError) -> String {
    // Without O_NONBLOCK, opening a pipe would wait.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw .settings("cannot read \(kind) \(path): \(errorText(errno))") }
    defer { close(file) }
    // Checks the open file instead of the path, so that the file cannot be replaced in between.
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .settings("\(kind) \(path) is not a regular file")
    }
    guard status.st_mode & 0o077 == 0 else {
      let mode = String(status.st_mode & 0o777, radix: 8)
      throw .settings("\(kind) \(path) has mode 0\(mode): others can read it; run chmod 600 on it")
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { throw .settings("cannot read \(kind) \(path): \(errorText(errno))") }
    var password = bytes[..<count]
    // Some editors write a byte order mark at the beginning; it is not part of the password.
    if password.starts(with: [0xEF, 0xBB, 0xBF]) { password = password.dropFirst(3) }
    if password.starts(with: [0xFF, 0xFE]) || password.starts(with: [0xFE, 0xFF]) {
      throw .settings("\(kind) \(path) is UTF-16: save it as UTF-8")
    }
    if password.last == UInt8(ascii: "\n") { password.removeLast() }
    if password.last == UInt8(ascii: "\r") { password.removeLast() }
    guard !password.isEmpty, !password.contains(0), count < bytes.count,
      let text = String(validating: password, as: UTF8.self)
    else { throw .settings("\(kind) \(path) is empty, too long or not UTF-8 text") }
    return text
  }
}
