import Foundation
import Processes
import TestSupport
import Testing

/// An alert from its beginning to its end through a real web server, with `serve` killed in between.
@Suite("Alerts of serve") struct AlertServeTests {
  private let folder: TemporaryDirectory
  private let hook: HookServer

  init() throws {
    folder = try TemporaryDirectory("alert-serve")
    // The first attempt fails.
    hook = try HookServer(["500 busy", "200 ok"])
    try folder.write("secret", "s3cret")
    try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      mqtt: { host: 127.0.0.1, port: \(try freePort()) }
      store: sqlite:store
      web: { listen: "127.0.0.1:0" }
      alerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }

      """)
    try folder.write(
      "alerts.yaml",
      """
      receivers: [{ name: hook, type: webhook, url: "\(hook.url())", secret_file: secret }]
      rules:
        - { name: cert, kind: certificate_expiring, within: 21d, files: cert.pem, clear_for: 0, receivers: hook }

      """)
  }

  /// Makes a certificate that is valid for some days.
  private func certificate(days: Int) throws {
    let made = try run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
        "\(days)", "-subj", "/CN=test", "-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem"),
      ])
    guard made.status == 0 else { throw SupportError(made.errors) }
  }

  private func serve() throws -> ChildProcess {
    let log = ChildProcess.Stream.appending(to: folder.file("log"))
    return try start(
      Installation.executable, ["serve", "--config", folder.file("millwright.yaml")], output: log, errors: log
    )
  }

  private func kill(_ process: ChildProcess) {
    process.send(SIGKILL)
    process.wait()
  }

  /// The list of alerts as JSON.
  private func list() throws -> String {
    try run(
      Installation.executable,
      ["alert", "list", "--format", "json", "--config", folder.file("millwright.yaml")]
    ).output
  }

  @Test("It is told once when it is raised and once when it is over, over two kills") func kills() throws {
    try certificate(days: 2)
    let first = try serve()
    #expect(waitUntil(60) { hook.requests.count == 1 })
    kill(first)
    // The message that failed is sent again by the next process, with the same id.
    let second = try serve()
    #expect(try waitUntil(60) { try list().contains(#""delivered":1"#) })
    kill(second)
    try certificate(days: 400)
    let third = try serve()
    #expect(try waitUntil(60) { try list().contains(#""delivered":2"#) })
    kill(third)
    let keys = hook.requests.compactMap { $0.headers["idempotency-key"] }
    let id = try #require(keys.first?.split(separator: "-").first)
    #expect(keys == ["\(id)-raised-hook", "\(id)-raised-hook", "\(id)-resolved-hook"])
    #expect(try list().contains(#""state":"resolved""#))
  }
}
