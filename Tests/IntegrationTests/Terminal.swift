import Foundation
import TestSupport

/// A pseudo-terminal: the test has the outer end, the program the inner one.
final class Terminal {
  private let outer: Int32
  /// The terminal as the program sees it.
  let inner: Int32

  init() throws {
    let outer = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (unlocked, number): (Int32, UInt32) = (0, 0)
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), macros that Glibc's module leaves out.
    guard outer >= 0, ioctl(outer, 0x4004_5431, &unlocked) == 0, ioctl(outer, 0x8004_5430, &number) == 0
    else {
      throw SupportError("no pseudo-terminal: \(String(cString: strerror(errno)))")
    }
    let inner = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard inner >= 0 else { throw SupportError("/dev/pts/\(number): errno \(errno)") }
    (self.outer, self.inner) = (outer, inner)
  }

  deinit {
    close(inner)
    close(outer)
  }

  /// Types a text; the terminal keeps it until the program reads it.
  func type(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard write(outer, bytes, bytes.count) == bytes.count else { throw SupportError("errno \(errno)") }
  }

  /// Everything that it has shown since the last call. After the end of the program, everything.
  func shown() throws -> String {
    var shown: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4096)
    var entry = pollfd(fd: outer, events: Int16(POLLIN), revents: 0)
    while poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLIN) != 0 {
      let count = read(outer, &bytes, bytes.count)
      guard count > 0 else { break }
      shown += bytes[..<count]
    }
    return String(decoding: shown, as: UTF8.self)
  }
}
