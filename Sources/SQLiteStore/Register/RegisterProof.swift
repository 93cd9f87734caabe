import GRDB
import Journal
import Storage
import Telemetry

extension RegisterStore {
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
            proof: Self.neighbours(of: id, in: leaves), hash: hashes[Int(position) - 1]))
      }
      return RegisterProof(links: links)
    }
  }

  /// The leaf of an id, or the one or two neighbours of its place.
  private static func neighbours(of id: SHA256Digest, in leaves: [RegisterLeaf]) -> [RegisterProof.Leaf] {
    let hashes = leaves.map(\.leaf)
    let next = leaves.firstIndex { !$0.id.bytes.lexicographicallyPrecedes(id.bytes) } ?? leaves.count
    let places = next < leaves.count && leaves[next].id == id ? [next] : [next - 1, next]
    return places.filter(leaves.indices.contains).map { place in
      RegisterProof.Leaf(
        index: place, id: leaves[place].id, rows: leaves[place].rows,
        path: MerkleTree.path(to: place, in: hashes))
    }
  }
}
