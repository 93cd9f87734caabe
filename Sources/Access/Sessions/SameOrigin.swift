import Foundation

/// Tells forms of this server's pages from those of other sites, which must not log anybody in or out.
public enum SameOrigin {
  /// Whether a form was sent by a page of this server, or by a program that is no browser.
  ///
  /// - Parameters:
  ///   - fetchSite: field `Sec-Fetch-Site`, which browsers set and pages cannot change; nil if it is absent.
  ///   - origin: field `Origin`, for browsers without the former; nil if it is absent.
  ///   - host: field `Host`; nil if it is absent.
  public static func isOwn(fetchSite: String?, origin: String?, host: String?) -> Bool {
    if let fetchSite { return fetchSite == "same-origin" }
    // A browser names the origin of every form that it posts, if need be as `null`.
    guard let origin else { return true }
    guard let host, let mark = origin.range(of: "://") else { return false }
    return ["http", "https"].contains(origin[..<mark.lowerBound])
      && origin[mark.upperBound...].lowercased() == host.lowercased()
  }
}
