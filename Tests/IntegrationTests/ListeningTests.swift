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

    let first = try #require(try site.stored.overview().observed.first)
    let second = try #require(try site.claimed().observation)
    #expect(second.number == 2)
    // The thread marks that it runs once a second, later where others use the processors.
    let through = first.until.milliseconds
    #expect(through <= stopped && through > stopped - 10_000)
    let from = second.from.milliseconds
    #expect(from >= went && from < went + 10_000)
    #expect(second.resumed)
    let verified = try site.millwright("rebuild", "--verify")
    #expect(verified.status == 0, "\(verified.output)")
  }
}
