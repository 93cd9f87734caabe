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

  /// Days may be closed or dropped while they are copied; then everything is copied once more.
  private static let attempts = 3

  init(_ source: StoreDirectory, to target: String) {
    self.source = source
    self.target = target
  }

  /// Makes the copy; nothing is left of one that fails. Folders that interrupted copies to the same target left are
  /// removed.
  func make() throws -> BackupReport {
    try source.requireViews()
    guard source.exists else {
      throw StoreError(
        .missing, "\(source.path): no store here, or not yours to read",
        "\(source.path)：没有存储，或无权读取")
    }
    _ = try source.readIdentity()
    try requireRoom()
    let leftovers = BackupFolder.removeLeftovers(of: target)
    let folder = try BackupFolder(for: target)
    do {
      for _ in 0..<Self.attempts {
        try folder.empty()
        let copy = StoreCopy(source, StoreDirectory(folder.path))
        guard try copy.make() else { continue }
        var report = try verified(folder)
        report.removedLeftovers = leftovers
        try copy.flush()
        try folder.putInPlace(as: target)
        try synchronize(folder: URL(fileURLWithPath: target).deletingLastPathComponent().path)
        return report
      }
    } catch var error as StoreError {
      // The folder is gone when this is read.
      error.description = error.description.replacing(folder.path, with: target)
      error.chinese = error.chinese?.replacing(folder.path, with: target)
      throw error
    }
    throw StoreError(
      .locked, "\(source.path): days were closed or dropped while they were copied; try again",
      "\(source.path)：复制期间有日期封存或清理，请重试")
  }

  /// Verifies the copy. An error names the store's file: the copy is removed.
  private func verified(_ folder: BackupFolder) throws -> BackupReport {
    do {
      return try BackupVerification(StoreDirectory(folder.path), of: source.path).run()
    } catch var error as StoreError {
      error.description = error.description.replacing(folder.path, with: source.path)
      error.chinese = error.chinese?.replacing(folder.path, with: source.path)
      if error.kind == .corrupt {
        error.description +=
          " (found in the copy, which was removed; 'millwright journal verify' says whether the store itself is damaged)"
        error.chinese? += "（于副本中发现，副本已删除；可运行 millwright journal verify 检查存储本身）"
      }
      throw error
    }
  }

  /// Refuses a target that holds anything.
  private func requireRoom() throws(StoreError) {
    let files = FileManager.default
    var (place, parent) = (stat(), stat())
    guard lstat(target, &place) == 0 else { return }
    let above = URL(fileURLWithPath: target).deletingLastPathComponent().path
    guard place.st_mode & S_IFMT == S_IFDIR, stat(above, &parent) == 0, parent.st_dev == place.st_dev else {
      throw StoreError(
        .refused,
        "\(target): is a link, a file or a mounted disk; name a new folder, such as \(target)/store",
        "\(target)：是链接、文件或挂载点：请指定新目录，如 \(target)/store"
      )
    }
    guard let names = try? files.contentsOfDirectory(atPath: target), names.isEmpty else {
      throw StoreError(
        .refused, "\(target): is there already; name a folder that is new or empty",
        "\(target)：目录已有内容：请指定新的或空的目录")
    }
  }
}

/// A copy of a store's files in another folder.
private struct StoreCopy {
  private let source: StoreDirectory
  private let copy: StoreDirectory

  init(_ source: StoreDirectory, _ copy: StoreDirectory) {
    self.source = source
    self.copy = copy
  }

  /// Copies everything; false if days were closed or dropped meanwhile.
  func make() throws -> Bool {
    guard mkdir(copy.journal, 0o750) == 0 else {
      throw StoreError(.io, "\(copy.journal): cannot be made: \(String(cString: strerror(errno)))")
    }
    let before = try Keeping(source)
    try copyDatabase(source.views, to: copy.views)
    for day in try JournalFiles.days(in: source.journal) {
      guard try copyDay(day) else { return false }
    }
    for (from, to) in [
      (source.base, copy.base), (source.register, copy.register), (source.roots, copy.roots),
    ] where FileManager.default.fileExists(atPath: from) { try copyDatabase(from, to: to) }
    // The web server writes it; it may be elsewhere, or not be there at all.
    if FileManager.default.fileExists(atPath: source.alerts) {
      try copyDatabase(source.alerts, to: copy.alerts, isChecked: false)
    }
    for name in ["id", "place", "subscriptions"] { try copyText(name) }
    return try Keeping(copy) == before
  }

  /// State of a store's days: if it is the same at two moments, none was closed or dropped in between.
  private struct Keeping: Equatable {
    var closedDays: Int
    /// The last final day.
    var finalDay: CalendarDay?

    init(_ directory: StoreDirectory) throws(StoreError) {
      closedDays = try DayRootStore(directory).all().count
      finalDay = try ViewsBase.finalDay(of: directory)
    }
  }

  /// Copies a small file, if it is there.
  private func copyText(_ name: String) throws(StoreError) {
    let path = "\(source.path)/\(name)"
    guard FileManager.default.fileExists(atPath: path) else { return }
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw StoreError(
        .io,
        "\(path): cannot be read: check that its group may read it; if it is damaged, put it back from a copy"
      )
    }
    try StoreFile.replace("\(copy.path)/\(name)", with: text)
  }

  /// Copies a day: as a file if nothing is added to it any more. False if it was dropped meanwhile.
  private func copyDay(_ day: String) throws -> Bool {
    let (from, to) = (JournalFiles.path(day, in: source.journal), JournalFiles.path(day, in: copy.journal))
    do {
      // In this order: a day that is closed in between has its last blocks in the log.
      if try JournalDay(day, in: source.journal).closedRoot() != nil, !hasLog(from) {
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

  private func hasLog(_ database: String) -> Bool {
    var log = stat()
    return stat(database + "-wal", &log) == 0 && log.st_size > 0
  }

  /// Copies a database as it is at one moment, whoever writes to it.
  ///
  /// - Parameter isChecked: whether its pages have checksums.
  private func copyDatabase(_ from: String, to: String, isChecked: Bool = true) throws(StoreError) {
    let source = try SQLiteConnection.openReader(path: from, label: "backup", isChecked: isChecked)
    let copy: DatabaseQueue
    do { copy = isChecked ? try SQLiteConnection.makeCopy(at: to) : try DatabaseQueue(path: to) } catch {
      throw StoreError(path: to, error)
    }
    do {
      try source.backup(to: copy)
    } catch {
      // Reading fills no disk.
      let isOfCopy = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
      throw StoreError(path: isOfCopy ? to : from, error)
    }
    do { try copy.close() } catch { throw StoreError(path: to, error) }
    do { try source.close() } catch { throw StoreError(path: from, error) }
    try flush(to)
  }

  private func copyFile(_ from: String, to: String) throws(StoreError) {
    do { try FileManager.default.copyItem(atPath: from, toPath: to) } catch {
      throw StoreError(.io, "\(from): cannot be copied: \(error.localizedDescription)")
    }
    try flush(to)
  }

  /// Has the names in the copy's folders survive a power cut.
  func flush() throws {
    for folder in [copy.journal, copy.path] { try synchronize(folder: folder) }
  }

  private func flush(_ file: String) throws(StoreError) {
    chmod(file, 0o640)
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.io, "\(file): cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.io, "\(file): cannot be synchronized") }
  }
}
