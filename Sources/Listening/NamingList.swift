import Decoding

/// Entries of a naming file in the order in which they were added, each name once. Their number and bytes are bounded.
struct NamingList: Equatable, Sendable {
  /// Maximum number of entries.
  static let mostEntries = 1000
  /// Maximum bytes of the lines of the entries.
  static let mostBytes = 256 << 10

  /// Maximum number of characters of a part of a name, as in a cell of a naming file.
  static let mostCharacters = 200

  private(set) var entries: [Naming.Entry] = []
  /// Number of names beyond the bounds, and of those that no naming file can have.
  private(set) var leftOut = 0
  private var known: Set<Naming.Identity> = []
  private var bytes = 0

  /// Adds an entry, unless it is there already.
  mutating func add(_ entry: Naming.Entry) {
    guard known.insert(entry.identity).inserted else { return }
    let size = entry.csv.utf8.count + 1
    let isShort = entry.identity.parts.values.allSatisfy { $0.count <= Self.mostCharacters }
    guard entries.count < Self.mostEntries, bytes + size <= Self.mostBytes, isShort,
      (try? Naming([entry])) != nil
    else {
      leftOut += 1
      return
    }
    bytes += size
    entries.append(entry)
  }
}
