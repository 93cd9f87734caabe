import Telemetry

/// A person or program that may look at pages.
public struct Account: Equatable, Sendable {
  /// Its name, as it is typed; see ``isName(_:)``.
  public var name: String
  public var role: Role
  public var password: PasswordHash
  public var createdAt: Timestamp
  /// A disabled account keeps its place and cannot be used.
  public var isDisabled: Bool

  /// An account that can be used.
  public init(
    name: String, role: Role, password: PasswordHash, createdAt: Timestamp, isDisabled: Bool = false
  ) {
    self.name = name
    self.role = role
    self.password = password
    self.createdAt = createdAt
    self.isDisabled = isDisabled
  }

  /// Whether a text can be the name of an account: 1 to 64 of `A–Z a–z 0–9 _ . - @`.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { EquipmentKey.isIDByte($0) || $0 == UInt8(ascii: "@") }
  }
}

/// A token with which a program reads pages as an account. Only its digest is known.
public struct AccessToken: Equatable, Sendable {
  /// The account whose role it has.
  public var account: String
  /// Its use in the user's words; may be empty.
  public var note: String
  public var digest: SecretDigest
  public var createdAt: Timestamp
  /// nil: until it is revoked.
  public var expiresAt: Timestamp?

  /// A token by its digest.
  public init(
    account: String, note: String = "", digest: SecretDigest, createdAt: Timestamp,
    expiresAt: Timestamp? = nil
  ) {
    self.account = account
    self.note = note
    self.digest = digest
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }

  /// Whether it can be used at `time`.
  public func isValid(at time: Timestamp) -> Bool { expiresAt.map { time < $0 } ?? true }
}
