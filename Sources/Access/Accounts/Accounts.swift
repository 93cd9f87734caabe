import Telemetry

/// All accounts and tokens of a file, with look-ups.
public struct Accounts: Equatable, Sendable {
  /// Maximum number of accounts, and of tokens.
  public static let most = 10_000

  /// Ascending by name.
  public private(set) var accounts: [Account] = []
  /// In the order of their creation.
  public private(set) var tokens: [AccessToken] = []
  private var places: [String: Int] = [:]
  private var tokenPlaces: [SecretDigest: Int] = [:]

  /// No accounts.
  public init() {}

  /// Accounts and tokens of a file; nil if a name or digest is given twice, a token has no account, or there are too
  /// many.
  init?(_ accounts: [Account], _ tokens: [AccessToken]) {
    guard accounts.count <= Self.most, tokens.count <= Self.most else { return nil }
    self.accounts = accounts
    self.tokens = tokens
    index()
    guard places.count == accounts.count, tokenPlaces.count == tokens.count,
      tokens.allSatisfy({ places[$0.account] != nil })
    else { return nil }
  }

  private mutating func index() {
    accounts.sort { $0.name < $1.name }
    places = Dictionary(accounts.enumerated().map { ($1.name, $0) }) { first, _ in first }
    tokenPlaces = Dictionary(tokens.enumerated().map { ($1.digest, $0) }) { first, _ in first }
  }

  /// The account with a name; nil if there is none.
  public subscript(name: String) -> Account? { places[name].map { accounts[$0] } }

  /// The account whose token this is; nil if the token is unknown or has expired, or the account is disabled.
  public func account(token: String, at time: Timestamp) -> Account? {
    guard let place = tokenPlaces[SecretDigest(of: token)], tokens[place].isValid(at: time),
      let account = self[tokens[place].account], !account.isDisabled
    else { return nil }
    return account
  }

  /// Number of an account's tokens.
  public func tokens(of name: String) -> Int { tokens.count { $0.account == name } }

  // MARK: Changes

  /// Checks that an account with this name can be added.
  ///
  /// - Throws: ``AccessError`` of kind `.refused` if the name is taken, also by one that differs in letter case only, or
  ///   if there are too many accounts.
  public func requireFree(_ name: String) throws(AccessError) {
    if let other = accounts.first(where: { $0.name.lowercased() == name.lowercased() }) {
      throw AccessError(
        .refused,
        "an account '\(other.name)' exists already; change its password with 'millwright user password', or choose another name",
        "账户“\(other.name)”已存在；修改密码请用 millwright user password，或另选名称")
    }
    guard accounts.count < Self.most else {
      throw AccessError(
        .refused, "there are \(Self.most) accounts already; remove one first",
        "账户已达 \(Self.most) 个；请先删除不用的账户")
    }
  }

  /// Checks that there is an account with this name.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown`, with the nearest name, if there is none.
  public func require(_ name: String) throws(AccessError) { _ = try place(name) }

  /// Adds an account.
  ///
  /// - Throws: ``AccessError`` as ``requireFree(_:)`` does.
  public mutating func add(_ account: Account) throws(AccessError) {
    try requireFree(account.name)
    accounts.append(account)
    index()
  }

  /// Removes an account with its tokens.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown` if there is none.
  public mutating func remove(_ name: String) throws(AccessError) {
    accounts.remove(at: try place(name))
    tokens.removeAll { $0.account == name }
    index()
  }

  /// Gives an account another password. Its tokens remain valid.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown` if there is none.
  public mutating func setPassword(_ password: PasswordHash, of name: String) throws(AccessError) {
    accounts[try place(name)].password = password
  }

  /// Disables an account, or lets it be used again. Its sessions end, and its tokens are not valid meanwhile.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown` if there is none.
  public mutating func setDisabled(_ isDisabled: Bool, _ name: String) throws(AccessError) {
    accounts[try place(name)].isDisabled = isDisabled
  }

  /// Adds a token to its account. Expired tokens of all accounts are removed.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown` without the account, `.refused` if there are too many tokens.
  public mutating func add(_ token: AccessToken) throws(AccessError) {
    _ = try place(token.account)
    tokens.removeAll { !$0.isValid(at: token.createdAt) }
    guard tokens.count < Self.most else {
      throw AccessError(
        .refused,
        "there are \(Self.most) tokens already; revoke some with 'millwright user token NAME --revoke'",
        "令牌已达 \(Self.most) 个；请先用 millwright user token NAME --revoke 吊销不用的令牌")
    }
    tokens.append(token)
    index()
  }

  /// Revokes all tokens of an account and returns their number.
  ///
  /// - Throws: ``AccessError`` of kind `.unknown` without the account.
  public mutating func revokeTokens(of name: String) throws(AccessError) -> Int {
    _ = try place(name)
    let before = tokens.count
    tokens.removeAll { $0.account == name }
    index()
    return before - tokens.count
  }

  private func place(_ name: String) throws(AccessError) -> Int {
    if let place = places[name] { return place }
    let near = Suggestion.nearest(to: name, among: accounts.map(\.name))
    throw AccessError(
      .unknown,
      "there is no account '\(name)'"
        + (near.map { " (did you mean '\($0)'?)" } ?? "; 'millwright user list' shows those there are"),
      "没有账户“\(name)”" + (near.map { "（是否指“\($0)”？）" } ?? "；已有账户见 millwright user list"))
  }
}
