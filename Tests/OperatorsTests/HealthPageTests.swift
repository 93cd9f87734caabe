import Daemon
import Storage
import Telemetry
import Testing
import Web

@Suite("Health of a server") struct HealthPageTests {
  private func ready(
    _ judgement: StatusJudgement?, _ store: HealthPage.StoreState = .readable(countsAsOf: morning),
    after seconds: Int64 = 1
  ) -> HealthPage { HealthPage.ready(judgement, store, now: morning + .seconds(seconds)) }

  private let healthy = 50_000_000_000

  @Test("A server that answers is alive") func live() {
    let page = HealthPage.live(now: morning)
    #expect(page.code == 200)
    #expect(page.json == "{\"reasons\":[],\"result\":\"ok\",\"time\":\"2026-11-22T00:00:00.000Z\"}\n")
  }

  @Test("It is ready while the collector is connected and its status is at most five seconds old") func ok()
    throws
  {
    let now = try status(free: healthy)
    #expect(ready(judge(now)).result == .ok && ready(judge(now)).code == 200)
    #expect(ready(judge(now, after: 5), after: 5).result == .ok)
    let late = ready(judge(now, after: 6), after: 6)
    #expect(late.code == 503 && late.reasons.map(\.code) == ["collector_gone"])
    #expect(
      late.reasons.first?.english
        == "there is no collector (collecting), its status is 6 s old: 'millwright status' says more")
    #expect(late.reasons.first?.chinese == "没有正在运行的采集器（collecting），其状态写于 6 秒前：详情见 millwright status")
  }

  @Test("Each state of the collector has its reason") func states() throws {
    func codes(_ judgement: StatusJudgement?) -> [String] { ready(judgement).reasons.map(\.code) }
    let connected = try status(free: healthy)
    #expect(codes(judge(connected, .free)) == ["collector_gone"])
    #expect(codes(judge(try status(state: "stopped", free: healthy), .free)) == ["collector_gone"])
    #expect(codes(judge(connected, .held(process: 99))) == ["collector_gone"])
    #expect(codes(judge(nil, .free)) == ["collector_gone"])
    #expect(codes(nil) == ["status_unreadable"])
    #expect(codes(judge(try status(state: "disconnected", free: healthy))) == ["broker_disconnected"])
    #expect(codes(judge(try status(state: "starting", free: healthy))) == ["collector_starting"])
    // Without the right to look at the lock, the age of the status decides.
    #expect(codes(judge(connected, .unknown)) == [])
    // The clock of the collector's machine is ahead.
    #expect(ready(judge(connected, after: -5), after: -5).reasons.map(\.code) == [])
    #expect(ready(judge(connected, after: -6), after: -6).reasons.map(\.code) == ["collector_gone"])
  }

  @Test("On a full disk the time of the status is enough") func fullDisk() throws {
    let judgement = StatusJudgement(
      try status(free: 0), .held(process: 4711), changed: morning + .seconds(599),
      now: morning + .seconds(600))
    let page = ready(judgement, .readable(countsAsOf: morning + .seconds(600)), after: 600)
    #expect(page.reasons.map(\.code) == ["disk_low"] && page.code == 503)
  }

  @Test("A store that is missing or unreadable, and counts that are late, are failing") func store() throws {
    let judgement = judge(try status(free: healthy))
    let missing = ready(judgement, .missing)
    #expect(missing.code == 503 && missing.reasons.map(\.code) == ["store_missing"])
    #expect(
      missing.reasons.first?.chinese == "没有台账和数据：请启动采集器、导入台账，或修正配置项 store")
    #expect(ready(judgement, .unreadable).reasons.map(\.code) == ["store_unreadable"])
    #expect(ready(judgement, .readable(countsAsOf: nil)).reasons.map(\.code) == ["views_not_read"])
    let now = morning + .seconds(1)
    #expect(ready(judgement, .readable(countsAsOf: now - .seconds(120))).result == .ok)
    let late = ready(judgement, .readable(countsAsOf: now - .milliseconds(120_001)))
    #expect(late.code == 503 && late.reasons.map(\.code) == ["views_late"])
    #expect(late.reasons.first?.chinese == "页面所示数据已滞后 120 秒：请检查磁盘是否过慢、主机是否过载")
  }

  @Test(
    "Below a twentieth the disk is a warning, below a hundredth it is failing",
    arguments: [
      (5_368_709_120, HealthPage.Result.ok, 200), (5_368_709_119, .warning, 200),
      (1_073_741_824, .warning, 200),
      (1_073_741_823, .failing, 503), (-1, .failing, 503),
    ])
  func disk(free: Int, result: HealthPage.Result, code: Int) throws {
    let page = ready(judge(try status(free: free)))
    #expect(page.result == result && page.code == code)
  }

  @Test("Silence is a warning, and failing reasons come first") func order() throws {
    let deaf = #","hearing":{"deaf_since":"2026-11-22T07:58:00.000+08:00","probe":"proved"}"#
    let quiet = ready(judge(try status(free: healthy, extra: deaf)))
    #expect(quiet.code == 200 && quiet.result == .warning)
    #expect(quiet.reasons.map(\.code) == ["nothing_heard"])
    let both = ready(judge(try status(free: 0, extra: deaf)))
    #expect(both.reasons.map(\.code) == ["disk_low", "nothing_heard"] && both.code == 503)
    #expect(both.json.hasPrefix(#"{"reasons":[{"chinese":"存储目录所在磁盘仅剩 0 B（共 100.0 GiB）：请清理磁盘"#))
  }
}
