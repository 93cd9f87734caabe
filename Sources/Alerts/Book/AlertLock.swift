import Foundation
import Journal

/// Makes sure that one process evaluates alerts. The system releases it when the process ends, however it does.
struct AlertLock {
  private let descriptor: Int32

  /// Takes the lock; its file is made if it is missing. nil if another process has the lock.
  ///
  /// - Throws: ``Journal/StoreError`` of kind `.io`.
  init?(path: String) throws(StoreError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else {
      throw StoreError(
        .io,
        "\(path): cannot be opened: \(String(cString: strerror(errno))): check its folder, or set alerts.state_file",
        "\(path)：无法打开（\(String(cString: strerror(errno)))）：请检查所在目录，或设置 alerts.state_file"
      )
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else {
        let reason = String(cString: strerror(code))
        throw StoreError(.io, "\(path): cannot be locked: \(reason)", "\(path)：无法锁定（\(reason)）")
      }
      return nil
    }
  }

  /// Gives the lock back. Call it once.
  func release() {
    // A forked child may still hold a copy of the descriptor.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
