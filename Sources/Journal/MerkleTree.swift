/// A Merkle tree over leaves that are hashed already, as RFC 9162 (section 2.1) builds it: a node is
/// SHA-256 over 0x01 and its two children, and the left subtree is the largest full one.
public enum MerkleTree {
  /// The root; that of no leaves is the digest of nothing.
  public static func root(of leaves: some RandomAccessCollection<SHA256Digest>) -> SHA256Digest {
    switch leaves.count {
    case 0: return SHA256Digest(hashing: [])
    case 1: return leaves[leaves.startIndex]
    default:
      let split = leaves.index(leaves.startIndex, offsetBy: leftCount(leaves.count))
      return node(root(of: leaves[..<split]), root(of: leaves[split...]))
    }
  }

  /// The siblings, from the leaf upwards, that lead from leaf `index` to the root.
  public static func path(to index: Int, in leaves: some RandomAccessCollection<SHA256Digest>)
    -> [SHA256Digest]
  {
    guard leaves.count > 1 else { return [] }
    let left = leftCount(leaves.count)
    let split = leaves.index(leaves.startIndex, offsetBy: left)
    return index < left
      ? path(to: index, in: leaves[..<split]) + [root(of: leaves[split...])]
      : path(to: index - left, in: leaves[split...]) + [root(of: leaves[..<split])]
  }

  /// The root to which a path leads from leaf `index` of `count`; nil for a path that no tree of so many
  /// leaves has.
  public static func root(
    from leaf: SHA256Digest, index: Int, count: Int, path: some Collection<SHA256Digest>
  )
    -> SHA256Digest?
  {
    guard index >= 0, index < count else { return nil }
    guard count > 1 else { return path.isEmpty ? leaf : nil }
    guard let sibling = path.reversed().first else { return nil }
    let left = leftCount(count)
    if index < left {
      return root(from: leaf, index: index, count: left, path: path.dropLast()).map { node($0, sibling) }
    }
    return root(from: leaf, index: index - left, count: count - left, path: path.dropLast())
      .map { node(sibling, $0) }
  }

  private static func node(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
    SHA256Digest(hashing: [1] + left.bytes + right.bytes)
  }

  /// The largest power of two below `count`, which is at least 2.
  private static func leftCount(_ count: Int) -> Int {
    1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }
}

extension SHA256Digest {
  /// The digest of `bytes`.
  public init(hashing bytes: [UInt8]) { self = bytes.withUnsafeBytes { SHA256Digest(hashing: $0) } }

  /// The digest written as 64 hexadecimal digits, or nil.
  public init?(hexadecimal text: some StringProtocol) {
    let digits = text.utf8.map { byte -> UInt8? in
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x61...0x66: byte - 0x57
      case 0x41...0x46: byte - 0x37
      default: nil
      }
    }
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    self.init(bytes: bytes)
  }
}
