import Journal
import Reporting

/// Answers requests by a table of routes.
///
/// A path without a route, and a path that the viewer may not see, have the same answer.
package struct WebRoutes: Sendable {
  package let routes: [Route]
  package let authorize: Authorize
  package let errors: ErrorPages
  private let failed: @Sendable (WebRequest, any Error) -> Void

  /// Answers by a table of routes.
  ///
  /// - Parameter failed: told of errors that are not the request's.
  package init(
    routes: [Route], authorize: @escaping Authorize, errors: ErrorPages,
    failed: @escaping @Sendable (WebRequest, any Error) -> Void = { _, _ in }
  ) {
    self.failed = failed
    self.routes = routes
    self.authorize = authorize
    self.errors = errors
  }

  /// Headers of every answer.
  static let security: [(name: String, value: String)] = [
    (
      "content-security-policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"), ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
  ]

  /// The answer to a request. Blocks while a report is computed.
  package func respond(to request: WebRequest) -> WebResponse {
    var response = answer(request).packed(for: request)
    let isOwn = { (name: String) in response.headers.contains { $0.name == name } }
    response.headers += Self.security.filter { !isOwn($0.name) }
    if response.header("cache-control") == nil { response.headers.append(("cache-control", "no-store")) }
    return request.method == .head ? response.headOnly : response
  }

  /// Whether whoever asked for events may still see them: while they are sent, the account may be removed or get another
  /// role, and its session or token may end.
  package func admits(_ events: EventRequest, to request: WebRequest) -> Bool {
    guard let account = events.account else { return true }
    guard case .allowed(let viewer, let name) = authorize(request) else { return false }
    return viewer == events.viewer && name == account
  }

  private func answer(_ request: WebRequest) -> WebResponse {
    guard let segments = request.segments else { return errors.response(.invalidPath, to: request) }
    let found = routes.lazy.compactMap { route in route.match(segments).map { (route, $0) } }
    guard let (open, values) = found.first(where: { $0.0.access.isOpen }) else {
      return protected(request, segments)
    }
    return run(open, RouteCall(request, .district, values))
  }

  /// The answer of a route that is not open: whoever may see nothing learns nothing about the routes there are.
  private func protected(_ request: WebRequest, _ segments: [String]) -> WebResponse {
    let viewer: Viewer
    let account: String?
    switch authorize(request) {
    case .refused(let response): return response
    case .allowed(let allowed, let name): (viewer, account) = (allowed, name)
    }
    var response: WebResponse?
    for route in routes {
      guard let values = route.match(segments) else { continue }
      guard route.access.admits(viewer, values) else { break }
      response = run(route, RouteCall(request, viewer, values, account: account))
      break
    }
    var answer = response ?? errors.response(.notFound, to: request)
    answer.viewer = account ?? "(local)"
    return answer
  }

  private func run(_ route: Route, _ call: RouteCall) -> WebResponse {
    guard route.methods.contains(call.request.method) else {
      var response = errors.response(.methodNotAllowed, to: call.request)
      response.headers.append(("allow", route.methods.map(\.rawValue).sorted().joined(separator: ", ")))
      return response
    }
    do {
      return try route.respond(call)
    } catch let problem as WebProblem {
      return errors.response(problem, to: call.request)
    } catch is ReportError {
      return errors.response(.notFound, to: call.request)
    } catch {
      failed(call.request, error)
      // Words of the store name places of this machine.
      let isTold = call.viewer == .district && !route.access.isOpen
      let chinese = (error as? StoreError)?.chineseDescription ?? "\(error)"
      return errors.response(.failed(isTold ? ("\(error)", chinese) : nil), to: call.request)
    }
  }
}

extension Route.Access {
  /// Whether everybody may ask.
  var isOpen: Bool { if case .open = self { true } else { false } }

  /// Whether the route exists for a viewer.
  func admits(_ viewer: Viewer, _ values: [String: String]) -> Bool {
    switch self {
    case .open, .viewers: true
    case .district: viewer == .district
    case .factory: viewer.sees(factory: values["factory"] ?? "")
    }
  }
}
