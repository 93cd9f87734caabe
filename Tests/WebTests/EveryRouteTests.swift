import Testing
import Web

/// What each route of the real table answers to each kind of credentials.
@Suite("Every route and every kind of credentials") struct EveryRouteTests {
  /// Who sees what at a route.
  private enum Rule: Equatable {
    /// Everybody, the same: with the status of a plain GET.
    case open(Int)
    /// Every account: what is its own. `naming`: the district's answer names all factories.
    case accounts(naming: Bool)
    /// The district's accounts.
    case district
    /// The district's accounts, and those of the factory in the path.
    case factory
  }

  /// The rule of every route. A route that is missing here fails ``complete()``.
  private static let rules: [String: Rule] = [
    "/login": .open(200), "/logout": .open(405), "/health/live": .open(200), "/health/ready": .open(503),
    Assets.style.path: .open(200), Assets.script.path: .open(200), Assets.icon.path: .open(200),
    "/metrics": .district,
    "/": .accounts(naming: true), "/events": .accounts(naming: true),
    "/arrivals": .accounts(naming: true), "/quarantine": .accounts(naming: true),
    "/evidence": .accounts(naming: false), "/alerts": .district,
    "/factories/{factory}": .factory, "/factories/{factory}/equipment/{equipment}": .factory,
    "/reports/district/report.json": .district,
    "/reports/factories/{factory}/report.json": .factory,
    "/reports/factories/{factory}/equipment/{equipment}/report.json": .factory,
    "/api/v1/status": .accounts(naming: false), "/api/v1/district": .district,
    "/api/v1/factories": .accounts(naming: true), "/api/v1/factories/{factory}": .factory,
    "/api/v1/factories/{factory}/equipment": .factory,
    "/api/v1/equipment/{factory}/{equipment}": .factory,
    "/api/v1/quarantine": .accounts(naming: true), "/api/v1/arrivals": .accounts(naming: true),
    "/api/v1/evidence": .accounts(naming: false), "/api/v1/alerts": .district,
    "/api/v1/openapi.json": .accounts(naming: false),
  ]

  private let guarded: GuardedOffice
  private let boss: [String: String]
  private let li: [String: String]

  init() throws {
    guarded = try GuardedOffice()
    boss = try #require(guarded.tokens["boss"])
    li = try #require(guarded.tokens["li"])
  }

  /// The routes whose rule is one of some, with their templates.
  private func templates(_ isWanted: (Rule) -> Bool) -> [String] {
    guarded.table.map(\.template).filter { Self.rules[$0].map(isWanted) ?? false }
  }

  private func isClosed(_ rule: Rule) -> Bool { if case .open = rule { false } else { true } }

  /// A route's path for a factory. F009 is none.
  private func path(_ template: String, _ factory: String, _ equipment: String = "E1") -> String {
    template.replacing("{factory}", with: factory).replacing("{equipment}", with: equipment)
  }

  /// A path of equal length without a route; / for itself.
  private func missing(like path: String) -> String {
    let root = path.hasPrefix("/api/v1/") ? "/api/v1/" : "/"
    return root + String(repeating: "x", count: path.utf8.count - root.utf8.count)
  }

  /// Everything that a peer gets.
  private func whole(_ answer: WebResponse) throws -> String {
    let head = answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    return "\(answer.status)\n\(head)\n\n\(try guarded.text(answer))"
  }

  /// What a peer would get for a path if it had no route.
  private func whole(
    ifMissing path: String, _ method: WebRequest.Method = .get, headers: [String: String] = [:]
  ) throws -> String {
    let other = missing(like: path)
    return try whole(guarded.answer(other, method, headers: headers)).replacing(other, with: path)
  }

  /// The marks of F002 that an answer has outside of the path that it was asked for.
  private func marks(in text: String, of path: String = "/") -> [String] {
    GuardedOffice.marks.filter(text.replacing(path, with: "/").contains)
  }

  @Test("Every route of the table has a rule here, and its access is that of the rule") func complete() {
    #expect(Set(guarded.table.map(\.template)) == Set(Self.rules.keys))
    #expect(guarded.table.count == Self.rules.count)
    for route in guarded.table {
      switch (route.access, Self.rules[route.template]) {
      case (.open, .open), (.viewers, .accounts), (.district, .district), (.factory, .factory): continue
      default: Issue.record("\(route.template) is \(route.access)")
      }
    }
    #expect(
      guarded.table.filter { !$0.methods.isSubset(of: [.get, .head]) }.map(\.template) == [
        "/login", "/logout",
      ])
  }

  @Test("Without right credentials every closed route answers as a path without a route") func refused()
    throws
  {
    #expect(guarded.wrong.count == 12)
    for template in templates(isClosed) {
      for factory in ["F001", "F002", "F009"] {
        let path = path(template, factory)
        for method in [WebRequest.Method.get, .head, .post] {
          let wanted = try whole(ifMissing: path, method)
          #expect(wanted.hasPrefix("401\n") && marks(in: wanted, of: path).isEmpty)
          for (name, headers) in guarded.wrong {
            let answer = try whole(guarded.answer(path, method, headers: headers))
            #expect(answer == wanted, "\(method.rawValue) \(path) with \(name)")
          }
        }
      }
    }
  }

  @Test("A browser without a session is led to the login, wherever it goes") func browsers() throws {
    for template in templates(isClosed) where !template.hasPrefix("/api/") {
      for factory in ["F001", "F002", "F009"] {
        for (name, headers) in guarded.wrong where headers["authorization"] == nil {
          let path = path(template, factory)
          let answer = guarded.answer(
            path, headers: headers.merging(["accept": "text/html"]) { own, _ in own })
          #expect(answer.status == 303 && answer.text.isEmpty, "\(path) with \(name)")
          #expect(
            answer.header("location") == "/login?next=\(path.replacing("/", with: "%2F"))&lang=en", "\(path)")
        }
      }
    }
  }

  @Test("For a factory's account, others' routes and the district's are like paths without a route")
  func otherFactory() throws {
    for credentials in [li, try guarded.logIn("li")] {
      for template in templates({ $0 == .district || $0 == .factory }) {
        let factories = ["F002", "F009", "f001", "F001x", "%46002", "F001%2FF002"]
        for factory in Self.rules[template] == .district ? ["F001"] : factories {
          let path = path(template, factory)
          for method in [WebRequest.Method.get, .head, .post] {
            let wanted = try whole(ifMissing: path, method, headers: credentials)
            let answer = try whole(guarded.answer(path, method, headers: credentials))
            #expect(answer == wanted && wanted.hasPrefix("404\n"), "\(method.rawValue) \(path)")
            #expect(marks(in: answer, of: path).isEmpty, "\(method.rawValue) \(path)")
          }
        }
      }
    }
  }

  @Test("A factory's account cannot find out by a tag what the district's account has been given")
  func tags() throws {
    for template in templates(isClosed) {
      let path = path(template, "F002")
      guard let tag = guarded.answer(path, headers: boss).header("etag") else { continue }
      for tag in [tag, "*"] where Self.rules[template] == .factory || tag != "*" {
        let answer = guarded.answer(path, headers: li.merging(["if-none-match": tag]) { own, _ in own })
        #expect(answer.status != 304, "\(path)")
      }
    }
  }

  @Test("Another factory's equipment is not found in one's own factory either") func otherEquipment() throws {
    for template in templates({ $0 == .factory }) where template.contains("{equipment}") {
      for equipment in ["G77", "X99"] {
        let path = path(template, "F001", equipment)
        let wanted = try whole(ifMissing: path, headers: li)
        #expect(
          try whole(guarded.answer(path, headers: li)) == wanted && wanted.hasPrefix("404\n"), "\(path)")
      }
    }
  }

  @Test("A factory's account sees nothing of others where every account sees its own") func own() throws {
    let queries = [
      "?lang=en", "?lang=zh", "?lang=en&limit=1000&cursor=1&q=F009&factory=F009&viewer=district&since=0",
      "?lang=zh&show=all&sort=id&display=wall&span=month",
    ]
    for template in templates({ if case .accounts = $0 { true } else { false } }) {
      for query in queries {
        let answer = guarded.answer(template + query, headers: li)
        #expect(answer.status == (template == "/" ? 303 : 200), "\(template)\(query)")
        #expect(marks(in: try whole(answer)).isEmpty, "\(template)\(query)")
      }
      // Without others' data in the district's answer, the marks would prove nothing.
      let all = guarded.answer(template + "?lang=en", headers: boss)
      #expect(all.status == 200, "\(template)")
      #expect(
        marks(in: try guarded.text(all)).contains("F002")
          == (Self.rules[template] == .accounts(naming: true)),
        "\(template)")
    }
  }

  @Test("The right accounts get what is theirs, by a token as by a session, and no cache keeps it for others")
  func right() throws {
    let sessions = try [
      (boss, guarded.logIn("boss"), "F002"), (li, guarded.logIn("li"), "F001"),
      (try #require(guarded.tokens["wang"]), guarded.logIn("wang"), "F002"),
    ]
    for template in templates(isClosed) {
      for (token, session, factory) in sessions {
        let isDistrict = token == boss
        if Self.rules[template] == .district && !isDistrict { continue }
        let path = path(template, factory)
        let answer = guarded.answer(path, headers: token)
        #expect(answer.status == (template == "/" && !isDistrict ? 303 : 200), "\(path)")
        #expect(try guarded.text(answer) == guarded.text(guarded.answer(path, headers: session)), "\(path)")
        let cache = answer.header("cache-control") ?? ""
        #expect(cache == "no-store" || cache.hasPrefix("private"), "\(path)")
        if Self.rules[template] == .factory {
          #expect(try guarded.text(answer).contains(factory), "\(path)")
        }
        let posted = guarded.answer(path, .post, headers: token)
        #expect(posted.status == 405)
        #expect(try marks(in: whole(posted), of: path).isEmpty, "\(path)")
      }
    }
  }

  @Test("Open routes answer everybody the same, and name no factory") func open() throws {
    for template in templates({ !isClosed($0) }) {
      let plain = try whole(guarded.answer(template))
      guard case .open(let status)? = Self.rules[template] else { continue }
      #expect(plain.hasPrefix("\(status)\n") && marks(in: plain).isEmpty, "\(template)")
      for credentials in guarded.wrong.map(\.headers) + [li, boss] {
        #expect(try whole(guarded.answer(template, headers: credentials)) == plain, "\(template)")
      }
    }
  }
}
