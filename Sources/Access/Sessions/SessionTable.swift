/// Sessions of people who have logged in. They are in memory only: a restart ends all of them.
public struct SessionTable: Sendable {
  /// Length of a session.
  public static let length = Duration.seconds(12 * 3600)
  /// Maximum number of sessions, and of one account: beyond it the oldest ends.
  public static let most = 10_000
  public static let mostOfAccount = 20

  private struct Session: Sendable {
    var account: String
    /// The password with which it began: another one ends it.
    var password: PasswordHash
    var began: ContinuousClock.Instant
  }

  /// By the digest of the id: who reads the memory cannot take over a session.
  private var sessions: [SecretDigest: Session] = [:]

  /// No session.
  public init() {}

  /// Number of sessions, including those that have ended and were not looked up since.
  public var count: Int { sessions.count }

  /// Begins a session and returns its id, which only the browser keeps.
  public mutating func begin(_ account: Account, at now: ContinuousClock.Instant) -> Secret {
    removeEnded(at: now)
    let own = sessions.filter { $0.value.account == account.name }
    if own.count >= Self.mostOfAccount { removeOldest(of: own) }
    if sessions.count >= Self.most { removeOldest(of: sessions) }
    let id = Secret()
    sessions[id.digest] = Session(account: account.name, password: account.password, began: now)
    return id
  }

  /// The account of a session's id. nil after its time, after logging out, and when the account was removed, disabled or
  /// given another password.
  public mutating func account(
    id: String, in accounts: Accounts, at now: ContinuousClock.Instant
  ) -> Account? {
    let digest = SecretDigest(of: id)
    guard let session = sessions[digest] else { return nil }
    guard now - session.began < Self.length, let account = accounts[session.account],
      !account.isDisabled, account.password == session.password
    else {
      sessions[digest] = nil
      return nil
    }
    return account
  }

  /// Ends a session, if there is one with this id.
  public mutating func end(id: String) { sessions[SecretDigest(of: id)] = nil }

  private mutating func removeEnded(at now: ContinuousClock.Instant) {
    sessions = sessions.filter { now - $0.value.began < Self.length }
  }

  private mutating func removeOldest(of some: [SecretDigest: Session]) {
    guard let oldest = some.min(by: { $0.value.began < $1.value.began }) else { return }
    sessions[oldest.key] = nil
  }
}
