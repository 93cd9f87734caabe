import Foundation
import MQTT
import Testing
import TestSupport

@Suite("From broker to report", .serialized) struct EndToEndTests {
  @Test("A message of mosquitto_pub stands in the factory's report") func oneMessage() throws {
    let site = try Installation()
    try site.importRegister(
      equipment: """
        equipment_id,factory_id,workshop,automation,digital,connectable
        E1,F001,W01,automatic,yes,yes
        E2,F001,W01,manual,no,no
        """, factories: "factory_id,name_zh,name_en\nF001,测试厂,Test Plant\n")
    try site.startCollector()
    #expect(try site.report("factory", "F001").buckets["never_seen"] == 1)
    let published = Date()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running","mode":"automatic"}"#)
    #expect(waitUntil(10) { (try? site.report("factory", "F001").buckets["reporting"]) == 1 })
    print("publish to report: \(Int(Date().timeIntervalSince(published) * 1000)) ms")
    let report = try site.report("factory", "F001")
    #expect(report.metrics["networked_ratio"] == .init(numerator: 1, denominator: 2, percent: "50.0"))
    #expect(report.metrics["automation_ratio"] == .init(numerator: 1, denominator: 2, percent: "50.0"))
    #expect(report.buckets["not_connectable"] == 1)
    #expect(try site.stopCollector() == 0)
    // With the collector stopped the store reads the same.
    #expect(
      try site.report("factory", "F001").metrics["networked_ratio"] == report.metrics["networked_ratio"])
  }

  @Test("Ten thousand malformed payloads end in quarantine and hold up nothing") func malformed() throws {
    let site = try Installation(window: "{ messages: 1000, interval: 50ms }")
    try site.startCollector()
    // All different: equal ones of one millisecond share a line of the list, which shows the newest lines.
    let lines = (0..<10_000).map { $0 % 2 == 0 ? "{\"ts\":\($0)" : "{\"state\":\"running\",\"n\":\($0)}" }
    let file = try site.folder.write("malformed", lines.joined(separator: "\n") + "\n")
    let sent = try run(
      "sh",
      [
        "-c",
        // With the library of 2.1 it may end before everything was sent.
        "env -u LD_LIBRARY_PATH mosquitto_pub -h 127.0.0.1 -p \(site.broker.port) -q 1 -t factory/F001/W01/E1/status "
          + "-l < \(file)",
      ])
    #expect(sent.status == 0)
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(30) { (try? site.stored.evidence().map { $0.readings != nil }) == [true] })
    let rejections = try site.stored.overview().rejections
    #expect(rejections.map(\.reason) == [.malformed, .missingField])
    #expect(rejections.map(\.messages) == [5000, 5000])
    let listed = try site.millwright("quarantine", "list")
    #expect(listed.output.contains("10000 messages in quarantine"))
    // Those of one content and one receipt share a row, which may not be among the newest of all.
    #expect(
      try site.millwright("quarantine", "list", "--reason", "missing_field").output.contains(
        "missing_field (ts)"))
    let peak = try #require(site.memory("VmHWM"))
    print("peak resident memory: \(peak) KiB")
    #expect(peak < 64 * 1024)
    try site.stopCollector()
  }

  @Test("A second collector on the store is refused and says who holds it") func secondCollector() throws {
    let site = try Installation()
    try site.startCollector()
    let second = try site.millwright("collect")
    #expect(second.status == 75)
    #expect(
      second.errors.contains("another collector holds this store (process \(try #require(site.collectorID)))")
    )
    try site.stopCollector()
  }

  @Test(
    "libmosquitto of the executable finds the socket buffer's functions",
    .enabled(if: MQTTLibrary.hasSocketBuffer, "this build has no socket buffer"))
  func socketBuffer() throws {
    let found = try run(
      "env", ["LD_BIND_NOW=1", "LD_DEBUG=bindings", Installation.executable, "--version"])
    #expect(found.status == 0)
    // From 2.0.15 on, libmosquitto writes with send().
    let named = { (name: String) in
      found.errors.split(separator: "\n").filter {
        $0.contains("binding file") && $0.contains("libmosquitto") && $0.contains("symbol `\(name)'")
      }
    }
    let always = ["read", "write", "socketpair"]
    for name in named("send").isEmpty ? always : always + ["send"] {
      let bindings = named(name)
      #expect(bindings.count == 1)
      #expect(bindings.allSatisfy { $0.contains("to \(Installation.executable) ") }, "\(bindings)")
    }
  }

  @Test(
    "Another user of the store's group reads reports, with the collector running and stopped",
    .enabled(if: getuid() == 0, "becoming another user needs root"))
  func otherUser() throws {
    let group: UInt32 = 54321
    let site = try Installation()
    // The folders above the store must let the other user through; the store itself belongs to its group.
    chmod(site.folder.path, 0o755)
    mkdir(site.directory.path, 0o2750)
    chown(site.directory.path, 0, group)
    chmod(site.directory.path, 0o2750)
    chmod(site.folder.file("millwright.yaml"), 0o644)
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop,automation\nE1,F001,W01,automatic\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    try site.startCollector()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(10) { (try? site.report("factory", "F001").buckets["reporting"]) == 1 })
    // A copy of the executable where that user may run it.
    let copy = "/tmp/millwright-\(getpid())-\(site.broker.port)"
    try FileManager.default.copyItem(atPath: Installation.executable, toPath: copy)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    chmod(copy, 0o755)
    func readAs(_ groups: UInt32) throws -> CommandResult {
      try run(
        "setpriv",
        [
          "--reuid", "65534", "--regid", "\(groups)", "--clear-groups", copy, "report", "factory", "F001",
          "--format", "json", "--config", site.folder.file("millwright.yaml"),
        ])
    }
    for stopped in [false, true] {
      if stopped { try site.stopCollector() }
      let allowed = try readAs(group)
      #expect(allowed.status == 0, "\(allowed.errors)")
      #expect(allowed.output.contains(#""reporting":1"#))
      #expect(try readAs(65534).status != 0)
    }
    // Reading left nothing behind that the collector would stumble over.
    try site.startCollector()
    try site.stopCollector()
  }
}
