import Reporting

/// A route: what it answers, to whom, and how the API's description words it. One table of routes serves requests and
/// makes the OpenAPI document, so that the two cannot differ.
public struct Route: Sendable {
  /// Who may ask.
  public enum Access: Sendable {
    /// Everybody, without being asked who they are.
    case open
    /// Every viewer; the answer has only what the viewer may see.
    case viewers
    /// Viewers of the district. For others the route does not exist.
    case district
    /// Viewers of the factory that the path's parameter `factory` names. For others the route does not exist.
    case factory
  }

  /// A parameter of the query.
  public struct Parameter: Sendable {
    /// Values that it takes.
    public enum Kind: Sendable {
      case text
      case integer(ClosedRange<Int>)
      case words([String])
      /// A place in a list, as the API gives it: digits.
      case place
    }

    public var name: String
    public var kind: Kind
    /// Its purpose, in English.
    public var summary: String

    /// A parameter.
    public init(_ name: String, _ kind: Kind, _ summary: String) {
      self.name = name
      self.kind = kind
      self.summary = summary
    }
  }

  public var methods: Set<WebRequest.Method>
  /// A path whose segments in braces are parameters: `/factories/{factory}`.
  public var template: String
  public var access: Access
  /// Its name in the API's description; empty for routes that are not part of the API.
  public var operation: String
  /// Its answer, in English.
  public var summary: String
  public var parameters: [Parameter]
  /// Name of the schema of its answer.
  public var schema: String
  /// Makes the answer, on a thread that may block.
  public var respond: @Sendable (RouteCall) throws -> WebResponse

  private let parts: [Part]

  private enum Part: Equatable {
    case word(String)
    case parameter(String)
  }

  /// A route.
  public init(
    _ template: String, _ access: Access, methods: Set<WebRequest.Method> = [.get, .head],
    operation: String = "", summary: String = "", parameters: [Parameter] = [], schema: String = "",
    respond: @escaping @Sendable (RouteCall) throws -> WebResponse
  ) {
    self.methods = methods
    self.template = template
    self.access = access
    self.operation = operation
    self.summary = summary
    self.parameters = parameters
    self.schema = schema
    self.respond = respond
    parts = template.split(separator: "/").map { part in
      part.hasPrefix("{") && part.hasSuffix("}")
        ? .parameter(String(part.dropFirst().dropLast())) : .word(String(part))
    }
  }

  /// Names of the path's parameters, in order.
  public var pathParameters: [String] {
    parts.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
  }

  /// Values of the path's parameters; nil for a path that is another route's.
  package func match(_ segments: [String]) -> [String: String]? {
    guard segments.count == parts.count else { return nil }
    var values: [String: String] = [:]
    for (part, segment) in zip(parts, segments) {
      switch part {
      case .word(let word): if word != segment { return nil }
      case .parameter(let name):
        // No id has another form, and none is longer.
        guard !segment.isEmpty, segment.utf8.count <= 256 else { return nil }
        values[name] = segment
      }
    }
    return values
  }
}

/// A request at its route.
public struct RouteCall: Sendable {
  public var request: WebRequest
  public var viewer: Viewer
  /// Values of the path's parameters.
  public var values: [String: String]
  /// Name of the viewer's account; nil without one.
  public var account: String?

  /// A request of a viewer.
  public init(
    _ request: WebRequest, _ viewer: Viewer, _ values: [String: String] = [:], account: String? = nil
  ) {
    self.request = request
    self.viewer = viewer
    self.values = values
    self.account = account
  }

  public var language: Language { request.language }

  /// The value of a path's parameter; empty if the route has none of the name.
  public func value(_ name: String) -> String { values[name] ?? "" }

  /// Whether the peer has the state that a tag names already.
  package func has(_ tag: String) -> Bool {
    guard let known = request.headers["if-none-match"] else { return false }
    return known.split(separator: ",").prefix(16).contains { one in
      let text = one.drop { $0 == " " }
      let strong = text.hasPrefix("W/") ? text.dropFirst(2) : text
      return strong.prefix { $0 != " " } == tag || strong == "*"
    }
  }
}
