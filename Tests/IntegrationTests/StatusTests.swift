import Foundation
import SQLiteStore
import Testing
import TestSupport

@Suite("What the collector says of itself", .serialized) struct CollectorStatusTests {
  @Test("millwright status follows a collector from before its start to after its end") func life() throws {
    let site = try Installation()
    #expect(try site.millwright("status").status == 66)
    try site.startCollector()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    try site.publish("factory/F001/W01/E2/status", #"{"state":"running"}"#)
    try site.publish("factory/F001/W01/E2/status", #"{"state":"running","x":1}"#)
    #expect(
      waitUntil(20) { (try? site.millwright("status").output.contains("Refused       2 since")) == true })
    let running = try site.millwright("status")
    #expect(running.status == 0)
    #expect(running.output.hasPrefix("The collector runs and is connected.\n"))
    #expect(running.output.contains("Messages      3 since the start"))
    #expect(running.output.contains("  missing_field        2  factory/F001/W01/E2/status (ts)"))
    // The command named in the output shows the message: the first, or both if they came at once the second.
    let place = try #require(running.output.firstMatch(of: /millwright quarantine show (\d+\/\d+)/)).1
    #expect(try site.millwright("quarantine", "show", String(place)).output.contains(#"{"state":"running""#))
    #expect(waitUntil(10) { site.log.contains("messages refused; 'millwright quarantine show") })
    #expect(site.log.components(separatedBy: "messages refused;").count == 2)
    struct Output: Decodable {
      struct Status: Decodable { var state: String }
      var verdict: String
      var status: Status
    }
    let json = try site.millwright("status", "--format", "json")
    let output = try JSONDecoder().decode(Output.self, from: Data(json.output.utf8))
    #expect(output.verdict == "collecting" && output.status.state == "connected")
    #expect(try site.stopCollector() == 0)
    let stopped = try site.millwright("status", "--lang", "zh")
    #expect(stopped.status == 1)
    #expect(stopped.output.hasPrefix("采集器已停止。\n"))
    try site.startCollector()
    site.kill()
    #expect(
      try site.millwright("status").output.hasPrefix("The collector does NOT run. It ended without a word"))
  }

  @Test(
    "Filters that the configuration no longer has are unsubscribed, and what still comes for them is no refusal"
  )
  func formerFilters() throws {
    let site = try Installation()
    let file = site.folder.file("millwright.yaml")
    let config = try String(contentsOfFile: file, encoding: .utf8)
    try config.replacing(
      "sources:\n", with: "sources:\n  - { format: status, topic: \"legacy/{factory}/{equipment}\" }\n"
    ).write(toFile: file, atomically: true, encoding: .utf8)
    try site.startCollector()
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 1 })
    #expect(try site.stopCollector() == 0)
    // The broker keeps the message for the session, which still has the filter.
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"idle"}"#)
    try config.write(toFile: file, atomically: true, encoding: .utf8)
    try site.startCollector()
    #expect(waitUntil(20) { site.journaledCount() == 2 })
    #expect(
      waitUntil(20) {
        site.log.contains("unsubscribed from what the configuration no longer has filters=[\"legacy/#\"]")
      },
      "\(site.log)")
    // Messages published now no longer arrive.
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"fault"}"#)
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 3 })
    #expect(try site.journaledPayloads().contains { $0.contains("fault") } == false)
    #expect(try site.millwright("quarantine", "list").output.hasPrefix("0 messages in quarantine"))
    #expect(
      try String(contentsOfFile: site.directory.path + "/subscriptions", encoding: .utf8)
        == "factory/#\n")
    #expect(try site.stopCollector() == 0)
  }

  @Test("A copied store does not connect, and says which command gives it an id of its own")
  func copiedStore() throws {
    let site = try Installation()
    let file = site.folder.file("millwright.yaml")
    let config = try String(contentsOfFile: file, encoding: .utf8)
    // The broker's session is named by the store's id.
    try config.replacing(", client_id: site", with: "").write(toFile: file, atomically: true, encoding: .utf8)
    try site.startCollector()
    let copy = site.folder.path + "/copy"
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
    // The collector renames its temporary files while they are listed.
    for name in try FileManager.default.contentsOfDirectory(atPath: site.directory.path)
    where !name.hasSuffix(".new") {
      try FileManager.default.copyItem(atPath: site.directory.path + "/" + name, toPath: copy + "/" + name)
    }
    let refused = try site.millwright("collect", "--store", "sqlite:\(copy)")
    #expect(refused.status == 69)
    #expect(refused.errors.contains("is a copy of the store in \(site.directory.path)"))
    #expect(refused.errors.contains("'millwright store new-id'"))
    let renewed = try site.millwright("store", "new-id", "--store", "sqlite:\(copy)")
    #expect(renewed.status == 0)
    let id = try StoreDirectory(copy).readIdentity()
    #expect(renewed.output.contains("is \(id); the broker's session is millwright-\(id)-0."))
    #expect(try id != site.directory.readIdentity())
    // The original was not disturbed.
    #expect(site.collectorID != nil)
    #expect(!site.log.contains("closed the connection"))
    #expect(try site.stopCollector() == 0)
  }
}
