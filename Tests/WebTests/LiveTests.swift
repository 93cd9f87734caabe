import Reporting
import Storage
import Synchronization
import Telemetry
import Testing
import Web

private let language = Language.english

private func region(_ id: String, _ text: String, factory: String? = nil, isForAll: Bool = false)
  -> Snapshot.Region
{
  Snapshot.Region(
    id: id, factory: factory, isForAll: isForAll, markup: [.english: text, .chinese: "中\(text)"])
}

private func snapshot(_ number: Int, after before: Snapshot?, _ regions: [Snapshot.Region]) -> Snapshot {
  var snapshot = Snapshot(
    number: number, moment: Moment(nil, at: Timestamp(milliseconds: Int64(number) * 1000)),
    collector: CollectorView(.collecting), report: nil, regions: regions)
  snapshot.number(after: before)
  return snapshot
}

@Suite("Events") struct EventFramesTests {
  private let first: Snapshot
  private let second: Snapshot
  private let third: Snapshot

  init() {
    first = snapshot(
      1, after: nil,
      [
        region("collector", "c1", isForAll: true), region("headline", "h1"),
        region("tile-F001", "a1", factory: "F001"),
        region("tile-F002", "b1", factory: "F002"),
      ])
    second = snapshot(
      2, after: first,
      [
        region("collector", "c1", isForAll: true), region("headline", "h2"),
        region("tile-F001", "a2", factory: "F001"),
        region("tile-F002", "b1", factory: "F002"),
      ])
    third = snapshot(
      3, after: second,
      [
        region("collector", "c3", isForAll: true), region("headline", "h2"),
        region("tile-F001", "a2", factory: "F001"),
        region("tile-F002", "b3", factory: "F002"),
      ])
  }

  private func text(
    _ snapshot: Snapshot, since: Int, _ viewer: Viewer = .district, _ language: Language = .english
  ) -> String? {
    let frames = EventFrames()
    frames.note(snapshot)
    return frames.frame(snapshot, since: since, for: EventRequest(viewer: viewer, language: language))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("Only what changed since the viewer's snapshot is sent") func changes() {
    #expect(first.regions.map(\.changed) == [1, 1, 1, 1])
    #expect(second.regions.map(\.changed) == [1, 2, 2, 1])
    #expect(third.regions.map(\.changed) == [3, 2, 2, 3])
    #expect(
      text(second, since: 1)
        == "id: \(second.id)\nevent: regions\ndata: {\"moment\":\"\(second.moment.tag)\",\"regions\":["
        + "{\"id\":\"headline\",\"html\":\"h2\"},{\"id\":\"tile-F001\",\"html\":\"a2\"}]}\n\n")
    #expect(text(third, since: 3) == nil)
    // A viewer that missed a snapshot gets everything since its own at once.
    #expect(
      text(third, since: 1)?.contains(
        "[{\"id\":\"collector\",\"html\":\"c3\"},{\"id\":\"headline\",\"html\":\"h2\"},"
          + "{\"id\":\"tile-F001\",\"html\":\"a2\"},{\"id\":\"tile-F002\",\"html\":\"b3\"}]") == true)
  }

  @Test("A factory's viewer gets its own tile and the collector's state") func factory() {
    let text = text(third, since: 0, .factory("F001"), .chinese)
    #expect(
      text?.contains("[{\"id\":\"collector\",\"html\":\"中c3\"},{\"id\":\"tile-F001\",\"html\":\"中a2\"}]")
        == true)
    #expect(self.text(third, since: 2, .factory("F001")) == self.text(third, since: 2, .factory("F009")))
  }

  @Test("Another moment is told although nothing that is sent changed") func moments() {
    let same = snapshot(4, after: third, third.regions)
    #expect(
      text(same, since: 3)
        == "id: \(same.id)\nevent: regions\ndata: {\"moment\":\"\(same.moment.tag)\",\"regions\":[]}\n\n")
    #expect(text(same, since: 4) == nil)
  }

  @Test("A frame is one line of data, whatever the markup has in it") func lines() {
    let hostile = snapshot(1, after: nil, [region("headline", "a\n\ndata: x\r\nevent: y\u{2028}")])
    let text = text(hostile, since: 0)
    #expect(text?.split(separator: "\n", omittingEmptySubsequences: false).count == 5)
    #expect(text?.contains("\r") == false && text?.contains("\u{2028}") == false)
  }

  @Test("A viewer that comes back is known by the id of its last event") func ids() {
    let frames = EventFrames()
    for snapshot in [first, second, third] { frames.note(snapshot) }
    #expect(frames.number(of: second.id) == 2 && frames.number(of: third.id) == 3)
    #expect(frames.number(of: nil) == 0 && frames.number(of: "other-2") == 0)
    // A page that was made from an earlier snapshot does not turn back the events.
    frames.note(first)
    #expect(frames.number(of: third.id) == 3)
  }

  @Test("The newest 128 ids are known") func bounded() {
    let frames = EventFrames()
    var ids: [String] = []
    for number in 1...130 {
      let one = snapshot(number, after: nil, [])
      ids.append(one.id)
      frames.note(one)
    }
    #expect(
      frames.number(of: ids[1]) == 0 && frames.number(of: ids[2]) == 3 && frames.number(of: ids[129]) == 130)
  }
}

/// What a source reads, as a test sets it.
private final class World: Sendable {
  struct State {
    var version: Int64 = 1
    var uptime: Int64 = 0
    var reports = 0
    var cost: Int64 = 0
    var fails = false
    var collector = CollectorView(.collecting)
  }

  struct Failure: Error {}

  let state = Mutex(State())

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  var reports: Int { state.withLock { $0.reports } }

  var source: SnapshotSource {
    SnapshotSource(
      SnapshotSource.Maker(
        version: { [self] in
          try state.withLock { state in
            if state.fails { throw Failure() }
            return StoreVersion(
              cursors: [.embedded: state.version], repairsPending: 0, register: 1, calendars: 0,
              closedDay: nil,
              edition: "e")
          }
        },
        collector: { [self] _ in state.withLock { $0.collector } },
        report: { [self] _ in
          state.withLock { state in
            state.reports += 1
            state.uptime += state.cost
          }
          return nil
        },
        regions: { [self] _ in [region("headline", "\(state.withLock { $0.version })")] },
        collectorRegion: { region("collector", "\($0.state)", isForAll: true) },
        now: { [self] in Timestamp(milliseconds: 1_795_305_600_000 + state.withLock { $0.uptime }) },
        uptime: { [self] in state.withLock { $0.uptime } }))
  }
}

@Suite("Snapshots") struct SnapshotSourceTests {
  @Test("There is at most one a second, and a report only for another state") func once() throws {
    let world = World()
    let source = world.source
    let first = try source.current()
    world.change { $0.version = 2 }
    #expect(try source.current().id == first.id)
    world.change { $0.uptime += 999 }
    #expect(try source.current().id == first.id)
    #expect(world.reports == 1)
    world.change { $0.uptime += 1 }
    let second = try source.current()
    #expect(second.number == 2 && second.moment != first.moment && world.reports == 2)
    #expect(second.regions.map(\.changed) == [1, 2])
    // Nothing changed: the snapshot is the same one.
    world.change { $0.uptime += 1000 }
    #expect(try source.current().id == second.id && world.reports == 2)
  }

  @Test("After a minute figures are computed anew, because machines fall silent by that") func minute() throws
  {
    let world = World()
    let source = world.source
    let first = try source.current()
    world.change { $0.uptime += 59_999 }
    #expect(try source.current().moment == first.moment)
    world.change { $0.uptime += 1001 }
    #expect(try source.current().moment != first.moment && world.reports == 2)
  }

  @Test("A report that takes long is made anew after eight times as long, but the first one at once")
  func cost() throws {
    let world = World()
    world.change { $0.cost = 1200 }
    let source = world.source
    _ = try source.current()
    world.change {
      $0.version = 2
      $0.uptime += 1000
    }
    _ = try source.current()
    #expect(world.reports == 2)
    world.change {
      $0.version = 3
      $0.uptime += 9599
    }
    _ = try source.current()
    #expect(world.reports == 2)
    world.change { $0.uptime += 1000 }
    _ = try source.current()
    #expect(world.reports == 3)
  }

  @Test("The collector's state changes without a report") func collector() throws {
    let world = World()
    let source = world.source
    let first = try source.current()
    world.change {
      $0.collector = CollectorView(.stopped)
      $0.uptime += 1000
    }
    let second = try source.current()
    #expect(second.number == 2 && second.moment == first.moment && world.reports == 1)
    #expect(second.regions.map(\.changed) == [2, 1])
    #expect(second.regions[0].markup[.english] == "stopped")
  }

  @Test("A store that cannot be read is an error at first, and later leaves the figures that were read")
  func failure() throws {
    let world = World()
    world.change { $0.fails = true }
    let source = world.source
    #expect(throws: World.Failure.self) { try source.current() }
    world.change { $0.fails = false }
    let first = try source.current()
    world.change {
      $0.fails = true
      $0.uptime += 5000
    }
    #expect(try source.current().id == first.id)
  }

  @Test("A moment's tag tells versions and instants apart, and is the same in every process") func tags() {
    let instant = Timestamp(milliseconds: 1_795_305_600_123)
    #expect(Moment(nil, at: instant).tag == Moment(nil, at: instant + .milliseconds(100)).tag)
    #expect(Moment(nil, at: instant).tag != Moment(nil, at: instant + .seconds(1)).tag)
    #expect(Moment(nil, at: instant).asOf.milliseconds == 1_795_305_600_000)
  }
}

@Suite("Viewers of events") struct BroadcasterTests {
  @Test("One address leaves places for others, and there are at most 384 in all") func bounded() {
    let broadcaster = Broadcaster(World().source, EventFrames())
    defer { broadcaster.stop() }
    var one = (1...256).map { _ in broadcaster.subscribe(from: "192.0.2.1") }
    #expect(one.allSatisfy { $0 != nil } && broadcaster.subscribe(from: "192.0.2.1") == nil)
    let others = (1...128).map { broadcaster.subscribe(from: "192.0.2.\($0 + 1)") }
    #expect(others.allSatisfy { $0 != nil } && broadcaster.subscribe(from: "198.51.100.1") == nil)
    #expect(broadcaster.viewers == 384)
    // A viewer that goes leaves its place.
    one.removeLast()
    #expect(broadcaster.viewers == 383)
    one.append(broadcaster.subscribe(from: "192.0.2.1"))
    #expect(one.last.map { $0 != nil } == true && broadcaster.viewers == 384)
    broadcaster.stop()
    #expect(broadcaster.subscribe(from: "203.0.113.1") == nil && broadcaster.viewers == 0)
  }

  @Test("Connections are counted by address, and an address without any is forgotten") func addresses() {
    let counts = AddressCounts(limit: 2)
    #expect(counts.open("a") && counts.open("a") && !counts.open("a") && counts.open("b"))
    #expect(counts.addresses == 2)
    counts.close("a")
    #expect(counts.open("a") && !counts.open("a"))
    for address in ["a", "a", "b"] { counts.close(address) }
    #expect(counts.addresses == 0)
  }
}
