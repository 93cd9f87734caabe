import Foundation
import Journal

/// Small files of the store's folder.
public enum StoreFile {
  /// Opens the file `path` for writing and creates it (0640) if it is missing; the caller closes the descriptor.
  ///
  /// Refuses a symbolic link, whose maker could choose the file to be overwritten.
  static func open(_ path: String, _ flags: Int32 = O_RDWR) throws(StoreError) -> Int32 {
    let descriptor = Glibc.open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else {
      if errno == ELOOP {
        throw StoreError(
          .refused, "\(path): is a symbolic link; remove it (Millwright makes this file itself)")
      }
      throw StoreError(.io, "\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }

  /// Writes `text` to `path.new` and renames it to `path`: a reader finds the complete old or new file. If
  /// `isDurable`, this holds after a power cut too.
  public static func replace(_ path: String, with text: String, isDurable: Bool = true) throws(StoreError) {
    let bytes = Array(text.utf8)
    let temporary = path + ".new"
    let descriptor = try open(temporary, O_WRONLY | O_TRUNC)
    let isWritten =
      write(descriptor, bytes, bytes.count) == bytes.count && (!isDurable || fsync(descriptor) == 0)
    let failure = errno
    close(descriptor)
    guard isWritten else { throw cannotWrite(path, failure) }
    guard rename(temporary, path) == 0 else { throw cannotWrite(path, errno) }
    guard isDurable else { return }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let directory = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw cannotWrite(path, errno) }
    defer { close(directory) }
    guard fsync(directory) == 0 else { throw cannotWrite(path, errno) }
  }

  private static func cannotWrite(_ path: String, _ failure: Int32) -> StoreError {
    StoreError(.io, "\(path): cannot be written: \(String(cString: strerror(failure)))")
  }
}
