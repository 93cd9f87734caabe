import Foundation
import Processes
import TestSupport
import Testing

@Suite("The web server", .serialized) struct ServeTests {
  @Test(
    "It serves pages and the API beside a collector, shows a message within two seconds, and stops by a signal"
  )
  func live() throws {
    let site = try Installation()
    try site.startCollector()
    let server = try ServeProcess(site.folder, "millwright.yaml")
    #expect(try server.get("/").contains("HTTP/1.1 200"))
    #expect(waitUntil { (try? server.get("/api/v1/status").contains(#""collector":"collecting""#)) == true })
    let events = try site.folder.write("events", "")
    let viewer = try start(
      "curl", ["-s", "-N", "--max-time", "60", server.address + "events?lang=en"],
      output: .appending(to: events))
    defer { viewer.send(SIGKILL) }
    func received() -> String { (try? String(contentsOfFile: events, encoding: .utf8)) ?? "" }
    #expect(waitUntil { received().contains("id: ") })
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(10) { received().contains(#""id":"tile-F001""#) })
    #expect(server.stop(SIGTERM) == .exited(0))
    // The stream of events is ended, not broken off.
    #expect(viewer.wait(seconds: 10 * patience) == .exited(0))
    #expect(try site.stopCollector() == 0)
  }

  @Test("Another server goes on after the first was killed, and a collector that was killed is shown as gone")
  func kills() throws {
    let site = try Installation()
    try site.startCollector()
    let first = try ServeProcess(site.folder, "millwright.yaml")
    #expect(try first.get("/api/v1/factories").contains("HTTP/1.1"))
    first.kill()
    let second = try ServeProcess(site.folder, "millwright.yaml")
    #expect(waitUntil { (try? second.get("/api/v1/status").contains(#""collector":"collecting""#)) == true })
    site.kill()
    #expect(
      waitUntil(20) { (try? second.get("/api/v1/status").contains(#""collector":"gone""#)) == true })
    #expect(second.stop(SIGINT) == .exited(0))
  }

  @Test("A store that nobody has used is a page with the next steps") func empty() throws {
    let desk = try RegisterDesk()
    let server = try ServeProcess(desk.folder, "store.yaml")
    #expect(try server.get("/?lang=en").contains("millwright register import"))
    #expect(try server.get("/api/v1/district").contains("application/problem+json"))
    // A page of another host that leads here sees nothing (DNS rebinding), and heads are bounded.
    #expect(try server.get("/", ["-H", "Host: evil.example"]).contains("HTTP/1.1 401"))
    #expect(
      try !server.get("/", ["-H", "X: \(String(repeating: "x", count: 40_000))"]).contains("HTTP/1.1 200"))
    #expect(server.stop(SIGTERM) == .exited(0))
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("store")))
  }

  @Test("Requests are counted and logged, without what may be secret") func requests() throws {
    let desk = try RegisterDesk()
    let server = try ServeProcess(desk.folder, "store.yaml")
    #expect(try server.get("/evidence?token=abc").contains("HTTP/1.1 200"))
    #expect(try server.get("/nowhere").contains("HTTP/1.1 404"))
    let metrics = try server.get("/metrics")
    #expect(metrics.contains("\nmillwright_web_requests_total{class=\"2xx\"} 1\n"))
    #expect(metrics.contains("\nmillwright_web_requests_total{class=\"4xx\"} 1\n"))
    #expect(metrics.contains("\nmillwright_web_viewers 0\n"))
    let line =
      #/info: request agent=curl\S* bytes=\d+ client=127.0.0.1 duration_ms=\d+ method=GET status=200 target=\/evidence\?token=\[hidden\] viewer=\(local\)\n/#
    #expect(waitUntil { server.log.contains(line) })
    #expect(!server.log.contains("abc"))
  }

  @Test("It does not begin where others reach it, nor on an address that is taken") func refused() throws {
    let desk = try RegisterDesk()
    let open = try desk.millwright("serve", "--listen", "0.0.0.0:0")
    #expect(
      open.status == 78
        && open.errors.hasPrefix(
          "0.0.0.0:0: other machines reach this address, and passwords would be sent in")
    )
    try desk.folder.write(
      "proxy.yaml",
      try String(contentsOfFile: desk.folder.file("store.yaml"), encoding: .utf8)
        + "\nweb: { trusted_proxies: [10.0.0.1] }\n")
    let empty = try run(
      Installation.executable,
      ["serve", "--listen", "0.0.0.0:0", "--config", desk.folder.file("proxy.yaml")],
      environment: ["LANG": "zh_CN.UTF-8"])
    #expect(
      empty.status == 78
        && empty.errors
          == "0.0.0.0:0：该地址可被其他计算机访问，而尚无可用账户：请运行 millwright user add 添加账户，或监听 127.0.0.1\n"
    )
    let wrong = try desk.millwright("serve", "--listen", "8080")
    #expect(wrong.status == 64 && wrong.errors.contains("--listen: '8080' is not HOST:PORT"))
    let server = try ServeProcess(desk.folder, "store.yaml")
    let address = String(server.address.dropFirst("http://".count).dropLast())
    let second = try desk.millwright("serve", "--listen", address)
    #expect(
      second.status == 69 && second.errors.contains("cannot listen on \(address) (Address already in use)"))
  }
}
