import Foundation

/// Whether a collector has a store, as seen from outside.
public enum StoreHolder: Equatable, Sendable {
  /// Nobody collects into it.
  case free
  /// Somebody does; the process that wrote its id into the lock, where it can be read.
  case held(process: Int32?)
  /// The lock cannot be looked at.
  case unknown

  /// Looks at a store's lock. It is taken shared for a moment, which whoever claims the store meanwhile waits for.
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
