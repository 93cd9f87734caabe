import Configuration
import Reporting

/// Whose figures somebody may see.
public enum Viewer: Equatable, Sendable {
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
  case allowed(Viewer)
  /// It is not; the answer is sent instead, such as one that leads to a login.
  case refused(WebResponse)
}

/// Decides about each request before its route is looked at, except for routes that are open.
///
/// Several threads call it at once.
public typealias Authorize = @Sendable (WebRequest) -> AccessDecision

/// Access without accounts, for addresses that only this machine reaches.
public enum LoopbackAccess {
  /// Lets everybody see everything who asks for an address of this machine. A page of another host could otherwise make
  /// a browser on this machine read figures, by a name that leads here (DNS rebinding).
  public static let authorize: Authorize = { request in
    guard let host = request.headers["host"], !isLoopback(host) else { return .allowed(.district) }
    let say = Terms(request.language)
    return .refused(
      .text(
        say.pick(
          "This server answers on localhost and 127.0.0.1 only.\n", "本服务仅接受对 localhost 与 127.0.0.1 的访问。\n"),
        type: "text/plain; charset=utf-8", status: 421))
  }

  private static func isLoopback(_ host: String) -> Bool {
    var name = host[...]
    if let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy(\.isNumber) {
      name = name[..<colon]
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    return ListenAddress(host: name.lowercased(), port: 0).isLoopback
  }
}
