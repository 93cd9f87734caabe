/// Whose figures somebody may see.
public enum Viewer: Hashable, Sendable {
  /// Everything.
  case district
  /// One factory's, by its id. For such a viewer, no other factory exists.
  case factory(String)

  /// Whether the viewer may see a factory.
  public func sees(factory: String) -> Bool {
    switch self {
    case .district: true
    case .factory(let own): own == factory
    }
  }
}

/// Whether a request is answered.
public enum AccessDecision: Sendable {
  /// It is, for somebody with an account; the name is nil for somebody on this machine who has not logged in.
  case allowed(Viewer, account: String? = nil)
  /// It is not; the answer is sent instead, such as one that leads to a login.
  case refused(WebResponse)
}

/// Decides about each request before its route is looked at, except for routes that are open.
///
/// Several threads call it at once.
public typealias Authorize = @Sendable (WebRequest) -> AccessDecision
