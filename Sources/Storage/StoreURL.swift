/// Names a store by its kind and place, in a configuration or on a command line. `sqlite:DIRECTORY` and a directory alone
/// both name an embedded store.
public enum StoreURL: Hashable, Sendable {
  /// An embedded store in a directory.
  case sqlite(directory: String)

  /// The forms that this version supports, for messages: completes "must be …".
  public static let forms = "sqlite:DIRECTORY (this version has no PostgreSQL store)"

  /// Reads a URL. A relative directory stays relative.
  ///
  /// - Throws: ``StoreURLError``. The URL itself is not part of its text, since it may have a password.
  public init(_ text: String) throws(StoreURLError) {
    guard let scheme = Self.scheme(of: text) else {
      guard !text.isEmpty else { throw .noDirectory }
      self = .sqlite(directory: text)
      return
    }
    switch scheme {
    case "sqlite": self = .sqlite(directory: try Self.directory(text.dropFirst(scheme.utf8.count + 1)))
    default: throw .unknownScheme(scheme)
    }
  }

  /// The scheme (RFC 3986, 3.1), in lower case; nil for a text that begins with none, such as a path.
  private static func scheme(of text: String) -> String? {
    guard let end = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let scheme = text[..<end].lowercased()
    guard let first = scheme.utf8.first, (0x61...0x7A).contains(first),
      scheme.utf8.allSatisfy({ byte in
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
      })
    else { return nil }
    return scheme
  }

  /// The directory behind `sqlite:`. `sqlite:///var/lib/millwright` is how other tools write an absolute path.
  private static func directory(_ rest: Substring) throws(StoreURLError) -> String {
    let path = rest.hasPrefix("///") ? rest.dropFirst(2) : rest
    guard !path.isEmpty else { throw .noDirectory }
    guard !path.hasPrefix("//") else { throw .hasHost }
    return String(path)
  }
}

/// A text that names no store.
public enum StoreURLError: Error, Equatable, Sendable, CustomStringConvertible {
  case noDirectory
  /// An embedded store with a host.
  case hasHost
  /// A kind of store that this version does not know; in lower case.
  case unknownScheme(String)

  public var description: String {
    switch self {
    case .noDirectory: "names no directory: write \(StoreURL.forms), such as sqlite:/var/lib/millwright"
    case .hasHost:
      "names a host, but an embedded store is a directory of this machine: write sqlite:/DIRECTORY"
    case .unknownScheme(let scheme):
      """
      '\(scheme):' is no kind of store that this version knows: write \(StoreURL.forms); a directory whose name \
      begins like that is sqlite:\(scheme):…
      """
    }
  }
}
