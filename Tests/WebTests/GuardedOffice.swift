import Access
import Configuration
import Synchronization
import Telemetry
import TestSupport
import Testing
import Web

/// A server with accounts over the store of two factories, asked from other machines.
final class GuardedOffice {
  /// Words that only answers about F002 have: names, an industry, and what its senders sent.
  static let marks = ["Liangjiang", "两江", "汽车", "F002", "W77", "G77", "sent-by-F002"]

  /// The header that proves who asks, by the name of an account.
  private(set) var tokens: [String: [String: String]] = [:]
  /// Headers that prove nothing, each with its name. The first are none.
  private(set) var wrong: [(name: String, headers: [String: String])] = [("no credentials", [:])]
  let office: Office
  let table: [Route]
  private let access: AccountAccess
  private let passed: Clock
  private var clients = 0

  /// The time since the server began.
  private final class Clock: Sendable {
    let passed = Mutex(Duration.zero)
  }

  static let password = "correct horse 9"

  init() throws {
    office = try Office("web: { trusted_proxies: [127.0.0.1], metrics_by_factory: true }")
    try office.fill()
    try office.collect("factory/F002/W77/G77/status", "{\"ts\":1,\"state\":\"sent-by-F002\"}", 90)
    let (passed, began) = (Clock(), ContinuousClock.now)
    self.passed = passed
    access = try AccountAccess(office.site, cost: .cheap) {
      let time = passed.passed.withLock { $0 }
      return AccessMoment(time: morning + .seconds(time.components.seconds), instant: began + time)
    }
    let activity = ServerActivity(version: "1.2.3", startedAt: morning)
    table = office.site.routes(access) { activity }
    try addAccounts()
  }

  private func addAccounts() throws {
    let file = AccountsFile(office.settings.settings.web.accountsFile)
    let hash = try PasswordHash(of: try #require(Password(Self.password)), cost: .cheap)
    let roles: [(name: String, role: Role)] = [
      ("boss", .district), ("li", .factory("F001")), ("wang", .factory("F002")), ("off", .district),
      ("gone", .district),
    ]
    for (name, role) in roles {
      let token = Secret(prefix: "mw_")
      tokens[name] = ["authorization": "Bearer \(token.text)"]
      try file.update { (accounts) throws(AccessError) in
        try accounts.add(Account(name: name, role: role, password: hash, createdAt: morning))
        try accounts.add(AccessToken(account: name, digest: token.digest, createdAt: morning))
      }
    }
    let expired = Secret(prefix: "mw_")
    try file.update { (accounts) throws(AccessError) in
      try accounts.add(
        AccessToken(
          account: "boss", digest: expired.digest, createdAt: morning - .days(2),
          expiresAt: morning - .days(1)))
    }
    let (ended, left) = (try logIn("boss"), try logIn("boss"))
    let (off, gone) = (try logIn("off"), try logIn("gone"))
    _ = answer("/logout", .post, headers: left)
    try file.update { (accounts) throws(AccessError) in
      try accounts.setDisabled(true, "off")
      try accounts.remove("gone")
    }
    // A session lasts twelve hours.
    passed.passed.withLock { $0 = .seconds(12 * 3600) }
    wrong += [
      ("an unknown token", ["authorization": "Bearer \(Secret(prefix: "mw_").text)"]),
      ("an empty token", ["authorization": "Bearer"]),
      ("name and password", ["authorization": "Basic Ym9zczpjb3JyZWN0IGhvcnNlIDk="]),
      ("an expired token", ["authorization": "Bearer \(expired.text)"]),
      ("a disabled account's token", try #require(tokens["off"])),
      ("a removed account's token", try #require(tokens["gone"])),
      ("an unknown session", ["cookie": "__Host-millwright=\(Secret().text)"]),
      ("a session that has ended", ended), ("a session that was left", left),
      ("a disabled account's session", off), ("a removed account's session", gone),
    ]
  }

  /// Logs an account in and returns the header of its session.
  func logIn(_ name: String) throws -> [String: String] {
    let form = "name=\(name)&password=\(Self.password.replacing(" ", with: "+"))"
    let cookie = try #require(answer("/login", .post, form: form).header("set-cookie"))
    return ["cookie": String(cookie.prefix { $0 != ";" })]
  }

  /// The answer to a request. Each comes from an address of its own, so that none has to wait for others' failures.
  func answer(
    _ target: String, _ method: WebRequest.Method = .get, headers: [String: String] = [:], form: String = ""
  ) -> WebResponse {
    clients += 1
    var fields = headers
    fields["host"] = "m.example"
    fields["x-forwarded-for"] = "10.0.\(clients / 256).\(clients % 256)"
    if method == .post { fields["content-type"] = "application/x-www-form-urlencoded" }
    let site = office.site
    return WebRoutes(
      routes: table, authorize: access.authorize,
      errors: ErrorPages { ProblemPage.markup($0, $1, site) }
    ).respond(
      to: WebRequest(
        method: method, target: target, headers: fields, body: Array(form.utf8), peer: "127.0.0.1"))
  }

  /// The text of an answer; of a stream of events, its first one.
  func text(_ answer: WebResponse) throws -> String {
    guard case .events(let events) = answer.body else { return answer.text }
    let frames = office.site.frames
    let first = frames.frame(
      try office.site.snapshot(), since: frames.number(of: events.newest), for: events)
    return first.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

extension PasswordHash.Cost {
  /// A cost that takes no time.
  static let cheap = PasswordHash.Cost(logarithm: 4, blockSize: 1, passes: 1) ?? .standard
}
