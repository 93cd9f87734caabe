import Decoding
import MQTT
import Telemetry

/// The configuration's keys, each with its kind, range and default: the only place that knows them.
extension Settings {
  /// Reads every key and checks what takes several of them to see.
  init(from reader: inout SettingsReader, file: String) {
    self.file = file
    district = Self.district(&reader)
    mqtt = Self.mqtt(&reader)
    window = Window(
      messages: reader.value("window.messages", .integer(1...65_535), default: 5000),
      bytes: reader.value("window.bytes", .size(4096...(256 << 20)), default: 1 << 20),
      interval: reader.value(
        "window.interval", .span(.zero ... .seconds(10)), default: .milliseconds(100)))
    (sources, sparkplug) = Self.sources(&reader)
    naming = reader.optional("naming", .path)
    namingOrigin = reader.origin(of: "naming")
    store = reader.required("store", Self.storeKind, placeholder: .sqlite(directory: "/"))
    journal = Journal(
      retention: reader.value("journal.retention", .span(.days(3) ... .days(3660)), default: .days(90)),
      compactAfter: reader.value("journal.compact_after", .span(.zero ... .days(3660)), default: .days(1)))
    presence = Presence(
      networkedWindow: reader.value(
        "presence.networked_window", .span(.days(1) ... .days(366)), default: .days(30)),
      horizonFactor: reader.value("presence.horizon_factor", .integer(1...100), default: 3),
      horizonMinimum: reader.value(
        "presence.horizon_minimum", .span(.minutes(1) ... .days(1)), default: .minutes(15)),
      defaultInterval: reader.value(
        "presence.default_interval", .span(.seconds(1) ... .days(31)), default: .minutes(5)))
    limits = Limits(
      payload: reader.value("limits.payload", .size(256...(16 << 20)), default: 64 << 10),
      nesting: reader.value("limits.nesting", .integer(1...1000), default: 16),
      futureSkew: reader.value("limits.future_skew", .span(.zero ... .days(1)), default: .minutes(5)),
      unregisteredSenders: reader.value(
        "limits.unregistered_senders", .integer(0...10_000_000), default: 10_000))
    policies = Self.names("policies", of: Self.policyKind, called: "policies' names", &reader)
    policiesOrigin = reader.origin(of: "policies")
    forms = Self.names("forms", of: Self.formKind, called: "forms' names", &reader)
    formsOrigin = reader.origin(of: "forms")
    web = Self.web(&reader, file: file)
    alerts = Self.alerts(store, &reader)
    alertRulesOrigin = reader.origin(of: "alerts.rules_file")
    log = Log(
      level: reader.value("log.level", .word(Log.Level.self), default: .info),
      format: reader.value("log.format", .word(Log.Format.self), default: .text))
    checkTogether(&reader)
  }

  private func checkTogether(_ reader: inout SettingsReader) {
    if window.bytes < limits.payload {
      reader.complain(
        at: "window.bytes",
        "window.bytes (\(Units.text(bytes: window.bytes))) must hold at least one message of "
          + "limits.payload (\(Units.text(bytes: limits.payload)))",
        "window.bytes（\(Units.text(bytes: window.bytes))）不得小于一条消息的上限 limits.payload（\(Units.text(bytes: limits.payload))）"
      )
    }
    if window.interval * 2 > mqtt.keepalive {
      reader.complain(
        at: "window.interval",
        "window.interval (\(Units.text(window.interval))) must be at most half of mqtt.keepalive "
          + "(\(Units.text(mqtt.keepalive))): pings wait while a window is open",
        "window.interval（\(Units.text(window.interval))）不得超过 mqtt.keepalive（\(Units.text(mqtt.keepalive))）的一半："
          + "窗口未提交时不发送心跳")
    }
  }

  private static func district(_ reader: inout SettingsReader) -> District {
    District(
      id: reader.required("district.id", .id, placeholder: "-"),
      nameChinese: reader.required("district.name_zh", .text(), placeholder: "-"),
      nameEnglish: reader.required("district.name_en", .text(), placeholder: "-"),
      calendar: reader.required(
        "district.timezone",
        SettingKind.text().then(
          expects: "a time zone of the IANA database, such as Asia/Shanghai",
          chinese: "IANA 时区名称，如 Asia/Shanghai"
        ) { LocalCalendar(identifier: $0) }, placeholder: .utc))
  }

  private static func mqtt(_ reader: inout SettingsReader) -> MQTT {
    let mqtt = MQTT(
      host: reader.value("mqtt.host", hostKind, default: "127.0.0.1"),
      port: reader.value("mqtt.port", .integer(1...65_535), default: 1883),
      protocolVersion: reader.value("mqtt.protocol", .word(MQTT.ProtocolVersion.self), default: .v5),
      clientID: reader.optional("mqtt.client_id", .text(maximum: 256)),
      username: reader.optional("mqtt.username", .text()),
      tls: tls(&reader),
      keepalive: reader.value(
        "mqtt.keepalive", .span(.seconds(5) ... .seconds(65_535), wholeSeconds: true),
        default: .seconds(30)),
      sessionExpiry: reader.value(
        "mqtt.session_expiry", .span(.minutes(1) ... .seconds(4_294_967_294), wholeSeconds: true),
        default: .days(7)),
      connectTimeout: reader.value(
        "mqtt.connect_timeout", .span(.seconds(1) ... .minutes(5)), default: .seconds(10)),
      probeInterval: reader.value(
        "mqtt.probe_interval", .span(.zero ... .minutes(10)), default: .minutes(1)),
      secret: Secret(&reader))
    if let (host, port) = hostWithPort(mqtt.host) {
      reader.complain(
        at: "mqtt.host",
        "mqtt.host '\(mqtt.host)' holds a port: write mqtt.host '\(host)' and mqtt.port \(port)",
        "mqtt.host“\(mqtt.host)”含有端口：请填写 mqtt.host“\(host)”和 mqtt.port \(port)")
    } else if mqtt.tls == nil, !BrokerEndpoint(host: mqtt.host, clientID: "").isLoopback {
      reader.complain(
        at: "mqtt.host",
        "mqtt.host '\(mqtt.host)' is not this machine, so the session must be encrypted: "
          + "set mqtt.tls.ca_file to the certificate authority of the broker",
        "mqtt.host“\(mqtt.host)”不是本机，连接须加密：请将 mqtt.tls.ca_file 设为消息代理（broker）的 CA 证书")
    }
    if mqtt.username == nil, mqtt.secret.isGiven {
      reader.complain(
        at: "mqtt.password_file", "a password needs mqtt.username too", "设置密码时须同时设置 mqtt.username")
    }
    return mqtt
  }

  /// Host and port of `host:1883`; nil for a host without a port, and for an IPv6 address, which has several colons.
  private static func hostWithPort(_ text: String) -> (host: Substring, port: Int)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let port = Int(parts[1]), (1...65_535).contains(port) else { return nil }
    return (parts[0], port)
  }

  private static func tls(_ reader: inout SettingsReader) -> TLS? {
    let ca = reader.optional("mqtt.tls.ca_file", .path)
    let certificate = reader.optional("mqtt.tls.certificate_file", .path)
    let key = reader.optional("mqtt.tls.key_file", .path)
    if (certificate == nil) != (key == nil) {
      reader.complain(
        at: certificate == nil ? "mqtt.tls.key_file" : "mqtt.tls.certificate_file",
        "mqtt.tls.certificate_file and mqtt.tls.key_file go together: give both or neither",
        "mqtt.tls.certificate_file 与 mqtt.tls.key_file 须同时填写")
    }
    guard let ca else {
      if certificate != nil || key != nil {
        reader.complain(
          at: "mqtt.tls", "mqtt.tls.ca_file is missing: without it the broker is not verified",
          "缺少 mqtt.tls.ca_file：无法验证消息代理（broker）的身份")
      }
      return nil
    }
    return TLS(caFile: ca, certificateFile: certificate, keyFile: key)
  }

  /// The names in a list, each once.
  private static func names(
    _ key: String, of kind: SettingKind<String>, called what: String, _ reader: inout SettingsReader
  ) -> [String] {
    let named = reader.list(key, of: kind, called: what) ?? []
    for (index, name) in named.enumerated() where named[..<index].contains(name) {
      reader.complain(at: key, "\(key) names '\(name)' more than once", "\(key) 中“\(name)”重复")
    }
    return named
  }

  private static func sources(_ reader: inout SettingsReader) -> ([Source], Sparkplug?) {
    let elements = reader.elements("sources", of: ["format", "topic"])
    guard let elements else {
      return (
        [
          Source(format: .status, topic: "factory/{factory}/{workshop}/{equipment}/status"),
          Source(format: .presence, topic: "factory/{factory}/{workshop}/{equipment}/connection"),
        ], nil
      )
    }
    let names = ["status", "presence"] + SourceFormats.all.map(\.name)
    var hosts: [SettingsReader.Element] = []
    let sources = elements.compactMap { element -> Source? in
      guard let name = reader.required("format", in: element, .word(among: names)) else {
        // Not every format has a topic.
        _ = reader.optional("topic", in: element, .text(maximum: 1024))
        return nil
      }
      switch name {
      case "status": return source(.status, element, &reader)
      case "presence":
        return reader.hasOtherKeys(than: ["format", "topic"], in: element)
          ? mappedSource(element, &reader) : source(.presence, element, &reader)
      case SparkplugDecoder.formatName:
        hosts.append(element)
        return mappedSource(element, &reader)
      default: return mappedSource(element, &reader)
      }
    }
    var host = sparkplugHost(hosts, &reader)
    host?.groups = sparkplugGroups(sources)
    return (sources, host)
  }

  /// A source whose only other key is the topic.
  private static func source(
    _ format: Format, _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> Source? {
    guard var topic = reader.required("topic", in: element, .text(maximum: 1024)) else { return nil }
    if format == .presence { topic = TopicTemplate.presence(topic) }
    do throws(TopicTemplateError) {
      _ = try TopicTemplate(topic)
      return Source(format: format, topic: topic)
    } catch {
      reader.complain(at: "topic", in: element, "\(error)")
      return nil
    }
  }

  /// A source whose format has keys of its own.
  private static func mappedSource(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> Source? {
    var problems: [SettingsProblem] = []
    let tree = reader.tree(of: element, &problems)
    let source = SourceFormats.source(tree, name: element.name, &problems)
    reader.add(problems, in: element)
    return source.map { Source(format: $0.format, topic: $0.template.description) }
  }
}
