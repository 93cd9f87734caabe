import Foundation
import TestSupport
import Testing

@Suite("A collector that is stopped and goes on", .serialized) struct ListeningTests {
  @Test("It did not observe the 13 s in which it did not run, live and rebuilt") func stopped() throws {
    let site = try Installation()
    try site.importRegister(
      equipment: "equipment_id,factory_id,workshop\nE1,F001,W01\n",
      factories: "factory_id,name_zh\nF001,测试厂\n")
    try site.startCollector()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running"}"#)
    #expect(waitUntil(20) { site.journaledCount() == 1 })

    let process = try #require(site.collectorID)
    let stopped = now()
    Glibc.kill(process, SIGSTOP)
    // Longer than a busy machine may keep the thread waiting; this is the time that must be missing.
    #expect(waitUntil(60) { now() >= stopped + 13_000 })
    let went = now()
    Glibc.kill(process, SIGCONT)
    #expect(waitUntil(20) { site.log.contains("the collector did not run for") })
    #expect(try site.stopCollector() == 0)

    let rows = try site.views("SELECT start, through, resumed FROM observation ORDER BY number")
      .split(separator: "\n").map { $0.split(separator: "|").compactMap { Int64($0) } }
    try #require(rows.count == 2)
    // The thread marks that it runs once a second, later where others use the processors.
    #expect(rows[0][1] <= stopped && rows[0][1] > stopped - 10_000)
    #expect(rows[1][0] >= went && rows[1][0] < went + 10_000)
    #expect(rows[1][2] == 1)
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)")
  }
}
