import Daemon
import MQTT
import Testing

@Suite("Remedies for a broker's refusals") struct BrokerRemedyTests {
  private static let endpoint = BrokerEndpoint(port: 1883, clientID: "p")

  private func remedy(_ code: UInt8) -> BrokerProbe.Remedy {
    BrokerProbe.Remedy(.refused(code: code, ""), at: Self.endpoint)
  }

  @Test(
    "Each reason of a CONNACK has a remedy that names what to touch",
    arguments: [
      (1, "mqtt.protocol"), (2, "mqtt.client_id"), (3, "try again"), (4, "mqtt.password_file"),
      (5, "let it connect"), (0x84, "mqtt.protocol"), (0x85, "mqtt.client_id"), (0x86, "mqtt.password_file"),
      (0x87, "let it connect"), (0x88, "try again"), (0x89, "try again"), (0x8A, "lift the ban"),
      (0x8C, "authentication"), (0x95, "limits"), (0x97, "limits"), (0x9C, "mqtt.host"),
      (0x9D, "mqtt.host"), (0x9F, "limits"), (0x80, "broker's log"),
    ] as [(UInt8, String)])
  func refused(code: UInt8, words: String) {
    let remedy = remedy(code)
    #expect(remedy.english.contains(words), "\(remedy.english)")
    #expect(remedy.chinese.contains("消息代理"), "\(remedy.chinese)")
  }

  @Test("Only wrong credentials lead to the password") func password() {
    let codes = (0...255 as ClosedRange<UInt8>).filter { remedy($0).english.contains("password_file") }
    #expect(codes == [4, 5, 0x86, 0x87])
    #expect(
      remedy(0x84).english == "the broker does not speak this version of MQTT: set mqtt.protocol to 3.1.1")
    #expect(remedy(0x86).chinese == "请在 mqtt.username 和 mqtt.password_file 中填写消息代理已有的用户")
  }

  @Test(
    "Each reason of a SUBACK has one too",
    arguments: [
      (0, "max_qos"), (0x80, "topic read a/#"), (0x83, "topic read a/#"), (0x87, "topic read a/#"),
      (0x8F, "sources"), (0x91, "try again"), (0x97, "subscriptions"), (0x9E, "broker's log"),
      (0xA2, "wildcards"), (0xFF, "broker's log"),
    ] as [(UInt8, String)])
  func notGranted(code: UInt8, words: String) {
    let remedy = BrokerProbe.Remedy(notGranted: "a/#", code: code, to: "u")
    #expect(remedy.english.contains(words), "\(remedy.english)")
    #expect(remedy.english.contains("user 'u'") == [0x80, 0x83, 0x87].contains(code))
    // A connection that ended over the filter has the same remedy.
    var endpoint = Self.endpoint
    endpoint.username = "u"
    let ended = DisconnectReason.subscriptionRefused(filter: "a/#", code: code, "")
    #expect(BrokerProbe.Remedy(ended, at: endpoint) == remedy)
  }

  @Test("A port of another transport has the remedy of mqtt.tls, in both languages") func foreign() {
    let plain = BrokerProbe.Remedy(.foreign(host: "h", port: 1883, overTLS: false), at: Self.endpoint)
    #expect(
      plain.english == """
        check that 127.0.0.1:1883 is the broker's MQTT listener, whether it expects TLS (mqtt.tls.ca_file), and whether \
        the broker or its load balancer takes more connections
        """)
    #expect(
      plain.chinese == """
        请检查 127.0.0.1:1883 是否为消息代理的 MQTT 端口、该端口是否要求 TLS（mqtt.tls.ca_file），\
        以及消息代理或其负载均衡是否仍接受新连接
        """)
    let secure = BrokerProbe.Remedy(.foreign(host: "h", port: 1883, overTLS: true), at: Self.endpoint)
    #expect(secure.english == "check that 127.0.0.1:1883 is the broker's listener for TLS")
    #expect(secure.chinese == "请检查 127.0.0.1:1883 是否为消息代理的 TLS 端口")
  }

  @Test("An end after the TLS handshake has the remedy of the client's certificate, in both languages")
  func notAdmitted() {
    let without = BrokerProbe.Remedy(
      .notAdmitted(host: "h", port: 1883, hasCertificate: false), at: Self.endpoint)
    #expect(
      without.english
        == "the broker may require a certificate: set mqtt.tls.certificate_file and key_file")
    #expect(without.chinese == "消息代理可能要求客户端证书：请设置 mqtt.tls.certificate_file 和 key_file")
    let with = BrokerProbe.Remedy(
      .notAdmitted(host: "h", port: 1883, hasCertificate: true), at: Self.endpoint)
    #expect(
      with.english == """
        check in the broker's log whether it accepts the certificate of mqtt.tls.certificate_file, and whether it takes \
        more connections
        """)
    #expect(with.chinese == "请在消息代理日志中检查其是否接受 mqtt.tls.certificate_file 的证书，以及是否仍接受新连接")
  }
}
