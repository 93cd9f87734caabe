import Ingestion
import MQTT
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Time in which nobody listened though the connection stood") struct ListeningTests {
  /// A shard with clocks set by the test.
  private final class Bench {
    let folder: TemporaryDirectory
    let directory: StoreDirectory
    var clocks = SystemClocks(wall: morning.milliseconds, sinceBoot: 500_000, awake: 400_000)
    var breaks: [ShardEvent.ListeningBreak] = []
    private var shard: Shard?

    init() throws {
      folder = try TemporaryDirectory("listening", inMemory: true)
      directory = StoreDirectory(folder.path + "/store")
      shard = try Shard(
        store: SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)),
        settings: ShardFixture.settings(limit: 10), repairsFrom: directory,
        clocks: { [unowned self] in clocks },
        register: { [] },
        emit: { [unowned self] event in
          if case .listeningBroke(let cause, _, _) = event { breaks.append(cause) }
        })
    }

    func connect() throws { try shard?.connected(sessionPresent: true, at: clocks.wall) }

    /// Runs for a number of seconds, with a tick in each.
    func run(seconds: Int64) throws {
      for _ in 0..<seconds {
        pass(wall: 1, sinceBoot: 1, awake: 1)
        try shard?.tick(now: clocks.wall)
      }
    }

    func pass(wall: Int64, sinceBoot: Int64, awake: Int64) {
      clocks.wall += wall * 1000
      clocks.sinceBoot += sinceBoot * 1000
      clocks.awake += awake * 1000
    }

    func lose() { shard?.disconnected(reason: .closed("test"), at: clocks.wall) }

    /// Observed stretches in seconds after the morning.
    func observed() throws -> [[Int64]] {
      lose()
      try shard?.finish()
      return try ViewsReader(directory).snapshot { views in
        try views.observed(in: morning - .days(9000)..<morning + .days(9000)).map {
          [($0.from - morning).milliseconds / 1000, ($0.until - morning).milliseconds / 1000]
        }
      }
    }
  }

  @Test("A process stopped for 40 s did not observe them") func stopped() throws {
    let bench = try Bench()
    try bench.connect()
    try bench.run(seconds: 20)
    bench.pass(wall: 40, sinceBoot: 40, awake: 40)
    try bench.run(seconds: 20)
    #expect(try bench.observed() == [[0, 20], [61, 80]])
    #expect(bench.breaks == [.stopped])
  }

  @Test("Nor did a machine that was suspended, however short") func suspended() throws {
    let bench = try Bench()
    try bench.connect()
    try bench.run(seconds: 10)
    bench.pass(wall: 5, sinceBoot: 5, awake: 0)
    try bench.run(seconds: 20)
    #expect(try bench.observed() == [[0, 10], [16, 35]])
    #expect(bench.breaks == [.suspended])
  }

  @Test("What a clock jumps over is not observed, forward or back") func jumps() throws {
    let forward = try Bench()
    try forward.connect()
    try forward.run(seconds: 20)
    forward.pass(wall: 30 * 86_400, sinceBoot: 0, awake: 0)
    try forward.run(seconds: 20)
    #expect(try forward.observed() == [[0, 20], [2_592_021, 2_592_040]])
    #expect(forward.breaks == [.clockSet(by: .days(30))])
    let back = try Bench()
    try back.connect()
    try back.run(seconds: 20)
    back.pass(wall: -600, sinceBoot: 0, awake: 0)
    try back.run(seconds: 20)
    #expect(try back.observed() == [[-579, -560]])
    #expect(back.breaks == [.clockSet(by: .minutes(-10))])
  }

  @Test("A connection that is found lost after a stop was observed until the stop") func lost() throws {
    let bench = try Bench()
    try bench.connect()
    try bench.run(seconds: 20)
    bench.pass(wall: 3600, sinceBoot: 3600, awake: 3600)
    bench.lose()
    #expect(try bench.observed() == [[0, 20]])
  }

  @Test("Small corrections and slow seconds break nothing") func corrections() throws {
    let bench = try Bench()
    try bench.connect()
    try bench.run(seconds: 10)
    bench.pass(wall: 10, sinceBoot: 9, awake: 9)
    try bench.run(seconds: 10)
    #expect(bench.breaks.isEmpty)
    #expect(try bench.observed().count == 1)
  }
}
