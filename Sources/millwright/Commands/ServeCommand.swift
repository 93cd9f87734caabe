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
      its address, and serves until SIGTERM or SIGINT. An address of this machine alone needs no login.

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
    let settings = try storeOptions.settings()
    let address = try address(settings)
    guard address.isLoopback else {
      throw CommandFailure(
        .configuration,
        "\(address): other machines reach this address, and there are no accounts: listen on 127.0.0.1, and let "
          + "a proxy with a login reach it",
        "\(address)：该地址可被其他计算机访问，而尚未设置账户：请监听 127.0.0.1，由带登录的代理访问")
    }
    let log = LogOutput.make(
      settings.log, level: LogLevel(settings.log, chosen: logLevel), calendar: settings.district.calendar)
    let site = try WebSite(
      settings, store: settings.storeDirectory, version: Version.current, downloads: Self.downloads)
    let server = WebServer(site, on: address, tls: settings.web.tls, log: log)
    StopSignals.relay(stopping: { log.info("stopping", metadata: ["signal": "\($0)"]) }, to: server.stop) {
      log.info("a changed configuration takes effect at the next start")
    }
    do {
      try server.run { location in
        print("serving \(location)")
        // Who started it waits for the line. Without a reader of it nobody knows where the server is.
        if flush_standard_output() != 0 { server.stop() }
      }
    } catch let error as WebServerError {
      throw CommandFailure(error.exitStatus, error.description, error.chinese)
    }
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
