import Foundation
import Glibc
import SQLiteStore
import TestSupport
import Testing

@Suite("The configuration of a collector that runs", .serialized) struct ConfigurationTests {
  private static let status = #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }"#
  private static let legacy = #"{ format: status, topic: "legacy/{factory}/{equipment}" }"#

  @Test("SIGHUP has it go on by the configuration as it is now; one that is wrong changes nothing")
  func hangUp() throws {
    let site = try Installation()
    try site.startCollector()
    let id = try #require(site.collectorID)
    try site.use(sources: [Self.status, Self.legacy])
    kill(id, SIGHUP)
    #expect(
      waitUntil(20) {
        (try? site.millwright("status", "--format", "json").output.contains(#""legacy/#""#)) == true
      }, "\(site.log)")
    #expect(site.log.contains("notice: the configuration was read again and is in effect"))
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 1 })
    // A wrong one is told whole, and the collector goes on.
    let file = site.folder.file("millwright.yaml")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try site.folder.write("millwright.yaml", text + "\nlog: { level: loud }\nbogus: 1\n")
    kill(id, SIGHUP)
    #expect(
      waitUntil(20) {
        site.log.contains("error: the configuration is wrong, and the one before stays in effect: ")
      })
    #expect(site.log.contains("log.level must be one of") && site.log.contains("unknown key 'bogus'"))
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"idle"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 2 })
    // The level of the log changes too; what needs a restart is named.
    let port = try freePort()
    try site.folder.write(
      "millwright.yaml",
      text.replacing("port: \(site.broker.port)", with: "port: \(port)") + "\nlog: { level: warning }\n")
    kill(id, SIGHUP)
    #expect(
      waitUntil(20) {
        site.log.contains(
          "warning: restart the collector for what else was changed in the configuration keys=mqtt.port")
      })
    try site.publish("legacy/F001/E1", #"{"ts":\#(now()),"state":"fault"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 3 })
    #expect(try site.stopCollector() == 0)
    #expect(!site.log.contains("info: stopping"))
    #expect(site.log.components(separatedBy: "connected and subscribed").count == 2)
    #expect(try site.stored.readings(of: key("E1")) == 3)
    let rebuilt = try site.millwright("rebuild", "--verify")
    #expect(rebuilt.status == 0, "\(rebuilt)")
  }

  @Test("A collector whose configuration is wrong anywhere says all of it, exits 78 and makes no store")
  func wrong() throws {
    let site = try Installation()
    let file = site.folder.file("millwright.yaml")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try FileManager.default.createDirectory(
      atPath: site.folder.file("policies"), withIntermediateDirectories: true)
    try site.folder.write("policies/half.yaml", "title_zh: [\n")
    try site.folder.write("actions.yaml", "rules: [{ nam: x }]\n")
    try site.folder.write(
      "millwright.yaml",
      text.replacing("probe_interval: 60s", with: "username: u, password_file: nowhere")
        .replacing("format: presence", with: "format: neuron")
        + "\npolicies: [half, nobodys]\nlog: { level: loud }\n")
    let result = try site.millwright("collect")
    #expect(result.status == 78)
    for part in [
      "mqtt.password_file: cannot read password file \(site.folder.file("nowhere"))",
      "sources[1].format must be one of status, presence, json, values, line_protocol, csv, pubsub, mtconnect, sparkplug, not 'neuron'",
      "policies: there is no policy 'nobodys'", "half.yaml:", "not valid YAML",
      "unknown key 'nam' in rules[0]",
      "log.level must be one of",
    ] { #expect(result.errors.contains(part), "\(part) is not in:\n\(result.errors)") }
    #expect(!FileManager.default.fileExists(atPath: site.directory.path))
  }

  @Test("store backup copies a store beside its collector; reports of the copy are those of the store")
  func backup() throws {
    let site = try Installation()
    try site.importRegister(
      equipment: "equipment_id,factory_id,automation,connectable\nE1,F001,automatic,yes\n",
      factories: "factory_id,name_zh\nF001,厂\n")
    try site.startCollector()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 1 })
    let copy = site.folder.file("copy")
    let made = try site.millwright("store", "backup", copy)
    #expect(made.status == 0, "\(made)")
    #expect(made.output.hasPrefix("\(copy): copied and verified up to block "))
    #expect(made.output.contains(": 1 message, closed days 0, "))
    #expect(try site.millwright("store", "backup", copy).status == 69)
    #expect(try site.stopCollector() == 0)
    #expect(try site.millwright("journal", "verify", "--store", "sqlite:\(copy)").status == 0)
    let asOf = try site.millwright("report", "factory", "F001", "--as-of", "2026-11-22", "--format", "json")
    let ofCopy = try site.millwright(
      "report", "factory", "F001", "--as-of", "2026-11-22", "--format", "json", "--store", "sqlite:\(copy)")
    #expect(asOf.status == 0 && ofCopy.status == 0)
    #expect(try StoreDirectory(copy).readIdentity() == site.directory.readIdentity())
  }
}
