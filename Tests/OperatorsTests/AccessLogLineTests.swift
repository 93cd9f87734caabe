import Testing
import Web

@Suite("Lines of the access log") struct AccessLogLineTests {
  private func fields(_ target: String, client: String? = "203.0.113.9", agent: String? = "curl/8.0")
    -> [String: String]
  {
    AccessLogLine(
      client: client, viewer: "li", method: "GET", target: target, status: 200, bytes: 1234, duration: 12,
      agent: agent
    ).metadata.mapValues { "\($0)" }
  }

  @Test("A request is its fields; what is not known is absent") func members() {
    #expect(
      fields("/factories/F001?lang=zh") == [
        "client": "203.0.113.9", "viewer": "li", "method": "GET", "target": "/factories/F001?lang=zh",
        "status": "200", "bytes": "1234", "duration_ms": "12", "agent": "curl/8.0",
      ])
    #expect(
      Set(fields("/", client: nil, agent: nil).keys) == [
        "viewer", "method", "target", "status", "bytes", "duration_ms",
      ])
  }

  @Test(
    "Values of a query that may be secret are hidden",
    arguments: [
      ("/", "/"), ("/?lang=zh&sort=networked_ratio", "/?lang=zh&sort=networked_ratio"),
      ("/metrics?token=abc", "/metrics?token=[hidden]"),
      ("/?a=1&access_token=abc&b=2", "/?a=1&access_token=[hidden]&b=2"),
      ("/?Password=abc", "/?Password=[hidden]"), ("/?%74oken=abc", "/?%74oken=[hidden]"),
      ("/?x=mw_abcdef", "/?x=[hidden]"), ("/?mw_abcdef", "/?[hidden]"), ("/?x=Bearer%20y", "/?x=[hidden]"),
      ("/?x=" + String(repeating: "a", count: 65), "/?x=[hidden]"),
      ("/?" + String(repeating: "a", count: 65), "/?[hidden]"), ("/?", "/?"), ("/?&", "/?&"),
    ])
  func secrets(target: String, shown: String) { #expect(AccessLogLine.shown(target) == shown) }

  @Test("Whatever a client sends, its fields are bounded") func bounded() {
    let sent = fields(
      "/?a=1&token=\(String(repeating: "x", count: 40))&" + String(repeating: "重=1&", count: 5000),
      client: String(repeating: "1", count: 5000), agent: String(repeating: "z", count: 5000))
    #expect(sent.values.allSatisfy { $0.utf8.count <= 515 })
    #expect(sent["agent"] == String(repeating: "z", count: 512) + "…")
    #expect(sent["target"]?.hasPrefix("/?a=1&token=[hidden]&重=1&") == true)
  }
}
