import Reporting
import Testing
import Web

@Suite("Routes and who may see them") struct WebRoutesTests {
  private static let table = [
    Route("/open", .open) { _ in .text("open", type: "text/plain") },
    Route("/all", .viewers) { .text("all \($0.viewer)", type: "text/plain") },
    Route("/district", .district) { _ in .text("district", type: "text/plain") },
    Route("/factories/{factory}", .factory) { .text($0.value("factory"), type: "text/plain") },
    Route("/failing", .viewers) { _ in throw ReportError.unknown(.factory("F001")) },
    Route("/login", .open, methods: [.get, .post]) { .text($0.request.method.rawValue, type: "text/plain") },
  ]

  private static func answer(_ request: WebRequest, _ authorize: @escaping Authorize) -> WebResponse {
    WebRoutes(
      routes: table, authorize: authorize,
      errors: ErrorPages { problem, request in "\(problem.status) \(request.language)" }
    ).respond(to: request)
  }

  private static func answer(_ target: String, as viewer: Viewer = .district) -> WebResponse {
    answer(WebRequest(target: target)) { _ in .allowed(viewer) }
  }

  @Test(
    "A factory's viewer gets for all else the answer that a missing page has",
    arguments: [
      ("/district", 404), ("/factories/F002", 404), ("/factories/F001x", 404), ("/factories/", 404),
      ("/none", 404),
      ("/factories/F001", 200), ("/all", 200), ("/open", 200),
    ])
  func factoryViewer(target: String, status: Int) {
    let answer = Self.answer(target, as: .factory("F001"))
    #expect(answer.status == status)
    if status == 404 {
      let missing = Self.answer("/nowhere", as: .factory("F001"))
      #expect(answer.text == missing.text)
      #expect(answer.headers.map(\.name) == missing.headers.map(\.name))
      #expect(answer.headers.map(\.value) == missing.headers.map(\.value))
    }
  }

  @Test(
    "The district's viewer sees everything", arguments: ["/district", "/factories/F002", "/all", "/open"])
  func districtViewer(target: String) { #expect(Self.answer(target).status == 200) }

  @Test(
    "Whoever is refused gets the same answer for every route that is not open",
    arguments: [
      "/district", "/factories/F001", "/all", "/nowhere",
    ])
  func refused(target: String) {
    let refuse: Authorize = { _ in .refused(WebResponse(status: 401)) }
    let answer = Self.answer(WebRequest(target: target), refuse)
    #expect(answer.status == 401 && answer.text.isEmpty)
    #expect(Self.answer(WebRequest(target: "/open"), refuse).text == "open")
  }

  @Test("Only methods of the route are answered") func methods() {
    let allow: Authorize = { _ in .allowed(.district) }
    let posted = Self.answer(WebRequest(method: .post, target: "/all"), allow)
    #expect(posted.status == 405 && posted.header("allow") == "GET, HEAD")
    #expect(Self.answer(WebRequest(method: .post, target: "/login"), allow).text == "POST")
    let head = Self.answer(WebRequest(method: .head, target: "/all"), allow)
    #expect(head.status == 200 && head.text.isEmpty && head.header("content-length") == "12")
  }

  @Test(
    "Every answer forbids scripts and pages of others", arguments: ["/all", "/nowhere", "/failing", "/%"])
  func heads(target: String) {
    let answer = Self.answer(target)
    #expect(
      answer.header("content-security-policy")?.hasPrefix(
        "default-src 'none'; style-src 'self'; script-src 'self'") == true)
    #expect(answer.header("content-security-policy")?.contains("unsafe") == false)
    #expect(answer.header("x-content-type-options") == "nosniff")
    #expect(answer.header("cache-control") == "no-store")
  }

  @Test("Something that neither register nor senders know is not found") func unknown() {
    #expect(Self.answer("/failing").status == 404)
    #expect(Self.answer("/%").status == 400)
  }

  @Test("Problems of the API are JSON in the asked language") func problems() {
    let answer = Self.answer("/api/v1/nothing?lang=zh")
    #expect(answer.status == 404 && answer.header("content-type") == "application/problem+json")
    #expect(
      answer.text
        == #"{"type":"/problems/not-found","title":"页面不存在","status":404,"detail":"请检查地址，或从园区首页进入。企业和设备按台账中的编号查找。","instance":"/api/v1/nothing"}"#
        + "\n")
    #expect(Self.answer("/api/v1/nothing").text.contains(#""title":"There is no such page""#))
  }

  @Test("A tag differs by moment, address, language and viewer") func tags() {
    func tag(_ target: String, _ viewer: Viewer = .district, _ moment: String = "m") -> String {
      RouteCall(WebRequest(target: target), viewer).tag(moment)
    }
    let tags = [
      tag("/a"), tag("/b"), tag("/a?x=1"), tag("/a?lang=zh"), tag("/a", .factory("F001")),
      tag("/a", .district, "n"),
    ]
    #expect(Set(tags).count == tags.count)
    #expect(tag("/a") == tag("/a"))
    for (field, isKnown) in [
      (tag("/a"), true), ("W/\(tag("/a"))", true), ("\"x\", \(tag("/a"))", true), ("*", true),
      ("\"x\"", false), ("", false),
    ] {
      let call = RouteCall(WebRequest(target: "/a", headers: ["if-none-match": field]), .district)
      #expect(call.has(tag("/a")) == isKnown, "\(field)")
    }
  }
}
