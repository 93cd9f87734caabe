import Foundation
import Journal
import Storage
import Telemetry

/// Files of a collector in the store's folder: `id`, `place` and `subscriptions`.
extension StoreDirectory: ShardNotes {
  /// Topic filters of the broker's session, one a line. A tab follows a filter that was requested and not granted yet.
  private var subscriptionFile: String { path + "/subscriptions" }

  public func sessionFilters() throws(StoreError) -> [SessionFilter] {
    guard FileManager.default.fileExists(atPath: subscriptionFile) else { return [] }
    guard let text = try? String(contentsOfFile: subscriptionFile, encoding: .utf8) else {
      throw StoreError(
        .corrupt,
        "\(subscriptionFile): cannot be read; remove it, and filters of earlier configurations stay subscribed"
      )
    }
    // Keep only filters that MQTT allows; anything else is damage that must not be sent to the broker.
    return text.split(separator: "\n").map { line in
      let isGranted = !line.hasSuffix("\t")
      return SessionFilter(String(isGranted ? line : line.dropLast()), isGranted: isGranted)
    }
    .filter { !$0.filter.isEmpty && $0.filter.utf8.count <= 65_535 && !$0.filter.utf8.contains(0) }
  }

  public func keep(_ filters: [SessionFilter]) throws(StoreError) {
    try StoreFile.replace(
      subscriptionFile, with: filters.map { $0.filter + ($0.isGranted ? "\n" : "\t\n") }.joined())
  }

  public func space() -> StoreSpace? {
    var found = statvfs()
    guard statvfs(path, &found) == 0 else { return nil }
    let size = Int64(clamping: found.f_frsize)
    return StoreSpace(
      total: Int64(clamping: found.f_blocks).multipliedReportingOverflow(by: size).partialValue,
      free: Int64(clamping: found.f_bavail).multipliedReportingOverflow(by: size).partialValue)
  }
}

/// The collector's status: `status.json`, and its lock.
extension StoreDirectory: StatusPlace {
  private var statusFile: String { path + "/status.json" }

  public func write(status: String) throws(StoreError) {
    try StoreFile.replace(statusFile, with: status, isDurable: false)
  }

  public func touchStatus(at instant: Timestamp) {
    let (seconds, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let time = timeval(tv_sec: Int(seconds), tv_usec: Int(rest) * 1000)
    utimes(statusFile, [time, time])
  }

  public func status() throws(StoreError) -> StoredStatus? {
    guard FileManager.default.fileExists(atPath: statusFile) else { return nil }
    var found = stat()
    let isFound = stat(statusFile, &found) == 0
    guard let text = try? String(contentsOfFile: statusFile, encoding: .utf8) else {
      throw StoreError(
        .corrupt, "\(statusFile): is not a collector's status; the next start of the collector replaces it")
    }
    let changed = Timestamp(
      milliseconds: Int64(found.st_mtim.tv_sec) * 1000 + Int64(found.st_mtim.tv_nsec) / 1_000_000)
    return StoredStatus(text: text, changedAt: isFound ? changed : nil, location: statusFile)
  }

  /// Examines the store's lock by taking it shared for a moment; a process that claims the store meanwhile waits for
  /// it.
  public func holder() -> StoreHolder {
    let descriptor = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
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
