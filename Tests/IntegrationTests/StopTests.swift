import Foundation
import Glibc
import MQTT
import TestSupport
import Testing

/// Number of signals to send; 300 when a library is validated.
private let signals = Int(ProcessInfo.processInfo.environment["STOP_TEST_SIGNALS"] ?? "") ?? 40

@Suite("Stopping the collector", .serialized) struct StopTests {
  /// Delays from zero to beyond the connection, most of them during the start.
  @Test("At any moment SIGTERM and SIGINT end it with 0, and what was published is stored once")
  func anyMoment() throws {
    let site = try Installation()
    try site.startCollector()
    #expect(try site.stopCollector() == 0)
    var unheld = 0
    for round in 0..<signals {
      let part = Double(round) / Double(signals)
      let delay = UInt32(500_000 * part * part)
      try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running","seq":\#(round)}"#)
      let lines = site.logLines
      try site.startCollector(awaitConnection: false)
      let id = try #require(site.collectorID)
      // This waits for nothing: the moment of the signal is varied.
      usleep(delay)
      // Until the dynamic linker is done, the signal has the system's default effect; nothing has been opened then.
      let isHeld = Self.holds(SIGTERM, in: id)
      kill(id, round % 2 == 0 ? SIGTERM : SIGINT)
      let end = try #require(site.end(within: 20), "signal \(round) after \(delay) µs was lost:\n\(site.log)")
      if case .signalled = end, !isHeld {
        unheld += 1
        #expect(site.logLines == lines, "something was done before signals are held back")
      } else {
        #expect(end == .exited(0), "signal \(round) after \(delay) µs:\n\(site.log)")
      }
    }
    print("\(signals) signals, \(unheld) of them before the dynamic linker was done")
    #expect(Double(unheld) < 0.5 * Double(signals))
    #expect(try site.millwright("journal", "verify").status == 0)
    try site.startCollector()
    let expected = Set(0..<signals)
    #expect(waitUntil(20) { (try? Set(Self.numbers(site))) == expected })
    #expect(try site.stopCollector() == 0)
    // Messages not acknowledged before a stop are sent again and recognised as the same.
    #expect(try site.stored.readings(of: key("E1")) == signals)
    #expect(try site.millwright("rebuild", "--verify").status == 0)
  }

  @Test("SIGHUP and SIGPIPE do not end it, at the start either") func hangUp() throws {
    let site = try Installation()
    try site.startCollector(awaitConnection: false)
    let id = try #require(site.collectorID)
    #expect(waitUntil { Self.holds(SIGTERM, in: id) })
    #expect(
      waitUntil(20) {
        kill(id, SIGHUP)
        kill(id, SIGPIPE)
        return site.log.contains("connected and subscribed")
      })
    kill(id, SIGHUP)
    kill(id, SIGPIPE)
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil { site.journaledCount() == 1 })
    #expect(try site.stopCollector() == 0)
  }

  @Test(
    "A broker that takes the connection and says nothing, with and without TLS, does not hold it up",
    arguments: [false, true])
  func stalledConnect(tls: Bool) throws {
    let site = try Installation()
    let (listener, port) = try listenOnLoopback()
    defer { close(listener) }
    var environment = ["MILLWRIGHT_MQTT_PORT=\(port)", Self.longTimeout]
    if tls {
      environment.append(
        "MILLWRIGHT_MQTT_TLS_CA_FILE=\(try CertificateAuthority("ca", in: site.folder).caFile)")
    }
    try site.startCollector(behind: environment, awaitConnection: false)
    #expect(waitUntil { site.log.contains(" info: collecting ") })
    // The collector first checks that the broker is reachable, then connects; the kernel accepts both connections,
    // and nothing reads them.
    #expect(waitUntil { Self.connections(waitingAt: listener) >= 2 })
    #expect(try site.stopCollector() == 0)
  }

  @Test(
    "A name server that says nothing does not hold it up",
    .enabled(if: getuid() == 0, "another resolv.conf needs root"))
  func silentNameServer() throws {
    let site = try Installation()
    let server = try #require(Self.nameServer())
    defer { close(server) }
    let servers = try site.folder.write("resolv.conf", "nameserver 127.9.9.9\n")
    let ca = try CertificateAuthority("ca", in: site.folder).caFile
    try site.startCollector(
      behind: [
        "MILLWRIGHT_MQTT_HOST=broker.example", Self.longTimeout, "MILLWRIGHT_MQTT_TLS_CA_FILE=\(ca)",
        "unshare", "-m", "sh", "-c",
        "mount --bind \(servers) /etc/resolv.conf && exec \"$0\" \"$@\"",
      ], awaitConnection: false)
    // Wait for the resolver's question.
    var question = [UInt8](repeating: 0, count: 512)
    #expect(recv(server, &question, question.count, 0) > 0)
    #expect(try site.stopCollector() == 0)
  }

  @Test("It says which library it uses and how, when it starts and why it stops") func words() throws {
    let site = try Installation()
    try site.startCollector()
    #expect(try site.stopCollector() == 0)
    let collecting = try #require(site.log.split(separator: "\n").first { $0.contains(" info: collecting ") })
    let version = #/ libmosquitto=\d+\.\d+\.\d+ /#
    #expect(collecting.firstMatch(of: version) != nil, "\(collecting)")
    let connected = try #require(
      site.log.split(separator: "\n").first { $0.contains(" info: connected and subscribed ") })
    #expect(connected.firstMatch(of: version) != nil, "\(connected)")
    #expect(connected.hasSuffix(" transport=\(MQTTLibrary.hasSocketBuffer ? "buffered" : "unbuffered")"))
    #expect(site.log.contains(" info: stopping signal=SIGTERM\n"))
  }

  /// Far longer than a stop is waited for, so that a stop that waits for it fails, however busy the machine is.
  private static let longTimeout = "MILLWRIGHT_MQTT_CONNECT_TIMEOUT=5m"

  /// Whether a process holds a signal back.
  private static func holds(_ signal: Int32, in id: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("SigBlk:") }),
      let mask = UInt64(line.dropFirst(7).drop { $0 == "\t" }, radix: 16)
    else { return false }
    return mask & 1 << UInt64(signal - 1) != 0
  }

  /// Number of connections that the kernel has accepted and the listener has not (tcp(7), TCP_INFO of a listener).
  private static func connections(waitingAt listener: Int32) -> Int {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    getsockopt(listener, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
    return Int(info.tcpi_unacked)
  }

  /// The sequence numbers in the journal, redelivered ones too.
  private static func numbers(_ site: Installation) throws -> [Int] {
    try site.journaledPayloads().compactMap { payload in
      payload.firstMatch(of: /"seq":(\d+)/).flatMap { Int($0.output.1) }
    }
  }

  /// A name server on 127.9.9.9 that receives and never answers.
  private static func nameServer() -> Int32? {
    let server = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var timeout = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(53).bigEndian
    inet_pton(AF_INET, "127.9.9.9", &address.sin_addr)
    let failed = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
      }
    }
    if failed { close(server) }
    return failed ? nil : server
  }
}
