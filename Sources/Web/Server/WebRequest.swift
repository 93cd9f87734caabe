import Reporting

/// A request as pages and the API see it. Everything in it comes from a peer.
public struct WebRequest: Sendable {
  /// Methods that are answered.
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
  }

  public var method: Method
  /// Path and query as they were sent.
  public let target: String
  /// The path as it was sent, without the query.
  public var path: String
  /// Segments of the path, decoded; the path `/` has none. nil if the path is not valid percent-encoded UTF-8.
  public var segments: [String]?
  /// Names and values of the query, decoded, in their order.
  public var query: [(name: String, value: String)]
  /// Fields of the head, their names in lower case.
  public var headers: [String: String]
  /// Body of a request with one, at most ``WebLimits/body`` bytes.
  public var body: [UInt8]
  /// Address of the peer, without the port; empty if unknown.
  public var peer: String
  /// Whether it came over TLS.
  public var isSecure: Bool

  /// A request.
  ///
  /// - Parameter target: path and query as they stand in the request's first line.
  public init(
    method: Method = .get, target: String, headers: [String: String] = [:], body: [UInt8] = [],
    peer: String = "", isSecure: Bool = false
  ) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    self.target = target
    path = parts.first.map(String.init) ?? ""
    segments = Self.segments(of: path)
    query = parts.count > 1 ? Self.pairs(parts[1]) : []
    self.headers = headers
    self.body = body
    self.peer = peer
    self.isSecure = isSecure
  }

  /// The value of a query's parameter, the first of several; nil if it has none.
  public func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The language of the answer: the one the query asks for, else the reader's preferred one, else English.
  public var language: Language {
    if let asked = parameter("lang").flatMap({ Language($0) }) { return asked }
    return Self.preferred(headers["accept-language"] ?? "") ?? .english
  }

  /// The first language with the greatest weight of an Accept-Language field (RFC 9110, 12.5.4) that there is.
  package static func preferred(_ field: String) -> Language? {
    var best: (language: Language, weight: Double)?
    for range in field.split(separator: ",").prefix(16) {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let tag = parts.first, let language = Language(tag) else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      if weight > 0, weight <= 1, weight > best?.weight ?? 0 { best = (language, weight) }
    }
    return best?.language
  }

  // MARK: Decoding

  private static func segments(of path: String) -> [String]? {
    guard path.hasPrefix("/") else { return nil }
    var segments: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let segment = decoded(part, plusIsSpace: false) else { return nil }
      segments.append(segment)
    }
    return segments == [""] ? [] : segments
  }

  private static func pairs(_ query: Substring) -> [(name: String, value: String)] {
    query.split(separator: "&").prefix(WebLimits.parameters).compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(parts[0], plusIsSpace: true),
        let value = decoded(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
      else { return nil }
      return (name, value)
    }
  }

  /// A text without its percent-encoding; nil if it is not UTF-8, or has a broken escape.
  package static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal) else {
          return nil
        }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  /// A text as a path's segment or a query's value.
  package static func encoded(_ text: String) -> String { text.percentEncoded }
}
