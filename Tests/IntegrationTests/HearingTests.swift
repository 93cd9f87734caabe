import Foundation
import TestSupport
import Testing

@Suite("A broker that withholds messages", .serialized) struct HearingTests {
  private static let open = """
    user F001
    topic write factory/F001/#

    user collector
    topic read factory/#
    """
  /// The collector may subscribe as before, and gets nothing.
  private static let withheld = """
    user F001
    topic write factory/F001/#
    """

  private func publish(_ site: Installation) throws {
    let result = try run(
      "mosquitto_pub",
      [
        "-h", "127.0.0.1", "-p", "\(site.broker.port)", "-u", "F001", "-P", "secret", "-q", "1", "-t",
        "factory/F001/W01/E1/status", "-m", #"{"ts":\#(now()),"state":"running"}"#,
      ])
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test("Log, status and report warn, the time is not observed, and it ends with the first message")
  func withheld() throws {
    var options = MosquittoBroker.Options()
    options.users = ["collector": "secret", "F001": "secret"]
    options.accessList = Self.open
    let site = try Installation(
      presence: "{ horizon_minimum: 1m }", broker: try MosquittoBroker(options), password: "secret")
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop\nE1,F001,W01\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    try site.startCollector()
    try publish(site)
    #expect(waitUntil(20) { site.journaledCount() == 1 })
    #expect(try site.report("factory", "F001").data_quality.silences.isEmpty)

    try site.broker.changeAccessList(to: Self.withheld)
    // The subscription stands, and the sender's messages are taken.
    try publish(site)
    #expect(waitUntil(120) { site.log.contains("nothing has come from anybody since") })
    #expect(site.journaledCount() == 1)
    let status = try site.millwright("status", "--lang", "en")
    #expect(
      status.output.contains(
        "though the connection stands and machines had been sending: see the broker's access"))
    #expect(try site.millwright("status", "--lang", "zh").output.contains("连接正常，但此前仍在上报的设备全部无消息"))
    #expect(waitUntil(20) { (try? site.report("factory", "F001").data_quality.silences.count) == 1 })
    let text = try site.millwright("report", "factory", "F001", "--lang", "en").output
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      text.contains("nothing came from anybody though the connection stood and machines had been sending"))

    try site.broker.changeAccessList(to: Self.open)
    try publish(site)
    #expect(waitUntil(20) { site.log.contains("messages come again") })
    #expect(
      waitUntil(20) { (try? site.millwright("status", "--lang", "en").output.contains("Warning")) == false })
    #expect(try site.stopCollector() == 0)
    #expect(try site.report("factory", "F001").data_quality.silences.count == 1)
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)")
  }

  /// The access list that is shipped, with or without the line that lets the collector read.
  private func shipped(reading: Bool = true) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Config/mosquitto/acl"), encoding: .utf8)
    return reading ? text : text.replacing("topic read factory/#\n", with: "")
  }

  private func site(_ accessList: String) throws -> Installation {
    var options = MosquittoBroker.Options()
    options.users = ["collector": "secret", "F001": "secret"]
    options.accessList = accessList
    // Without a limit mosquitto 2.0.11 closes the connection behind each message that it refuses.
    options.maximumQueuedMessages = 1000
    let site = try Installation(
      presence: "{ horizon_minimum: 1h }", probeInterval: "1s", broker: try MosquittoBroker(options),
      password: "secret")
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop\nE1,F001,W01\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    return site
  }

  /// Number of the collector's probes that the broker took and sent back.
  private func echoes(_ site: Installation) -> Int {
    site.broker.log.components(separatedBy: "Sending PUBLISH to site").filter {
      $0.prefix(200).contains("'factory/_millwright/")
    }.count
  }

  @Test("The shipped access list lets the collector prove that it hears; what is withheld then is noticed")
  func probe() throws {
    let site = try site(try shipped())
    try site.startCollector()
    try publish(site)
    #expect(waitUntil(20) { site.journaledCount() == 1 && echoes(site) >= 3 })
    #expect(site.log.contains("probe") == false, "\(site.log)")

    // The subscription stands, and the broker takes the probe.
    try site.broker.changeAccessList(to: try shipped(reading: false))
    let began = now()
    #expect(waitUntil(120) { site.log.contains("not even the collector's own probe") }, "\(site.log)")
    print("withheld messages were noticed after \((now() - began) / 1000) s, with a probe a second")
    let status = try site.millwright("status", "--lang", "en")
    #expect(status.output.contains("not even the collector's own probe, though the connection stands"))
    #expect(try site.millwright("status", "--lang", "zh").output.contains("采集器自身的探测消息也未返回"))

    // No machine has to speak for it to end.
    try site.broker.changeAccessList(to: try shipped())
    #expect(waitUntil(20) { site.log.contains("messages come again") })
    #expect(
      waitUntil(20) { (try? site.millwright("status", "--lang", "en").output.contains("Warning")) == false })
    #expect(try site.stopCollector() == 0)
    #expect(try site.report("factory", "F001").data_quality.silences.count == 1)
    #expect(site.journaledCount() == 1)
    #expect(try site.stored.senders() == ["F001/E1"])
    #expect(try site.stored.quarantined().isEmpty)
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)")
    #expect(try site.millwright("journal", "verify").status == 0)
  }

  @Test("Where the access list refuses the probe the log says so once, with the line to add") func refused()
    throws
  {
    let site = try site(Self.open)
    try site.startCollector()
    #expect(
      waitUntil(20) { site.log.contains("refuses the collector's probe (MQTT reason 0x87)") }, "\(site.log)")
    let remedy = "below that user: topic readwrite factory/_millwright/#"
    #expect(site.log.contains(remedy))
    // Everything else goes on, and a restarted collector says it once again.
    try publish(site)
    #expect(waitUntil(20) { site.journaledCount() == 1 })
    #expect(try site.stopCollector() == 0)
    #expect(site.log.components(separatedBy: remedy).count == 2)
    #expect(site.log.components(separatedBy: "connected and subscribed").count == 2)
    // With that line it works.
    try site.broker.changeAccessList(
      to: Self.open + "\ntopic readwrite factory/_millwright/#")
    try site.startCollector()
    #expect(waitUntil(20) { echoes(site) >= 3 })
    #expect(try site.stopCollector() == 0)
    #expect(site.log.components(separatedBy: remedy).count == 2)
  }
}
