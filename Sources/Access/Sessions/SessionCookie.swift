/// The cookie that carries a session's id (RFC 6265).
public enum SessionCookie {
  /// Its name. Browsers accept the prefix only with Secure and Path=/ and without Domain, so that no other host can set
  /// it.
  public static let name = "__Host-millwright"

  /// Maximum number of bytes of a field `Cookie` that is read.
  static let mostBytes = 8192

  /// The value of `Set-Cookie` that begins a session.
  public static func setting(_ id: Secret) -> String {
    "\(name)=\(id.text); Max-Age=\(SessionTable.length.components.seconds); " + attributes
  }

  /// The value of `Set-Cookie` that removes the cookie.
  public static var removing: String { "\(name)=; Max-Age=0; " + attributes }

  private static let attributes = "Path=/; Secure; HttpOnly; SameSite=Strict"

  /// The session's id in a field `Cookie`; nil without one.
  public static func id(in field: String?) -> String? {
    guard let field, field.utf8.count <= mostBytes else { return nil }
    for pair in field.split(separator: ";") {
      let text = String(pair).trimming { $0 == " " }
      guard text.hasPrefix(name + "=") else { continue }
      let id = String(text.dropFirst(name.count + 1))
      return id.isEmpty ? nil : id
    }
    return nil
  }
}

/// The token in a field `Authorization` (RFC 6750).
public enum BearerToken {
  /// Prefix by which programs that search for lost secrets recognise one.
  public static let prefix = "mw_"
  /// Maximum number of bytes of the field.
  static let mostBytes = 512

  /// The token of `Bearer TOKEN`; nil without one, and for any other kind of credentials, which proxies may have asked
  /// for. Empty for a field that names the kind and has no token of possible length.
  public static func token(in field: String?) -> String? {
    guard let field, field.prefix(7).lowercased() == "bearer " || field.lowercased() == "bearer" else {
      return nil
    }
    return field.utf8.count <= mostBytes ? String(field.dropFirst(7)).trimming { $0 == " " } : ""
  }
}
