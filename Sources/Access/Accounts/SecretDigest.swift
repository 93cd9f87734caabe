import COpenSSL
import Foundation

/// A secret of 256 random bits as it is handed out. Its text is shown once and never stored.
public struct Secret: Sendable {
  /// Base64url without padding, 43 characters, after the prefix.
  public let text: String

  /// A new secret from the system's random source.
  public init(prefix: String = "") {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    text =
      prefix
      + Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// The digest, which is stored in place of the secret.
  public var digest: SecretDigest { SecretDigest(of: text) }
}

/// SHA-256 of a secret (FIPS 180-4). A secret has 256 random bits, so its digest needs neither salt nor work.
public struct SecretDigest: Hashable, Sendable {
  private let bytes: [UInt8]

  /// The digest of a text's UTF-8.
  public init(of text: String) {
    var result = [UInt8](repeating: 0, count: 32)
    let input = Array(text.utf8)
    // With a destination of its own SHA256() cannot fail.
    _ = SHA256(input, input.count, &result)
    bytes = result
  }

  /// The digest written as 64 hexadecimal digits; nil for any other text.
  public init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var result: [UInt8] = []
    for place in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.value(digits[place]), let low = Self.value(digits[place + 1]) else { return nil }
      result.append(high << 4 | low)
    }
    bytes = result
  }

  /// 64 hexadecimal digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }

  /// Compares in a time that does not depend on the bytes.
  public static func == (a: SecretDigest, b: SecretDigest) -> Bool { equalInConstantTime(a.bytes, b.bytes) }
}

/// Whether two arrays have the same bytes, found in a time that depends on their lengths only.
func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
