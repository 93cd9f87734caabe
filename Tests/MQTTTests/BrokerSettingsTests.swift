import Foundation
import MQTT
import TestSupport
import Testing

@Suite("Broker settings") struct BrokerSettingsTests {
  @Test("pass as they come, for a broker on this machine") func defaults() throws {
    let settings = BrokerSettings(endpoint: BrokerEndpoint(clientID: "c"), subscriptions: ["factory/#"])
    try settings.validate()
    #expect(settings.endpoint.protocolVersion == .v5)
    #expect(settings.receiveMaximum == 10_000)
  }

  @Test(
    "announce at least a window, as far as MQTT can",
    arguments: [(1, 20), (5000, 10_000), (40_000, 65_535), (1_000_000, 65_535)])
  func receiveMaximum(messages: Int, announced: Int) {
    var settings = BrokerSettings(endpoint: BrokerEndpoint(clientID: "c"), subscriptions: ["a"])
    settings.window.messages = messages
    #expect(settings.receiveMaximum == announced)
  }

  @Test(
    "refuse a host that is not this machine without TLS",
    arguments: ["broker.example", "192.0.2.7", "128.0.0.1", "localhost.example", "2001:db8::1"])
  func tlsRequired(host: String) {
    let refusal = problem { $0.endpoint.host = host }
    #expect(
      refusal
        == "\(host) is not this machine, so TLS is required: give the CA file that vouches for the broker")
  }

  @Test("need no TLS for this machine", arguments: ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
  func loopback(host: String) { #expect(problem { $0.endpoint.host = host } == nil) }

  @Test("name the topic filter that is none") func filters() {
    #expect(problem { $0.subscriptions = ["ok/+", "a/#/b"] } == "'a/#/b' is not a topic filter")
    #expect(problem { $0.subscriptions = [] } == "there is no topic filter to subscribe to")
  }

  @Test("name the value that is out of range") func ranges() {
    #expect(problem { $0.endpoint.port = 0 } == "port 0 is not within 1 ... 65535")
    #expect(problem { $0.endpoint.keepalive = 4 } == "keepalive 4 s is not within 5 ... 65535 s")
    #expect(
      problem { $0.endpoint.clientID = "" }
        == "the client id is empty, longer than 65,535 bytes or holds a NUL")
    #expect(
      problem { $0.sessionExpiry = 0 }
        == "a session expiry of zero would lose every message sent while the collector is away")
    #expect(
      problem { $0.window.messages = 0 }
        == "a window holds at least one message and one byte, and lingers zero milliseconds or more")
  }

  @Test("name the certificate file that cannot be read") func certificateFiles() {
    #expect(
      problem { $0.endpoint.tls = TLSSettings(caFile: "/nowhere/ca.pem") }
        == "cannot read /nowhere/ca.pem: No such file or directory")
  }

  private func problem(_ change: (inout BrokerSettings) -> Void) -> String? {
    var settings = BrokerSettings(endpoint: BrokerEndpoint(clientID: "c"), subscriptions: ["factory/#"])
    change(&settings)
    do {
      try settings.validate()
      return nil
    } catch {
      return error.description
    }
  }
}

@Suite("A password file") struct PasswordFileTests {
  @Test("is read without the line break at its end") func content() throws {
    let directory = try TemporaryDirectory()
    #expect(try BrokerEndpoint.password(fromFile: directory.write("a", "s3cret pass\n")) == "s3cret pass")
    #expect(try BrokerEndpoint.password(fromFile: directory.write("b", "密码\r\n")) == "密码")
    #expect(try BrokerEndpoint.password(fromFile: directory.write("c", " spaced ")) == " spaced ")
  }

  @Test("is read without a byte order mark at its beginning; UTF-16 is refused with a remedy")
  func byteOrderMark() throws {
    let directory = try TemporaryDirectory()
    #expect(try BrokerEndpoint.password(fromFile: directory.write("a", "\u{FEFF}s3cret\n")) == "s3cret")
    #expect(try BrokerEndpoint.password(fromFile: directory.write("b", "s3\u{FEFF}cret")) == "s3\u{FEFF}cret")
    let alone = try directory.write("c", "\u{FEFF}\r\n")
    #expect(refusal(alone) == "password file \(alone) is empty, too long or not UTF-8 text")
    for (name, bytes) in [("d", [0xFF, 0xFE, 0x73, 0]), ("e", [0xFE, 0xFF, 0, 0x73])] as [(String, [UInt8])] {
      let path = try directory.write(name, "")
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(refusal(path) == "password file \(path) is UTF-16: save it as UTF-8")
    }
  }

  @Test("is refused when others can read it, and named", arguments: [0o640, 0o604, 0o660, 0o644])
  func mode(mode: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("password", "secret\n", mode: mode)
    let octal = String(mode, radix: 8)
    #expect(
      refusal(path) == "password file \(path) has mode 0\(octal): others can read it; run chmod 600 on it")
  }

  @Test("is refused when it is missing, empty or no file") func unusable() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.file("missing")
    #expect(refusal(missing) == "cannot read password file \(missing): No such file or directory")
    let empty = try directory.write("empty", "\n")
    #expect(refusal(empty) == "password file \(empty) is empty, too long or not UTF-8 text")
    #expect(refusal(directory.path) == "password file \(directory.path) is not a regular file")
    // A pipe without a writer does not stop the reader.
    let pipe = directory.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(refusal(pipe) == "password file \(pipe) is not a regular file")
  }

  private func refusal(_ path: String) -> String? {
    do {
      _ = try BrokerEndpoint.password(fromFile: path)
      return nil
    } catch {
      return error.description
    }
  }
}
