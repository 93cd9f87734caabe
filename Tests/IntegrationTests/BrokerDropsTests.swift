import Foundation
import TestSupport
import Testing

@Suite("A broker that drops", .serialized) struct BrokerDropsTests {
  /// A broker with the access list that is shipped, a short queue, and counters told every second.
  private func broker() throws -> MosquittoBroker {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var options = MosquittoBroker.Options()
    options.users = ["collector": "secret", "F001": "secret"]
    options.accessList = try String(
      contentsOf: root.appending(path: "Config/mosquitto/acl"), encoding: .utf8)
    options.maximumQueuedMessages = 10
    options.extraLines = ["sys_interval 1", "max_inflight_messages 10"]
    return try MosquittoBroker(options)
  }

  @Test("What it dropped while the collector was away stands in the report as a warning, to the message")
  func warned() throws {
    let site = try Installation(broker: try broker(), password: "secret")
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop\nE1,F001,W01\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    try site.startCollector()
    // A count was heard.
    #expect(waitUntil(20) { (try? site.stored.overview().brokerDrops) == 0 })
    #expect(try site.report("factory", "F001").data_quality.broker_drops == 0)
    #expect(try site.millwright("report", "factory", "F001").output.contains("broker dropped") == false)
    try site.stopCollector()

    let sent = 200
    let start = now() - 60_000
    let lines = (0..<sent).map { #"{"ts":\#(start + Int64($0)),"state":"running","seq":\#($0)}"# }
    let file = try site.folder.write("messages", lines.joined(separator: "\n") + "\n")
    let published = try run(
      "sh",
      [
        "-c",
        "mosquitto_pub -h 127.0.0.1 -p \(site.broker.port) -u F001 -P secret -q 1 -t factory/F001/W01/E1/status -l < \(file)",
      ])
    #expect(published.status == 0, "\(published.errors)")

    try site.startCollector()
    #expect(
      waitUntil(20) {
        guard let drops = try? site.report("factory", "F001").data_quality.broker_drops else { return false }
        return drops > 0 && drops + site.journaledCount() == sent
      })
    let drops = try #require(try site.report("district").data_quality.broker_drops)
    print("the broker dropped \(drops) of \(sent) messages")
    #expect(drops > 100)
    let text = try site.millwright("report", "factory", "F001", "--lang", "en").output
    #expect(
      text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "The broker dropped \(drops) messages in the period"))
    #expect(
      try site.millwright("report", "factory", "F001", "--lang", "zh").output
        .replacing("\n", with: "").replacing(" ", with: "").contains("丢弃了\(drops)条消息"))
    #expect(site.log.contains("the broker dropped messages"))
    // It made nobody a sender and refused nothing, and the journal gives the same again.
    #expect(try site.stored.senders() == ["F001/E1"])
    #expect(try site.stored.quarantined().isEmpty)
    try site.stopCollector()
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)")
    #expect(try site.millwright("journal", "verify").status == 0)
  }
}
