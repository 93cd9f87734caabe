import Journal
import Storage

/// `chain.json`: the chain of the register's imports, in order, and how the pack's rows lead to it. Digests are
/// SHA-256, hexadecimal.
struct ChainJSON: Codable {
  struct Leaf: Codable {
    var index: Int
    /// Of the factory's id.
    var factory: String
    /// Of its rows.
    var rows: String
    /// To the import's Merkle root.
    var path: [String]?
  }

  struct Link: Codable {
    /// `equipment` or `calendars`.
    var kind: String
    var number: Int64
    /// Number of factories in the import.
    var factories: Int
    var proof: [Leaf]?
    var hash: String
  }

  var links: [Link]?

  private static let kinds: [String: RegisterImportKind] = [
    "equipment": .equipment, "calendars": .calendars,
  ]
}

extension ChainJSON {
  init(_ proof: RegisterProof) {
    links =
      proof.links.map { link in
        Link(
          kind: link.kind == .equipment ? "equipment" : "calendars", number: link.version,
          factories: link.leaves,
          proof: link.proof.map { leaf in
            Leaf(
              index: leaf.index, factory: "\(leaf.id)", rows: "\(leaf.rows)",
              path: leaf.path.map(\.description).unlessEmpty)
          }.unlessEmpty, hash: "\(link.hash)")
      }.unlessEmpty
  }

  func proof(_ check: PackCheck) throws(EvidenceError) -> RegisterProof {
    var found = RegisterProof(links: [])
    for link in try check.list(links, most: 2 * PackBounds.imports, "links") {
      let check = check.at("link \(found.links.count + 1)")
      var leaves: [RegisterProof.Leaf] = []
      for leaf in try check.list(link.proof, most: 2, "proof") {
        var path: [SHA256Digest] = []
        for digest in try check.list(leaf.path, most: 64, "path") {
          path.append(try check.digest(digest, "path"))
        }
        leaves.append(
          RegisterProof.Leaf(
            index: try check.number(leaf.index, 0...1 << 24, "index"),
            id: try check.digest(leaf.factory, "factory"), rows: try check.digest(leaf.rows, "rows"),
            path: path))
      }
      found.links.append(
        RegisterProof.Link(
          kind: try check.named(link.kind, Self.kinds, "kind"),
          version: try check.number(link.number, 1...Int64(Int32.max), "number"),
          leaves: try check.number(link.factories, 0...1 << 24, "factories"), proof: leaves,
          hash: try check.digest(link.hash, "hash")))
    }
    return found
  }
}
