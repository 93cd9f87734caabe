import Configuration
import Foundation
import Reporting
import Telemetry

/// An HTTP POST with its signature: made without a socket, from values alone.
package struct WebhookRequest: Equatable {
  /// Secrets of a receiver, as its files have them.
  package struct Secrets: Equatable {
    package var url: String
    package var secret: String?

    /// Secrets as they are.
    package init(url: String, secret: String? = nil) {
      self.url = url
      self.secret = secret
    }
  }

  /// The sign by which an answer says that the message was taken.
  package enum Acknowledgement: Equatable {
    /// By the status alone: 200 to 299.
    case status
    /// Also by a number in its JSON, which is 0: `errcode`, or `code`.
    case zero(key: String)
  }

  package var url: String
  /// Headers by name.
  package var headers: [String: String]
  package var body: String
  package var acknowledgement: Acknowledgement

  /// The request for a message to a receiver at a moment.
  ///
  /// - Throws: a failure if the address is none that messages may be sent to.
  package init(
    _ message: AlertMessage, to receiver: AlertReceiver, _ secrets: Secrets, at now: Timestamp
  ) throws(DeliveryFailure) {
    guard AlertRuleFile.isAddress(secrets.url) else {
      throw DeliveryFailure(
        "the file with the address has no https address (http only for this machine)",
        "地址文件中不是 https 网址（http 仅限本机）")
    }
    url = secrets.url
    headers = ["Content-Type": "application/json; charset=utf-8", "User-Agent": "Millwright"]
    let seconds = "\(now.milliseconds / 1000)"
    switch receiver.kind {
    case .webhook, .mqtt:
      // Our own format. The signature covers timestamp and body, so that neither can be replaced; a receiver refuses
      // old timestamps, and ignores a delivery that it has seen.
      body = message.json
      acknowledgement = .status
      headers["Idempotency-Key"] = message.delivery
      headers["Millwright-Timestamp"] = seconds
      let signature = Signature.hexadecimal(key: secrets.secret ?? "", "\(seconds).\(body)")
      headers["Millwright-Signature"] = "sha256=\(signature)"
    case .wecom:
      // https://developer.work.weixin.qq.com/document/path/91770: text of at most 2048 bytes, errcode 0.
      let text = Self.text(message, receiver.languages, atMost: 2048)
      body = Self.json(["msgtype": "text", "text": ["content": text]])
      acknowledgement = .zero(key: "errcode")
    case .dingtalk:
      // https://open.dingtalk.com/document/robots/custom-robot-access and …/robots/customize-robot-security-settings:
      // timestamp in milliseconds; sign = Base64(HMAC-SHA256(secret, timestamp + "\n" + secret)) in the query, errcode 0;
      // a request has at most 20,000 bytes, to which JSON may double those of the text.
      if let secret = secrets.secret {
        let milliseconds = "\(now.milliseconds)"
        let sign = Signature.base64(key: secret, "\(milliseconds)\n\(secret)")
        let separator = url.contains("?") ? "&" : "?"
        url += "\(separator)timestamp=\(milliseconds)&sign=\(sign.percentEncoded)"
      }
      let text = Self.text(message, receiver.languages, atMost: 8192)
      body = Self.json(["msgtype": "text", "text": ["content": text]])
      acknowledgement = .zero(key: "errcode")
    case .feishu:
      // https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: timestamp in seconds; the key of the HMAC is
      // timestamp + "\n" + secret, its message is empty; code 0; a request has at most 20 kB.
      let text = Self.text(message, receiver.languages, atMost: 8192)
      var fields: [String: Any] = ["msg_type": "text", "content": ["text": text]]
      if let secret = secrets.secret {
        fields["timestamp"] = seconds
        fields["sign"] = Signature.base64(key: "\(seconds)\n\(secret)", "")
      }
      body = Self.json(fields)
      acknowledgement = .zero(key: "code")
    }
  }

  // MARK: -

  /// The lines of a message in the receiver's languages, cut to a number of bytes. The last line is never cut: it has the
  /// delivery's id, and the product's name, which robots can be set to require.
  package static func text(
    _ message: AlertMessage, _ languages: AlertReceiver.Languages, atMost bytes: Int
  ) -> String {
    var parts: [String] = []
    let owner = message.alert.owner
    if languages != .english {
      let lines = message.text.zh.lines + (owner.map { ["责任方：\($0)"] } ?? [])
      parts.append(lines.joined(separator: "\n"))
    }
    if languages != .chinese {
      let lines = message.text.en.lines + (owner.map { ["Owner: \($0)"] } ?? [])
      parts.append(lines.joined(separator: "\n"))
    }
    let last = "\nMillwright #\(message.delivery)"
    return shortened(parts.joined(separator: "\n\n"), to: bytes - last.utf8.count) + last
  }

  /// A text cut to a number of bytes between two characters, with an ellipsis where it was cut.
  package static func shortened(_ text: String, to bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var kept = ""
    var left = bytes - 3
    for character in text {
      left -= character.utf8.count
      guard left >= 0 else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  private static func json(_ fields: [String: Any]) -> String {
    // Strings in dictionaries can always be written.
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
    return (try? JSONSerialization.data(withJSONObject: fields, options: options))
      .map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}

extension WebhookRequest.Acknowledgement {
  /// How long a robot refuses everything after a number that says that it got too much: WeCom 45009 and 45033, DingTalk
  /// 130101, Feishu 9499 and 11232.
  private static let pauses: [Int: Span] = [
    45009: .minutes(1), 45033: .minutes(1), 130101: .minutes(10), 9499: .minutes(1), 11232: .minutes(1),
  ]

  /// Judges an answer by its status and body.
  package func outcome(status: Int, body: [UInt8]) -> DeliveryOutcome {
    let shown = WebhookRequest.shown(body)
    let english = shown.isEmpty ? "" : ": \(shown)"
    let chinese = shown.isEmpty ? "" : "：\(shown)"
    guard (200...299).contains(status) else {
      if (300...399).contains(status) {
        return .failed(
          DeliveryFailure(
            "it answers with status \(status), a redirection, which is not followed: use the address that it leads to",
            "应答状态 \(status) 为重定向，不予跟随：请改用重定向后的地址"))
      }
      return .failed(
        DeliveryFailure(
          "it answers with status \(status)\(english)", "应答状态 \(status)\(chinese)",
          pause: status == 429 ? .minutes(1) : .zero))
    }
    guard case .zero(let key) = self else {
      return .delivered(answer: shown.isEmpty ? "\(status)" : "\(status) \(shown)")
    }
    guard let fields = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      let code = fields[key] as? Int
    else {
      return .failed(DeliveryFailure("it answers without \(key)\(english)", "应答中没有 \(key)\(chinese)"))
    }
    guard code == 0 else {
      return .failed(
        DeliveryFailure(
          "it refuses the message: \(shown)", "拒收消息：\(shown)", pause: Self.pauses[code] ?? .zero))
    }
    return .delivered(answer: "\(status) \(shown)")
  }
}

extension WebhookRequest {
  /// The beginning of an answer on one line.
  static func shown(_ body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(300), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).joined(separator: " ").inert
  }
}
