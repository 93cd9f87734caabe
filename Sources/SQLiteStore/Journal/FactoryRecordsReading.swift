import Journal
import Telemetry

extension JournalReader {
  /// One factory's records of a closed day and the paths to its root; everything of the day is held against
  /// the chain on the way.
  public func factoryRecords(of factory: String, on root: DayRoot) throws -> FactoryDayRecords {
    let day = try JournalDay(root.day.description, in: folder)
    guard let opening = try day.opening() else {
      throw StoreError(.missing, "\(day.path): holds no block")
    }
    let id = Array(factory.utf8)
    var span = SpanPacker(factory: id)
    var content = ByteColumn()
    func flush() throws {
      guard span.bytes <= FactoryDayRecords.groupLimit else {
        throw StoreError(
          .refused, "\(day.path): has a block of more than 80 MiB, which no evidence pack holds")
      }
      let parts = try span.pack(level: 19)
      content.append(parts.count)
      for part in parts {
        let name = part.factory ?? []
        content.append(name.count)
        content.append(contentsOf: name)
        content.append(part.size)
        content.append(part.content.count)
        content.append(contentsOf: part.content)
      }
    }
    let (end, digest) = try day.forEachVerifiedBlock(following: opening) { block in
      try span.append(block)
      if span.bytes >= FactoryDayRecords.groupBytes { try flush() }
    }
    if !span.isEmpty { try flush() }
    guard end == JournalHead(number: root.lastBlock, hash: root.blockHash),
      digest.merkleRoot == root.merkleRoot
    else { throw StoreError(.corrupt, "\(day.path): does not have the root that its day was closed with") }
    let leaves = digest.leaves
    let hashes = leaves.map(\.leaf)
    let wanted = [id, FactoryDay.connection, FactoryDay.broker]
    let proofs = leaves.enumerated().filter { wanted.contains($0.element.id) }
      .map { place, leaf in
        FactoryDayRecords.Proof(
          id: String(decoding: leaf.id, as: UTF8.self), index: place,
          path: MerkleTree.path(to: place, in: hashes))
      }
    return FactoryDayRecords(root: root, leaves: leaves.count, proofs: proofs, content: content.bytes)
  }

  /// The days that have a file, ascending.
  public func dayNames() throws(StoreError) -> [CalendarDay] {
    try JournalFiles.days(in: folder).compactMap { CalendarDay($0) }
  }
}
