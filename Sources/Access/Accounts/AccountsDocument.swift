import Foundation
import Telemetry

/// The accounts as the file has them.
struct AccountsDocument: Codable {
  /// Name of the format.
  static let schema = "millwright.accounts/1"

  struct Entry: Codable {
    var name: String
    /// `district` or `factory`.
    var role: String
    /// The factory's id; only with the role `factory`.
    var factory: String?
    /// See ``PasswordHash/text``.
    var password: String
    var createdAt: String
    var disabled: Bool?
  }

  struct Token: Codable {
    var account: String
    var note: String?
    /// SHA-256 in hexadecimal digits.
    var sha256: String
    var createdAt: String
    var expiresAt: String?
  }

  var schema: String
  var accounts: [Entry]
  var tokens: [Token]?

  private struct Head: Decodable { var schema: String }

  /// The accounts in the bytes of a file named `path`.
  ///
  /// - Throws: ``AccessError`` of kind `.corrupt`, with the entry that cannot be read.
  static func read(_ bytes: Data, path: String) throws(AccessError) -> Accounts {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let head = try? decoder.decode(Head.self, from: bytes) else {
      throw damaged(path, "it is no accounts file", "不是账户文件")
    }
    guard head.schema == schema else {
      throw damaged(
        path, "its format '\(head.schema.prefix(60))' is not \(schema), which this version reads",
        "其格式“\(head.schema.prefix(60))”不是本版本可读取的 \(schema)")
    }
    guard let document = try? decoder.decode(AccountsDocument.self, from: bytes) else {
      throw damaged(path, "an entry lacks a field or has one of another type", "有条目缺少字段，或字段类型不符")
    }
    var accounts: [Account] = []
    for entry in document.accounts {
      guard let account = entry.account else {
        throw damaged(
          path, "the account '\(entry.name.prefix(64))' has a value that cannot be read",
          "账户“\(entry.name.prefix(64))”中有无法读取的值")
      }
      accounts.append(account)
    }
    var tokens: [AccessToken] = []
    for entry in document.tokens ?? [] {
      guard let token = entry.token else {
        throw damaged(
          path, "a token of '\(entry.account.prefix(64))' has a value that cannot be read",
          "账户“\(entry.account.prefix(64))”的令牌中有无法读取的值")
      }
      tokens.append(token)
    }
    guard let all = Accounts(accounts, tokens) else {
      throw damaged(
        path, "a name or token is there twice, or a token belongs to no account",
        "有重复的名称或令牌，或有不属于任何账户的令牌")
    }
    return all
  }

  /// The bytes of a file with these accounts.
  static func write(_ accounts: Accounts) throws(AccessError) -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let document = AccountsDocument(
      schema: schema, accounts: accounts.accounts.map(Entry.init), tokens: accounts.tokens.map(Token.init))
    guard let bytes = try? encoder.encode(document) else {
      throw AccessError(.corrupt, "the accounts cannot be encoded", "账户无法编码")
    }
    return bytes + Data("\n".utf8)
  }

  private static func damaged(_ path: String, _ english: String, _ chinese: String) -> AccessError {
    AccessError(
      .corrupt, "\(path): \(english); restore it from a copy, or remove it and add the accounts anew",
      "\(path)：\(chinese)；请用副本恢复，或删除该文件后重新添加账户")
  }
}

extension AccountsDocument.Entry {
  init(_ account: Account) {
    name = account.name
    switch account.role {
    case .district: role = "district"
    case .factory(let id): (role, factory) = ("factory", id)
    }
    password = account.password.text
    createdAt = account.createdAt.rfc3339
    disabled = account.isDisabled ? true : nil
  }

  /// The account; nil if a value cannot be read.
  var account: Account? {
    guard Account.isName(name), let hash = PasswordHash(password), let created = Timestamp(createdAt) else {
      return nil
    }
    let who: Role
    switch (role, factory) {
    case ("district", nil): who = .district
    case ("factory", let id?) where EquipmentKey.isID(id.utf8): who = .factory(id)
    default: return nil
    }
    return Account(
      name: name, role: who, password: hash, createdAt: created, isDisabled: disabled ?? false)
  }
}

extension AccountsDocument.Token {
  init(_ token: AccessToken) {
    account = token.account
    note = token.note.isEmpty ? nil : token.note
    sha256 = token.digest.hexadecimal
    createdAt = token.createdAt.rfc3339
    expiresAt = token.expiresAt?.rfc3339
  }

  /// The token; nil if a value cannot be read.
  var token: AccessToken? {
    guard let digest = SecretDigest(hexadecimal: sha256), let created = Timestamp(createdAt) else {
      return nil
    }
    var expires: Timestamp?
    if let expiresAt {
      guard let time = Timestamp(expiresAt) else { return nil }
      expires = time
    }
    return AccessToken(
      account: account, note: note ?? "", digest: digest, createdAt: created, expiresAt: expires)
  }
}
