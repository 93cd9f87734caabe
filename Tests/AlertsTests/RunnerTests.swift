import Alerts
import Configuration
import Foundation
import Logging
import Synchronization
import Telemetry
import Testing
import TestSupport

/// A clock that only waits move, and that ends a runner at a moment.
private final class Clock: Sendable {
  private let time = Mutex(Sample.morning)
  let end: Timestamp

  init(from start: Timestamp = Sample.morning, minutes: Int64) {
    time.withLock { $0 = start }
    end = Sample.at(minutes)
  }

  var now: Timestamp { time.withLock { $0 } }

  func pass(_ span: Span) -> Bool {
    time.withLock { time in
      time = time + span
      return time > end
    }
  }
}

/// Messages that a runner sent: moment in seconds after the morning, receiver and delivery.
private final class Sent: Sendable {
  let messages = Mutex<[String]>([])
  var list: [String] { messages.withLock { $0 } }
}

@Suite("Runner of alerts") struct RunnerTests {
  private let folder: TemporaryDirectory
  private let rules = AlertRules(
    rules: [
      AlertRule(name: "gap", kind: .observationGap, receivers: ["a", "b"], hold: .minutes(5))
    ],
    receivers: ["a", "b"].map { AlertReceiver(name: $0, kind: .mqtt(topic: $0)) })

  init() throws { folder = try TemporaryDirectory("runner") }

  private func settings() throws -> Settings {
    try Sample.settings("alerts: { state_file: alerts.sqlite }", file: folder.file("millwright.yaml"))
  }

  /// Runs with a gap of observation from minute 0 until minute `gapUntil`.
  private func run(
    from start: Int64 = 0, until end: Int64, gapUntil: Int64, _ sent: Sent, rules: AlertRules? = nil,
    takes: @escaping @Sendable (String, Timestamp) -> Bool = { _, _ in true }
  ) throws -> AlertRunner {
    let clock = Clock(from: Sample.at(start), minutes: end)
    let runner = AlertRunner(
      try settings(), AlertRuleSource(rules ?? self.rules),
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      facts: {
        { _, now in
          let gap = now < Sample.at(gapUntil) ? Sample.at(0) : nil
          return (AlertFacts(at: now, collector: .init(unobservedSince: gap)), [])
        }
      },
      send: { message, receiver, now in
        let seconds = (now - Sample.morning).milliseconds / 1000
        let isTaken = takes(receiver.name, now)
        sent.messages.withLock {
          $0.append("\(seconds) \(receiver.name) \(message.event.rawValue)\(isTaken ? "" : " refused")")
        }
        return isTaken ? .delivered(answer: "") : .failed(DeliveryFailure("no", "否"))
      })
    runner.run(until: AlertStop { clock.pass($0) }, clock: { clock.now })
    return runner
  }

  @Test("An alert is told once when it is raised and once when it is over") func once() throws {
    let sent = Sent()
    let runner = try run(until: 30, gapUntil: 10, sent)
    #expect(sent.list == ["300 a raised", "300 b raised", "600 a resolved", "600 b resolved"])
    #expect(runner.status.isActive)
    #expect(runner.status.evaluatedAt == Sample.at(30))
    #expect(runner.status.counts == AlertCounts())
  }

  @Test("A receiver that is away gets everything in order when it is back, and others do not wait for it")
  func away() throws {
    let sent = Sent()
    _ = try run(until: 30, gapUntil: 6, sent) { name, now in name == "b" || now >= Sample.at(7) }
    #expect(
      sent.list == [
        "300 a raised refused", "300 b raised", "310 a raised refused", "330 a raised refused",
        "360 b resolved", "370 a raised refused", "450 a raised", "450 a resolved",
      ])
  }

  @Test("A runner that was killed goes on where it was: nothing is lost, nothing raised twice") func restart()
    throws
  {
    let sent = Sent()
    // The first ends before a has taken its message.
    _ = try run(until: 6, gapUntil: 20, sent) { name, _ in name == "b" }
    #expect(sent.list.filter { !$0.contains("refused") } == ["300 b raised"])
    let later = Sent()
    _ = try run(from: 8, until: 30, gapUntil: 20, later)
    #expect(later.list == ["480 a raised", "1200 a resolved", "1200 b resolved"])
  }

  @Test(
    "A database that is moved away while a runner works is made again, and an alert that lasts is raised again"
  )
  func moved() throws {
    let sent = Sent()
    let path = folder.file("alerts.sqlite")
    _ = try run(until: 40, gapUntil: 25, sent) { _, now in
      guard now == Sample.at(5) else { return true }
      for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
      return true
    }
    #expect(
      sent.list.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
        "a raised", "b raised", "a raised", "b raised", "a resolved", "b resolved",
      ])
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test("Two runners on one database: one works") func two() throws {
    let sent = Sent()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let settings = try settings()
    let rules = AlertRuleSource(rules)
    let other = Mutex<[AlertRunner.Status]>([])
    let runner = AlertRunner(
      settings, rules, log: log,
      facts: {
        { _, now in
          // While the first is at work.
          let second = AlertRunner(
            settings, rules, log: log, facts: { { (AlertFacts(at: $1), []) } },
            send: { _, _, _ in .delivered(answer: "") })
          second.run(until: AlertStop { _ in true })
          other.withLock { $0.append(second.status) }
          return (AlertFacts(at: now), [])
        }
      }, send: { _, _, _ in .delivered(answer: "") })
    let clock = Clock(minutes: 1)
    runner.run(until: AlertStop { clock.pass($0) }, clock: { clock.now })
    let statuses = other.withLock { $0 }
    #expect(statuses.map(\.isActive) == [false, false])
    let reason = "\(settings.alerts.stateFile): alerts are evaluated by another process"
    #expect(statuses.map(\.failures) == [[reason], [reason]])
    #expect(runner.status.isActive)
    #expect(sent.list.isEmpty)
  }

  @Test("Messages to a receiver that the rules no longer have are given up at once") func removedReceiver()
    throws
  {
    let sent = Sent()
    _ = try run(until: 6, gapUntil: 20, sent) { name, _ in name == "b" }
    var fewer = rules
    fewer.receivers.removeFirst()
    fewer.rules[0].receivers = ["b"]
    let later = Sent()
    let runner = try run(from: 8, until: 9, gapUntil: 20, later, rules: fewer)
    #expect(later.list.isEmpty)
    #expect(runner.status.counts.waiting == 0)
    #expect(runner.status.counts.givenUp == 1)
    let book = try #require(try AlertBook(reading: folder.file("alerts.sqlite")))
    #expect(
      try book.failures(givenUpAfter: Sample.at(0)).map(\.failure) == [
        "the rules file has no such receiver any more"
      ])
  }

  @Test("A robot gets no more messages a minute than it takes, also after a restart, and others do not wait")
  func pace() throws {
    let rules = AlertRules(
      rules: [
        AlertRule(name: "silent", kind: .factorySilent, receivers: ["robot", "topic"], hold: .minutes(5))
      ],
      receivers: [
        AlertReceiver(name: "robot", kind: .dingtalk(urlFile: "u", secretFile: nil)),
        AlertReceiver(name: "topic", kind: .mqtt(topic: "t")),
      ])
    let settings = try settings()
    /// Runs with a number of silent factories; receiver and second of each message, and how many there were.
    func run(_ clock: Clock, silent: Int) -> [String: Int] {
      let sent = Sent()
      AlertRunner(
        settings, AlertRuleSource(rules), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        facts: {
          { _, now in
            var facts = AlertFacts(at: now, collector: .init(observedSince: Sample.at(-60)))
            facts.factories = Dictionary(
              uniqueKeysWithValues: (0..<silent).map { ("F\($0)", .init(lastHeard: Sample.at(-60))) })
            return (facts, [])
          }
        },
        send: { _, receiver, now in
          let seconds = (now - Sample.morning).milliseconds / 1000
          sent.messages.withLock { $0.append("\(receiver.name) \(seconds)") }
          return .delivered(answer: "")
        }
      ).run(until: AlertStop { clock.pass($0) }, clock: { clock.now })
      return Dictionary(sent.list.map { ($0, 1) }, uniquingKeysWith: +)
    }
    #expect(run(Clock(minutes: 0), silent: 30) == ["robot 0": 18, "topic 0": 30])
    // The next process knows what was sent in the last minute.
    #expect(
      run(Clock(from: Sample.morning + .seconds(30), minutes: 3), silent: 40)
        == ["topic 30": 10, "robot 60": 18, "robot 120": 4])
  }

  @Test(
    "Rules that changed meanwhile apply at the next evaluation; an alert of a rule that is gone is withdrawn")
  func changedRules() throws {
    let path = folder.file("alerts.yaml")
    @Sendable func write(_ rule: String) throws {
      try "receivers: [{ name: a, type: mqtt, topic: a }]\nrules: [{ \(rule), receivers: a, clear_for: 0 }]\n"
        .write(toFile: path, atomically: true, encoding: .utf8)
    }
    try write("name: gap, kind: observation_gap, for: 5m")
    let settings = try Sample.settings(
      "alerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }", file: folder.file("millwright.yaml"))
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let rules = try #require(try AlertRuleSource(settings, log: log))
    let (sent, clock) = (Sent(), Clock(minutes: 30))
    AlertRunner(
      settings, rules, log: log,
      facts: {
        { _, now in
          // The file changes behind the evaluation of the tenth minute, with errors at first.
          if now == Sample.at(8) {
            try? "rules: nonsense\n".write(toFile: path, atomically: true, encoding: .utf8)
          }
          if now == Sample.at(10) { try? write("name: later, kind: observation_gap, for: 20m") }
          return (AlertFacts(at: now, collector: .init(unobservedSince: Sample.at(0))), [])
        }
      },
      send: { message, _, now in
        let minutes = (now - Sample.morning).milliseconds / 60_000
        sent.messages.withLock { $0.append("\(minutes) \(message.alert.rule) \(message.event.rawValue)") }
        return .delivered(answer: "")
      }
    ).run(until: AlertStop { clock.pass($0) }, clock: { clock.now })
    #expect(sent.list == ["5 gap raised", "11 gap withdrawn", "20 later raised"])
  }

  @Test("A real web server that fails first gets the message once it works, with one id") func webServer()
    throws
  {
    let server = try HookServer(["500 busy", "500 busy", "200 ok"])
    let secret = try folder.write("secret", "s3cret")
    let rules = AlertRules(
      rules: [AlertRule(name: "gap", kind: .observationGap, receivers: ["hook"], hold: .minutes(5))],
      receivers: [
        AlertReceiver(name: "hook", kind: .webhook(.url(server.url()), secretFile: secret))
      ])
    let settings = try settings()
    let sender = AlertSender(settings)
    func run(_ clock: Clock, gapUntil: Int64) {
      AlertRunner(
        settings, AlertRuleSource(rules), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        facts: {
          { _, now in
            let gap = now < Sample.at(gapUntil) ? Sample.at(0) : nil
            return (AlertFacts(at: now, collector: .init(unobservedSince: gap)), [])
          }
        }, send: { sender.send($0, to: $1, at: $2) }
      ).run(until: AlertStop { clock.pass($0) }, clock: { clock.now })
    }
    // It ends after the first attempt, and another process goes on.
    run(Clock(minutes: 5), gapUntil: 20)
    run(Clock(from: Sample.at(6), minutes: 30), gapUntil: 20)
    let keys = server.requests.compactMap { $0.headers["idempotency-key"] }
    let id = try #require(keys.first?.split(separator: "-").first)
    #expect(keys == Array(repeating: "\(id)-raised-hook", count: 3) + ["\(id)-resolved-hook"])
    // Each attempt is signed anew.
    #expect(server.requests.map { $0.headers["millwright-timestamp"] }.count == 4)
    #expect(Set(server.requests.compactMap { $0.headers["millwright-signature"] }).count == 4)
  }
}
