import Access
import Configuration
import Foundation
import Reporting
import SQLiteStore
import Telemetry
import TestSupport
import Testing
import Web

/// A server with accounts over a store that nobody has used.
private final class GuardedSite {
  let folder: TemporaryDirectory
  let site: WebSite
  let access: AccountAccess
  let table: [Route]
  /// Tokens of the district's account, of F001's, and of the district's that has expired.
  let (district, factory, expired) = (Secret(prefix: "mw_"), Secret(prefix: "mw_"), Secret(prefix: "mw_"))

  init() throws {
    folder = try TemporaryDirectory("guarded")
    let now = Timestamp(milliseconds: 1_795_305_600_000)
    let settings = try CollectorSettings.parse(
      """
      district: { id: test, name_zh: 测试园区, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      web: { trusted_proxies: [127.0.0.1] }
      """, file: folder.file("millwright.yaml")
    ).settings
    let cost = try #require(PasswordHash.Cost(logarithm: 4, blockSize: 1, passes: 1))
    let hash = try PasswordHash(of: try #require(Password("correct horse 9")), cost: cost)
    let (district, factory, expired) = (district.digest, factory.digest, expired.digest)
    try AccountsFile(settings.web.accountsFile).update { (accounts) throws(AccessError) in
      try accounts.add(Account(name: "boss", role: .district, password: hash, createdAt: now))
      try accounts.add(Account(name: "li", role: .factory("F001"), password: hash, createdAt: now))
      try accounts.add(AccessToken(account: "boss", digest: district, createdAt: now - .days(2)))
      try accounts.add(AccessToken(account: "li", digest: factory, createdAt: now - .days(2)))
      try accounts.add(
        AccessToken(
          account: "boss", digest: expired, createdAt: now - .days(2), expiresAt: now - .days(1)))
    }
    site = try WebSite(
      settings, store: StoreDirectory(folder.path + "/store"), version: "1.2.3", now: { now })
    let instant = ContinuousClock.now
    access = try AccountAccess(site, cost: cost) { AccessMoment(time: now, instant: instant) }
    let activity = ServerActivity(version: "1.2.3", startedAt: now)
    table = site.routes(with: access.routes + site.operatorRoutes { activity })
  }

  func answer(
    _ target: String, _ method: WebRequest.Method = .get, from client: String = "203.0.113.9",
    headers: [String: String] = [:], form: String = ""
  ) -> WebResponse {
    var headers = headers.merging(["host": "m.example", "x-forwarded-for": client]) { own, _ in own }
    if method == .post { headers["content-type"] = "application/x-www-form-urlencoded" }
    return WebRoutes(
      routes: table, authorize: access.authorize,
      errors: ErrorPages { problem, _ in "problem \(problem.status)" }
    ).respond(
      to: WebRequest(
        method: method, target: target, headers: headers, body: Array(form.utf8), peer: "127.0.0.1"))
  }

  func bearer(_ token: Secret) -> [String: String] { ["authorization": "Bearer \(token.text)"] }

  /// The path of a route, with those parameters that it has.
  func path(_ route: Route) -> String {
    route.template.replacing("{factory}", with: "F002").replacing("{equipment}", with: "E1")
  }
}

@Suite("Accounts of a server") struct AccountAccessTests {
  private let guarded: GuardedSite

  init() throws { guarded = try GuardedSite() }

  @Test("No route but open ones answers without right credentials, and all answer alike") func refused() {
    let closed = guarded.table.filter { if case .open = $0.access { false } else { true } }
    #expect(closed.count > 15)
    for (number, route) in closed.enumerated() {
      let path = guarded.path(route)
      // Each has an address of its own, so that nobody has to wait.
      let client = "198.51.100.\(number)"
      let none = guarded.answer(path, from: client)
      #expect(
        none.status == 401 && none.header("www-authenticate") == "Bearer realm=\"millwright\"", "\(path)")
      let wrong = guarded.answer(path, from: client, headers: guarded.bearer(Secret(prefix: "mw_")))
      let expired = guarded.answer(path, from: client, headers: guarded.bearer(guarded.expired))
      let cookie = guarded.answer(path, from: client, headers: ["cookie": "__Host-millwright=x"])
      for answer in [wrong, expired, cookie] { #expect(answer.status == 401, "\(path)") }
      let page = guarded.answer(path, from: client, headers: ["accept": "text/html"])
      if path.hasPrefix("/api/") {
        #expect(page.status == 401 && none.text.contains("/problems/login-needed"), "\(path)")
      } else {
        #expect(page.status == 303, "\(path)")
        #expect(page.header("location") == "/login?next=\(path.replacing("/", with: "%2F"))&lang=en")
      }
      // A factory that does not exist has the same answer.
      let other = guarded.answer(path.replacing("F002", with: "F009"), from: client)
      #expect(other.text == none.text.replacing("F002", with: "F009"), "\(path)")
    }
  }

  @Test("A factory's account gets for everything of others what a missing page has") func otherFactory() {
    let missing = guarded.answer("/nowhere", headers: guarded.bearer(guarded.factory))
    for route in guarded.table {
      switch route.access {
      case .open, .viewers: continue
      case .district, .factory:
        let answer = guarded.answer(guarded.path(route), headers: guarded.bearer(guarded.factory))
        #expect(answer.status == 404, "\(route.template)")
        if !route.template.hasPrefix("/api/") {
          #expect(answer.text == missing.text, "\(route.template)")
        }
      }
    }
  }

  @Test("Events end with the account, its role, or the session that asked for them") func endOfEvents() throws
  {
    let site = guarded.site
    let routes = WebRoutes(
      routes: guarded.table, authorize: guarded.access.authorize,
      errors: ErrorPages { ProblemPage.markup($0, $1, site) })
    func ask(_ headers: [String: String]) throws -> (events: EventRequest, request: WebRequest) {
      let sent = headers.merging(["host": "m.example", "x-forwarded-for": "203.0.113.9"]) { own, _ in own }
      let request = WebRequest(target: "/events", headers: sent, peer: "127.0.0.1")
      guard case .events(let events) = routes.respond(to: request).body else {
        throw SupportError("no events")
      }
      return (events, request)
    }
    let form = guarded.answer("/login", .post, form: "name=boss&password=correct+horse+9")
    let cookie = String(try #require(form.header("set-cookie")).prefix { $0 != ";" })
    let (byToken, byFactory) = (
      try ask(guarded.bearer(guarded.district)), try ask(guarded.bearer(guarded.factory))
    )
    let bySession = try ask(["cookie": cookie])
    for asked in [byToken, byFactory, bySession] { #expect(routes.admits(asked.events, to: asked.request)) }
    _ = guarded.answer("/logout", .post, headers: ["cookie": cookie])
    #expect(!routes.admits(bySession.events, to: bySession.request))
    #expect(routes.admits(byToken.events, to: byToken.request))
    var moved = byFactory.events
    moved.viewer = .factory("F002")
    #expect(!routes.admits(moved, to: byFactory.request))
    try AccountsFile(site.settings.web.accountsFile).update { (accounts) throws(AccessError) in
      try accounts.remove("boss")
    }
    #expect(!routes.admits(byToken.events, to: byToken.request))
    #expect(routes.admits(byFactory.events, to: byFactory.request))
    // Somebody on this machine has no account that could end.
    let local = EventRequest(viewer: .district, language: .english)
    #expect(routes.admits(local, to: WebRequest(target: "/events", peer: "127.0.0.1")))
  }

  @Test("Metrics are the district's, health is everybody's") func operators() {
    let metrics = guarded.answer("/metrics", headers: guarded.bearer(guarded.district))
    #expect(metrics.status == 200)
    #expect(metrics.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
    #expect(metrics.text.contains("\nmillwright_collector_up 0\n"))
    #expect(guarded.answer("/metrics", headers: guarded.bearer(guarded.factory)).status == 404)
    #expect(guarded.answer("/metrics").status == 401)
    #expect(guarded.answer("/health/live").status == 200)
    let ready = guarded.answer("/health/ready")
    #expect(ready.status == 503 && ready.text.contains(#""code":"store_missing""#))
    #expect(!ready.text.contains(guarded.folder.path))
  }

  @Test("This machine needs no login; a proxy on it does, and another name for it too") func local() {
    func status(_ headers: [String: String]) -> Int {
      WebRoutes(
        routes: guarded.table, authorize: guarded.access.authorize, errors: ErrorPages { _, _ in "" }
      ).respond(to: WebRequest(target: "/metrics", headers: headers, peer: "127.0.0.1")).status
    }
    #expect(status(["host": "localhost:8080"]) == 200)
    #expect(status(["host": "localhost:8080", "x-forwarded-for": "127.0.0.1"]) == 401)
    #expect(status(["host": "localhost:8080", "via": "1.1 proxy"]) == 401)
    #expect(status(["host": "evil.example"]) == 401)
  }

  @Test("A login leads to the page that was asked for, and a logout ends it") func login() throws {
    let page = guarded.answer("/login?next=%2Fevidence&lang=zh")
    #expect(
      page.status == 200 && page.text.contains("<input type=\"hidden\" name=\"next\" value=\"/evidence\"/>"))
    #expect(page.text.contains("<h1>登录</h1>"))
    let answer = guarded.answer("/login", .post, form: "name=li&password=correct+horse+9&next=%2Fevidence")
    #expect(answer.status == 303 && answer.header("location") == "/evidence")
    let cookie = String(try #require(answer.header("set-cookie")).prefix { $0 != ";" })
    #expect(guarded.answer("/evidence", headers: ["cookie": cookie]).status == 200)
    #expect(guarded.answer("/metrics", headers: ["cookie": cookie]).status == 404)
    let out = guarded.answer("/logout", .post, headers: ["cookie": cookie])
    #expect(out.status == 303 && out.header("set-cookie") == SessionCookie.removing)
    #expect(guarded.answer("/evidence", headers: ["cookie": cookie]).status == 401)
  }

  @Test("A page names the account and has a button that ends its session; without an account it has none")
  func logout() {
    let page = guarded.answer("/evidence?lang=zh", headers: guarded.bearer(guarded.factory)).text
    #expect(
      page.contains(
        "<form class=\"account\" method=\"post\" action=\"/logout?lang=zh\"><bdi>li</bdi><button type=\"submit\">退出登录</button></form>"
      ))
    let local = WebRoutes(
      routes: guarded.table, authorize: guarded.access.authorize, errors: ErrorPages { _, _ in "" }
    ).respond(to: WebRequest(target: "/evidence", headers: ["host": "localhost"], peer: "127.0.0.1"))
    #expect(local.status == 200 && !local.text.contains("/logout"))
    #expect(local.viewer == "(local)")
    #expect(guarded.answer("/evidence", headers: guarded.bearer(guarded.factory)).viewer == "li")
    #expect(guarded.answer("/evidence").viewer == "(none)")
  }

  @Test("A wrong password is said on the page; after some the page says to wait") func wrong() {
    for _ in 0..<6 {
      let answer = guarded.answer("/login", .post, form: "name=boss&password=wrong+horse+99&next=%2Fevidence")
      #expect(answer.status == 401 && answer.text.contains("Name or password is wrong."))
      #expect(answer.text.contains("value=\"boss\"") && !answer.text.contains("wrong horse"))
      #expect(answer.header("set-cookie") == nil)
    }
    let answer = guarded.answer("/login", .post, form: "name=boss&password=correct+horse+9")
    #expect(answer.status == 429 && answer.header("retry-after") == "1")
    #expect(guarded.access.failedLogins == 7)
    #expect(guarded.answer("/login", .post, from: "203.0.113.10", form: "").status == 401)
  }

  @Test("Over a connection that others can read, neither a token nor a password is taken")
  func clear() {
    func status(_ target: String, _ method: WebRequest.Method, peer: String, isSecure: Bool) -> Int {
      WebRoutes(
        routes: guarded.table, authorize: guarded.access.authorize, errors: ErrorPages { _, _ in "" }
      ).respond(
        to: WebRequest(
          method: method, target: target,
          headers: guarded.bearer(guarded.district).merging([
            "host": "m.example", "content-type": "application/x-www-form-urlencoded",
          ]) { own, _ in own }, body: Array("name=li&password=correct+horse+9".utf8), peer: peer,
          isSecure: isSecure)
      ).status
    }
    for (peer, isSecure, isTaken) in [
      ("203.0.113.9", false, false), ("203.0.113.9", true, true), ("127.0.0.1", false, true),
      ("", false, false),
    ] {
      #expect(status("/metrics", .get, peer: peer, isSecure: isSecure) == (isTaken ? 200 : 403))
      #expect(status("/login", .post, peer: peer, isSecure: isSecure) == (isTaken ? 303 : 403))
    }
  }

  @Test("Forms of other sites are refused") func otherSite() {
    let form = "name=li&password=correct+horse+9"
    for headers in [["sec-fetch-site": "cross-site"], ["origin": "https://evil.example"]] {
      #expect(guarded.answer("/login", .post, headers: headers, form: form).status == 403)
      #expect(guarded.answer("/logout", .post, headers: headers).status == 403)
    }
    let own = ["sec-fetch-site": "same-origin", "origin": "https://m.example"]
    #expect(guarded.answer("/login", .post, headers: own, form: form).status == 303)
  }

  @Test(
    "A login leads to paths of this server only",
    arguments: [
      "https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2Fa%0Db", "evil", "",
    ])
  func targets(next: String) {
    let answer = guarded.answer("/login", .post, form: "name=li&password=correct+horse+9&next=\(next)")
    #expect(answer.status == 303 && answer.header("location") == "/")
  }

  @Test("While the accounts cannot be read, nobody is let in, and no path is shown") func unreadable() {
    chmod(guarded.folder.file("accounts.json"), 0o644)
    let answer = guarded.answer("/evidence", headers: guarded.bearer(guarded.district))
    #expect(answer.status == 503 && !answer.text.contains(guarded.folder.path))
    #expect(guarded.answer("/login", .post, form: "name=boss&password=correct+horse+9").status == 503)
  }
}
