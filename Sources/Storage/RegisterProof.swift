import Journal
import Telemetry

/// Proof that one factory's rows of a register belong to its chain of imports, for readers who have only these rows: a
/// link for each import, in order.
public struct RegisterProof: Equatable, Sendable {
  /// A leaf of an import's Merkle tree, and the path to its root.
  public struct Leaf: Equatable, Sendable {
    /// Position among the import's leaves.
    public var index: Int
    /// SHA-256 of the factory's id.
    public var id: SHA256Digest
    public var rows: SHA256Digest
    public var path: [SHA256Digest]

    /// The leaf at `index`.
    public init(index: Int, id: SHA256Digest, rows: SHA256Digest, path: [SHA256Digest]) {
      self.index = index
      self.id = id
      self.rows = rows
      self.path = path
    }
  }

  /// One import.
  public struct Link: Equatable, Sendable {
    public var kind: RegisterImportKind
    public var version: Int64
    /// Number of factories in the import.
    public var leaves: Int
    /// The factory's own leaf; if the import has no rows of the factory, the one or two neighbours of its place among
    /// the leaves.
    public var proof: [Leaf]
    public var hash: SHA256Digest

    /// The link of an import with `leaves` factories.
    public init(
      kind: RegisterImportKind, version: Int64, leaves: Int, proof: [Leaf], hash: SHA256Digest
    ) {
      self.kind = kind
      self.version = version
      self.leaves = leaves
      self.proof = proof
      self.hash = hash
    }
  }

  public var links: [Link]

  /// A proof of its links.
  public init(links: [Link]) { self.links = links }

  /// The end of the chain after `entries` imports; nil before the first and after the last.
  public func head(at entries: Int64) -> RegisterHead? {
    guard entries >= 1, entries <= Int64(links.count) else { return nil }
    return RegisterHead(entries: entries, hash: links[Int(entries) - 1].hash)
  }

  /// The first import whose rows are not those that the chain binds, in words; nil if all are.
  ///
  /// - Parameter contents: the rows of the factory, with every import of the chain and no other.
  public func contradiction(with contents: RegisterContents, of factory: String) -> String? {
    var equipment = Dictionary(contents.imports.map { (Int64($0.version.version), $0) }) { first, _ in first }
    var calendars = Dictionary(contents.calendars.map { (Int64($0.version), $0) }) { first, _ in first }
    let id = SHA256Digest(hashing: Array(factory.utf8))
    var previous = SHA256Digest.zero
    for (index, link) in links.enumerated() {
      let name = "\(link.kind.name) \(link.version)"
      let found: (row: SHA256Digest, rows: SHA256Digest?)? =
        switch link.kind {
        case .equipment:
          equipment.removeValue(forKey: link.version).map { ($0.digest, $0.rowsDigest(of: factory)) }
        case .calendars:
          calendars.removeValue(forKey: link.version).map { ($0.digest, $0.rowsDigest(of: factory)) }
        }
      guard let found else { return "\(name) is missing" }
      let own = found.rows.map { RegisterLeaf(id: id, rows: $0) }
      guard let rows = Self.root(link, id: id, own: own) else {
        return "the rows of \(name) do not lead to its hash"
      }
      let content = RegisterLinkContent(
        kind: link.kind, version: link.version, imported: found.row, leaves: Int64(link.leaves), rows: rows)
      guard content.hash(at: Int64(index) + 1, following: previous) == link.hash else {
        return "the rows of \(name) do not lead to its hash"
      }
      previous = link.hash
    }
    if let left = equipment.keys.min() {
      return "\(RegisterImportKind.equipment.name) \(left) is in no chain"
    }
    if let left = calendars.keys.min() {
      return "\(RegisterImportKind.calendars.name) \(left) is in no chain"
    }
    return nil
  }

  /// The Merkle root proved by a link's leaves: by the factory's own leaf, or by neighbours with no leaf between
  /// them. nil when they prove nothing.
  private static func root(_ link: Link, id: SHA256Digest, own: RegisterLeaf?) -> SHA256Digest? {
    guard link.leaves >= 0, link.leaves <= 1 << 24 else { return nil }
    if link.leaves == 0 {
      return own == nil && link.proof.isEmpty ? MerkleTree.root(of: [SHA256Digest]()) : nil
    }
    var roots: Set<SHA256Digest> = []
    var leaves: [(index: Int, leaf: RegisterLeaf)] = []
    for stated in link.proof {
      let leaf = RegisterLeaf(id: stated.id, rows: stated.rows)
      guard stated.path.count <= 64,
        let root = MerkleTree.root(
          from: leaf.leaf, index: stated.index, count: link.leaves, path: stated.path)
      else { return nil }
      roots.insert(root)
      leaves.append((stated.index, leaf))
    }
    guard roots.count == 1, let root = roots.first else { return nil }
    if let own { return leaves.count == 1 && leaves[0].leaf == own ? root : nil }
    func isBefore(_ leaf: RegisterLeaf) -> Bool { leaf.id.bytes.lexicographicallyPrecedes(id.bytes) }
    func isAfter(_ leaf: RegisterLeaf) -> Bool { id.bytes.lexicographicallyPrecedes(leaf.id.bytes) }
    let leavesNoRoom =
      switch leaves.count {
      case 1:
        leaves[0].index == 0 && isAfter(leaves[0].leaf)
          || leaves[0].index == link.leaves - 1 && isBefore(leaves[0].leaf)
      case 2:
        leaves[0].index + 1 == leaves[1].index && isBefore(leaves[0].leaf) && isAfter(leaves[1].leaf)
      default: false
      }
    return leavesNoRoom ? root : nil
  }
}
