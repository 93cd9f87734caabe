import Foundation

/// Where a store was used last, kept beside its id in the file `place`: a copy of the folder has the same id, and two
/// collectors with one id take the broker's session from each other.
struct StorePlace: Equatable {
  var host: String
  /// A digest of the machine's id; empty where the machine has none, as in many containers.
  var machine: String
  var path: String
  /// Of the store's folder.
  var inode: UInt64

  /// Where `directory` is now.
  init(here directory: StoreDirectory) throws(StoreError) {
    guard let folder = FileIdentity(path: directory.path) else {
      throw StoreError(
        .removed, "\(directory.path): was removed while the store was being opened; start again")
    }
    host = ProcessInfo.processInfo.hostName
    // The id itself is not for others to see (machine-id(5)).
    let id = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
    let trimmed = id.trimmingCharacters(in: .whitespacesAndNewlines)
    let digest = Array("millwright \(trimmed)".utf8).withUnsafeBytes { SHA256Digest(hashing: $0) }
    machine = trimmed.isEmpty ? "" : String(digest.description.prefix(16))
    path = directory.path
    inode = folder.inode
  }

  /// Where a store was when it was noted last; nil when it never was.
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

  /// How a store's place now relates to the one noted.
  enum Relation: Equatable {
    /// It is where it was.
    case same
    /// It was moved or restored on this machine, and is the only one.
    case moved
    /// The original is still at the noted place.
    case copy
    /// It was used on another machine, where nobody can look from here.
    case elsewhere
  }

  /// Relates this place, noted earlier, to where the store is now.
  ///
  /// - Parameter isOriginalThere: whether the noted path still holds a store with the same id, in another folder.
  func relation(to now: StorePlace, isOriginalThere: Bool) -> Relation {
    let isSameFolder = inode == now.inode && path == now.path
    if machine.isEmpty || now.machine.isEmpty {
      // In a container that is made anew with each start the host's name says nothing.
      guard host == now.host || isSameFolder else { return .elsewhere }
    } else if machine != now.machine {
      return .elsewhere
    }
    if isSameFolder { return .same }
    // At the same path there cannot be another: this one was restored.
    if path == now.path { return .moved }
    return isOriginalThere ? .copy : .moved
  }
}

extension StoreDirectory {
  /// Where the store was used last.
  public var place: String { path + "/place" }

  /// Looks whether this claimed store is where it was used last, and notes where it is. Returns a sentence for the log
  /// when it was moved.
  ///
  /// - Parameter usesID: whether the broker's session is named by the store's id. If it is, a copy is refused.
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

  /// Notes that the store is where it is, whatever was noted before. Nobody may collect into it meanwhile.
  public func acceptPlace() throws(StoreError) {
    let lock = try StoreLock(path: lock, purpose: "collector")
    _ = try readIdentity()
    try withExtendedLifetime(lock) { () throws(StoreError) in try note(StorePlace(here: self)) }
  }

  /// Gives the store another id, and so another session at the broker. Nobody may collect into it meanwhile. Returns
  /// the id before, nil where it was missing, and the new one.
  public func renewIdentity() throws(StoreError) -> (before: String?, now: String) {
    let lock = try StoreLock(path: lock, purpose: "collector")
    return try withExtendedLifetime(lock) { () throws(StoreError) in
      let before = try? readIdentity()
      let now = Self.newIdentity()
      try Self.replace(identity, with: CheckedLine.text(now))
      // The new session has no filters to be rid of.
      unlink(path + "/subscriptions")
      try note(StorePlace(here: self))
      return (before, now)
    }
  }

  static func newIdentity() -> String { String(UInt64.random(in: 1 ... .max), radix: 16) }

  private func note(_ place: StorePlace) throws(StoreError) { try Self.replace(self.place, with: place.text) }

  /// Whether a store with this one's id is at `other`, and is not this one under another name.
  private func isOriginal(_ other: String) -> Bool {
    guard let mine = try? readIdentity(), (try? StoreDirectory(other).readIdentity()) == mine else {
      return false
    }
    return FileIdentity(path: other) != FileIdentity(path: path)
  }
}
