import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Checks a copy of a store as `millwright journal verify` checks a store, and the pages of its databases.
struct BackupVerification {
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
    try checkPages(copy.alerts, isChecked: false)
    report.bytes = try size()
    return report
  }

  /// Checks the pages of a database, if it is there.
  ///
  /// - Parameter isChecked: whether its pages have checksums.
  private func checkPages(_ path: String, isChecked: Bool = true) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let queue = try SQLiteConnection.openReader(path: path, label: "backup", isChecked: isChecked)
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
