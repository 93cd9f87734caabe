import Synchronization
import Telemetry

/// The time by both clocks: tokens expire by the calendar, sessions and delays by a clock that never jumps.
public struct AccessMoment: Sendable {
  public var time: Timestamp
  public var instant: ContinuousClock.Instant

  /// A moment.
  public init(time: Timestamp, instant: ContinuousClock.Instant) {
    self.time = time
    self.instant = instant
  }
}

/// The parts of a request that prove who sends it.
public struct AccessRequest: Sendable {
  public var client: Client
  /// Fields `Cookie` and `Authorization`; nil if they are absent.
  public var cookie: String?
  public var authorization: String?

  /// A request's proof.
  public init(client: Client, cookie: String? = nil, authorization: String? = nil) {
    self.client = client
    self.cookie = cookie
    self.authorization = authorization
  }
}

/// Answer to an attempt to log in.
public enum LoginAnswer: Equatable, Sendable {
  /// The value of `Set-Cookie`, and the viewer.
  case loggedIn(setCookie: String, Viewer)
  /// Name or password is wrong; which one is not said.
  case wrong
  case tooMany(retryAfter: Duration)
}

/// Accounts, sessions and delays of a server: decides about requests and logs people in and out. Any thread may use it.
public final class AccessControl: Sendable {
  private struct State: Sendable {
    var sessions = SessionTable()
    var throttle = LoginThrottle()
  }

  private let book: AccountBook
  private let state = Mutex(State())
  /// Checked in place of the password of an account that does not exist, so that both take equal time.
  private let decoy: PasswordHash

  /// Access by the accounts of a file.
  ///
  /// - Parameter decoyCost: cost of checking a name without an account; that of new passwords.
  /// - Throws: ``AccessError`` if there is no memory for checking passwords.
  public init(_ file: AccountsFile, decoyCost: PasswordHash.Cost = .standard) throws(AccessError) {
    book = AccountBook(file)
    let nobody = Array(Secret().text.utf8)
    decoy = try PasswordHash(of: Password(bytes: nobody), cost: decoyCost)
  }

  /// Decides about a request. It reads the accounts again if their file has changed.
  ///
  /// - Throws: ``AccessError`` if the file of accounts cannot be read, and the request has credentials.
  public func decide(
    _ request: AccessRequest, _ scope: AccessScope, at now: AccessMoment
  ) throws(AccessError) -> AccessDecision {
    if let token = BearerToken.token(in: request.authorization) {
      if let account = try book.current().account(token: token, at: now.time) {
        return AccessPolicy.decide(.account(account), isLocal: request.client.isLocal, scope)
      }
      let delay = state.withLock { $0.throttle.fail(request.client.address, at: now.instant) }
      return AccessPolicy.decide(.wrong, isLocal: request.client.isLocal, scope, delay: delay)
    }
    guard let id = SessionCookie.id(in: request.cookie) else {
      return AccessPolicy.decide(.none, isLocal: request.client.isLocal, scope)
    }
    let accounts = try book.current()
    let account = state.withLock { $0.sessions.account(id: id, in: accounts, at: now.instant) }
    return AccessPolicy.decide(
      account.map { .account($0) } ?? .none, isLocal: request.client.isLocal, scope)
  }

  /// Logs a person in. It takes about a quarter of a second of processor time on the caller's thread.
  ///
  /// - Throws: ``AccessError`` if the file of accounts cannot be read, or there is no memory for checking a password.
  public func logIn(
    _ name: String, password typed: String, from client: Client, at now: AccessMoment
  ) throws(AccessError) -> LoginAnswer {
    guard name.utf8.count <= 256, let password = Password(typed) else { return .wrong }
    let accounts = try book.current()
    let attempt = state.withLock { $0.throttle.begin(client.address, account: name, at: now.instant) }
    if case .wait(let time) = attempt { return .tooMany(retryAfter: time) }
    var found: Account?
    defer {
      let succeeded = found != nil
      state.withLock {
        $0.throttle.end(client.address, account: name, succeeded: succeeded, at: now.instant)
      }
    }
    let account = accounts[name]
    let isRight = try (account?.password ?? decoy).matches(password)
    guard isRight, let account, !account.isDisabled else { return .wrong }
    found = account
    let id = state.withLock { $0.sessions.begin(account, at: now.instant) }
    return .loggedIn(setCookie: SessionCookie.setting(id), .account(account.name, account.role))
  }

  /// Ends the session of a field `Cookie`, if it has one, and returns the value of `Set-Cookie`.
  public func logOut(cookie: String?) -> String {
    if let id = SessionCookie.id(in: cookie) { state.withLock { $0.sessions.end(id: id) } }
    return SessionCookie.removing
  }

  /// Whether any account can be used: without one, only this machine sees pages.
  ///
  /// - Throws: ``AccessError`` if the file of accounts cannot be read.
  public var hasAccounts: Bool {
    get throws(AccessError) { try book.current().accounts.contains { !$0.isDisabled } }
  }
}
