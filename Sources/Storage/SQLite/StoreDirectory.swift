import Foundation

/// The folder of an embedded store and the names in it.
public struct StoreDirectory: Sendable {
  public let path: String

  /// The store in the folder `path`.
  public init(_ path: String) { self.path = path }

  /// Everything derivable from the journal.
  public var views: String { path + "/views.sqlite" }
  /// A database of blocks for each day.
  public var journal: String { path + "/journal" }
  /// Held by the collector: one writer, always.
  public var lock: String { path + "/lock" }
  /// The store's id, fixed when it is made; part of the MQTT client id.
  public var identity: String { path + "/id" }

  /// Whether a collector ever wrote here.
  public var exists: Bool { FileManager.default.fileExists(atPath: views) }

  /// Makes the folder (0750, group inherited, as reports by other users of the group need) and the id.
  public func create() throws(StoreError) {
    for folder in [path, journal] {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      } catch {
        throw StoreError(.io, "\(folder): cannot be made: \(error.localizedDescription)")
      }
      // The group bit hands the folder's group on to the files made in it.
      var status = stat()
      if stat(folder, &status) == 0, status.st_uid == geteuid() {
        chmod(folder, (status.st_mode & 0o7777) | S_ISGID)
      }
    }
    if !FileManager.default.fileExists(atPath: identity) {
      let id = String(UInt64.random(in: .min ... .max), radix: 16)
      do {
        try (id + "\n").write(toFile: identity, atomically: true, encoding: .utf8)
        chmod(identity, 0o640)
      } catch {
        throw StoreError(.io, "\(identity): cannot be written: \(error.localizedDescription)")
      }
    }
  }

  /// The store's id.
  public func readIdentity() throws(StoreError) -> String {
    do {
      return try String(contentsOfFile: identity, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw StoreError(.missing, "\(path): no store here (no readable file 'id')")
    }
  }
}

/// A file lock that goes with its process, so that a killed collector leaves nothing to clean up.
final class StoreLock {
  private let descriptor: Int32

  /// Takes the lock at `path`, or says who holds it.
  init(path: String, purpose: String) throws(StoreError) {
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard opened >= 0 else {
      throw StoreError(.io, "\(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = read(opened, &bytes, bytes.count)
      close(opened)
      let holder = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      throw StoreError(
        .locked,
        "\(path): another \(purpose) holds this store\(holder.isEmpty ? "" : " (process \(holder))"); stop it first, or give this one a store of its own")
    }
    let text = "\(getpid())\n"
    ftruncate(opened, 0)
    _ = text.withCString { pwrite(opened, $0, strlen($0), 0) }
    descriptor = opened
  }

  deinit { close(descriptor) }
}
