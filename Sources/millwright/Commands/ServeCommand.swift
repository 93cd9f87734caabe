import Alerts
import ArgumentParser
import CProcessMemory
import Configuration
import Daemon
import Foundation
import Logging
import Reporting
import SQLiteStore
import Web

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the live page of the district, and the same figures as JSON.",
    discussion: """
      Only reads the store, beside a running collector or without one; a server that ends is no gap in the data. Prints \
      its address, and serves until SIGTERM or SIGINT. An address of this machine alone needs no login; others need TLS \
      and an account of 'millwright user add'. Evaluates the rules of alerts.rules_file every minute, and reads that file again when it has changed or after \
      SIGHUP. Logs each request.

      Examples:
        millwright serve
        millwright serve --listen 127.0.0.1:0
        curl http://127.0.0.1:8080/api/v1/factories
      """)

  @OptionGroup var storeOptions: StoreOptions

  @Option(
    name: .long,
    help:
      "HOST:PORT to listen on instead of the configuration's web.listen; port 0 takes any free port.")
  var listen: String?

  @Option(name: .long, help: "Least severe level logged, instead of the configuration's.")
  var logLevel: Logger.Level?

  func run() throws {
    Self.giveWay()
    let settings = try storeOptions.settings()
    let address = try address(settings)
    try Self.requireEncryption(settings.web, on: address)
    let log = LogOutput.make(
      settings.log, level: LogLevel(settings.log, chosen: logLevel), calendar: settings.district.calendar)
    let rules = try AlertRuleSource(settings, log: log)
    let site = try WebSite(
      settings, store: settings.storeDirectory, version: Version.current, downloads: Self.downloads,
      alertRules: rules)
    let access = try AccountAccess(site)
    try Self.requireAccounts(access, on: address)
    let server = WebServer(site, on: address, tls: settings.web.tls, access: access, log: log)
    let alerts = rules.map { rules in
      AlertThread(
        AlertRunner(settings, rules, service: site.service, store: settings.storeDirectory, log: log))
    }
    defer { alerts?.stop() }
    StopSignals.relay(stopping: { log.info("stopping", metadata: ["signal": "\($0)"]) }, to: server.stop) {
      rules?.reload()
      log.info("other changes of the configuration take effect at the next start")
    }
    do {
      try server.run { location in
        alerts?.start()
        print("serving \(location)")
        // The program that started it waits for this line. Without the line nobody knows the server's address.
        if flush_standard_output() != 0 { server.stop() }
      }
    } catch let error as WebServerError {
      throw CommandFailure(error.exitStatus, error.description, error.chinese)
    }
  }

  /// Takes a lower priority than the collector has: a page can wait for the processor, messages cannot. Threads that are
  /// started later have it too.
  private static func giveWay() { _ = nice(max(0, 10 - nice(0))) }

  /// Passwords and figures do not travel in the clear: other machines come over TLS, to this server or to a proxy.
  private static func requireEncryption(_ web: Settings.Web, on address: ListenAddress) throws {
    guard !address.isLoopback, web.tls == nil, web.trustedProxies.isEmpty else { return }
    throw CommandFailure(
      .configuration,
      "\(address): other machines reach this address, and passwords would be sent in the clear: set "
        + "web.tls.certificate_file and web.tls.key_file; or listen on 127.0.0.1 behind a proxy with TLS, and name it "
        + "in web.trusted_proxies",
      "\(address)：该地址可被其他计算机访问，密码将以明文传输：请设置 web.tls.certificate_file 和 web.tls.key_file；"
        + "或监听 127.0.0.1，由提供 TLS 的反向代理转发，并在 web.trusted_proxies 中填写该代理")
  }

  private static func requireAccounts(_ access: AccountAccess, on address: ListenAddress) throws {
    guard try !address.isLoopback && !access.hasAccounts else { return }
    throw CommandFailure(
      .configuration,
      "\(address): other machines reach this address, and there are no accounts: add one with 'millwright user add', "
        + "or listen on 127.0.0.1",
      "\(address)：该地址可被其他计算机访问，而尚无可用账户：请运行 millwright user add 添加账户，或监听 127.0.0.1")
  }

  private func address(_ settings: Settings) throws -> ListenAddress {
    guard let listen else { return settings.web.listen }
    guard let address = ListenAddress(listen) else {
      throw CommandFailure(
        .usage, "--listen: '\(listen.inert)' is not \(ListenAddress.form)",
        "--listen：“\(listen.inert)”应为“主机:端口”，例如 127.0.0.1:8080 或 [::1]:8080")
    }
    return address
  }

  /// The formats that pages link to.
  private static var downloads: [WebSite.Download] {
    let formats: [(ReportFormat, String)] = [
      (.html, "text/html; charset=utf-8"), (.pdf, "application/pdf"),
      (.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
      (.csv, "text/csv; charset=utf-8"), (.json, "application/json"),
      (.markdown, "text/markdown; charset=utf-8"), (.text, "text/plain; charset=utf-8"),
    ]
    return formats.map { format, type in
      WebSite.Download(ending: format.endings[0], mediaType: type) { report, language in
        Array(try format.render(report, RenderingOptions(language: language)))
      }
    }
  }
}

extension WebServerError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    case .cannotListen: .unavailable
    case .certificate: .configuration
    }
  }

  fileprivate var chinese: String {
    switch self {
    case .cannotListen(let address, let code):
      "无法监听 \(address)（\(systemError(code))）：请停止占用该端口的程序，或用 --listen 指定其他地址"
    case .certificate(let certificate, let key, let reason):
      "证书 \(certificate) 与私钥 \(key) 无法使用（\(reason)）：请确认两者均为 PEM 格式、相互匹配且可读取"
    }
  }
}
