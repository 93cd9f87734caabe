import Access
import Configuration
import Foundation
import Reporting
import Synchronization
import Telemetry

/// Who sees the pages of a server that other machines reach: those with an account, by a session or a token. Whoever
/// uses this machine needs none.
public final class AccountAccess: Sendable {
  private let site: WebSite
  private let control: AccessControl
  private let proxies: TrustedProxies
  private let now: @Sendable () -> AccessMoment
  private let failures = Atomic(0)

  /// Access by the accounts and proxies of a site's configuration.
  ///
  /// - Throws: `AccessError` if there is no memory for checking passwords.
  public convenience init(_ site: WebSite) throws(AccessError) {
    try self.init(site, cost: .standard) { AccessMoment(time: site.now(), instant: .now) }
  }

  /// - Parameter cost: that of checking the password of a name without an account.
  package init(
    _ site: WebSite, cost: PasswordHash.Cost, now: @escaping @Sendable () -> AccessMoment
  ) throws(AccessError) {
    self.site = site
    self.now = now
    let web = site.settings.web
    control = try AccessControl(AccountsFile(web.accountsFile), decoyCost: cost)
    proxies = web.trustedProxies
  }

  /// Logins that failed or had to wait.
  package var failedLogins: Int { failures.load(ordering: .relaxed) }

  /// Whether anybody on another machine can log in.
  ///
  /// - Throws: `AccessError` if the file of accounts cannot be read.
  public var hasAccounts: Bool { get throws(AccessError) { try control.hasAccounts } }

  /// Decides about a request before its route is looked at.
  public func authorize(_ request: WebRequest) -> AccessDecision {
    guard isPrivate(request) else { return .refused(refusal(.sentInTheClear, to: request)) }
    let proof = AccessRequest(
      client: client(of: request), cookie: request.headers["cookie"],
      authorization: request.headers["authorization"])
    do throws(AccessError) {
      switch try control.decide(proof, .viewer, at: now()) {
      case .allowed(let viewer):
        var account: String?
        if case .account(let name, _) = viewer { account = name }
        switch viewer.role {
        case .district: return .allowed(.district, account: account)
        case .factory(let id): return .allowed(.factory(id), account: account)
        case nil: return .refused(login(request))
        }
      case .loginNeeded, .notFound: return .refused(login(request))
      case .tooMany(let time): return .refused(refusal(.tooManyAttempts, to: request, after: time))
      }
    } catch {
      return .refused(refusal(.accounts(error), to: request))
    }
  }

  /// The routes of logging in and out. Everybody may ask for them.
  public var routes: [Route] {
    [
      Route("/login", .open, methods: [.get, .head, .post]) { [self] call in
        call.request.method == .post ? logIn(call) : page(call, nil)
      },
      Route("/logout", .open, methods: [.post]) { [self] call in
        guard isOwn(call.request) else { return refusal(.otherSite, to: call.request) }
        let cookie = control.logOut(cookie: call.request.headers["cookie"])
        var response = WebResponse.redirect(to: PageFrame.link("/login", call.language))
        response.headers.append(("set-cookie", cookie))
        return response
      },
    ]
  }

  // MARK: -

  /// The client behind a request, by what trusted proxies say.
  package func client(of request: WebRequest) -> Client {
    let others = ["forwarded", "x-real-ip", "via"].contains { request.headers[$0] != nil }
    return proxies.client(
      of: RequestOrigin(
        peer: IPAddress(request.peer), forwardedFor: request.headers["x-forwarded-for"].map { [$0] } ?? [],
        hasOtherForwarding: others, host: request.headers["host"]))
  }

  /// Whether nobody between can read the request: it came over TLS, from a proxy, or from this machine.
  private func isPrivate(_ request: WebRequest) -> Bool {
    if request.isSecure { return true }
    guard let peer = IPAddress(request.peer) else { return false }
    return peer.isLoopback || proxies.contains(peer)
  }

  private func isOwn(_ request: WebRequest) -> Bool {
    SameOrigin.isOwn(
      fetchSite: request.headers["sec-fetch-site"], origin: request.headers["origin"],
      host: request.headers["host"])
  }

  /// Leads a browser to the login, and tells a program that it needs a token.
  private func login(_ request: WebRequest) -> WebResponse {
    let isBrowser =
      request.headers["authorization"] == nil && !request.path.hasPrefix("/api/")
      && request.headers["accept"]?.contains("text/html") == true
    guard isBrowser, request.method != .post else {
      var response = refusal(.loginNeeded, to: request)
      response.headers.append(("www-authenticate", "Bearer realm=\"millwright\""))
      return response
    }
    return .redirect(
      to: PageFrame.link("/login?next=\(WebRequest.encoded(request.path))", request.language))
  }

  private func logIn(_ call: RouteCall) -> WebResponse {
    let request = call.request
    guard isOwn(request) else { return refusal(.otherSite, to: request) }
    guard isPrivate(request) else { return refusal(.sentInTheClear, to: request) }
    let form = request.form
    let (name, password) = (form["name"] ?? "", form["password"] ?? "")
    do throws(AccessError) {
      switch try control.logIn(name, password: password, from: client(of: request), at: now()) {
      case .loggedIn(let cookie, _):
        var response = WebResponse.redirect(to: LoginPage.target(form["next"]))
        response.headers.append(("set-cookie", cookie))
        return response
      case .wrong:
        failures.add(1, ordering: .relaxed)
        return page(call, .wrong, next: form["next"], name: name)
      case .tooMany(let time):
        failures.add(1, ordering: .relaxed)
        var response = page(call, .tooMany, next: form["next"], name: name)
        response.headers.append(("retry-after", Self.seconds(time)))
        return response
      }
    } catch {
      return refusal(.accounts(error), to: request)
    }
  }

  private func page(
    _ call: RouteCall, _ problem: LoginPage.Problem?, next: String? = nil, name: String = ""
  ) -> WebResponse {
    let page = LoginPage(
      site: site, call: call, problem: problem,
      next: LoginPage.target(next ?? call.request.parameter("next")),
      name: name)
    return .text(
      page.markup, type: "text/html; charset=utf-8", status: problem?.status ?? 200,
      headers: [
        ("cache-control", "no-store"), ("content-language", call.language.tag),
      ])
  }

  private func refusal(_ problem: WebProblem, to request: WebRequest, after time: Duration? = nil)
    -> WebResponse
  {
    let errors = ErrorPages { [site] in ProblemPage.markup($0, $1, site) }
    var response = errors.response(problem, to: request)
    if let time { response.headers.append(("retry-after", Self.seconds(time))) }
    return response
  }

  /// Whole seconds, rounded up.
  private static func seconds(_ time: Duration) -> String {
    let (seconds, rest) = time.components
    return "\(seconds + (rest > 0 ? 1 : 0))"
  }
}

extension WebProblem {
  static let loginNeeded = WebProblem(
    401, "login-needed", title: ("A login is needed", "需要登录"),
    detail: (
      "Log in at /login, or send a token of 'millwright user token' as 'Authorization: Bearer TOKEN'.",
      "请在 /login 登录，或以“Authorization: Bearer 令牌”发送由 millwright user token 生成的令牌。"
    ))

  static let tooManyAttempts = WebProblem(
    429, "too-many-attempts", title: ("Too many wrong tokens", "错误令牌过多"),
    detail: ("Wait, and check the token.", "请稍候，并检查令牌。"))

  static let sentInTheClear = WebProblem(
    403, "sent-in-the-clear", title: ("The connection is not encrypted", "连接未加密"),
    detail: (
      "Use the address of this site that begins with https.", "请使用本站以 https 开头的地址。"
    ))

  static let otherSite = WebProblem(
    403, "other-site", title: ("The form came from another site", "表单来自其他网站"),
    detail: ("Open the login page of this server and send its form.", "请打开本服务的登录页面并提交其表单。"))

  /// The file of accounts cannot be read. Its path is not shown to whoever asks.
  static func accounts(_ error: AccessError) -> WebProblem {
    WebProblem(
      503, "accounts", title: ("The accounts cannot be read", "无法读取账户"),
      detail: (
        "The administrator finds the reason with 'millwright user list'.", "管理员可运行 millwright user list 查看原因。"
      ))
  }
}

extension WebRequest {
  /// The fields of a form in the body; none for a body of another kind.
  var form: [String: String] {
    let type = headers["content-type"]?.prefix { $0 != ";" }.lowercased()
    guard type == "application/x-www-form-urlencoded", let text = String(validating: body, as: UTF8.self)
    else {
      return [:]
    }
    let read = WebRequest(target: "/?" + text)
    return Dictionary(read.query.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
