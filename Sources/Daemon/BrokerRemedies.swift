import MQTT

/// Remedies when a broker cannot be reached, or closes the connection.
extension BrokerProbe.Remedy {
  /// The remedy for the end of a trial of `endpoint`.
  package init(_ reason: DisconnectReason, at endpoint: BrokerEndpoint) {
    let place = "\(endpoint.host):\(endpoint.port)"
    switch reason {
    case .unreachable:
      self.init(
        english:
          "check that the broker runs and listens at \(place) (mqtt.host, mqtt.port), and that no firewall is between",
        chinese: "请检查消息代理是否运行并监听 \(place)（mqtt.host、mqtt.port），以及中间有无防火墙")
    case .foreign(_, _, overTLS: false):
      self.init(
        english: """
          check that \(place) is the broker's MQTT listener, whether it expects TLS (mqtt.tls.ca_file), and whether the \
          broker or its load balancer takes more connections
          """,
        chinese: """
          请检查 \(place) 是否为消息代理的 MQTT 端口、该端口是否要求 TLS（mqtt.tls.ca_file），\
          以及消息代理或其负载均衡是否仍接受新连接
          """)
    case .notAdmitted(_, _, hasCertificate: false):
      self.init(
        english: "the broker may require a certificate: set mqtt.tls.certificate_file and key_file",
        chinese: "消息代理可能要求客户端证书：请设置 mqtt.tls.certificate_file 和 key_file")
    case .notAdmitted(_, _, hasCertificate: true):
      self.init(
        english: """
          check in the broker's log whether it accepts the certificate of mqtt.tls.certificate_file, and whether it takes \
          more connections
          """,
        chinese: "请在消息代理日志中检查其是否接受 mqtt.tls.certificate_file 的证书，以及是否仍接受新连接")
    case .noAnswer where endpoint.tls == nil:
      self.init(
        english:
          "check that \(place) is the broker's MQTT listener, and whether it expects TLS (mqtt.tls.ca_file)",
        chinese: "请检查 \(place) 是否为消息代理的 MQTT 端口，以及该端口是否要求 TLS（mqtt.tls.ca_file）")
    case .noAnswer, .foreign:
      self.init(
        english: "check that \(place) is the broker's listener for TLS",
        chinese: "请检查 \(place) 是否为消息代理的 TLS 端口")
    case .tls:
      self.init(
        english:
          "check mqtt.tls.ca_file, and that the broker's certificate carries the name '\(endpoint.host)'",
        chinese: "请检查 mqtt.tls.ca_file，以及消息代理的证书是否包含名称“\(endpoint.host)”")
    case .refused(let code, _): self.init(refused: code, by: place, endpoint)
    case .takenOver, .contested, .dropped:
      self.init(
        english: "look for another client with this client id, and for the reason in the broker's log",
        chinese: "请查找使用相同客户端标识的其他客户端，并在消息代理日志中查找原因")
    case .unreadable:
      self.init(
        english: "set mqtt.protocol to 3.1.1, or update libmosquitto",
        chinese: "请将 mqtt.protocol 设为 3.1.1，或升级 libmosquitto")
    case .subscriptionRefused(let filter, let code, _):
      self.init(notGranted: filter, code: code, to: endpoint.username)
    case .closed, .silent, .handlerFailed, .stopped: self = .seeLog
    }
  }

  private static let seeLog = Self(
    english: "see the broker's log for the reason", chinese: "请在消息代理日志中查找原因")
}

/// Remedies when a broker refuses the connection or a filter.
extension BrokerProbe.Remedy {
  /// The remedy for a code in a CONNACK: of MQTT 3.1.1 (3.2.2.3) below 0x80, else of MQTT 5 (3.2.2.2).
  fileprivate init(refused code: UInt8, by place: String, _ endpoint: BrokerEndpoint) {
    switch code {
    case 1, 0x84:
      let other = endpoint.protocolVersion == .v5 ? "3.1.1" : "5"
      self.init(
        english: "the broker does not speak this version of MQTT: set mqtt.protocol to \(other)",
        chinese: "消息代理不支持该 MQTT 版本：请将 mqtt.protocol 设为 \(other)")
    case 2, 0x85:
      self.init(
        english: "the broker does not accept the client id: set mqtt.client_id to one that its rules allow",
        chinese: "消息代理不接受该客户端标识：请将 mqtt.client_id 设为其规则允许的值")
    case 4, 0x86: self.init(credentialsOf: endpoint)
    // mosquitto answers a wrong password with it.
    case 5, 0x87:
      let credentials = Self(credentialsOf: endpoint)
      self.init(
        english: credentials.english + "; if it does, let it connect (in other brokers: access rules, ACL)",
        chinese: credentials.chinese + "；若用户无误，请允许其连接（部分消息代理为访问控制规则 ACL）")
    case 3, 0x88, 0x89:
      self.init(
        english: "the broker is overloaded or starting: wait and try again, and see its log if that repeats",
        chinese: "消息代理繁忙或正在启动：请稍后重试；若反复出现，请查看其日志")
    case 0x8A:
      self.init(
        english: "the broker has banned this client: lift the ban of its address, user or client id there",
        chinese: "消息代理已封禁该客户端：请在消息代理上解除对其地址、用户或客户端标识的封禁")
    case 0x8C:
      self.init(
        english: "the broker demands another kind of authentication: let it accept user names with passwords",
        chinese: "消息代理要求其他认证方式：请使其接受用户名和密码认证")
    case 0x95, 0x97, 0x9F:
      self.init(
        english:
          "a limit of the broker is exceeded: raise its limits of packets, connections or quotas for this client",
        chinese: "超出消息代理的限制：请提高其对该客户端的报文、连接数或配额限制")
    case 0x9C, 0x9D:
      self.init(
        english:
          "the broker has moved: set mqtt.host and mqtt.port to its present address instead of \(place)",
        chinese: "消息代理已迁移：请将 mqtt.host 和 mqtt.port 由 \(place) 改为现地址")
    default: self = .seeLog
    }
  }

  private init(credentialsOf endpoint: BrokerEndpoint) {
    if let user = endpoint.username {
      self.init(
        english: "check the password of '\(user)' (mqtt.password_file) and that the broker knows this user",
        chinese: "请检查用户“\(user)”的密码（mqtt.password_file），以及消息代理是否有该用户")
    } else {
      self.init(
        english: "give mqtt.username and mqtt.password_file a user that the broker knows",
        chinese: "请在 mqtt.username 和 mqtt.password_file 中填写消息代理已有的用户")
    }
  }

  /// The remedy for a filter that a broker refused to a user.
  package init(_ refused: RefusedFilter, to user: String?) {
    // Brokers that close the connection do so because of their access rules.
    self.init(notGranted: refused.filter, code: refused.code ?? 0x87, to: user)
  }

  /// The remedy for a filter whose SUBACK has a code (MQTT 5, 3.9.3): a QoS below 1, or a reason.
  package init(notGranted filter: String, code: UInt8, to user: String?) {
    switch code {
    case 0:
      self.init(
        english: "let the broker grant QoS 1: raise its maximum QoS (mosquitto: max_qos)",
        chinese: "请使消息代理授予 QoS 1：提高其最大 QoS（mosquitto：max_qos）")
    case 0x8F:
      self.init(
        english: "the broker takes '\(filter)' for no valid filter: change the topic in sources",
        chinese: "消息代理认为“\(filter)”不是有效的主题过滤器：请修改 sources 中的 topic")
    case 0x97:
      self.init(
        english:
          "a quota of the broker is exceeded: raise the number of subscriptions that it allows this client",
        chinese: "超出消息代理配额：请提高其允许该客户端的订阅数量")
    case 0xA2:
      self.init(
        english: "the broker does not allow wildcards in filters: allow them there, or use another broker",
        chinese: "消息代理不允许带通配符的订阅：请在其上允许，或更换消息代理")
    case 0x91:
      self.init(
        english: "the broker confuses the subscription with another: try again",
        chinese: "消息代理将该订阅与其他订阅混淆：请重试")
    // In MQTT 3.1.1 the only reason is 0x80, as a rule the access rules.
    case 0x80, 0x83, 0x87:
      let who = user.map { "user '\($0)'" } ?? "clients without a user name"
      let whom = user.map { "用户“\($0)”" } ?? "无用户名的客户端"
      let rule = "\(user.map { "user \($0), then " } ?? "")topic read \(filter)"
      let ruleChinese = "\(user.map { "user \($0)，然后 " } ?? "")topic read \(filter)"
      self.init(
        english: "let \(who) read it; in mosquitto's access rules (ACL): \(rule)",
        chinese: "请允许\(whom)读取；mosquitto 访问控制规则（ACL）：\(ruleChinese)")
    default: self = .seeLog
    }
  }
}
