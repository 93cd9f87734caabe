import COpenSSL

/// A SHA-256 digest: 32 bytes (FIPS 180-4), by OpenSSL.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// Thirty-two zero bytes: what the first block of a journal follows.
  public static let zero = SHA256Digest()

  private init() {}

  /// The digest stored as 32 bytes, or nil for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// The digest of `bytes`.
  public init(hashing bytes: UnsafeRawBufferPointer) {
    withUnsafeMutableBytes(of: &words) { out in
      // With a destination of its own SHA256() cannot fail.
      _ = SHA256(
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
        out.bindMemory(to: UInt8.self).baseAddress)
    }
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  /// Appends the 32 bytes to others.
  public func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: words) { bytes.append(contentsOf: $0) }
  }

  /// 64 hexadecimal digits.
  public var description: String {
    var text = ""
    text.reserveCapacity(64)
    for byte in bytes {
      if byte < 16 { text.append("0") }
      text += String(byte, radix: 16)
    }
    return text
  }

  public static func == (a: SHA256Digest, b: SHA256Digest) -> Bool { a.words == b.words }
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
