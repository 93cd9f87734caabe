import Telemetry

/// Records of one factory on one day of the journal, as a leaf of the day's Merkle tree.
///
/// The chain is a digest over its part of each block in turn: SHA-256 over the chain so far, the block's
/// number, how many records of the factory it holds, and the digest of their frames. So a factory's records
/// and the numbers of their blocks are enough to compute its leaf.
public struct FactoryDay: Equatable, Sendable {
  /// The factory's id; empty for messages that belong to none, ``connection`` for the collector's own,
  /// ``broker`` for the broker's.
  public let id: [UInt8]
  public private(set) var records: Int64 = 0
  private var chain = SHA256Digest.zero

  /// In the place of a factory's id: records of the collector's connection, which every factory's
  /// observation rests on.
  public static let connection = Array("#".utf8)
  /// In the place of a factory's id: what the broker says of itself.
  public static let broker = Array("$".utf8)

  /// A day on which `id` sent nothing.
  public init(id: [UInt8]) { self.id = id }

  /// Adds the records of one block.
  public mutating func add(block number: Int64, records count: UInt32, digest: SHA256Digest) {
    var bytes = chain.bytes
    bytes.appendInteger(number)
    bytes.appendInteger(count)
    bytes += digest.bytes
    chain = SHA256Digest(hashing: bytes)
    records += Int64(count)
  }

  /// SHA-256 over 0x00, u8 length of the id, the id, i64 records, and the chain.
  public var leaf: SHA256Digest {
    var bytes: [UInt8] = [0, UInt8(truncatingIfNeeded: id.count)]
    bytes += id
    bytes.appendInteger(records)
    bytes += chain.bytes
    return SHA256Digest(hashing: bytes)
  }
}

/// The records of a day of the journal by factory: the leaves of its Merkle tree.
public struct DayDigest: Sendable {
  private var factories: [[UInt8]: FactoryDay] = [:]

  /// A day without records.
  public init() {}

  package mutating func add(_ sections: [BlockSection], of block: JournalBlock) {
    for section in sections {
      // Records of the connection are blocks of their own.
      let id = section.factory.isEmpty && block.isOfConnection ? FactoryDay.connection : section.factory
      factories[id, default: FactoryDay(id: id)].add(
        block: block.number, records: section.records, digest: section.digest)
    }
  }

  /// Ascending by id.
  public var leaves: [FactoryDay] {
    factories.values.sorted { $0.id.lexicographicallyPrecedes($1.id) }
  }

  /// The root of the tree over the leaves.
  public var merkleRoot: SHA256Digest { MerkleTree.root(of: leaves.map(\.leaf)) }
}

extension JournalBlock {
  /// Whether it tells of the collector's connection instead of holding messages.
  package var isOfConnection: Bool {
    content.count > 2 && JournalRecord.Kind(rawValue: content[2]).map { !$0.isReceived } ?? false
  }
}

/// A closed day of the journal: its root binds every record of the day, by factory, every block of it, and
/// all closed days before it.
public struct DayRoot: Equatable, Sendable {
  public var day: CalendarDay
  public var firstBlock: Int64
  public var lastBlock: Int64
  /// Of the last block: binds every block before it.
  public var blockHash: SHA256Digest
  /// Over the day's factories; see ``DayDigest``.
  public var merkleRoot: SHA256Digest
  /// The root of the closed day before; ``SHA256Digest/zero`` for the journal's first.
  public var previous: SHA256Digest
  /// The register as it was when the day was closed; nil when nothing had been imported.
  public var register: RegisterHead?
  /// The policies in use then: for each a line with name, space and the file's SHA-256, ascending.
  public var policies: String

  /// A closed day.
  public init(
    day: CalendarDay, firstBlock: Int64, lastBlock: Int64, blockHash: SHA256Digest, merkleRoot: SHA256Digest,
    previous: SHA256Digest, register: RegisterHead? = nil, policies: String = ""
  ) {
    self.day = day
    self.firstBlock = firstBlock
    self.lastBlock = lastBlock
    self.blockHash = blockHash
    self.merkleRoot = merkleRoot
    self.previous = previous
    self.register = register
    self.policies = policies
  }

  /// SHA-256 over 0x05, the previous root, i32 days since 1970-01-01, i64 first and last block, the last
  /// block's hash, the Merkle root, i64 imports of the register and the hash of the last (0 and zero bytes for
  /// none), and the SHA-256 of ``policies``. Integers are little-endian.
  ///
  /// Without register and policies, the hash starts with 0x02 and ends with the Merkle root.
  public var root: SHA256Digest { root(policies: SHA256Digest(hashing: Array(policies.utf8))) }

  /// ``root`` for a known digest of ``policies``, which many days in succession share.
  package func root(policies digest: SHA256Digest) -> SHA256Digest {
    let isBare = register == nil && policies.isEmpty
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.hashedBytes)
    bytes.append(isBare ? 2 : 5)
    previous.append(to: &bytes)
    bytes.appendInteger(day.number)
    bytes.appendInteger(firstBlock)
    bytes.appendInteger(lastBlock)
    blockHash.append(to: &bytes)
    merkleRoot.append(to: &bytes)
    if !isBare {
      bytes.appendInteger(register?.entries ?? 0)
      (register?.hash ?? .zero).append(to: &bytes)
      digest.append(to: &bytes)
    }
    return SHA256Digest(hashing: bytes)
  }

  /// Number of bytes that a root is the hash of, at most.
  private static let hashedBytes = 1 + 4 + 3 * 8 + 5 * 32

  /// Makes ``policies`` from the files' contents by name.
  public static func policies(_ files: [String: [UInt8]]) -> String {
    files.sorted { $0.key < $1.key }.map { "\($0.key) \(SHA256Digest(hashing: $0.value))\n" }.joined()
  }
}
