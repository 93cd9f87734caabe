/// The sender of a request, as far as known.
public enum Viewer: Equatable, Sendable {
  /// Somebody without credentials, at a page that is open to everybody.
  case anybody
  /// Somebody on this machine, who sees everything without a login.
  case local
  case account(String, Role)

  /// The part of the district that the viewer may see; nil for ``anybody``.
  public var role: Role? {
    switch self {
    case .anybody: nil
    case .local: .district
    case .account(_, let role): role
    }
  }

  /// The name in the access log. No account has a name in parentheses.
  public var name: String {
    switch self {
    case .anybody: "(none)"
    case .local: "(local)"
    case .account(let name, _): name
    }
  }

  /// Whether the viewer may see a factory.
  public func sees(factory id: String) -> Bool { role?.sees(factory: id) ?? false }
}

/// The part of the site that a request names.
public enum AccessScope: Hashable, Sendable {
  /// Shows nothing of any factory: the login page, the style sheet, `/health/live`.
  case open
  /// Needs a viewer, who gets what is theirs: a list of factories, events, their own account.
  case viewer
  /// The district, the collector, metrics.
  case district
  /// One factory, by its id, with everything below it.
  case factory(String)
}

/// Credentials of a request after they were looked up.
public enum Credentials: Equatable, Sendable {
  /// None, or a session that has ended.
  case none
  /// Those of an account that can be used.
  case account(Account)
  /// A token that is unknown, expired or revoked.
  case wrong
}

/// Answer to a request for a page.
public enum AccessDecision: Equatable, Sendable {
  case allowed(Viewer)
  /// Status 401, or the login page.
  case loginNeeded
  /// Status 404. A factory that the viewer may not see looks like one that does not exist.
  case notFound
  /// Status 429: too many wrong tokens came from the address.
  case tooMany(retryAfter: Duration)
}

/// Rules of who may see what.
public enum AccessPolicy {
  /// Decides about a request.
  ///
  /// - Parameters:
  ///   - isLocal: whether it comes from this machine and no proxy; see ``Client/isLocal``.
  ///   - delay: time for which wrong credentials of its address have to wait; right ones never wait.
  public static func decide(
    _ credentials: Credentials, isLocal: Bool, _ scope: AccessScope, delay: Duration? = nil
  ) -> AccessDecision {
    let viewer: Viewer
    switch credentials {
    // An account is used with its role on this machine too: its owner sees what others will see.
    case .account(let account): viewer = .account(account.name, account.role)
    case .wrong:
      if let delay { return .tooMany(retryAfter: delay) }
      return scope == .open ? .allowed(.anybody) : .loginNeeded
    case .none: viewer = isLocal ? .local : .anybody
    }
    guard scope != .open else { return .allowed(viewer) }
    guard let role = viewer.role else { return .loginNeeded }
    switch scope {
    case .open, .viewer: return .allowed(viewer)
    case .district: return role == .district ? .allowed(viewer) : .notFound
    case .factory(let id): return role.sees(factory: id) ? .allowed(viewer) : .notFound
    }
  }
}
