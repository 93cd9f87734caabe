import Configuration
import MQTT
import Telemetry

/// Sends messages to receivers. Blocks while it does; each message for at most some twenty seconds.
public struct AlertSender: Sendable {
  private let settings: Settings

  /// A sender for the broker and the district of a configuration.
  public init(_ settings: Settings) { self.settings = settings }

  /// Sends one message.
  public func send(_ message: AlertMessage, to receiver: AlertReceiver, at now: Timestamp) -> DeliveryOutcome
  {
    do throws(DeliveryFailure) {
      if case .mqtt(let topic) = receiver.kind { return .delivered(answer: try publish(message, topic)) }
      let request = try WebhookRequest(message, to: receiver, try Self.secrets(receiver), at: now)
      let answer = try HTTPExchange.send(request)
      return request.acknowledgement.outcome(status: answer.status, body: answer.body)
    } catch {
      return .failed(error)
    }
  }

  // MARK: -

  /// The secrets of a receiver. They are read for each message, so that a changed file needs no restart.
  static func secrets(_ receiver: AlertReceiver) throws(DeliveryFailure) -> WebhookRequest.Secrets {
    switch receiver.kind {
    case .webhook(.url(let url), let secretFile):
      return WebhookRequest.Secrets(url: url, secret: try secret(secretFile))
    case .webhook(.file(let urlFile), let secretFile):
      return WebhookRequest.Secrets(url: try secret(urlFile), secret: try secret(secretFile))
    case .wecom(let urlFile): return WebhookRequest.Secrets(url: try secret(urlFile), secret: nil)
    case .dingtalk(let urlFile, let secretFile), .feishu(let urlFile, let secretFile):
      var found: String?
      if let secretFile { found = try secret(secretFile) }
      return WebhookRequest.Secrets(url: try secret(urlFile), secret: found)
    case .mqtt: return WebhookRequest.Secrets(url: "", secret: nil)
    }
  }

  private static func secret(_ path: String) throws(DeliveryFailure) -> String {
    do throws(BrokerSessionError) {
      return try BrokerEndpoint.secret(fromFile: path, called: "file")
    } catch {
      throw DeliveryFailure("\(error)", "无法读取机密文件 \(path)：应为一行 UTF-8 文本，权限为 0600")
    }
  }

  /// Publishes at QoS 1 with a session of its own and waits for the acknowledgement.
  private func publish(_ message: AlertMessage, _ topic: String) throws(DeliveryFailure) -> String {
    let password: String?
    do throws(SettingsErrors) { password = try settings.mqtt.password() } catch {
      throw DeliveryFailure(error.description, error.chineseDescription)
    }
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    let endpoint = settings.mqtt.endpoint(clientID: "millwright-alerts-\(id)", password: password)
    do {
      var publisher = try Publisher.open(endpoint: endpoint)
      do throws(DisconnectReason) {
        try publisher.connect()
        try publisher.publish(topic: topic, payload: Array(message.json.utf8))
        try publisher.drain(milliseconds: endpoint.connectDeadline)
      } catch {
        // mosquitto 2.0.11 closes the connection behind a refusal.
        guard publisher.refused > 0 else {
          publisher.drop()
          throw DeliveryFailure("\(error)", "消息代理（broker）：\(error)")
        }
      }
      guard publisher.accepted == 1 else {
        publisher.drop()
        throw DeliveryFailure(
          "the broker refuses messages to \(topic): allow the user to write there (ACL)",
          "消息代理（broker）拒收主题 \(topic) 的消息：请在访问控制（ACL）中允许该用户写入")
      }
      publisher.disconnect()
      return "PUBACK"
    } catch let failure as DeliveryFailure {
      throw failure
    } catch {
      throw DeliveryFailure("\(error)", "\(error)")
    }
  }
}
