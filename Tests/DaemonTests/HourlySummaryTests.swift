import Daemon
import Ingestion
import Testing

@Suite("Hourly summary of the log") struct HourlySummaryTests {
  @Test("A line each hour counts since the line before, with its exact text") func lines() {
    let start = ContinuousClock.now
    var hour = HourlySummary(from: start)
    let log = RecordedLog()
    func tick(_ messages: Int, _ refused: Int, _ redelivered: Int, free: Int64?, after time: Duration) {
      var counters = ShardCounters()
      (counters.messages, counters.rejected, counters.redelivered) = (messages, refused, redelivered)
      let line = hour.line(
        counters, senders: 42, connections: 2, diskFree: free, at: start + time)
      if let line { log.logger.lastHour(line) }
    }
    tick(10, 1, 0, free: 1 << 30, after: .seconds(1))
    tick(477, 419, 3, free: 1 << 30, after: .milliseconds(3_599_999))
    #expect(log.lines == [])
    tick(480, 420, 3, free: 12_884_901_888, after: .seconds(3600))
    tick(500, 421, 3, free: 1 << 30, after: .seconds(7199))
    // A second late: the next hour begins then.
    tick(600, 421, 4, free: nil, after: .seconds(7201))
    tick(700, 421, 4, free: 1 << 30, after: .seconds(10_800))
    tick(700, 421, 4, free: 512, after: .seconds(10_801))
    #expect(
      log.lines == [
        "info: the last hour connections=2 disk_free=12.0 GiB messages=480 redelivered=3 refused=420 senders=42",
        "info: the last hour connections=2 disk_free=unknown messages=120 redelivered=1 refused=1 senders=42",
        "info: the last hour connections=2 disk_free=512 B messages=100 redelivered=0 refused=0 senders=42",
      ])
  }
}
