import Journal
import Reporting
import Telemetry

/// An element of `roots.json`: a closed day with its place in the chain of roots. Digests are hexadecimal.
struct RootJSON: Codable {
  struct Proof: Codable {
    var leaf: Int
    var path: [String]
  }
  var day: String
  var first_block: Int64
  var last_block: Int64
  var block_hash: String
  var merkle_root: String
  var previous: String
  /// The register's chain of imports bound by the root: number of imports and hash; absent when nothing had been
  /// imported.
  var register_imports: Int64?
  var register_hash: String?
  /// Policies in use when the day was closed, each with the SHA-256 of its file.
  var policies: String
  var root: String
  /// Leaves of the day's Merkle tree, and the paths of this factory's and the connection's ("#").
  var leaves: Int
  var proofs: [String: Proof]
}

extension RootJSON {
  init(_ day: FactoryDayRecords) {
    let root = day.root
    self.init(
      day: "\(root.day)", first_block: root.firstBlock, last_block: root.lastBlock,
      block_hash: "\(root.blockHash)", merkle_root: "\(root.merkleRoot)", previous: "\(root.previous)",
      register_imports: root.register?.entries, register_hash: root.register?.hash.description,
      policies: root.policies, root: "\(root.root)", leaves: day.leaves,
      proofs: Dictionary(
        day.proofs.map { ($0.id, Proof(leaf: $0.index, path: $0.path.map(\.description))) }
      ) { first, _ in first })
  }

  /// The records of the day, whose root must be the one that its fields give.
  func records(_ content: [UInt8]) throws(EvidenceError) -> FactoryDayRecords {
    func digest(_ text: String) throws(EvidenceError) -> SHA256Digest {
      guard text.utf8.count == 64, let digest = SHA256Digest(hexadecimal: text) else {
        throw EvidenceError(
          .doesNotHold, "roots.json: \(self.day.inert): '\(text.prefix(80).description.inert)' is no digest")
      }
      return digest
    }
    guard day.utf8.count == 10, let date = CalendarDay(day) else {
      throw EvidenceError(.doesNotHold, "roots.json: '\(day.prefix(80).description.inert)' is not a day")
    }
    // Bounds: blocks of a thousand years, factories of a country.
    guard first_block >= 1, last_block >= first_block, last_block < PackBounds.number,
      (0...1 << 24).contains(leaves), proofs.count <= 3,
      proofs.values.allSatisfy({ $0.path.count <= 64 && (0...1 << 24).contains($0.leaf) }),
      policies.utf8.count <= PackBounds.textBytes, (register_imports == nil) == (register_hash == nil),
      (1...PackBounds.number).contains(register_imports ?? 1)
    else { throw EvidenceError(.doesNotHold, "roots.json: \(day): a number is not what it can be") }
    var register: RegisterHead?
    if let register_imports, let register_hash {
      register = RegisterHead(entries: register_imports, hash: try digest(register_hash))
    }
    let made = DayRoot(
      day: date, firstBlock: first_block, lastBlock: last_block, blockHash: try digest(block_hash),
      merkleRoot: try digest(merkle_root), previous: try digest(previous),
      register: register, policies: policies)
    guard made.root == (try digest(root)) else {
      throw EvidenceError(
        .doesNotHold, "roots.json: the root of \(day) is not the one that its fields give")
    }
    var paths: [FactoryDayRecords.Proof] = []
    for (id, proof) in proofs.sorted(by: { $0.key < $1.key }) {
      var path: [SHA256Digest] = []
      for one in proof.path { path.append(try digest(one)) }
      paths.append(FactoryDayRecords.Proof(id: id, index: proof.leaf, path: path))
    }
    return FactoryDayRecords(root: made, leaves: leaves, proofs: paths, content: content)
  }
}
