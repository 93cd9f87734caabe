import Glibc
import Register

/// A regular file, opened once. It stays the same file if its name is given to another while it is read, and it tells
/// whether its content was changed meanwhile.
final class OpenedFile: Sendable {
  /// The file's name as the user gave it.
  let name: String
  private let descriptor: Int32
  private let state: State

  /// Changes with the content.
  private struct State: Equatable {
    let size: Int
    let (seconds, nanoseconds): (Int, Int)

    init(_ status: stat) {
      size = Int(status.st_size)
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  /// Opens the file at `path`.
  ///
  /// - Throws: a problem for a file that cannot be opened, and for a pipe or device, which can be read only once and may
  ///   have no end.
  init(path: String, name: String) throws(RegisterProblem) {
    // Without this flag the opening of a named pipe waits for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw LedgerProblem.unreadable(name) }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    (self.name, self.descriptor, state) = (name, descriptor, State(status))
    guard isKnown, status.st_mode & S_IFMT != S_IFDIR else { throw LedgerProblem.unreadable(name) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw LedgerProblem.notRegular(name) }
  }

  deinit { close(descriptor) }

  /// A path by which this process opens the same file once more, whatever its name is now that of.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// The file's first bytes, at most `limit`.
  ///
  /// - Throws: a problem for a file that cannot be read, or that was changed.
  func bytes(limit: Int) throws(RegisterProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(limit, max(state.size, 4096)))
    var count = 0
    while count < limit {
      if count == bytes.count {
        bytes.append(contentsOf: repeatElement(0, count: min(limit - count, 1 << 20)))
      }
      let got = bytes.withUnsafeMutableBytes { target in
        pread(descriptor, target.baseAddress.map { $0 + count }, target.count - count, off_t(count))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw LedgerProblem.unreadable(name) }
      if got == 0 { break }
      count += got
    }
    bytes.removeSubrange(count...)
    try checkUnchanged()
    return bytes
  }

  /// - Throws: a problem if the file's content was changed since it was opened.
  func checkUnchanged() throws(RegisterProblem) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, State(status) == state else { throw LedgerProblem.changed(name) }
  }
}
