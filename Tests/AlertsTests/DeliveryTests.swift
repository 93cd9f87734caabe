import Alerts
import Configuration
import Foundation
import MQTT
import Telemetry
import Testing
import TestSupport

/// Messages to real receivers: a web server and a broker.
@Suite("Delivery of messages", .serialized) struct DeliveryTests {
  private let folder: TemporaryDirectory
  private let message: AlertMessage

  init() throws {
    folder = try TemporaryDirectory("delivery")
    message = AlertMessages(try Sample.settings()).test(of: "hook", at: Sample.morning)
  }

  private func send(_ kind: AlertReceiver.Kind, _ more: String = "") throws -> DeliveryOutcome {
    AlertSender(try Sample.settings(more))
      .send(message, to: AlertReceiver(name: "hook", kind: kind), at: Sample.morning)
  }

  private func webhook(_ server: HookServer) throws -> AlertReceiver.Kind {
    .webhook(.url(server.url()), secretFile: try folder.write("secret", "s3cret\n"))
  }

  @Test("A webhook gets the message with its signature") func webhook() throws {
    let server = try HookServer(["201 thanks"])
    #expect(try send(webhook(server)) == .delivered(answer: "201 thanks"))
    let request = try #require(server.requests.first)
    #expect(server.requests.count == 1)
    #expect(request.method == "POST" && request.path == "/hook")
    #expect(request.body == message.json)
    #expect(request.headers["content-type"] == "application/json; charset=utf-8")
    #expect(request.headers["idempotency-key"] == "test-1795996800000-hook")
    #expect(request.headers["millwright-timestamp"] == "1795996800")
    let wanted = try WebhookRequest(
      message, to: AlertReceiver(name: "hook", kind: webhook(server)),
      .init(url: server.url(), secret: "s3cret"), at: Sample.morning)
    #expect(request.headers["millwright-signature"] == wanted.headers["Millwright-Signature"])
  }

  @Test("Robots are asked at the address of a file, and answer with a number") func robots() throws {
    let server = try HookServer([
      #"200 {"errcode":0,"errmsg":"ok"}"#, #"200 {"errcode":310000,"errmsg":"sign not match"}"#,
      #"200 {"code":0,"msg":"success"}"#,
    ])
    let url = try folder.write("url", server.url("/robot?key=k") + "\n")
    let secret = try folder.write("secret", "SEC0123")
    #expect(try send(.wecom(urlFile: url)) == .delivered(answer: #"200 {"errcode":0,"errmsg":"ok"}"#))
    #expect(
      try send(.dingtalk(urlFile: url, secretFile: secret))
        == .failed(
          DeliveryFailure(
            #"it refuses the message: {"errcode":310000,"errmsg":"sign not match"}"#,
            #"拒收消息：{"errcode":310000,"errmsg":"sign not match"}"#)))
    #expect(
      try send(.feishu(urlFile: url, secretFile: secret))
        == .delivered(answer: #"200 {"code":0,"msg":"success"}"#))
    #expect(server.requests.map(\.path)[0] == "/robot?key=k")
    #expect(
      server.requests.map(\.path)[1]
        == "/robot?key=k&timestamp=1795996800000&sign=2AH%2BUo5hLWRus3XQukeSoh%2BRr%2Fl3eKNmrWi3bjCwFJ4%3D")
  }

  @Test("A redirection is not followed") func redirection() throws {
    let other = try HookServer()
    let server = try HookServer(["307 \(other.url("/elsewhere"))", "302 \(other.url("/elsewhere"))"])
    for status in [307, 302] {
      #expect(
        try send(webhook(server))
          == .failed(
            DeliveryFailure(
              "it answers with status \(status), a redirection, which is not followed: use the address that it leads to",
              "应答状态 \(status) 为重定向，不予跟随：请改用重定向后的地址")))
    }
    #expect(other.requests.isEmpty)
  }

  @Test("A long answer is cut, and a message that was taken is taken") func longAnswer() throws {
    let server = try HookServer(["200 BYTES 20000000"])
    #expect(
      try send(webhook(server)) == .delivered(answer: "200 " + String(repeating: "x", count: 300)))
  }

  @Test("No server, and one that hangs up, are failures that name no address") func unreachable() throws {
    let server = try HookServer(["0"])
    guard case .failed(let hungUp) = try send(webhook(server)) else {
      Issue.record("it was taken")
      return
    }
    #expect(!hungUp.english.contains("127.0.0.1"))
    let nobody = AlertReceiver.Kind.webhook(
      .url("http://127.0.0.1:\(try freePort())/secret-path"), secretFile: try folder.write("secret", "s"))
    #expect(
      try send(nobody)
        == .failed(
          DeliveryFailure("it cannot be reached: check address and network", "无法连接，请检查网址和网络")))
  }

  @Test("A secret that others may read, or that is missing, is not used") func secrets() throws {
    let server = try HookServer()
    let open = try folder.write("open", "s", mode: 0o644)
    #expect(
      try send(.webhook(.url(server.url()), secretFile: open))
        == .failed(
          DeliveryFailure(
            "file \(open) has mode 0644: others can read it; run chmod 600 on it",
            "无法读取机密文件 \(open)：应为一行 UTF-8 文本，权限为 0600")))
    guard case .failed = try send(.wecom(urlFile: folder.file("none"))) else {
      Issue.record("it was sent")
      return
    }
    #expect(server.requests.isEmpty)
  }

  @Test("A topic gets the message at QoS 1; a broker that refuses it is a failure") func topic() throws {
    var options = MosquittoBroker.Options()
    options.accessList = "topic readwrite millwright/alerts\n"
    let broker = try MosquittoBroker(options)
    let heard = folder.file("heard")
    try folder.write("heard", "")
    let listener = try start(
      "mosquitto_sub", ["-p", "\(broker.port)", "-q", "1", "-t", "millwright/alerts", "-C", "1", "-W", "60"],
      output: .appending(to: heard))
    #expect(waitUntil(20) { broker.log.contains("SUBACK") })
    let mqtt = "mqtt: { port: \(broker.port) }"
    #expect(try send(.mqtt(topic: "millwright/alerts"), mqtt) == .delivered(answer: "PUBACK"))
    #expect(listener.wait(seconds: 60) == .exited(0))
    #expect(try String(contentsOfFile: heard, encoding: .utf8) == message.json + "\n")
    #expect(
      try send(.mqtt(topic: "other"), mqtt)
        == .failed(
          DeliveryFailure(
            "the broker refuses messages to other: allow the user to write there (ACL)",
            "消息代理（broker）拒收主题 other 的消息：请在访问控制（ACL）中允许该用户写入")))
    broker.kill()
    guard case .failed = try send(.mqtt(topic: "millwright/alerts"), mqtt) else {
      Issue.record("it was taken")
      return
    }
  }
}
