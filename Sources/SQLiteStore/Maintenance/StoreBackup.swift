import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Copies a store into a new folder, beside a collector that goes on.
///
/// The views are copied first and the journal after them, so that the copy's journal is never behind; what the views
/// lack is replayed by whoever claims the copy, as after a crash. The copy is made beside its place, verified, and
/// renamed.
struct StoreBackup {
  private let source: StoreDirectory
  private let target: String
  /// A folder that nobody else has: what this copy removes is its own.
  private let making: StoreDirectory

  /// Days may be closed or dropped while they are copied; then everything is copied once more.
  private static let attempts = 3

  init(_ source: StoreDirectory, to target: String) {
    self.source = source
    self.target = target
    making = StoreDirectory("\(target).making-\(String(UInt64.random(in: 0 ... .max), radix: 36))")
  }

  /// Makes the copy; nothing is left of one that fails.
  func make() throws -> BackupReport {
    try source.requireViews()
    guard source.exists else {
      throw StoreError(.missing, "\(source.path): no store here, or not yours to read")
    }
    try requireRoom()
    defer { try? FileManager.default.removeItem(atPath: making.path) }
    for _ in 0..<Self.attempts {
      try? FileManager.default.removeItem(atPath: making.path)
      guard try copy() else { continue }
      let report = try BackupVerification(making, of: source.path).run()
      try putInPlace()
      return report
    }
    throw StoreError(.locked, "\(source.path): days were closed or dropped while they were copied; try again")
  }

  /// Refuses a target that holds anything.
  private func requireRoom() throws(StoreError) {
    let files = FileManager.default
    var (place, parent) = (stat(), stat())
    guard lstat(target, &place) == 0 else { return }
    let above = URL(fileURLWithPath: target).deletingLastPathComponent().path
    guard place.st_mode & S_IFMT == S_IFDIR, stat(above, &parent) == 0, parent.st_dev == place.st_dev else {
      throw StoreError(
        .refused, "\(target): is a link, a file or a mounted disk; name a new folder, such as \(target)/store"
      )
    }
    guard let names = try? files.contentsOfDirectory(atPath: target), names.isEmpty else {
      throw StoreError(.refused, "\(target): is there already; name a folder that is new or empty")
    }
  }

  private func putInPlace() throws {
    for folder in [making.journal, making.path] { try synchronize(folder: folder) }
    guard rename(making.path, target) == 0 else {
      throw StoreError(.io, "\(target): cannot be made: \(String(cString: strerror(errno)))")
    }
    try synchronize(folder: URL(fileURLWithPath: target).deletingLastPathComponent().path)
  }

  // MARK: -

  /// Copies everything; false if days were closed or dropped meanwhile.
  private func copy() throws -> Bool {
    do {
      try FileManager.default.createDirectory(
        atPath: making.journal, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw StoreError(.io, "\(making.path): cannot be made: \(error.localizedDescription)")
    }
    let closed = try DayRootStore(source).all().count
    try copyDatabase(source.views, to: making.views)
    for day in try JournalFiles.days(in: source.journal) {
      guard try copyDay(day) else { return false }
    }
    for (from, to) in [
      (source.base, making.base), (source.register, making.register), (source.roots, making.roots),
    ] where FileManager.default.fileExists(atPath: from) { try copyDatabase(from, to: to) }
    for name in ["id", "place", "subscriptions"] {
      guard let text = try? String(contentsOfFile: "\(source.path)/\(name)", encoding: .utf8) else {
        continue
      }
      try StoreFile.replace("\(making.path)/\(name)", with: text)
    }
    return try DayRootStore(making).all().count == closed
  }

  /// Copies a day: as a file if nothing is added to it any more. False if it was dropped meanwhile.
  private func copyDay(_ day: String) throws -> Bool {
    let (from, to) = (JournalFiles.path(day, in: source.journal), JournalFiles.path(day, in: making.journal))
    do {
      var log = stat()
      let hasLog = stat(from + "-wal", &log) == 0 && log.st_size > 0
      if !hasLog, try JournalDay(day, in: source.journal).closedRoot() != nil {
        try copyFile(from, to: to)
      } else {
        try copyDatabase(from, to: to)
      }
      return true
    } catch {
      if FileManager.default.fileExists(atPath: from) { throw error }
      return false
    }
  }

  /// Copies a database as it is at one moment, whoever writes to it.
  private func copyDatabase(_ from: String, to: String) throws(StoreError) {
    do {
      let source = try SQLiteConnection.openReader(path: from, label: "backup")
      let copy = try DatabaseQueue(path: to)
      try source.backup(to: copy)
      try copy.close()
      try source.close()
    } catch {
      throw StoreError(path: from, error)
    }
    try flush(to)
  }

  private func copyFile(_ from: String, to: String) throws(StoreError) {
    do { try FileManager.default.copyItem(atPath: from, toPath: to) } catch {
      throw StoreError(.io, "\(from): cannot be copied: \(error.localizedDescription)")
    }
    try flush(to)
  }

  private func flush(_ file: String) throws(StoreError) {
    chmod(file, 0o640)
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.io, "\(file): cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.io, "\(file): cannot be synchronized") }
  }
}

/// Checks a copy of a store as `millwright journal verify` checks a store, and the pages of its databases.
private struct BackupVerification {
  private let copy: StoreDirectory
  private let source: String

  init(_ copy: StoreDirectory, of source: String) {
    self.copy = copy
    self.source = source
  }

  func run() throws -> BackupReport {
    let completeness = try JournalCompleteness(copy)
    let roots = try DayRootStore(copy).all().map(\.root)
    var report = BackupReport(closedDays: roots.count)
    var opening: Int64?
    let byDay = Dictionary(uniqueKeysWithValues: roots.map { ($0.day, $0) })
    try JournalReader(copy).forEachVerifiedBlock { block in
      report.block = block.number
      try block.forEachRecord { if $0.kind == .message { report.messages += 1 } }
    } closed: { day, first, end, digest in
      opening = opening ?? first.number
      guard let root = byDay[day] else { return }
      guard root.lastBlock == end.number, root.blockHash == end.hash, root.merkleRoot == digest.merkleRoot
      else { throw StoreError(.corrupt, "\(source): the copy of \(day) does not have the root of its day") }
    }
    let missing = try completeness.missing(opening: opening, head: report.block > 0 ? report.block : nil)
    if let first = missing.first { throw StoreError(.corrupt, first) }
    try DayRootStore.requireRoots(of: copy, all: true)
    let register = try RegisterStore.open(directory: copy.path, readOnly: true)
    try register.verifyChain(anchoredIn: roots)
    report.register = try register.version()
    for path in [copy.views, copy.base, copy.register, copy.roots] { try checkPages(path) }
    report.bytes = try size()
    return report
  }

  private func checkPages(_ path: String) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let queue = try SQLiteConnection.openReader(path: path, label: "backup")
    do {
      let found = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
      try queue.close()
      guard found == "ok" else { throw StoreError(.corrupt, "\(path): \(found ?? "cannot be checked")") }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Bytes of the copy. Removes the logs that reading it has left, which are empty.
  private func size() throws -> Int64 {
    var bytes: Int64 = 0
    for name in try FileManager.default.subpathsOfDirectory(atPath: copy.path) {
      var found = stat()
      let path = "\(copy.path)/\(name)"
      guard stat(path, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { continue }
      if name.hasSuffix("-shm") || (name.hasSuffix("-wal") && found.st_size == 0) {
        unlink(path)
      } else {
        bytes += Int64(found.st_size)
      }
    }
    return bytes
  }
}
