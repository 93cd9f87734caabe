import Foundation
import Journal

/// The folder of an embedded store and the names in it.
public struct StoreDirectory: Sendable {
  public let path: String
  /// Everything derivable from the journal.
  public let views: String

  /// The store in the folder `path`.
  public init(_ path: String) {
    self.path = path
    views = path + "/views.sqlite"
  }

  /// The same store with other views: ones being built anew, or a copy.
  public init(_ store: StoreDirectory, views: String) {
    path = store.path
    self.views = views
  }

  /// Whether ``views`` are the store's own, not a copy or views being computed.
  var hasOwnViews: Bool { views == path + "/views.sqlite" }

  /// Views of days that the journal has dropped.
  public var base: String { path + "/base.sqlite" }
  /// The root of every day that was closed.
  public var roots: String { path + "/roots.sqlite" }
  /// Alerts, if `alerts.state_file` does not name another place: the store itself does not use them.
  public var alerts: String { path + "/alerts.sqlite" }
  /// Views being built anew.
  public var rebuilding: String { path + "/views.rebuilding.sqlite" }
  /// Views built anew that wait for the collector, or for the next start, to take them over.
  public var rebuilt: String { path + "/views.rebuilt.sqlite" }
  /// Held by whoever builds views anew.
  public var rebuildLock: String { path + "/rebuild.lock" }
  /// A database of blocks for each day.
  public var journal: String { path + "/journal" }
  /// Held by the collector: one writer, always.
  public var lock: String { path + "/lock" }
  /// The store's id, fixed when it is made; part of the MQTT client id.
  public var identity: String { path + "/id" }

  /// Whether a collector ever wrote here.
  public var exists: Bool { FileManager.default.fileExists(atPath: views) }

  /// Whether the journal has at least one day.
  public var hasJournal: Bool { (try? JournalFiles.days(in: journal).isEmpty) == false }

  /// Refuses a store that has a journal but no views, or roots but no journal: reports would look as if nothing had
  /// ever arrived.
  public func requireViews() throws(StoreError) {
    try requireRegularFiles()
    guard hasJournal else { return try DayRootStore.requireBlocks(of: self, upTo: 0) }
    guard !exists else { return }
    throw StoreError(
      .refused,
      "\(views): is missing, though the journal holds days; run 'millwright rebuild', or start the collector: both compute it anew",
      "\(views)：缺失，而日志中有数据：请运行 millwright rebuild，或启动采集器，均可重新计算"
    )
  }

  /// Creates the folder (0750, group inherited, so that other users of the group can make reports) and the id.
  ///
  /// Refuses a store without its journal or its id. A new journal would begin at block 1, and with another id the
  /// messages that the broker keeps for this store would never be received.
  public func create() throws(StoreError) {
    try checkParts()
    for folder in [path, journal] {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      } catch {
        throw StoreError(.io, "\(folder): cannot be created: \(error.localizedDescription)")
      }
      // The group bit hands the folder's group on to the files made in it.
      var status = stat()
      if stat(folder, &status) == 0, status.st_uid == geteuid() {
        chmod(folder, (status.st_mode & 0o7777) | S_ISGID)
      }
    }
    guard !FileManager.default.fileExists(atPath: identity) else { return }
    let id = Self.newIdentity()
    try StoreFile.replace(identity, with: CheckedLine.text(id))
  }

  /// Refuses a pipe, device or folder where a file of the store must be: opening a pipe would wait for good.
  func requireRegularFiles() throws(StoreError) {
    let names = [
      "views.sqlite", "base.sqlite", "register.sqlite", "roots.sqlite", "lock", "register.lock",
      "rebuild.lock", "id",
      "place", "subscriptions", "status.json", "rereading",
    ]
    for file in names.map({ "\(path)/\($0)" }) {
      var status = stat()
      guard stat(file, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { continue }
      throw StoreError(
        .refused, "\(file): is no regular file: remove it, or put the file back that belongs there",
        "\(file)：不是普通文件：请删除，或恢复原文件")
    }
  }

  private func checkParts() throws(StoreError) {
    try requireRegularFiles()
    let files = FileManager.default
    let (hasJournal, hasIdentity) = (files.fileExists(atPath: journal), files.fileExists(atPath: identity))
    if hasIdentity, !hasJournal {
      throw StoreError(
        .refused,
        """
        \(journal): is missing, though the store has an id: it holds every message. Put it back; to begin anew, use \
        a new folder for the store
        """)
    }
    if !hasIdentity, exists || (hasJournal && (try? JournalFiles.days(in: journal))?.isEmpty == false) {
      throw StoreError(
        .refused,
        """
        \(identity): is missing, though the store has messages: the broker keeps what was sent meanwhile under the \
        client id that is made from it. Put it back (one line), or run 'millwright store new-id' to go on under another
        """)
    }
  }

  /// The store's id.
  public func readIdentity() throws(StoreError) -> String {
    guard let text = try? String(contentsOfFile: identity, encoding: .utf8) else {
      guard FileManager.default.fileExists(atPath: identity) else {
        throw StoreError(
          .missing, "\(path): no store here (no readable file 'id')",
          "\(path)：没有存储（没有可读的 id 文件）")
      }
      throw StoreError(
        .io, "\(identity): cannot be read: check that it is one line, and that its group may read it",
        "\(identity)：无法读取：应为一行文本，且所属组可读")
    }
    // An id written by hand or by an earlier version has no check.
    guard let id = CheckedLine.value(text) ?? CheckedLine.plain(text), (1...16).contains(id.utf8.count),
      id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else {
      throw StoreError(
        .corrupt,
        "\(identity): is damaged: write the store's id into it, which ends the MQTT client id that the broker's log names"
      )
    }
    return id
  }
}

extension StoreDirectory {
  /// Takes over views that were built anew, if there are any. Nobody may have the present ones open for
  /// writing.
  func adoptRebuilt() throws(StoreError) {
    guard FileManager.default.fileExists(atPath: rebuilt) else { return }
    // The log and its index belong to the file they were made for; readers that have them open keep them.
    for ending in ["-wal", "-shm"] { unlink(views + ending) }
    guard rename(rebuilt, views) == 0 else {
      throw StoreError(.io, "\(rebuilt): cannot be renamed: \(String(cString: strerror(errno)))")
    }
  }
}

/// A word in a small file, with a check: the word, a space, the first eight digits of its SHA-256, and a line feed.
enum CheckedLine {
  static func text(_ word: String) -> String { "\(word) \(check(word))\n" }

  /// The word of a text with a correct check; nil for any other text.
  static func value(_ text: String) -> String? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, text == Self.text(String(words[0])) else { return nil }
    return String(words[0])
  }

  /// The word of a text without a check; nil if the text contains a space.
  static func plain(_ text: String) -> String? {
    let word = text.hasSuffix("\n") ? String(text.dropLast()) : text
    return word.utf8.contains(0x20) ? nil : word
  }

  private static func check(_ word: String) -> String {
    String(SHA256Digest(hashing: Array(word.utf8)).description.prefix(8))
  }
}

/// A file lock that goes with its process, so that a killed collector leaves nothing to clean up.
final class StoreLock {
  private let descriptor: Int32

  /// Takes the lock at `path`, or says who holds it.
  init(path: String, purpose: String) throws(StoreError) {
    let opened = try StoreFile.open(path)
    guard Self.lock(opened) else {
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = read(opened, &bytes, bytes.count)
      close(opened)
      let holder = CheckedLine.value(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)) ?? ""
      throw StoreError(
        .locked,
        "\(path): another \(purpose) holds this store\(holder.isEmpty ? "" : " (process \(holder))"); stop it first, or give this one a store of its own"
      )
    }
    let text = CheckedLine.text("\(getpid())")
    ftruncate(opened, 0)
    _ = text.withCString { pwrite(opened, $0, strlen($0), 0) }
    descriptor = opened
  }

  /// Takes the lock; retries for up to 50 ms, since `millwright status` holds it while it looks.
  private static func lock(_ descriptor: Int32) -> Bool {
    for attempt in 0..<6 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      if attempt < 5 { usleep(10_000) }
    }
    return false
  }

  /// Whether the path still names the locked file: another process could lock a new file at the path.
  func isHeld(at path: String) -> Bool {
    FileIdentity(path: path) == FileIdentity(descriptor: descriptor)
  }

  deinit {
    // A forked child may still hold a copy of this descriptor, so closing is not enough: unlock explicitly.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
