import GRDB
import Journal
import Telemetry

/// Proof that one factory's rows of the register belong to the chain of imports (``RegisterChain``), for readers who
/// have only these rows: a link for each import, in order.
public struct RegisterProof: Codable, Equatable, Sendable {
  /// A leaf of an import's Merkle tree, and the path to its root; digests are hexadecimal.
  public struct Leaf: Codable, Equatable, Sendable {
    public var index: Int
    /// SHA-256 of the factory's id.
    public var id: String
    public var rows: String
    public var path: [String]
  }

  /// One import.
  public struct Link: Codable, Equatable, Sendable {
    public var kind: RegisterChain.Kind
    public var version: Int64
    /// Number of factories in the import.
    public var leaves: Int
    /// The factory's own leaf; if the import has no rows of the factory, the one or two neighbours of its place among
    /// the leaves.
    public var proof: [Leaf]
    public var hash: String
  }

  public var links: [Link]

  /// The end of the chain after `entries` imports; nil before the first and after the last.
  public func head(at entries: Int64) -> RegisterHead? {
    guard entries >= 1, entries <= Int64(links.count),
      let hash = SHA256Digest(hexadecimal: links[Int(entries) - 1].hash)
    else { return nil }
    return RegisterHead(entries: entries, hash: hash)
  }
}

extension RegisterStore {
  /// The proof for a factory's rows, made while verifying the whole chain.
  public func proof(of factory: String) throws(StoreError) -> RegisterProof {
    try read(orElse: RegisterProof(links: [])) { database in
      let hashes = try RegisterChain.verified(database)
      let imports = try RegisterChain.imports(database)
      let id = SHA256Digest(hashing: Array(factory.utf8))
      var links: [RegisterProof.Link] = []
      for row in try Row.fetchAll(database, sql: "SELECT * FROM chain ORDER BY position") {
        let (key, position) = try RegisterChain.link(row)
        let leaves = imports[key]?.leaves ?? []
        links.append(
          RegisterProof.Link(
            kind: key.kind, version: key.version, leaves: leaves.count,
            proof: Self.neighbours(of: id, in: leaves), hash: hashes[Int(position) - 1].description))
      }
      return RegisterProof(links: links)
    }
  }

  /// Checks a proof against this register, which must hold the factory's rows and no others. Throws `.corrupt` for
  /// the first import that does not match.
  public func check(_ proof: RegisterProof, of factory: String) throws(StoreError) {
    try read(orElse: ()) { database in
      var imports = try RegisterChain.imports(database)
      let id = SHA256Digest(hashing: Array(factory.utf8))
      var previous = SHA256Digest.zero
      for (index, link) in proof.links.enumerated() {
        let name = "\(link.kind.name) \(link.version)"
        let key = RegisterChain.Key(kind: link.kind, version: link.version)
        guard let found = imports.removeValue(forKey: key) else {
          throw StoreError(.corrupt, "\(name) is missing")
        }
        guard found.factories.keys.allSatisfy({ $0 == factory }) else {
          throw StoreError(.corrupt, "\(name) has rows of another factory")
        }
        let own = found.factories[factory].map { RegisterLeaf(id: id, rows: $0) }
        guard let rows = Self.root(link, id: id, own: own) else {
          throw StoreError(.corrupt, "the rows of \(name) do not lead to its hash")
        }
        let content = RegisterChain.Content(
          kind: link.kind, version: link.version, imported: found.row, leaves: Int64(link.leaves), rows: rows)
        let hash = content.hash(at: Int64(index) + 1, following: previous)
        guard hash.description == link.hash else {
          throw StoreError(.corrupt, "the rows of \(name) do not lead to its hash")
        }
        previous = hash
      }
      if let left = imports.keys.first {
        throw StoreError(.corrupt, "\(left.kind.name) \(left.version) is in no chain")
      }
    }
  }

  /// Stores the chain of a checked proof in a register that holds dumped rows.
  public func restore(_ proof: RegisterProof) throws(StoreError) {
    try write { database in
      var row = try RowWriter(database, sql: "INSERT INTO chain VALUES (?, ?, ?, ?)")
      for (index, link) in proof.links.enumerated() {
        row.bind(Int64(index) + 1)
        row.bind(link.kind.rawValue)
        row.bind(link.version)
        row.bind(SHA256Digest(hexadecimal: link.hash)?.bytes ?? [])
        try row.step()
      }
    }
  }

  /// The leaf of an id, or the one or two neighbours of its place.
  private static func neighbours(of id: SHA256Digest, in leaves: [RegisterLeaf]) -> [RegisterProof.Leaf] {
    let hashes = leaves.map(\.leaf)
    let next = leaves.firstIndex { !$0.id.bytes.lexicographicallyPrecedes(id.bytes) } ?? leaves.count
    let places = next < leaves.count && leaves[next].id == id ? [next] : [next - 1, next]
    return places.filter(leaves.indices.contains).map { place in
      RegisterProof.Leaf(
        index: place, id: leaves[place].id.description, rows: leaves[place].rows.description,
        path: MerkleTree.path(to: place, in: hashes).map(\.description))
    }
  }

  /// The Merkle root proved by a link's leaves: by the factory's own leaf, or by neighbours with no leaf between
  /// them. nil when they prove nothing.
  private static func root(
    _ link: RegisterProof.Link, id: SHA256Digest, own: RegisterLeaf?
  ) -> SHA256Digest? {
    guard link.leaves >= 0, link.leaves <= 1 << 24 else { return nil }
    if link.leaves == 0 {
      return own == nil && link.proof.isEmpty ? MerkleTree.root(of: [SHA256Digest]()) : nil
    }
    var roots: Set<SHA256Digest> = []
    var leaves: [(index: Int, leaf: RegisterLeaf)] = []
    for stated in link.proof {
      guard let statedID = SHA256Digest(hexadecimal: stated.id),
        let rows = SHA256Digest(hexadecimal: stated.rows)
      else { return nil }
      let leaf = RegisterLeaf(id: statedID, rows: rows)
      let path = stated.path.compactMap { SHA256Digest(hexadecimal: $0) }
      guard path.count == stated.path.count, path.count <= 64,
        let root = MerkleTree.root(from: leaf.leaf, index: stated.index, count: link.leaves, path: path)
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
