/// Where a request says that it comes from.
public struct RequestOrigin: Sendable {
  /// The other end of the connection; nil if it has no address.
  public var peer: IPAddress?
  /// Fields `X-Forwarded-For`, in the order received.
  public var forwardedFor: [String]
  /// Whether it has another field that proxies add: `Forwarded`, `X-Real-IP` or `Via`.
  public var hasOtherForwarding: Bool
  /// Field `Host`; nil if it is absent.
  public var host: String?

  /// An origin as the request has it.
  public init(
    peer: IPAddress?, forwardedFor: [String] = [], hasOtherForwarding: Bool = false, host: String? = nil
  ) {
    self.peer = peer
    self.forwardedFor = forwardedFor
    self.hasOtherForwarding = hasOtherForwarding
    self.host = host
  }
}

/// The client behind a request.
public struct Client: Equatable, Sendable {
  /// The nearest address that is not a trusted proxy; nil if it is not known.
  public var address: IPAddress?
  /// Whether the request comes from this machine and no proxy.
  public var isLocal: Bool

  /// A client.
  public init(address: IPAddress?, isLocal: Bool) {
    self.address = address
    self.isLocal = isLocal
  }
}

/// Proxies whose statement about the client is believed.
public struct TrustedProxies: Equatable, Sendable {
  private let blocks: [AddressBlock]

  /// Maximum number of addresses of `X-Forwarded-For` that are looked at, and of bytes of one field.
  static let most = 32
  static let mostBytes = 4096

  /// Proxies in these blocks of addresses.
  public init(_ blocks: [AddressBlock] = []) { self.blocks = blocks }

  /// Whether no proxy is believed.
  public var isEmpty: Bool { blocks.isEmpty }

  /// Whether the proxy at an address is believed.
  public func contains(_ address: IPAddress) -> Bool { blocks.contains { $0.contains(address) } }

  /// Finds the client. Each proxy appends the address that it saw, so the list is read from the right: the first address
  /// that is not a trusted proxy is the client. Everything left of it is a claim of the client.
  ///
  /// A request from this machine counts as local only without a field that a proxy adds, and with a name of this machine
  /// in `Host`: a proxy that is not configured here must not let everybody in, nor a page of another site whose name
  /// was pointed to 127.0.0.1.
  public func client(of origin: RequestOrigin) -> Client {
    let isPlain = origin.forwardedFor.isEmpty && !origin.hasOtherForwarding
    guard let peer = origin.peer else { return Client(address: nil, isLocal: false) }
    guard !isPlain else {
      return Client(address: peer, isLocal: peer.isLoopback && Self.isThisMachine(host: origin.host))
    }
    var address = peer
    for element in Self.elements(origin.forwardedFor) {
      guard contains(address) else { break }
      // A proxy that hides the client (`unknown`) answers for it.
      guard let next = Self.address(element) else { break }
      address = next
    }
    return Client(address: address, isLocal: false)
  }

  /// The newest elements, the newest first.
  private static func elements(_ fields: [String]) -> [Substring] {
    var found: [Substring] = []
    for field in fields.reversed() {
      guard field.utf8.count <= mostBytes else { return found }
      for element in field.split(separator: ",", omittingEmptySubsequences: false).reversed() {
        guard found.count < most else { return found }
        found.append(element)
      }
    }
    return found
  }

  /// The address of an element, which may have a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
  private static func address(_ element: Substring) -> IPAddress? {
    var text = String(element).trimming { $0 == " " || $0 == "\t" }
    if text.hasPrefix("[") {
      let address = text.dropFirst().prefix { $0 != "]" }
      guard isPort(text[address.endIndex...].dropFirst()) else { return nil }
      text = String(address)
    } else if text.count(where: { $0 == ":" }) == 1 {
      let address = text.prefix { $0 != ":" }
      guard isPort(text[address.endIndex...]) else { return nil }
      text = String(address)
    }
    return IPAddress(text)
  }

  /// Whether nothing or a port such as `:4711` follows a host. Digits may be missing behind the colon (RFC 3986, 3.2.3).
  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty
      || text.utf8.first == UInt8(ascii: ":") && text.utf8.count <= 6
        && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Whether a field `Host` names this machine.
  static func isThisMachine(host: String?) -> Bool {
    guard let host else { return true }
    if let address = address(host[...]) { return address.isLoopback }
    let name = host.prefix { $0 != ":" }
    return name.lowercased() == "localhost" && isPort(host[name.endIndex...])
  }
}

extension String {
  /// The text without leading and trailing characters of a kind.
  func trimming(_ isTrimmed: (Character) -> Bool) -> String {
    var rest = self[...]
    while let first = rest.first, isTrimmed(first) { rest = rest.dropFirst() }
    while let last = rest.last, isTrimmed(last) { rest = rest.dropLast() }
    return String(rest)
  }
}
