import Telemetry

/// One factory's part of a block, as its hash covers it.
package struct BlockSection {
  /// Factory id; empty for what belongs to none.
  package var factory: [UInt8]
  package var records: UInt32
  /// Over the factory's frames, one behind the other.
  package var digest: SHA256Digest
}

/// The hash of a block: SHA-256 over the previous block's hash, number, first and last receipt, records,
/// and for each factory, ascending by id: u8 length of id, id, u32 records, digest of its frames.
///
/// The hash thus binds all earlier blocks, and each factory's records separately.
func chainHash(
  previous: SHA256Digest, number: Int64, first: Timestamp, last: Timestamp, records: Int,
  sections: [BlockSection]
) -> SHA256Digest {
  var bytes = previous.bytes
  bytes.appendInteger(number)
  bytes.appendInteger(first.milliseconds)
  bytes.appendInteger(last.milliseconds)
  bytes.appendInteger(Int64(records))
  for section in sections.sorted(by: { $0.factory.lexicographicallyPrecedes($1.factory) }) {
    bytes.append(UInt8(truncatingIfNeeded: section.factory.count))
    bytes.append(contentsOf: section.factory)
    bytes.appendInteger(section.records)
    bytes.append(contentsOf: section.digest.bytes)
  }
  return bytes.withUnsafeBytes { SHA256Digest(hashing: $0) }
}

extension JournalBlock {
  /// The hash the block must have when it follows `previous`, computed from its content.
  public func computedHash(following previous: SHA256Digest) throws(StoreError) -> SHA256Digest {
    hash(following: previous, try sections())
  }

  /// The same, of parts that were computed already.
  package func hash(following previous: SHA256Digest, _ sections: [BlockSection]) -> SHA256Digest {
    chainHash(
      previous: previous, number: number, first: firstReceived, last: lastReceived, records: records,
      sections: sections)
  }

  /// Each factory's part, computed from the content.
  package func sections() throws(StoreError) -> [BlockSection] {
    let index = try JournalBlockIndex(of: self)
    var gathered = [[UInt8]](repeating: [], count: index.factories.count)
    var counts = [UInt32](repeating: 0, count: index.factories.count)
    for (range, factory) in index.frames {
      gathered[factory].append(contentsOf: content[range])
      counts[factory] += 1
    }
    return index.factories.indices.map { place in
      BlockSection(
        factory: index.factories[place], records: counts[place],
        digest: SHA256Digest(hashing: gathered[place]))
    }
  }
}
