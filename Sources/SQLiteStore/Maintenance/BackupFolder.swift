import Foundation
import Journal

/// The folder `TARGET.making-…` in which a copy is made beside its place. It is locked while it is used, so that one
/// that a killed copy left can be told from one in use.
final class BackupFolder {
  let path: String
  private let descriptor: Int32
  private var isInPlace = false

  /// Makes a new folder for a copy to `target`, and the folders above it.
  init(for target: String) throws(StoreError) {
    path = "\(target).making-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw StoreError(.io, "\(target): cannot be made: \(error.localizedDescription)")
    }
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      let failure = errno
      rmdir(path)
      throw StoreError(.io, "\(target): cannot be made: \(String(cString: strerror(failure)))")
    }
    // A file system without locks has none on other folders either: then nothing is removed as left over.
    flock(descriptor, LOCK_EX | LOCK_NB)
  }

  /// Removes everything in the folder.
  func empty() throws(StoreError) {
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      }
    } catch {
      throw StoreError(.io, "\(path): cannot be emptied: \(error.localizedDescription)")
    }
  }

  /// Renames the folder to `target`, which holds nothing.
  func putInPlace(as target: String) throws(StoreError) {
    guard rename(path, target) == 0 else {
      throw StoreError(.io, "\(target): cannot be made: \(String(cString: strerror(errno)))")
    }
    isInPlace = true
  }

  deinit {
    if !isInPlace { try? FileManager.default.removeItem(atPath: path) }
    close(descriptor)
  }

  // MARK: Folders left over

  /// Names that a copy has.
  private static let files: Set<String> = [
    "journal", "views.sqlite", "base.sqlite", "register.sqlite", "roots.sqlite", "alerts.sqlite", "id",
    "place", "subscriptions",
  ]
  /// Endings of files beside them while they are written or read.
  private static let endings = ["-journal", "-wal", "-shm", ".new"]

  /// Removes folders that interrupted copies to `target` left: ours, in use by nobody, and with nothing but parts of a
  /// copy. Returns their paths, ascending.
  static func removeLeftovers(of target: String) -> [String] {
    let place = URL(fileURLWithPath: target)
    let folder = place.deletingLastPathComponent().path
    let start = "\(place.lastPathComponent).making-"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter {
      $0.hasPrefix(start) && UInt64($0.dropFirst(start.count), radix: 36) != nil
    }
    .map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" }
    .filter(remove)
  }

  private static func remove(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var found = stat()
    guard fstat(descriptor, &found) == 0, found.st_uid == geteuid(),
      flock(descriptor, LOCK_EX | LOCK_NB) == 0,
      let names = try? FileManager.default.contentsOfDirectory(atPath: path),
      names.allSatisfy(isOfCopy)
    else { return false }
    do { try FileManager.default.removeItem(atPath: path) } catch { return false }
    return true
  }

  private static func isOfCopy(_ name: String) -> Bool {
    guard let ending = endings.first(where: name.hasSuffix) else { return files.contains(name) }
    return files.contains(String(name.dropLast(ending.count)))
  }
}
