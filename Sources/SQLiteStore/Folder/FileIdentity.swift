import Foundation

/// Device and inode: identifies a file independently of its name, so that another file under the same name is
/// noticed.
struct FileIdentity: Equatable, Sendable {
  let device: UInt64
  let inode: UInt64

  /// The file that is at `path` now; nil when there is none, or it cannot be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The file behind an open descriptor; nil when it is not open.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
  }

  /// The present location of a file that this process has open.
  enum Whereabouts: Equatable {
    /// It has this path. If the path is another one than before, the file was moved.
    case at(String)
    /// It has no name any more: its content is lost when it is closed.
    case deleted
    /// This process does not have it open, or the system does not tell.
    case unknown
  }

  /// Looks for the file among the open descriptors of this process, whose names the kernel keeps up to date. Reads
  /// /proc, so use it for error messages, not for regular checks.
  var whereabouts: Whereabouts {
    let folder = "/proc/self/fd"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard let descriptor = Int32(name), FileIdentity(descriptor: descriptor) == self,
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
      else { continue }
      return target.hasSuffix(" (deleted)") ? .deleted : .at(target)
    }
    return .unknown
  }
}

/// A file or folder that was opened, or found, at a path and must stay there.
struct PinnedFile {
  let path: String
  let identity: FileIdentity

  /// Pins the file that is at `path` now; nil when there is none.
  init?(path: String) {
    guard let identity = FileIdentity(path: path) else { return nil }
    self.path = path
    self.identity = identity
  }

  /// Whether the path names no file any more, or another one. One system call. A path that cannot be examined for
  /// another reason (permissions, a disk error) does not count as gone.
  var isGone: Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno == ENOENT || errno == ENOTDIR }
    return UInt64(truncatingIfNeeded: status.st_dev) != identity.device
      || UInt64(truncatingIfNeeded: status.st_ino) != identity.inode
  }

  /// The fate of a file that is gone, as a phrase: "was moved to …".
  var fate: String {
    let isReplaced = FileIdentity(path: path) != nil
    switch identity.whereabouts {
    case .at(let other) where other != path: return "was moved to \(other)"
    case .deleted: return isReplaced ? "was replaced by another file" : "was deleted"
    case .at, .unknown: return isReplaced ? "was replaced by another" : "was removed or renamed"
    }
  }
}
