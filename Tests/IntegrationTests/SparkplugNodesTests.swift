import Foundation
import Telemetry
import Testing
import TestSupport

@Suite("Sparkplug nodes of published packages", .serialized) struct SparkplugNodesTests {
  typealias Package = SparkplugNode.Package

  /// A machine in a report of its own.
  private struct Machine: Equatable, CustomStringConvertible {
    var state: String
    var bucket: String
    var isSessionOpen: Bool

    var description: String { "\(state) \(bucket)\(isSessionOpen ? " session" : "")" }
  }

  private struct MachineReport: Decodable {
    struct Equipment: Decodable {
      var state: String?
      var bucket: String
      var session_open: Bool?
    }
    var equipment: [Equipment]
  }

  private func machine(_ id: String, _ site: Installation) throws -> Machine {
    let report = try site.millwright("report", "equipment", "F001/\(id)", "--format", "json")
    guard report.status == 0 else { throw SupportError(report.errors) }
    let found = try JSONDecoder().decode(MachineReport.self, from: Data(report.output.utf8)).equipment
    let equipment = try #require(found.first)
    return Machine(
      state: equipment.state ?? "", bucket: equipment.bucket, isSessionOpen: equipment.session_open ?? false)
  }

  /// Waits for the state of a machine in its report.
  private func expectMachine(
    _ id: String, _ expected: Machine, _ site: Installation,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    _ = try waitUntil(10) { try machine(id, site) == expected }
    #expect(try machine(id, site) == expected, sourceLocation: sourceLocation)
  }

  private func reporting(_ state: String) -> Machine {
    Machine(state: state, bucket: "reporting", isSessionOpen: true)
  }

  /// A machine whose readings count, and whose session is known again from its next birth on.
  private func unborn(_ state: String) -> Machine {
    Machine(state: state, bucket: "reporting", isSessionOpen: false)
  }

  /// An installation whose only source is that of the package's nodes.
  private func site(_ source: String, equipment: [String]) throws -> Installation {
    let site = try Installation()
    try site.use(sources: [source])
    try site.importRegister(
      equipment: (["equipment_id,factory_id,workshop,gateway"] + equipment.map { "\($0),F001,W01,G1" })
        .joined(separator: "\n"), factories: "factory_id,name_zh\nF001,测试厂\n")
    return site
  }

  /// Starts the collector and waits until the host states that it is online: it has subscribed by then.
  private func startHost(_ site: Installation) throws {
    try site.startCollector()
    let state = ["-p", "\(site.broker.port)", "-t", "spBv1.0/STATE/millwright", "-C", "1", "-W", "20"]
    guard try waitUntil(30, { try run("mosquitto_sub", state).output.contains(#""online":true"#) }) else {
      throw SupportError("the host does not state that it is online:\n\(site.log)")
    }
  }

  private func expectJournaled(
    _ count: Int, _ site: Installation, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      waitUntil(20) { site.journaledCount() >= count }, "\(site.journaledCount()) messages\n\(site.log)",
      sourceLocation: sourceLocation)
    #expect(site.journaledCount() == count, sourceLocation: sourceLocation)
  }

  /// Nothing was refused, and the figures are those of the journal.
  private func expectConsistent(_ site: Installation, refused: Int = 0) throws {
    #expect(try site.stopCollector() == 0)
    #expect(try site.stored.overview().rejections.reduce(0) { $0 + $1.messages } == refused)
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
  }

  @Test(
    "Births bring machines, data has aliases, and a lost message ends in one rebirth",
    arguments: Package.allCases)
  func gap(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2"])
    try startHost(site)
    let node = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"])
    expectJournaled(3, site)
    try expectMachine("M1", reporting("running"), site)
    try expectMachine("M2", reporting("running"), site)

    try node.obey("data M1 idle 101", "data M2 fault 102")
    expectJournaled(5, site)
    try expectMachine("M1", reporting("idle"), site)
    try expectMachine("M2", reporting("fault"), site)

    try node.obey("lose M1 stopped 103", "data M1 setup 104")
    try node.expect("rebirth requested")
    try node.expect("born again")
    // What came after the gap, and three births.
    expectJournaled(9, site)
    try expectMachine("M1", reporting("setup"), site)
    try expectMachine("M2", reporting("fault"), site)

    try node.obey("data M1 running 105")
    expectJournaled(10, site)
    try expectMachine("M1", reporting("running"), site)
    #expect(node.count("rebirth requested") == 1)
    try expectConsistent(site)
    #expect(try site.stored.readings(of: key("M1")) == 5)
    #expect(try site.stored.readings(of: key("M2")) == 3)
  }

  @Test(
    "A restarted host reads aliases of births before the restart, and asks for new ones",
    arguments: Package.allCases)
  func restart(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2"])
    try startHost(site)
    // It answers no request, so there are no births but the first, and none opens a session after the host's restart.
    let node = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"], options: ["--deaf"])
    expectJournaled(3, site)
    #expect(try site.stopCollector() == 0)
    try node.obey("data M1 fault 101")
    try startHost(site)
    try node.obey("data M2 idle 102")
    expectJournaled(4, site)
    try expectMachine("M1", unborn("running"), site)
    try expectMachine("M2", unborn("idle"), site)
    try node.expect("rebirth requested")
    try node.obey("data M2 setup 103")
    expectJournaled(5, site)
    try expectMachine("M2", unborn("setup"), site)
    // The same after an end without a word.
    site.kill()
    try startHost(site)
    try node.obey("data M2 maintenance 104")
    expectJournaled(6, site)
    try expectMachine("M2", unborn("maintenance"), site)
    try expectConsistent(site)
    #expect(try site.stored.readings(of: key("M1")) == 1)
    #expect(try site.stored.readings(of: key("M2")) == 4)
  }

  @Test(
    "The will of a killed node ends the sessions of its machines, and of no other",
    arguments: Package.allCases)
  func kill(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2", "M3"])
    try startHost(site)
    let node = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"])
    let other = try SparkplugNode(package, at: site, edge: "W02", devices: ["M3"])
    expectJournaled(5, site)
    node.kill()
    // mqtt-spb-wrapper has a will for each device, too.
    expectJournaled(package == .wrapper ? 8 : 6, site)
    let dead = Machine(state: "", bucket: "offline", isSessionOpen: false)
    try expectMachine("M1", dead, site)
    try expectMachine("M2", dead, site)
    try expectMachine("M3", reporting("running"), site)
    let ends = try site.stored.sessionChanges(until: Timestamp(milliseconds: now() + 1))
      .filter { $0.presence == .offline }.map { ($0.key, $0.at.milliseconds) }.sorted { $0.0 < $1.0 }
    #expect(ends.map(\.0) == [key("M1"), key("M2")])
    // One message ends both at one instant. Several wills come within the time that makes them one incident.
    let apart = abs(try #require(ends.first).1 - (try #require(ends.last).1))
    #expect(package == .pysparkplug ? apart == 0 : apart < 60_000)
    // Nobody asks the dead; the other node was not asked either.
    #expect(other.count("rebirth requested") == 0)

    // A new process of the same node.
    let next = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"])
    expectJournaled(package == .wrapper ? 11 : 9, site)
    try expectMachine("M1", reporting("running"), site)
    #expect(next.count("rebirth requested") == 0)
    try expectConsistent(site)
  }

  /// Neither package numbers the death of a node that leaves as it has numbered the birth.
  @Test("A node that leaves takes its machines along", arguments: Package.allCases)
  func leave(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2"])
    try startHost(site)
    let node = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"])
    expectJournaled(3, site)
    try node.obey("leave")
    expectJournaled(package == .wrapper ? 6 : 4, site)
    let gone = Machine(state: "", bucket: "offline", isSessionOpen: false)
    try expectMachine("M1", gone, site)
    try expectMachine("M2", gone, site)
    try expectConsistent(site)
  }

  @Test(
    "Devices of one name at two nodes: the second is refused, with the keys to write",
    arguments: Package.allCases)
  func oneName(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2", "M3"])
    try startHost(site)
    let first = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1", "M2"])
    expectJournaled(3, site)
    let second = try SparkplugNode(package, at: site, edge: "W02", devices: ["M1", "M3"])
    expectJournaled(6, site)
    try second.obey("data M1 fault 101", "data M3 idle 102")
    try first.obey("data M1 setup 103")
    expectJournaled(9, site)
    try expectMachine("M1", reporting("setup"), site)
    try expectMachine("M3", reporting("idle"), site)
    // The birth and the data of the second M1.
    #expect(waitUntil(10) { (try? site.stored.overview().rejections.map(\.messages)) == [2] })
    let listed = try site.millwright("quarantine", "list", "--lang", "en").output
    #expect(listed.contains("F001/M1  identity_mismatch (device)  × 2"), "\(listed)")
    #expect(listed.contains(#"device: "+" and equipment: "{edge}.{device}""#), "\(listed)")
    try expectConsistent(site, refused: 2)
  }

  @Test("With an equipment id of edge and device they are two machines", arguments: Package.allCases)
  func oneNameApart(package: Package) throws {
    let site = try site(
      package.source(#", device: "+", equipment: "{edge}.{device}""#), equipment: ["W01.M1", "W02.M1"])
    try startHost(site)
    let first = try SparkplugNode(package, at: site, edge: "W01", devices: ["M1"])
    let second = try SparkplugNode(package, at: site, edge: "W02", devices: ["M1"])
    expectJournaled(4, site)
    try first.obey("data M1 fault 101")
    try second.obey("data M1 idle 102")
    expectJournaled(6, site)
    try expectMachine("W01.M1", reporting("fault"), site)
    try expectMachine("W02.M1", reporting("idle"), site)
    try expectConsistent(site)
  }

  @Test("A node that stamps local time as UTC is refused, with the remedy", arguments: Package.allCases)
  func localTime(package: Package) throws {
    let site = try site(package.source(), equipment: ["M1", "M2"])
    try startHost(site)
    let ahead = try SparkplugNode(
      package, at: site, edge: "W01", devices: ["M1"], options: ["--hours-ahead", "8"])
    let right = try SparkplugNode(package, at: site, edge: "W02", devices: ["M2"])
    expectJournaled(4, site)
    try ahead.obey("data M1 idle 101")
    try right.obey("data M2 idle 101")
    expectJournaled(6, site)
    try expectMachine("M2", reporting("idle"), site)
    #expect(try waitUntil(10) { try machine("M1", site).bucket == "refused" })
    let report = try site.millwright("report", "equipment", "F001/M1", "--lang", "en").output
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(report.contains("Set the device's clock (NTP) and its time zone"), "\(report)")
    let rejections = try site.stored.overview().rejections
    #expect(rejections.map(\.reason) == [.future])
    #expect(rejections.map(\.messages) == [2])
    try expectConsistent(site, refused: 2)
  }
}
