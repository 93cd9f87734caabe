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
}
