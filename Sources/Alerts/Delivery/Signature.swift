import COpenSSL
import Foundation

/// HMAC-SHA256 (RFC 2104, FIPS 180-4), by OpenSSL.
enum Signature {
  /// The 32 bytes of a message's code under a key; empty if OpenSSL fails.
  static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let isMade = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &code, &length)
    return isMade == nil ? [] : Array(code.prefix(Int(length)))
  }

  /// Lower-case hexadecimal digits of ``hmac(key:_:)``.
  static func hexadecimal(key: String, _ message: String) -> String {
    hmac(key: Array(key.utf8), Array(message.utf8)).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// Base64 of ``hmac(key:_:)``.
  static func base64(key: String, _ message: String) -> String {
    Data(hmac(key: Array(key.utf8), Array(message.utf8))).base64EncodedString()
  }
}
