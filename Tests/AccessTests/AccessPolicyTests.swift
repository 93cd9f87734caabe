import Access
import Foundation
import Telemetry
import TestSupport
import Testing

@Suite("Who may see what") struct AccessPolicyTests {
  private static let scopes: [AccessScope] = [.open, .viewer, .district, .factory("F001"), .factory("F002")]

  /// The decision of each of ``scopes``, in a word.
  private func decisions(_ credentials: Credentials, isLocal: Bool, delay: Duration? = nil) -> [String] {
    Self.scopes.map {
      switch AccessPolicy.decide(credentials, isLocal: isLocal, $0, delay: delay) {
      case .allowed(let viewer): viewer.name
      case .loginNeeded: "login"
      case .notFound: "404"
      case .tooMany(let time): "wait \(time.components.seconds)"
      }
    }
  }

  @Test("Without credentials only open pages are seen, on this machine everything") func none() {
    #expect(decisions(.none, isLocal: false) == ["(none)", "login", "login", "login", "login"])
    #expect(decisions(.none, isLocal: true) == ["(local)", "(local)", "(local)", "(local)", "(local)"])
  }

  @Test("A district's account sees everything, a factory's account its own and 404 elsewhere") func accounts()
    throws
  {
    let boss = Credentials.account(try person("boss", .district))
    let li = Credentials.account(try person("li", .factory("F001")))
    for isLocal in [false, true] {
      #expect(decisions(boss, isLocal: isLocal) == ["boss", "boss", "boss", "boss", "boss"])
      #expect(decisions(li, isLocal: isLocal) == ["li", "li", "404", "li", "404"])
    }
  }

  @Test("Wrong credentials see open pages only, and have to wait when there were many") func wrong() {
    #expect(decisions(.wrong, isLocal: false) == ["(none)", "login", "login", "login", "login"])
    #expect(decisions(.wrong, isLocal: true) == ["(none)", "login", "login", "login", "login"])
    #expect(
      decisions(.wrong, isLocal: false, delay: .seconds(4)) == [
        "wait 4", "wait 4", "wait 4", "wait 4", "wait 4",
      ])
  }

  @Test("Right credentials never wait") func rightNeverWaits() throws {
    let boss = Credentials.account(try person("boss", .district))
    #expect(decisions(boss, isLocal: false, delay: .seconds(4)) == ["boss", "boss", "boss", "boss", "boss"])
  }

  @Test("A viewer sees the factories of the role") func viewers() {
    #expect(Viewer.local.sees(factory: "F001") && !Viewer.anybody.sees(factory: "F001"))
    #expect(Viewer.account("li", .factory("F001")).sees(factory: "F001"))
    #expect(!Viewer.account("li", .factory("F001")).sees(factory: "F0010"))
  }
}

@Suite("Requests and logins") struct AccessControlTests {
  private let folder: TemporaryDirectory
  private let file: AccountsFile
  private let access: AccessControl

  init() throws {
    folder = try TemporaryDirectory("access")
    file = AccountsFile(folder.file("accounts.json"))
    let made = [try person("boss", .district), try person("li", .factory("F001"))]
    try file.update { (accounts) throws(AccessError) in
      for one in made { try accounts.add(one) }
    }
    access = try AccessControl(file, decoyCost: cheap)
  }

  private func logIn(_ name: String, _ password: String = "correct horse 9", at second: Int64 = 0) throws
    -> LoginAnswer
  {
    try access.logIn(name, password: password, from: remote, at: after(second))
  }

  /// The cookie of a login, as a browser sends it.
  private func cookie(_ name: String) throws -> String {
    guard case .loggedIn(let set, _) = try logIn(name) else { throw SupportFailure() }
    return String(set.prefix { $0 != ";" })
  }
  private struct SupportFailure: Error {}

  private func decide(
    cookie: String? = nil, authorization: String? = nil, _ scope: AccessScope, at second: Int64 = 0
  ) throws -> AccessDecision {
    try access.decide(
      AccessRequest(client: remote, cookie: cookie, authorization: authorization), scope, at: after(second))
  }

  @Test("A login begins a session, which logging out ends") func session() throws {
    let cookie = try cookie("li")
    let li = Viewer.account("li", .factory("F001"))
    #expect(try decide(cookie: cookie, .factory("F001")) == .allowed(li))
    #expect(try decide(cookie: cookie, .factory("F002")) == .notFound)
    #expect(try decide(cookie: cookie, .district) == .notFound)
    #expect(try decide(cookie: cookie, .factory("F001"), at: 43_200) == .loginNeeded)
    let other = try self.cookie("li")
    #expect(access.logOut(cookie: other) == SessionCookie.removing)
    #expect(try decide(cookie: other, .factory("F001")) == .loginNeeded)
    #expect(access.logOut(cookie: nil) == SessionCookie.removing)
  }

  @Test("A changed or removed account ends its sessions at once") func changed() throws {
    let (boss, li) = (try cookie("boss"), try cookie("li"))
    let other = try hash("another horse 9")
    try file.update { (accounts) throws(AccessError) in
      try accounts.setPassword(other, of: "boss")
      try accounts.remove("li")
    }
    #expect(try decide(cookie: boss, .district) == .loginNeeded)
    #expect(try decide(cookie: li, .factory("F001")) == .loginNeeded)
    #expect(try logIn("boss") == .wrong)
    guard case .loggedIn(_, .account("boss", .district)) = try logIn("boss", "another horse 9") else {
      Issue.record("the new password is not accepted")
      return
    }
  }

  @Test("A wrong password and an unknown name get the same answer, and both have to wait") func wrong() throws
  {
    for number in 0..<6 {
      #expect(try logIn(number.isMultiple(of: 2) ? "boss" : "nobody", "wrong horse 99") == .wrong)
    }
    #expect(try logIn("boss") == .tooMany(retryAfter: .seconds(1)))
    #expect(try logIn("nobody") == .tooMany(retryAfter: .seconds(1)))
    guard case .loggedIn = try logIn("boss", at: 1) else {
      Issue.record("the right password is not accepted after the delay")
      return
    }
    #expect(try logIn("", "", at: 1) == .wrong)
    #expect(try logIn(String(repeating: "a", count: 300)) == .wrong)
    #expect(try logIn("boss", String(repeating: "a", count: 2000)) == .wrong)
  }

  @Test("A disabled account cannot log in") func disabled() throws {
    let old = try person("old", .district, isDisabled: true)
    try file.update { (accounts) throws(AccessError) in try accounts.add(old) }
    #expect(try logIn("old") == .wrong)
  }

  @Test("A token has its account's role until it expires; wrong ones wait in the end") func token() throws {
    let secret = Secret(prefix: BearerToken.prefix)
    let token = AccessToken(
      account: "li", digest: secret.digest, createdAt: start.time, expiresAt: start.time + .seconds(60))
    try file.update { (accounts) throws(AccessError) in try accounts.add(token) }
    let li = Viewer.account("li", .factory("F001"))
    let field = "Bearer \(secret.text)"
    #expect(try decide(authorization: field, .factory("F001")) == .allowed(li))
    #expect(try decide(authorization: field, .factory("F002")) == .notFound)
    #expect(try decide(authorization: field, .factory("F001"), at: 60) == .loginNeeded)
    for _ in 0..<4 { #expect(try decide(authorization: "Bearer x", .district, at: 60) == .loginNeeded) }
    #expect(try decide(authorization: "Bearer x", .district, at: 60) == .tooMany(retryAfter: .seconds(1)))
    #expect(try decide(authorization: field, .factory("F001"), at: 59) == .allowed(li))
    // Credentials that a proxy has asked for are not ours.
    #expect(try decide(authorization: "Basic x", .open, at: 60) == .allowed(.anybody))
  }

  @Test("While the file cannot be read, no credentials are accepted, and this machine still sees pages")
  func unreadable() throws {
    let cookie = try cookie("boss")
    chmod(file.path, 0o644)
    #expect(throws: AccessError.self) { try decide(cookie: cookie, .district) }
    #expect(throws: AccessError.self) { try decide(authorization: "Bearer x", .district) }
    #expect(throws: AccessError.self) { try logIn("boss") }
    let here = AccessRequest(client: Client(address: IPAddress("127.0.0.1"), isLocal: true))
    #expect(try access.decide(here, .district, at: start) == .allowed(.local))
  }

  @Test("It says whether any account can be used") func hasAccounts() throws {
    #expect(try access.hasAccounts)
    let none = try AccessControl(AccountsFile(folder.file("none.json")), decoyCost: cheap)
    #expect(try !none.hasAccounts)
  }
}
