import Foundation
import Journal

/// The place where a store was last used, in the file `place` beside its id. A copy of the folder has the same id,
/// and two collectors with one id take the broker's session from each other.
struct StorePlace: Equatable {
  var host: String
  /// A digest of the machine's id; empty where the machine has none, as in many containers.
  var machine: String
  var path: String
  /// Inode of the store's folder.
  var inode: UInt64

  /// The present place of `directory`.
  init(here directory: StoreDirectory) throws(StoreError) {
    guard let folder = FileIdentity(path: directory.path) else {
      throw StoreError(
        .removed, "\(directory.path): was removed while the store was being opened; start again")
    }
    host = ProcessInfo.processInfo.hostName
    // The id itself must not be disclosed (machine-id(5)).
    let id = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
    let trimmed = id.trimmingCharacters(in: .whitespacesAndNewlines)
    let digest = Array("millwright \(trimmed)".utf8).withUnsafeBytes { SHA256Digest(hashing: $0) }
    machine = trimmed.isEmpty ? "" : String(digest.description.prefix(16))
    path = directory.path
    inode = folder.inode
  }

  /// The place noted last for a store; nil if none was noted.
  init?(notedIn directory: StoreDirectory) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: directory.place) else { return nil }
    var fields: [String: String] = [:]
    let text = (try? String(contentsOfFile: directory.place, encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
    }
    guard let path = fields["path"], let inode = fields["inode"].flatMap({ UInt64($0) }) else {
      throw StoreError(
        .corrupt,
        "\(directory.place): is damaged; if this is no copy of a store in use, run 'millwright store moved'")
    }
    host = fields["host"] ?? ""
    machine = fields["machine"] ?? ""
    self.path = path
    self.inode = inode
  }

  var text: String { "host \(host)\nmachine \(machine)\npath \(path)\ninode \(inode)\n" }

  /// Relation of a store's present place to the noted one.
  enum Relation: Equatable {
    /// It is in the same place.
    case same
    /// It was moved or restored on this machine, and there is no other.
    case moved
    /// The original is still at the noted place.
    case copy
    /// It was used on another machine, which cannot be examined from here.
    case elsewhere
  }

  /// Relates this place, noted earlier, to the store's present place.
  ///
  /// - Parameter isOriginalThere: whether the noted path still holds a store with the same id, in another folder.
  func relation(to now: StorePlace, isOriginalThere: Bool) -> Relation {
    let isSameFolder = inode == now.inode && path == now.path
    if machine.isEmpty || now.machine.isEmpty {
      // In a container that is recreated for each start, the host name changes and means nothing.
      guard host == now.host || isSameFolder else { return .elsewhere }
    } else if machine != now.machine {
      return .elsewhere
    }
    if isSameFolder { return .same }
    // The store at the same path can only have been restored.
    if path == now.path { return .moved }
    return isOriginalThere ? .copy : .moved
  }
}

extension StoreDirectory {
  /// Path of the file with the place where the store was last used.
  public var place: String { path + "/place" }

  /// Checks that this claimed store is where it was last used, and notes its place. Returns a sentence for the log
  /// when it was moved, restored or copied, nil otherwise.
  ///
  /// - Parameter usesID: whether the broker's session is named by the store's id. If so, a copy, or a store last used
  ///   on another machine, is refused.
  public func confirmPlace(usesID: Bool) throws(StoreError) -> String? {
    let here = try StorePlace(here: self)
    guard let noted = try StorePlace(notedIn: self) else {
      try note(here)
      return nil
    }
    switch noted.relation(to: here, isOriginalThere: isOriginal(noted.path)) {
    case .same: return nil
    case .moved:
      try note(here)
      return "the store was moved or restored: it was used last in \(noted.path), and is in \(path) now"
    case .copy where usesID:
      throw StoreError(
        .refused,
        """
        \(path): is a copy of the store in \(noted.path), with the same id: two collectors with one id take the \
        broker's session from each other. Give this one an id of its own with 'millwright store new-id', or collect \
        into the original
        """)
    case .elsewhere where usesID:
      throw StoreError(
        .refused,
        """
        \(path): this store was used last on host \(noted.host) in \(noted.path). If it is a copy, give it an id of \
        its own with 'millwright store new-id': two collectors with one id take the broker's session from each other. \
        If it was moved here and nobody collects into the other any more, say so with 'millwright store moved'
        """)
    case .copy, .elsewhere:
      try note(here)
      return "the store was copied: it was used last on host \(noted.host) in \(noted.path)"
    }
  }

  /// Notes the store's present place, whatever was noted before. Throws `.locked` while a collector holds the store.
  public func acceptPlace() throws(StoreError) {
    let lock = try StoreLock(path: lock, purpose: "collector")
    _ = try readIdentity()
    try withExtendedLifetime(lock) { () throws(StoreError) in try note(StorePlace(here: self)) }
  }

  /// Gives the store a new id, and thereby a new session at the broker. Returns the id before, nil if it was missing
  /// or damaged, and the new one. Throws `.locked` while a collector holds the store.
  public func renewIdentity() throws(StoreError) -> (before: String?, now: String) {
    let lock = try StoreLock(path: lock, purpose: "collector")
    return try withExtendedLifetime(lock) { () throws(StoreError) in
      let before = try? readIdentity()
      let now = Self.newIdentity()
      try StoreFile.replace(identity, with: CheckedLine.text(now))
      // The new session has no former filters.
      unlink(path + "/subscriptions")
      try note(StorePlace(here: self))
      return (before, now)
    }
  }

  static func newIdentity() -> String { String(UInt64.random(in: 1 ... .max), radix: 16) }

  private func note(_ place: StorePlace) throws(StoreError) {
    try StoreFile.replace(self.place, with: place.text)
  }

  /// Whether there is a store with the same id at `other` that is not this folder under another name.
  private func isOriginal(_ other: String) -> Bool {
    guard let mine = try? readIdentity(), (try? StoreDirectory(other).readIdentity()) == mine else {
      return false
    }
    return FileIdentity(path: other) != FileIdentity(path: path)
  }
}
