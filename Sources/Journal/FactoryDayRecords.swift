import Telemetry

/// One factory's records of one closed day, with those of the collector's connection and the broker, as an evidence pack
/// carries them: packed, with what leads from them to the day's root.
public struct FactoryDayRecords: Sendable {
  /// Path from a leaf of the day's Merkle tree to its root.
  public struct Proof: Equatable, Sendable {
    /// Of the leaf: the factory's id, "#" for the connection or "$" for the broker.
    public var id: String
    /// Among the day's leaves.
    public var index: Int
    public var path: [SHA256Digest]

    /// A path from leaf `index`.
    public init(id: String, index: Int, path: [SHA256Digest]) {
      self.id = id
      self.index = index
      self.path = path
    }
  }

  public var root: DayRoot
  /// Leaves of the day's tree.
  public var leaves: Int
  /// Of those of the three that have records.
  public var proofs: [Proof]
  /// Groups of blocks, each a row of parts: id, size before compression, content.
  public var content: [UInt8]

  /// Records of a pack.
  public init(root: DayRoot, leaves: Int, proofs: [Proof], content: [UInt8]) {
    self.root = root
    self.leaves = leaves
    self.proofs = proofs
    self.content = content
  }

  /// Maximum bytes of records in one group: those gathered by ``JournalReader/factoryRecords(of:on:)`` plus a block
  /// of the largest messages.
  package static let groupLimit = groupBytes + 80 << 20
  /// Bytes of records from which a group is full.
  package static let groupBytes = 48 << 20

  /// Whether everything is what the day's root binds, in words; nil when it is.
  public func contradiction(of factory: String) -> String? {
    let wanted = [Array(factory.utf8), FactoryDay.connection, FactoryDay.broker]
    var days = Dictionary(uniqueKeysWithValues: wanted.map { ($0, FactoryDay(id: $0)) })
    var last = root.firstBlock - 1
    do {
      try forEachGroup { parts in
        var newest = last
        for part in parts {
          guard days[part.id] != nil else {
            throw StoreError(.corrupt, "they hold records of '\(String(decoding: part.id, as: UTF8.self))'")
          }
          try part.records.forEachBlock { block in
            guard block.number > last, block.number <= root.lastBlock else {
              throw StoreError(.corrupt, "block \(block.number) is not among those that can come next")
            }
            newest = max(newest, block.number)
            try Self.check(block, part.id)
            for section in try block.sections() {
              days[part.id]?.add(block: block.number, records: section.records, digest: section.digest)
            }
          }
        }
        last = newest
      }
    } catch {
      return "\(error)"
    }
    let named = proofs.map(\.id)
    guard Set(named).count == named.count else { return "a path is given twice" }
    for id in wanted {
      guard let day = days[id] else { continue }
      let name = String(decoding: id, as: UTF8.self)
      let proof = proofs.first { $0.id == name }
      if day.records == 0, proof == nil { continue }
      guard let proof, day.records > 0 else {
        return "no path leads from the records of '\(name)' to the day's root"
      }
      let reached = MerkleTree.root(from: day.leaf, index: proof.index, count: leaves, path: proof.path)
      guard reached == root.merkleRoot else {
        return "the records of '\(name)' do not lead to the Merkle root of the day"
      }
    }
    return nil
  }

  /// Refuses parts with records that do not belong to their leaf.
  private static func check(_ block: JournalBlock, _ leaf: [UInt8]) throws {
    let owner = leaf == FactoryDay.connection ? [] : leaf
    guard try block.sections().allSatisfy({ $0.factory == owner }) else {
      throw StoreError(.corrupt, "block \(block.number) has records of another factory")
    }
    try block.forEachRecord { record in
      let fits =
        switch record.kind {
        case .message, .decoderState: leaf != FactoryDay.connection && leaf != FactoryDay.broker
        case .brokerStatus: leaf == FactoryDay.broker
        case .connected, .disconnected, .observedThrough, .sources, .rereading:
          leaf == FactoryDay.connection
        }
      guard fits else {
        throw StoreError(
          .corrupt, "block \(block.number): record \(record.index) is of a kind that does not belong here")
      }
    }
  }

  /// Size of the records after unpacking, in bytes, as the content states it; nothing is unpacked.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` for a content that is not laid out in groups.
  package func unpackedBytes() throws(StoreError) -> Int {
    var cursor = ByteCursor(content[...])
    var bytes = 0
    while !cursor.isAtEnd {
      for _ in 0..<(try cursor.count(limit: 3)) {
        _ = try cursor.slice(try cursor.count(limit: 255))
        bytes.add(saturating: try cursor.count(limit: Self.groupLimit))
        _ = try cursor.slice(try cursor.count(limit: content.count))
      }
    }
    return bytes
  }

  /// Lends every block that its records make, ascending; a block holds nothing of others.
  public func forEachBlock(_ body: (JournalBlock) throws -> Void) throws {
    try forEachGroup { parts in try UnpackedRecords(merging: parts.map(\.records)).forEachBlock(body) }
  }

  // MARK: -

  /// Reads groups exactly as they are written: parts ascend by id, each has content, and a group is full before the
  /// next begins.
  private func forEachGroup(_ body: ([(id: [UInt8], records: UnpackedRecords)]) throws -> Void) throws {
    var cursor = ByteCursor(content[...])
    while !cursor.isAtEnd {
      var parts: [(id: [UInt8], records: UnpackedRecords)] = []
      var bytes = 0
      for _ in 0..<(try cursor.count(limit: 3)) {
        let id = Array(try cursor.slice(try cursor.count(limit: 255)))
        let size = try cursor.count(limit: Self.groupLimit)
        let packed = Array(try cursor.slice(try cursor.count(limit: content.count)))
        let records = try UnpackedRecords(
          packed, size: size, limit: Self.groupLimit - bytes, canonical: true)
        guard !records.items.isEmpty, parts.last.map({ $0.id.lexicographicallyPrecedes(id) }) ?? true else {
          throw ByteCursor.damage
        }
        bytes += records.frames.count
        parts.append((id, records))
      }
      guard !parts.isEmpty, cursor.isAtEnd || bytes >= Self.groupBytes else { throw ByteCursor.damage }
      try body(parts)
    }
  }
}
