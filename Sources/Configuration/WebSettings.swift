import Access
import Foundation
import Telemetry

/// The keys of the web server: `millwright serve`.
extension Settings {
  /// Where and how the web server is reached.
  public struct Web: Equatable, Sendable {
    public var listen: ListenAddress
    /// nil: unencrypted, which only a loopback address is allowed.
    public var tls: WebTLS?
    /// The file of accounts, an absolute path. It need not exist.
    public var accountsFile: String
    /// Proxies whose `X-Forwarded-For` is believed.
    public var trustedProxies: TrustedProxies
    /// Whether `/metrics` has the counts of each factory, with its id as a label.
    public var metricsByFactory: Bool
  }

  /// Files of the web server's certificate, PEM; absolute paths.
  public struct WebTLS: Equatable, Sendable {
    /// The server's certificate, with those between it and the authority below it.
    public var certificateFile: String
    public var keyFile: String
  }

  /// - Parameter file: the configuration; accounts are beside it if no other place is named.
  static func web(_ reader: inout SettingsReader, file: String) -> Web {
    let listen = reader.value("web.listen", listenKind, default: .standard)
    let accounts = reader.value("web.accounts_file", .path, default: accountsFile(besides: file))
    let proxies = reader.list(
      "web.trusted_proxies", of: proxyKind, called: "addresses or blocks of addresses")
    let metricsByFactory = reader.value("web.metrics_by_factory", switchKind, default: false)
    func web(_ tls: WebTLS?) -> Web {
      Web(
        listen: listen, tls: tls, accountsFile: accounts, trustedProxies: TrustedProxies(proxies ?? []),
        metricsByFactory: metricsByFactory)
    }
    let certificate = reader.optional("web.tls.certificate_file", .path)
    let key = reader.optional("web.tls.key_file", .path)
    if (certificate == nil) != (key == nil) {
      reader.complain(
        at: certificate == nil ? "web.tls.key_file" : "web.tls.certificate_file",
        "web.tls.certificate_file and web.tls.key_file go together: give both or neither",
        "web.tls.certificate_file 与 web.tls.key_file 须同时填写或同时留空")
    }
    guard let certificate, let key else { return web(nil) }
    return web(WebTLS(certificateFile: certificate, keyFile: key))
  }

  /// The file of accounts beside a configuration, as an absolute path.
  static func accountsFile(besides file: String) -> String {
    let absolute = SettingKind.absolute(file, in: FileManager.default.currentDirectoryPath)
    return (absolute as NSString).deletingLastPathComponent + "/accounts.json"
  }

  private static let proxyKind = SettingKind<AddressBlock>(
    expects: "an IP address or a block such as 10.0.0.0/8, without bits beyond its prefix",
    chinese: "IP 地址或网段，如 10.0.0.0/8（前缀以外的位须为 0）"
  ) { AddressBlock($0.text) }

  private static let switchKind = SettingKind<Bool>(
    expects: "true or false", chinese: "true 或 false"
  ) { Bool($0.text) }

  private static let listenKind = SettingKind<ListenAddress>(
    expects: ListenAddress.form, chinese: "“主机:端口”，如 127.0.0.1:8080 或 [::1]:8080"
  ) { ListenAddress($0.text) }
}

/// An address to listen on: a host name or an IP address of this machine, and a port. Port 0 is any free port.
public struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  /// An IPv6 address is without brackets.
  public var host: String
  /// 0 to 65535.
  public var port: Int

  /// The address that is listened on if the configuration names none.
  public static let standard = ListenAddress(host: "127.0.0.1", port: 8080)

  /// The form of an address, for messages: completes "must be …".
  public static let form = "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"

  /// An address of its parts.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`; nil for anything else.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(digits), port <= 65_535
    else { return nil }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    // An IPv6 address without brackets could end with a group or with a port.
    guard host.contains(":") == isBracketed, (1...253).contains(host.utf8.count),
      host.utf8.allSatisfy({ EquipmentKey.isIDByte($0) || $0 == UInt8(ascii: ":") })
    else { return nil }
    self.init(host: String(host), port: port)
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// The address as it is written in a configuration or a URL.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
