import Foundation

/// Whether a collector holds a store, as seen by other processes.
public enum StoreHolder: Equatable, Sendable {
  /// No collector holds it.
  case free
  /// A collector holds it; its process id as written in the lock file, or nil if that cannot be read.
  case held(process: Int32?)
  /// The lock cannot be examined.
  case unknown

  /// Examines a store's lock by taking it shared for a moment; a process that claims the store meanwhile waits for
  /// it.
  public static func of(_ directory: StoreDirectory) -> StoreHolder {
    let descriptor = open(directory.lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return errno == ENOENT ? .free : .unknown }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
      flock(descriptor, LOCK_UN)
      return .free
    }
    guard errno == EWOULDBLOCK else { return .unknown }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = read(descriptor, &bytes, bytes.count)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    return .held(process: CheckedLine.value(text).flatMap { Int32($0) })
  }
}
