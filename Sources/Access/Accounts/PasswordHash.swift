import COpenSSL
import Foundation

/// A password as it is stored: its scrypt key (RFC 7914) with salt and cost. The file has it as
/// `$scrypt$ln=15,r=8,p=3$SALT$KEY`, in Base64 without padding (the PHC string format).
public struct PasswordHash: Equatable, Sendable {
  /// Cost of one computation. A file names it, so it is bounded when it is made.
  public struct Cost: Equatable, Sendable {
    /// Base-2 logarithm of N, the number of blocks; 1 to 20.
    public let logarithm: Int
    /// r, the size of a block in units of 128 bytes; 1 to 32.
    public let blockSize: Int
    /// p, the number of independent passes; 1 to 16.
    public let passes: Int

    /// Maximum memory of one computation in bytes: 128 r N.
    public static let mostMemory = 128 << 20
    /// 32 MiB of memory and three passes, as OWASP recommends: about a quarter of a second.
    public static let standard = Cost(unchecked: 15, 8, 3)

    /// A cost; nil if it is out of bounds or needs more than ``mostMemory``.
    public init?(logarithm: Int, blockSize: Int, passes: Int) {
      guard (1...20).contains(logarithm), (1...32).contains(blockSize), (1...16).contains(passes),
        (128 * blockSize) << logarithm <= Self.mostMemory
      else { return nil }
      self.init(unchecked: logarithm, blockSize, passes)
    }

    private init(unchecked logarithm: Int, _ blockSize: Int, _ passes: Int) {
      self.logarithm = logarithm
      self.blockSize = blockSize
      self.passes = passes
    }

    /// Bytes of memory of one computation.
    public var memory: Int { (128 * blockSize) << logarithm }
  }

  public let cost: Cost
  let salt: [UInt8]
  let key: [UInt8]

  private static let keyBytes = 32
  private static let saltBytes = 16

  /// The hash of a password with a new random salt.
  ///
  /// - Throws: ``AccessError`` of kind `.io` if there is no memory for it.
  public init(of password: Password, cost: Cost = .standard) throws(AccessError) {
    var random = SystemRandomNumberGenerator()
    let salt = (0..<Self.saltBytes / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    try self.init(of: password, salt: salt, cost: cost)
  }

  init(of password: Password, salt: [UInt8], cost: Cost) throws(AccessError) {
    self.cost = cost
    self.salt = salt
    key = try Self.derive(password.bytes, salt: salt, cost: cost, count: Self.keyBytes)
  }

  /// Whether it is the hash of this password. Takes as long for a wrong password as for the right one.
  ///
  /// - Throws: ``AccessError`` of kind `.io` if there is no memory for it.
  public func matches(_ password: Password) throws(AccessError) -> Bool {
    equalInConstantTime(
      key, try Self.derive(password.bytes, salt: salt, cost: cost, count: key.count))
  }

  /// The scrypt function, by OpenSSL.
  ///
  /// - Parameter count: number of bytes of the result.
  /// - Throws: ``AccessError`` of kind `.io` if there is no memory for it.
  package static func derive(
    _ password: [UInt8], salt: [UInt8], cost: Cost, count: Int
  ) throws(AccessError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    // OpenSSL also counts its buffers; the cost is bounded already.
    let most = UInt64(cost.memory) * 2 + (1 << 20)
    let isDone = password.withUnsafeBytes { bytes in
      EVP_PBE_scrypt(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, salt, salt.count,
        1 << UInt64(cost.logarithm), UInt64(cost.blockSize), UInt64(cost.passes), most, &result, count)
    }
    guard isDone == 1 else {
      throw AccessError(
        .io, "scrypt needs \(cost.memory >> 20) MiB of memory, which the system does not give",
        "计算 scrypt 需要 \(cost.memory >> 20) MiB 内存，系统无法提供")
    }
    return result
  }

  // MARK: As text

  /// Reads the text of a hash; nil for any other text, and for a cost out of bounds.
  public init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    guard text.utf8.count <= 512, parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
      let cost = Self.cost(parts[2]), let salt = Self.bytes(parts[3]), let key = Self.bytes(parts[4]),
      (8...64).contains(salt.count), (16...64).contains(key.count)
    else { return nil }
    self.cost = cost
    self.salt = salt
    self.key = key
  }

  /// The text to be stored.
  public var text: String {
    "$scrypt$ln=\(cost.logarithm),r=\(cost.blockSize),p=\(cost.passes)$\(Self.text(salt))$\(Self.text(key))"
  }

  private static func cost(_ text: String) -> Cost? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    var numbers: [Int] = []
    for (part, name) in zip(parts, ["ln=", "r=", "p="]) {
      guard part.hasPrefix(name), let number = Int(part.dropFirst(name.count)) else { return nil }
      numbers.append(number)
    }
    return Cost(logarithm: numbers[0], blockSize: numbers[1], passes: numbers[2])
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text + padding).map { Array($0) }
  }

  private static func text(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("=", with: "")
  }
}

/// A password as it is hashed.
public struct Password: Equatable, Sendable {
  /// Reasons for which a text cannot be the password of a new account.
  public enum Fault: Equatable, Sendable {
    /// It has fewer than ``Password/fewestCharacters`` characters.
    case short
    /// It has more than ``Password/mostBytes`` bytes.
    case long
    /// It has a character that cannot be typed, such as a tab.
    case control
    /// It repeats one or two characters, or is the name of its account.
    case simple
  }

  /// Minimum number of characters of a new password.
  public static let fewestCharacters = 12
  /// Maximum number of bytes of a password.
  public static let mostBytes = 1024

  let bytes: [UInt8]

  /// A password as it was typed; nil if it has more than ``mostBytes`` bytes. Full-width letters and composed
  /// characters, as input methods produce them, mean the plain ones (Unicode normalisation form KC).
  public init?(_ typed: String) {
    guard typed.utf8.count <= Self.mostBytes else { return nil }
    bytes = Array(typed.precomposedStringWithCompatibilityMapping.utf8)
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The reason why a text cannot be a new password of an account; nil if it can.
  public static func fault(_ typed: String, account: String) -> Fault? {
    if typed.utf8.count > mostBytes { return .long }
    if typed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return .control
    }
    if typed.count < fewestCharacters { return .short }
    if Set(typed).count < 3 || typed.lowercased() == account.lowercased() { return .simple }
    return nil
  }
}
