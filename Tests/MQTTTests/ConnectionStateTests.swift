import MQTT
import TestSupport
import Testing

private typealias Action = ConnectionState.Action

/// A state and what holds outside of it.
private struct Script {
  var state: ConnectionState
  var facts = ConnectionState.Facts(now: 1000)

  init(
    optional: [String] = [], former: [String] = [], leastQuality: Int32 = 1, linger: Int64 = 100,
    asksOptional: Bool = true,
    holdsFormer: Bool = true
  ) {
    state = ConnectionState(
      ConnectionState.Settings(
        subscriptions: ["a/#", "b"], optional: optional, former: former, leastQuality: leastQuality,
        linger: linger, patience: 45_000,
        stopPatience: 10_000), asksOptional: asksOptional, holdsFormer: holdsFormer, nextTick: 1500, now: 1000
    )
  }

  /// The next action after a change outside.
  mutating func next(_ change: (inout ConnectionState.Facts) -> Void = { _ in }) -> Action {
    change(&facts)
    return state.next(facts)
  }

  /// The next actions while nothing changes outside.
  mutating func next(_ count: Int) -> [Action] { (0..<count).map { _ in next() } }

  mutating func committed() {
    facts.window = .empty
    facts.wantsWrite = true
    state.committed(at: facts.now)
  }

  /// Brings a connection whose former filters are requested to be unsubscribed to its next wait.
  mutating func answerUnsubscribe() {
    facts.isUnsubscribed = true
    while true {
      if case .await = next() { return }
    }
  }

  /// Brings a connection without former and optional filters to its first wait, granted.
  mutating func open() {
    _ = next(2)
    facts.granted = [1, 1]
    while true {
      let action = next()
      if action == .write { facts.wantsWrite = false }
      if case .await = action { return }
    }
  }
}

@Suite("Connection state") struct ConnectionStateTests {
  @Test(
    "It ticks each second, idle or with packets that the broker does not read", arguments: [false, true])
  func ticks(isBlocked: Bool) {
    var script = Script()
    script.open()
    script.facts.wantsWrite = isBlocked
    var ticks: [Int64] = []
    for _ in 0..<200 where ticks.count < 5 {
      switch script.next() {
      case .tick: ticks.append(script.facts.now)
      case .await(let until), .awaitRoom(let until): script.facts.now = max(script.facts.now, until)
      default: break
      }
    }
    #expect(ticks == [1500, 2500, 3500, 4500, 5500])
  }

  @Test("It subscribes before it reads, announces when granted, then unsubscribes and asks for the rest")
  func opening() {
    var script = Script(optional: ["$SYS/x"], former: ["old/#"])
    #expect(script.next() == .subscribe(["a/#", "b"]))
    #expect(script.next { $0.wantsWrite = true } == .read(due: 1100))
    #expect(script.next() == .write)
    #expect(
      script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(3) == [.pause, .read(due: 1100), .await(until: 1500)])
    #expect(script.next() == .read(due: 1100))
    #expect(script.next { $0.granted = [1, 2] } == .announce)
    #expect(script.next() == .reportSubscribed(["a/#", "b"]))
    #expect(script.next() == .unsubscribe(["old/#"]))
    #expect(script.next() == .subscribeOptionally(["$SYS/x"]))
    #expect(script.state.isSubscribed && script.state.holdsFormer)
    #expect(script.state.optional == .asked)
    #expect(
      script.next {
        $0.granted = nil
        $0.wantsWrite = true
      } == .write)
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(3) == [.pause, .read(due: 1100), .await(until: 1500)])
    #expect(script.next() == .read(due: 1100))
    #expect(
      script.next {
        $0.granted = [0x87]
        $0.isUnsubscribed = true
      } == .reportUnsubscribed(["old/#"]))
    #expect(script.next() == .keepAlive)
    #expect(script.state.optional == .answered && !script.state.holdsFormer)
  }

  @Test(
    "A filter that is refused, granted at QoS 0 only or not answered ends it, by name",
    arguments: [([1, 0x87], "b", 0x87), ([0, 1], "a/#", 0), ([1], "b", 0x80)] as [([Int32], String, Int32)])
  func refused(granted: [Int32], filter: String, code: Int32) {
    var script = Script()
    _ = script.next(2)
    #expect(script.next { $0.granted = granted } == .refuse(filter: filter, code: code))
    script.state.lost()
    #expect(script.next() == .end)
  }

  @Test("Filters are not asked for where a connection ended over them, or the broker has forgotten them")
  func notAsked() {
    var script = Script(optional: ["x"], former: ["y"], asksOptional: false, holdsFormer: false)
    _ = script.next(2)
    #expect(script.next { $0.granted = [1, 1] } == .announce)
    #expect(script.next(2) == [.reportSubscribed(["a/#", "b"]), .keepAlive])
    #expect(script.state.optional == .unneeded && !script.state.holdsFormer)
  }

  @Test("Messages that come with the broker's answer are committed before anything is written, SUBSCRIBE too")
  func withAnswer() {
    var script = Script(linger: 0)
    script.facts.window = .holding
    script.facts.wantsWrite = true
    #expect(
      script.next(4) == [.subscribe(["a/#", "b"]), .read(due: 1000), .announce, .askForMore])
    script.state.answered(awaitsMore: false, at: 1000)
    #expect(script.next() == .commit)
    script.committed()
    #expect(script.next() == .write)
  }

  @Test("A window is handed over when it is full, when its linger is over, and when a stop is requested")
  func handOver() {
    var script = Script()
    script.open()
    #expect(script.next() == .read(due: 1100))
    #expect(
      script.next {
        $0.window = .holding
        $0.wantsWrite = true
        $0.hasMail = true
        $0.now = 1050
      } == .await(until: 1100))
    #expect(script.next() == .read(due: 1100))
    #expect(script.next { $0.window = .full } == .commit)
    script.committed()
    #expect(script.next() == .write)
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next { $0.hasMail = false } == .pause)
    #expect(script.next() == .read(due: 1150))
    #expect(
      script.next {
        $0.window = .holding
        $0.now = 1150
      } == .askForMore)
    script.state.answered(awaitsMore: false, at: 1150)
    #expect(script.next() == .commit)
    script.committed()
    _ = script.next()
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(2) == [.pause, .read(due: 1250)])
    #expect(
      script.next {
        $0.window = .holding
        $0.isStopping = true
      } == .commit)
  }

  @Test("A window that its handler wants more of is kept open for a second and committed as it is")
  func awaitsMore() {
    var script = Script(linger: 0)
    script.open()
    #expect(script.next() == .read(due: 1000))
    #expect(script.next { $0.window = .holding } == .askForMore)
    script.state.answered(awaitsMore: true, at: 1000)
    #expect(script.next() == .await(until: 2000))
    #expect(script.next() == .read(due: 1000))
    #expect(script.next { $0.now = 1700 } == .askForMore)
    script.state.answered(awaitsMore: true, at: 1700)
    #expect(script.next(2) == [.await(until: 2000), .read(due: 1000)])
    #expect(script.next { $0.now = 2000 } == .commit)
  }

  @Test("A broker that takes nothing is waited for, ticking, and given up; sooner when a stop is requested")
  func slowBroker() {
    var script = Script(linger: 0)
    script.open()
    #expect(script.next() == .read(due: 1000))
    #expect(script.next { $0.wantsWrite = true } == .write)
    #expect(script.next() == .awaitRoom(until: 1500))
    #expect(script.next { $0.now = 1500 } == .tick)
    #expect(script.next() == .awaitRoom(until: 2500))
    #expect(script.next { $0.hasRoom = true } == .write)
    #expect(script.next { $0.hasRoom = false } == .awaitRoom(until: 2500))
    var stopped = script
    #expect(script.next { $0.now = 46_500 } == .tick)
    #expect(script.next() == .giveUp)
    #expect(stopped.next { $0.isStopping = true } == .awaitRoom(until: 2500))
    #expect(stopped.next { $0.now = 11_500 } == .tick)
    #expect(stopped.next() == .giveUp)
  }

  @Test("What is asked of the mailbox is done between two windows; a stop sends it before DISCONNECT")
  func mailbox() {
    var script = Script()
    script.open()
    #expect(script.next() == .read(due: 1100))
    #expect(
      script.next {
        $0.hasMail = true
        $0.isReloading = true
      } == .keepAlive)
    #expect(script.next() == .reload)
    #expect(script.next { $0.isReloading = false } == .publish)
    script.facts.hasMail = false
    script.facts.wantsWrite = true
    #expect(script.next(3) == [.pause, .read(due: 1100), .write])
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(2) == [.pause, .read(due: 1100)])
    #expect(script.next { $0.hasOutcomes = true } == .reportOutcomes)
    #expect(script.next { $0.hasOutcomes = false } == .keepAlive)
    #expect(script.next(2) == [.pause, .read(due: 1100)])
    #expect(
      script.next {
        $0.isStopping = true
        $0.hasMail = true
      } == .reportStop)
    #expect(script.next() == .publish)
    script.facts.hasMail = false
    #expect(script.next { $0.wantsWrite = true } == .write)
    #expect(script.next { $0.wantsWrite = false } == .read(due: .max))
    #expect(script.next() == .disconnect)
    script.state.parted(.needsRoom)
    #expect(script.next(2) == [.awaitRoom(until: 6000), .disconnect])
    script.state.parted(.isSent)
    #expect(script.next(2) == [.await(until: 6000), .disconnect])
    script.state.parted(.isOver)
    #expect(script.next(2) == [.end, .end])
  }

  @Test("A stop reads once more, whatever the linger, and finishes what has arrived") func lastRead() {
    var script = Script()
    script.open()
    #expect(script.next() == .read(due: 1100))
    // The linger is over, and more lies in the socket.
    #expect(
      script.next {
        $0.window = .holding
        $0.isStopping = true
      } == .commit)
    script.committed()
    #expect(script.next() == .write)
    #expect(script.next { $0.wantsWrite = false } == .reportStop)
    #expect(script.next() == .read(due: .max))
    #expect(script.next { $0.window = .holding } == .commit)
    script.committed()
    #expect(script.next() == .write)
    // Once: a broker that always has more does not hold up the stop.
    #expect(script.next { $0.wantsWrite = false } == .disconnect)
  }

  @Test(
    "Nothing is published before the subscriptions are granted, and waiting mail keeps no connection busy")
  func mailBeforeGrant() {
    var script = Script()
    #expect(script.next(2) == [.subscribe(["a/#", "b"]), .read(due: 1100)])
    #expect(script.next { $0.hasMail = true } == .await(until: 1500))
    #expect(script.next() == .read(due: 1100))
    #expect(script.next { $0.granted = [1, 1] } == .announce)
    #expect(script.next() == .reportSubscribed(["a/#", "b"]))
    #expect(script.next(2) == [.keepAlive, .publish])
  }

  @Test("A stop is told, and messages are published, while the broker has not answered for other filters")
  func stopWhileChanging() {
    var script = Script()
    script.open()
    script.state.change(to: Subscriptions(current: ["b", "c/#"]))
    #expect(script.next(3) == [.read(due: 1100), .keepAlive, .subscribe(["c/#"])])
    #expect(
      script.next {
        $0.granted = nil
        $0.wantsWrite = true
        $0.isStopping = true
      } == .pause)
    #expect(script.next(2) == [.read(due: 1100), .write])
    #expect(script.next { $0.wantsWrite = false } == .reportStop)
    #expect(script.next { $0.hasMail = true } == .publish)
  }

  @Test("Filters may be granted at QoS 0 if they are asked for at QoS 0")
  func lightGrant() {
    for (least, action) in [(0, Action.announce), (1, .refuse(filter: "b", code: 0))] as [(Int32, Action)] {
      var script = Script(leastQuality: least)
      #expect(script.next(2) == [.subscribe(["a/#", "b"]), .read(due: 1100)])
      #expect(script.next { $0.granted = [1, 0] } == action)
    }
  }

  @Test("A broker that does not close after DISCONNECT is waited for five seconds") func farewell() {
    var script = Script()
    script.open()
    _ = script.next()
    #expect(script.next { $0.isStopping = true } == .reportStop)
    #expect(script.next() == .read(due: .max))
    #expect(script.next() == .disconnect)
    script.state.parted(.isSent)
    #expect(script.next() == .await(until: 6000))
    #expect(script.next { $0.now = 6000 } == .end)
  }

  @Test("What was received on a connection that is lost is committed and never acknowledged")
  func salvage() {
    var script = Script()
    #expect(script.next(2) == [.subscribe(["a/#", "b"]), .read(due: 1100)])
    script.facts.window = .holding
    script.facts.wantsWrite = true
    script.state.lost()
    #expect(script.next(2) == [.announce, .askToDrop])
    var dropping = script
    script.state.answered(drops: false)
    #expect(script.next() == .commit)
    script.committed()
    #expect(script.next() == .end)
    dropping.state.answered(drops: true)
    #expect(dropping.next() == .end)
  }

  @Test("After a failed commit nothing more is done") func failedCommit() {
    var script = Script(linger: 0)
    script.open()
    _ = script.next()
    #expect(script.next { $0.window = .full } == .commit)
    script.state.failed()
    script.facts.isStopping = true
    script.facts.wantsWrite = true
    #expect(script.next(3) == [.end, .end, .end])
  }

  /// A connection with a window whose handler waits for the grant of a new filter.
  private func awaitingGrant() -> Script {
    var script = Script()
    script.open()
    script.state.change(to: Subscriptions(current: ["a/#", "b", "c/#"]))
    #expect(script.next(3) == [.read(due: 1100), .keepAlive, .subscribe(["c/#"])])
    #expect(script.next { $0.granted = nil } == .pause)
    #expect(script.next() == .read(due: 1100))
    #expect(
      script.next {
        $0.window = .holding
        $0.now = 1100
      } == .askForMore)
    script.state.answered(awaitsMore: true, at: 1100)
    return script
  }

  @Test("The grant of filters is told before the commit of a window whose handler waits for it")
  func awaitsGrant() {
    var script = awaitingGrant()
    #expect(script.next(2) == [.await(until: 2100), .read(due: 1100)])
    #expect(
      script.next {
        $0.granted = [1]
        $0.now = 1200
      } == .reportSubscribed(["a/#", "b", "c/#"]))
    #expect(script.next() == .askForMore)
    script.state.answered(awaitsMore: false, at: 1200)
    #expect(script.next() == .commit)
  }

  @Test(
    "A window that waits for the grant of filters is committed if the connection is lost before the grant")
  func lostBeforeGrant() {
    var script = awaitingGrant()
    #expect(script.next() == .await(until: 2100))
    script.state.lost()
    // The handler is not asked again whether it waits: nothing more comes.
    #expect(script.next() == .askToDrop)
    script.state.answered(awaitsMore: true, at: 1150)
    script.state.answered(drops: false)
    #expect(script.next() == .commit)
    script.committed()
    #expect(script.next() == .end)
  }

  @Test(
    "Other filters are asked for between two windows, told when granted, and former ones unsubscribed then")
  func change() {
    var script = Script()
    script.open()
    script.state.change(to: Subscriptions(current: ["b", "c/#"], former: ["a/#"]))
    #expect(script.state.pendingChange == Subscriptions(current: ["b", "c/#"], former: ["a/#"]))
    #expect(script.next(3) == [.read(due: 1100), .keepAlive, .subscribe(["c/#"])])
    #expect(!script.state.isSubscribed)
    // Until it is granted, the filters before are in effect.
    #expect(script.state.filters == Subscriptions(current: ["a/#", "b"]))
    #expect(
      script.next {
        $0.granted = nil
        $0.wantsWrite = true
      } == .pause)
    // A further change waits for the broker's answer.
    script.state.change(to: Subscriptions(current: ["b"], former: ["a/#", "c/#"]))
    #expect(script.next(2) == [.read(due: 1100), .write])
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(3) == [.pause, .read(due: 1100), .await(until: 1500)])
    #expect(script.next() == .read(due: 1100))
    #expect(script.next { $0.granted = [1] } == .reportSubscribed(["b", "c/#"]))
    #expect(script.next() == .unsubscribe(["a/#"]))
    #expect(script.next { $0.wantsWrite = true } == .write)
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(2) == [.pause, .read(due: 1100)])
    #expect(script.next { $0.isUnsubscribed = true } == .reportUnsubscribed(["a/#"]))
    // Nothing new is to be granted: only what is gone is unsubscribed.
    #expect(script.next(4) == [.keepAlive, .pause, .read(due: 1100), .reportSubscribed(["b"])])
    #expect(script.next() == .unsubscribe(["a/#", "c/#"]))
  }

  @Test(
    "When a filter is refused later, the filters before stay in effect, and those that came with it go",
    arguments: [0x87, 0x80, 0] as [Int32])
  func refusedLater(code: Int32) {
    var script = Script(former: ["old/#"])
    script.open()
    script.answerUnsubscribe()
    script.state.change(to: Subscriptions(current: ["b", "c/#", "d/#"], former: ["a/#"]))
    #expect(script.next(3) == [.read(due: 1100), .keepAlive, .subscribe(["c/#", "d/#"])])
    #expect(
      script.next {
        $0.granted = nil
        $0.wantsWrite = true
      } == .pause)
    #expect(script.next() == .read(due: 1100))
    let refused = RefusedFilter(filter: "d/#", code: UInt8(code))
    #expect(script.next { $0.granted = [1, code] } == .reportRefused(["b", "c/#", "d/#"], [refused]))
    #expect(script.state.isSubscribed)
    #expect(script.state.filters == Subscriptions(current: ["a/#", "b"], former: ["c/#", "d/#"]))
    #expect(script.state.pendingChange == nil)
    // The broker may hold both.
    #expect(script.next { $0.isUnsubscribed = false } == .unsubscribe(["c/#", "d/#"]))
    #expect(script.next() == .write)
    #expect(script.next { $0.wantsWrite = false } == .keepAlive)
    #expect(script.next(2) == [.pause, .read(due: 1100)])
    #expect(script.next { $0.isUnsubscribed = true } == .reportUnsubscribed(["c/#", "d/#"]))
    #expect(script.next(4) == [.keepAlive, .pause, .read(due: 1100), .await(until: 1500)])
    #expect(script.state.filters == Subscriptions(current: ["a/#", "b"]))
    // It may be tried again.
    script.state.change(to: Subscriptions(current: ["a/#", "b", "d/#"]))
    #expect(script.next(3) == [.read(due: 1100), .keepAlive, .subscribe(["d/#"])])
  }

  @Test("Filters that the handler declines are unsubscribed, and those before stay subscribed")
  func declined() {
    var script = Script()
    script.open()
    script.state.change(to: Subscriptions(current: ["b", "c/#"], former: ["a/#"]))
    _ = script.next(3)
    #expect(script.next { $0.granted = nil } == .pause)
    _ = script.next()
    #expect(script.next { $0.granted = [1] } == .reportSubscribed(["b", "c/#"]))
    script.state.declined()
    #expect(script.state.filters == Subscriptions(current: ["a/#", "b"], former: ["c/#"]))
    #expect(script.next() == .unsubscribe(["c/#"]))
  }

  @Test("A change that waits is begun once the filters of the next connection are granted")
  func waitingChange() {
    var state = ConnectionState(
      ConnectionState.Settings(subscriptions: ["a"], linger: 0, patience: 1, stopPatience: 1),
      change: Subscriptions(current: ["a", "b"]), nextTick: 1500, now: 1000)
    var facts = ConnectionState.Facts(now: 1000)
    #expect(state.next(facts) == .subscribe(["a"]))
    #expect(state.next(facts) == .read(due: 1000))
    facts.granted = [1]
    #expect(state.next(facts) == .announce)
    #expect(state.next(facts) == .reportSubscribed(["a"]))
    #expect(state.hasGranted)
    #expect(state.next(facts) == .keepAlive)
    #expect(state.next(facts) == .subscribe(["b"]))
    #expect(state.isAskingForChange)
    // Whatever ends the connection now is not over those that replace them.
    var replaced = state
    replaced.change(to: Subscriptions(current: ["a", "c"]))
    #expect(!replaced.isAskingForChange)
    #expect(replaced.pendingChange == Subscriptions(current: ["a", "c"]))
    // Lost before the answer, it waits for the next connection again.
    state.lost()
    #expect(state.next(facts) == .end)
    #expect(state.pendingChange == Subscriptions(current: ["a", "b"]))
    #expect(state.filters == Subscriptions(current: ["a"]))
  }

  /// Whatever happens in whatever order.
  @Test("Nothing is written while the window holds an uncommitted message", arguments: 0..<200)
  func invariant(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var script = Script(
      optional: Bool.random(using: &random) ? ["x"] : [], former: Bool.random(using: &random) ? ["y"] : [],
      linger: Bool.random(using: &random) ? 100 : 0)
    if Bool.random(using: &random) { script.facts.window = .full }
    var isAnnounced = false
    var commits = 0
    var writes = 0
    var lastAction = Action.pause
    for _ in 0..<2000 {
      chance(&random, 0.1) { script.facts.hasMail.toggle() }
      chance(&random, 0.02) { script.facts.isReloading.toggle() }
      chance(&random, 0.1) { script.facts.hasOutcomes.toggle() }
      chance(&random, 0.3) { script.facts.hasRoom.toggle() }
      let isRefused = script.state.hasGranted && Int.random(in: 0..<3, using: &random) == 0
      chance(&random, 0.05) { script.facts.granted = isRefused ? [0x87, 0] : [1, 1] }
      chance(&random, 0.02) { script.facts.isUnsubscribed = true }
      let current = [["a/#", "b"], ["b"], ["b", "c"], ["c", "d"]].randomElement(using: &random) ?? ["b"]
      chance(&random, 0.02) {
        script.state.change(to: Subscriptions(current: current, former: commits % 2 == 0 ? ["z"] : []))
      }
      chance(&random, 0.001) { script.facts.isStopping = true }
      script.facts.now += Int64.random(in: 0...50, using: &random)
      lastAction = script.next()
      switch lastAction {
      case .read:
        let fill = ConnectionState.Fill.allCases.randomElement(using: &random) ?? .empty
        // What the window holds stays in it until it is committed.
        if script.facts.window == .empty || fill == .full { script.facts.window = fill }
        // The library queues the acknowledgements at once.
        if script.facts.window != .empty { script.facts.wantsWrite = true }
      case .unsubscribe: (script.facts.wantsWrite, script.facts.isUnsubscribed) = (true, false)
      case .subscribe: (script.facts.wantsWrite, script.facts.granted) = (true, nil)
      case .subscribeOptionally: (script.facts.wantsWrite, script.facts.granted) = (true, nil)
      case .announce:
        #expect(!isAnnounced)
        isAnnounced = true
      case .askForMore:
        script.state.answered(awaitsMore: Bool.random(using: &random), at: script.facts.now)
      case .askToDrop: script.state.answered(drops: Bool.random(using: &random))
      case .commit:
        #expect(isAnnounced)
        #expect(script.facts.window != .empty)
        commits += 1
        script.committed()
      case .write:
        #expect(script.facts.window == .empty)
        writes += 1
        script.facts.hasRoom = false
        script.facts.wantsWrite = Bool.random(using: &random)
      case .publish:
        #expect(script.facts.window == .empty)
        (script.facts.wantsWrite, script.facts.hasMail) = (true, false)
      case .keepAlive:
        #expect(script.facts.window == .empty)
        chance(&random, 0.1) { script.facts.wantsWrite = true }
      case .tick, .reload: #expect(script.facts.window == .empty)
      case .disconnect:
        #expect(script.facts.window == .empty && !script.facts.wantsWrite)
        script.state.parted([.needsRoom, .isSent, .isOver].randomElement(using: &random) ?? .isOver)
      case .reportSubscribed: chance(&random, 0.2) { script.state.declined() }
      case .reportStop: #expect(script.facts.isStopping && script.facts.window == .empty)
      case .await, .awaitRoom, .reportOutcomes, .reportRefused, .reportUnsubscribed, .pause, .refuse,
        .giveUp:
        break
      case .end: #expect(script.facts.isStopping)
      }
      if lastAction == .end { break }
    }
    #expect(lastAction == .end || commits > 20 && writes > 20, "\(commits) commits, \(writes) writes")
  }

  private func chance(_ random: inout SeededGenerator, _ probability: Double, _ body: () -> Void) {
    if Double.random(in: 0..<1, using: &random) < probability { body() }
  }
}
