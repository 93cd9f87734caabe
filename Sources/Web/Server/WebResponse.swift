import Reporting

/// An answer to a request.
public struct WebResponse: Sendable {
  /// The body.
  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// The answer goes on as events until the peer or the server ends it.
    case events(EventRequest)
  }

  public var status: Int
  /// Fields of the head, with names in lower case.
  public var headers: [(name: String, value: String)]
  public var body: Body
  /// The viewer's name in the access log: the name of an account, `(local)`, or `(none)`.
  package var viewer = "(none)"

  /// An answer.
  public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer with a text.
  public static func text(
    _ text: String, type: String, status: Int = 200, headers: [(name: String, value: String)] = []
  ) -> WebResponse {
    WebResponse(
      status: status, headers: [("content-type", type)] + headers, body: .bytes(Array(text.utf8)))
  }

  /// Leads the reader elsewhere.
  public static func redirect(to location: String) -> WebResponse {
    WebResponse(status: 303, headers: [("location", location), ("cache-control", "no-store")])
  }

  /// The first value of a field.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The text of the body; empty for other bodies.
  public var text: String {
    if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
  }

  /// The answer to a HEAD request.
  var headOnly: WebResponse {
    var head = self
    if case .bytes(let bytes) = body { head.headers.append(("content-length", "\(bytes.count)")) }
    head.body = .none
    return head
  }
}

/// The part of the site of which a viewer gets events.
public struct EventRequest: Sendable {
  public var viewer: Viewer
  public var language: Language
  /// The id of the newest event that the viewer has; nil at its first connection.
  public var newest: String?
  /// The account that asked; nil for somebody on this machine who has not logged in.
  package var account: String?

  /// Events for a viewer.
  public init(viewer: Viewer, language: Language, newest: String? = nil, account: String? = nil) {
    self.account = account
    self.viewer = viewer
    self.language = language
    self.newest = newest
  }
}
