import Alerts
import Configuration
import Foundation
import Telemetry
import Testing

/// Requests to receivers, held against signatures that openssl and Python compute.
@Suite("Signed requests") struct SignatureTests {
  private let message: AlertMessage

  init() throws {
    message = AlertMessages(try Sample.settings()).test(of: "hook", at: Sample.morning)
  }

  private func request(
    _ kind: AlertReceiver.Kind, _ secrets: WebhookRequest.Secrets,
    _ languages: AlertReceiver.Languages = .both
  ) throws -> WebhookRequest {
    try WebhookRequest(
      message, to: AlertReceiver(name: "hook", kind: kind, languages: languages), secrets, at: Sample.morning)
  }

  private func fields(_ body: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? NSDictionary)
  }

  @Test("A webhook's signature covers timestamp and body") func webhook() throws {
    let request = try request(
      .webhook(.url("https://a.example/b"), secretFile: "/s"),
      .init(url: "https://a.example/b", secret: "s3cret"))
    #expect(request.url == "https://a.example/b")
    #expect(request.body == message.json)
    // printf '%s' "$BODY" > body; (printf '1795996800.'; cat body) | openssl dgst -sha256 -hmac s3cret
    #expect(
      request.headers == [
        "Content-Type": "application/json; charset=utf-8", "User-Agent": "Millwright",
        "Idempotency-Key": "test-1795996800000-hook", "Millwright-Timestamp": "1795996800",
        "Millwright-Signature": "sha256=a7e46ab891a605ea707944088df8ffcab4560a0b6d69436d184e7330ba6e0709",
      ])
  }

  @Test("The body of a webhook is this JSON, and is read back") func body() {
    #expect(
      message.json == """
        {"alert":{"id":"test","kind":"test","raised_at":"2026-11-30T08:00:00.000+08:00","repeats":0,"rule":"test",\
        "severity":"info","since":"2026-11-30T08:00:00.000+08:00","subject":"district"},\
        "delivery":"test-1795996800000-hook","district":{"id":"test","name_en":"Test","name_zh":"测试园区"},\
        "event":"raised","schema":"millwright.alert/1","test":true,"text":{"en":{"advice":"","figures":"",\
        "happened":"This message is a test. Nothing has happened.","since":"Sent at 2026-11-30 08:00.",\
        "title":"[test] Millwright alerts"},"zh":{"advice":"","figures":"","happened":"这是一条测试消息，并无异常。",\
        "since":"发送时间：2026-11-30 08:00。","title":"[测试] Millwright 告警"}}}
        """)
    #expect(AlertMessage(json: message.json) == message)
    #expect(AlertMessage(json: "{}") == nil)
  }

  @Test("DingTalk's signature is in the query") func dingtalk() throws {
    let signed = try request(
      .dingtalk(urlFile: "/u", secretFile: "/s"),
      .init(url: "https://oapi.dingtalk.com/robot/send?access_token=abc", secret: "SEC0123"), .chinese)
    // printf '1795996800000\nSEC0123' | openssl dgst -sha256 -hmac SEC0123 -binary | base64, then
    // urllib.parse.quote_plus of Python.
    #expect(
      signed.url
        == "https://oapi.dingtalk.com/robot/send?access_token=abc&timestamp=1795996800000&sign=2AH%2BUo5hLWRus3XQukeSoh%2BRr%2Fl3eKNmrWi3bjCwFJ4%3D"
    )
    #expect(signed.acknowledgement == .zero(key: "errcode"))
    let text =
      "[测试] Millwright 告警\n这是一条测试消息，并无异常。\n发送时间：2026-11-30 08:00。\nMillwright #test-1795996800000-hook"
    #expect(try fields(signed.body) == ["msgtype": "text", "text": ["content": text]])
    let plain = try request(
      .dingtalk(urlFile: "/u", secretFile: nil),
      .init(url: "https://oapi.dingtalk.com/robot/send?access_token=abc"))
    #expect(plain.url == "https://oapi.dingtalk.com/robot/send?access_token=abc")
  }

  @Test("Feishu's signature is in the body") func feishu() throws {
    let request = try request(
      .feishu(urlFile: "/u", secretFile: "/s"),
      .init(url: "https://open.feishu.cn/open-apis/bot/v2/hook/x", secret: "fs-secret"), .english)
    #expect(request.url == "https://open.feishu.cn/open-apis/bot/v2/hook/x")
    // base64.b64encode(hmac.new(b"1795996800\nfs-secret", b"", hashlib.sha256).digest()) of Python.
    #expect(
      try fields(request.body) == [
        "msg_type": "text", "timestamp": "1795996800", "sign": "cUKkOGkfX+LhCitWMvaS6k3X7qfgHipzr5wBuoguE9Y=",
        "content": [
          "text":
            "[test] Millwright alerts\nThis message is a test. Nothing has happened.\nSent at 2026-11-30 08:00.\nMillwright #test-1795996800000-hook"
        ],
      ])
    #expect(request.acknowledgement == .zero(key: "code"))
  }

  @Test("WeCom gets text in both languages, of at most 2048 bytes") func wecom() throws {
    let request = try request(.wecom(urlFile: "/u"), .init(url: "https://qyapi.weixin.qq.com/x?key=y"))
    let text =
      "[测试] Millwright 告警\n这是一条测试消息，并无异常。\n发送时间：2026-11-30 08:00。\n\n[test] Millwright alerts\nThis message is a test. Nothing has happened.\nSent at 2026-11-30 08:00.\nMillwright #test-1795996800000-hook"
    #expect(try fields(request.body) == ["msgtype": "text", "text": ["content": text]])
    // 682 characters of three bytes, and the ellipsis of three: 2049 would be too many.
    let long = WebhookRequest.shortened(String(repeating: "长", count: 700), to: 2048)
    #expect(long == String(repeating: "长", count: 681) + "…")
    #expect(WebhookRequest.shortened("长", to: 3) == "长")
    // A cut text has its last line all the same.
    let cut = WebhookRequest.text(message, .english, atMost: 80)
    #expect(cut == "[test] Millwright alerts\nThis message is …\nMillwright #test-1795996800000-hook")
    #expect(cut.utf8.count <= 80)
  }

  @Test("An address that is not encrypted, or none at all, is refused") func addresses() {
    for url in ["http://example.com/x", "", "file:///etc/passwd", "https://u:p@example.com/"] {
      #expect(throws: DeliveryFailure.self) { try request(.wecom(urlFile: "/u"), .init(url: url)) }
    }
  }

  @Test("What an answer means") func answers() {
    func outcome(_ kind: WebhookRequest.Acknowledgement, _ status: Int, _ body: String) -> DeliveryOutcome {
      kind.outcome(status: status, body: Array(body.utf8))
    }
    #expect(outcome(.status, 204, "") == .delivered(answer: "204"))
    #expect(
      outcome(.zero(key: "code"), 200, "")
        == .failed(DeliveryFailure("it answers without code", "应答中没有 code")))
    #expect(
      outcome(.zero(key: "errcode"), 200, #"{"errcode":0,"errmsg":"ok"}"#)
        == .delivered(answer: #"200 {"errcode":0,"errmsg":"ok"}"#))
    #expect(
      outcome(.zero(key: "errcode"), 200, #"{"errcode":310000,"errmsg":"sign not match"}"#)
        == .failed(
          DeliveryFailure(
            #"it refuses the message: {"errcode":310000,"errmsg":"sign not match"}"#,
            #"拒收消息：{"errcode":310000,"errmsg":"sign not match"}"#)))
    #expect(
      outcome(.zero(key: "code"), 200, "<html>")
        == .failed(DeliveryFailure("it answers without code: <html>", "应答中没有 code：<html>")))
    for (code, minutes) in [(45009, 1), (45033, 1), (130101, 10), (9499, 1), (11232, 1), (310000, 0)]
      as [(Int, Int64)]
    {
      guard case .failed(let failure) = outcome(.zero(key: "code"), 200, "{\"code\":\(code)}") else {
        Issue.record("\(code) was taken")
        continue
      }
      #expect(failure.pause == .minutes(minutes) && !failure.isFinal, "\(code)")
    }
    #expect(
      outcome(.status, 429, "")
        == .failed(
          DeliveryFailure("it answers with status 429", "应答状态 429", pause: .minutes(1))))
    #expect(
      outcome(.status, 500, "a\nb")
        == .failed(DeliveryFailure("it answers with status 500: a b", "应答状态 500：a b")))
    #expect(
      outcome(.status, 302, "")
        == .failed(
          DeliveryFailure(
            "it answers with status 302, a redirection, which is not followed: use the address that it leads to",
            "应答状态 302 为重定向，不予跟随：请改用重定向后的地址")))
  }
}
