import Foundation
import Telemetry
import Testing
import Web

@Suite("Lines of the access log") struct AccessLogLineTests {
  private func line(_ target: String, agent: String? = "curl/8.0", viewer: String = "li") -> String {
    AccessLogLine(
      time: morning, client: "203.0.113.9", viewer: viewer, method: "GET", target: target, status: 200,
      bytes: 1234,
      duration: 12, agent: agent
    ).json
  }

  @Test("A request is an object with its members in order") func object() {
    #expect(
      line("/factories/F001?lang=zh")
        == #"{"time":"2026-11-22T00:00:00.000Z","client":"203.0.113.9","viewer":"li","method":"GET","target":"/factories/F001?lang=zh","status":200,"bytes":1234,"duration_ms":12,"agent":"curl/8.0"}"#
    )
    #expect(line("/", agent: nil).hasSuffix(#""agent":null}"#))
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

  @Test("Whatever a client sends, the line is one line of JSON without control characters, and bounded")
  func hostile()
    throws
  {
    let text = line(
      "/\u{1B}[31m\"\\\n\u{202E}" + String(repeating: "重", count: 5000),
      agent: "a\u{9B}2J\r\nX: y\u{0}" + String(repeating: "z", count: 5000))
    #expect(text.utf8.count < 1600)
    #expect(
      !text.unicodeScalars.contains {
        $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x202E
      })
    struct Line: Decodable { var target: String, agent: String }
    let read = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
    #expect(read.target.hasPrefix("/\u{1B}[31m\"\\\n\u{202E}重") && read.target.hasSuffix("…"))
    #expect(read.agent.hasPrefix("a\u{9B}2J\r\nX: y\u{0}zz") && read.agent.hasSuffix("…"))
  }
}
