import Alerts
import Configuration
import Foundation
import Journal
import Telemetry
import Testing
import TestSupport

@Suite("Database of alerts") struct BookTests {
  private let folder: TemporaryDirectory
  private let messages: AlertMessages
  private let rule = AlertRule(
    name: "gap", kind: .observationGap, owner: "O", receivers: ["a", "b"], hold: .minutes(5))

  init() throws {
    folder = try TemporaryDirectory("alerts")
    messages = AlertMessages(try Sample.settings())
  }

  private func open() throws -> AlertBook { try AlertBook(path: folder.file("alerts.sqlite")) }

  /// Evaluates the rule with an observation gap that began at a minute, or none, and stores the changes.
  private func evaluate(_ book: AlertBook, at minutes: Int64, gapSince: Int64?) throws {
    let facts = AlertFacts(
      at: Sample.at(minutes), collector: .init(unobservedSince: gapSince.map(Sample.at)))
    let rules = AlertRules(rules: [rule], receivers: [])
    let changes = AlertEvaluation(rules, calendar: Sample.calendar).changes(facts, try book.states())
    try book.store(
      changes.map { messages.record($0, rules, names: [:], at: facts.at) }, at: facts.at)
  }

  @Test("States are the same after the database is opened again") func states() throws {
    let key = AlertKey(rule: "fault", subject: .equipment(EquipmentKey(factory: "F1", equipment: "E/1")))
    var raised = AlertState.Raised(id: "x", since: Sample.at(0), raisedAt: Sample.at(240))
    func store(_ before: AlertState, _ after: AlertState, _ event: AlertEvent?, at minutes: Int64) throws {
      let change = AlertChange(
        key: key, before: before, after: after, event: event, figures: nil, alert: event == nil ? nil : raised
      )
      try open().store([RecordedChange(change)], at: Sample.at(minutes))
    }
    try store(.quiet, .pending(since: Sample.at(0)), nil, at: 0)
    #expect(try open().states() == [key: .pending(since: Sample.at(0))])
    try store(.pending(since: Sample.at(0)), .raised(raised), .raised, at: 240)
    #expect(try open().states() == [key: .raised(raised)])
    let before = raised
    raised.clearSince = Sample.at(250)
    raised.repeats = 2
    raised.notifiedAt = Sample.at(249)
    try store(.raised(before), .raised(raised), nil, at: 250)
    #expect(try open().states() == [key: .raised(raised)])
    try store(.raised(raised), .quiet, .resolved, at: 255)
    #expect(try open().states() == [:])
    #expect(
      try open().alerts(endedAfter: Sample.at(254)).map { [$0.id, $0.ending, $0.subject] } == [
        ["x", "resolved", "equipment:F1/E/1"]
      ])
    #expect(try open().alerts(endedAfter: Sample.at(255)).isEmpty)
  }

  @Test("An event and its messages are stored together, and wait over a crash until they are taken")
  func outbox() throws {
    try evaluate(open(), at: 5, gapSince: 0)
    // The process ended here. What was stored goes on in the next one.
    let book = try open()
    let due = try book.due(at: Sample.at(5))
    let id = try #require(try book.alerts(endedAfter: Sample.at(0)).first?.id)
    #expect(due.map(\.id) == ["\(id)-raised-a", "\(id)-raised-b"])
    #expect(due.map(\.message?.delivery) == ["\(id)-raised-a", "\(id)-raised-b"])
    #expect(due.map(\.attempts) == [0, 0])
    // The same evaluation again raises nothing anew.
    try evaluate(book, at: 6, gapSince: 0)
    #expect(try book.due(at: Sample.at(6)).count == 2)
    try book.note(.delivered(answer: "200 ok"), of: due[0], at: Sample.at(6))
    #expect(try open().due(at: Sample.at(6)).map(\.id) == ["\(id)-raised-b"])
    // A crash after the receiver has taken it and before that is noted: the same id is sent again.
    #expect(try open().due(at: Sample.at(7)).map(\.id) == ["\(id)-raised-b"])
  }

  @Test("That it is over is told after that it was raised, and to the same receivers") func order() throws {
    let book = try open()
    try evaluate(book, at: 5, gapSince: 0)
    try evaluate(book, at: 6, gapSince: nil)
    let id = try #require(try book.alerts(endedAfter: Sample.at(0)).first?.id)
    #expect(try book.due(at: Sample.at(6)).map(\.id) == ["\(id)-raised-a", "\(id)-raised-b"])
    for delivery in try book.due(at: Sample.at(6)) where delivery.receiver == "b" {
      try book.note(.delivered(answer: ""), of: delivery, at: Sample.at(6))
    }
    #expect(try book.due(at: Sample.at(6)).map(\.id) == ["\(id)-raised-a", "\(id)-resolved-b"])
    // A message behind one that failed is not what is waited for.
    for delivery in try book.due(at: Sample.at(6)) {
      let outcome: DeliveryOutcome =
        delivery.receiver == "a" ? .failed(DeliveryFailure("no", "否")) : .delivered(answer: "")
      var late = delivery
      late.attempts = 100
      try book.note(outcome, of: late, at: Sample.at(6))
    }
    #expect(try book.nextDue() == Sample.at(36))
  }

  @Test("A message that fails is tried after 10 s, 20 s … 30 min, and given up after a day") func backoff()
    throws
  {
    #expect(
      [1, 2, 3, 8, 9, 100].map { DeliverySchedule.pause(after: $0) } == [
        .seconds(10), .seconds(20), .seconds(40), .seconds(1280), .minutes(30), .minutes(30),
      ])
    let book = try open()
    try evaluate(book, at: 0, gapSince: -5)
    let failure = DeliveryOutcome.failed(DeliveryFailure("it answers with status 500", "应答状态 500"))
    var first = try #require(try book.due(at: Sample.at(0)).first)
    #expect(try book.note(failure, of: first, at: Sample.at(0)) == false)
    #expect(try book.due(at: Sample.at(0)).map(\.receiver) == ["b"])
    let ten = Sample.at(0) + .seconds(10)
    #expect(try book.due(at: ten - .milliseconds(1)).map(\.receiver) == ["b"])
    #expect(try book.due(at: ten).map(\.receiver) == ["b", "a"])
    first = try #require(try book.due(at: ten).last)
    #expect(first.attempts == 1)
    #expect(try book.note(failure, of: first, at: Sample.at(1439)) == false)
    #expect(try book.failures(givenUpAfter: Sample.at(0)).map(\.givenUpAt) == [nil])
    first.attempts = 2
    #expect(try book.note(failure, of: first, at: Sample.at(1440)) == true)
    let failed = try #require(try book.failures(givenUpAfter: Sample.at(0)).first)
    #expect(failed.receiver == "a")
    #expect(failed.attempts == 3)
    #expect(failed.givenUpAt == Sample.at(1440))
    #expect(failed.failure == "it answers with status 500")
    #expect(failed.failureChinese == "应答状态 500")
    #expect(try book.counts(at: Sample.at(1440)) == counts(raised: 1, waiting: 1, givenUp: 1))
  }

  private func counts(raised: Int, waiting: Int, givenUp: Int) -> AlertCounts {
    var counts = AlertCounts()
    (counts.raised, counts.waiting, counts.givenUp) = (raised, waiting, givenUp)
    return counts
  }

  @Test("Other messages to a receiver that failed wait as well") func sameReceiver() throws {
    let book = try open()
    try evaluate(book, at: 5, gapSince: 0)
    try evaluate(book, at: 6, gapSince: nil)
    // Another alert after the first.
    try evaluate(book, at: 20, gapSince: 10)
    let due = try book.due(at: Sample.at(20))
    #expect(due.map(\.receiver) == ["a", "b", "a", "b"])
    try book.note(.failed(DeliveryFailure("", "")), of: due[0], at: Sample.at(20))
    #expect(try book.due(at: Sample.at(20)).map(\.receiver) == ["b", "b"])
    #expect(try book.due(at: Sample.at(20) + .seconds(10)).map(\.receiver) == ["b", "b", "a", "a"])
  }

  @Test("A receiver that asks to be left alone is, and so are all messages to it") func pause() throws {
    let book = try open()
    try evaluate(book, at: 5, gapSince: 0)
    let due = try book.due(at: Sample.at(5))
    let outcome = DeliveryOutcome.failed(DeliveryFailure("too many", "过多", pause: .minutes(10)))
    try book.note(outcome, of: due[0], at: Sample.at(5))
    try book.postpone("b", until: Sample.at(7))
    #expect(try book.nextDue() == Sample.at(7))
    #expect(try book.due(at: Sample.at(15) - .milliseconds(1)).map(\.receiver) == ["b"])
    #expect(try book.due(at: Sample.at(15)).map(\.receiver) == ["b", "a"])
    // A shorter wait does not end a longer one.
    try book.postpone("a", until: Sample.at(6))
    #expect(try book.due(at: Sample.at(14)).map(\.receiver) == ["b"])
  }

  @Test("Silences are kept, and old ones removed with old alerts and messages") func pruning() throws {
    let book = try open()
    let number = try book.silence("gap", from: Sample.at(0), until: Sample.at(60), reason: "检修")
    let silence = AlertSilence(
      number: number, target: "gap", from: Sample.at(0), until: Sample.at(60), reason: "检修")
    #expect(try book.silences(endingAfter: Sample.at(59)) == [silence])
    #expect(try book.silences(endingAfter: Sample.at(60)) == [])
    try evaluate(book, at: 5, gapSince: 0)
    try evaluate(book, at: 6, gapSince: nil)
    try book.prune(at: Sample.at(60) + .days(90))
    #expect(try book.silences(endingAfter: Sample.at(0)) == [silence])
    try book.prune(at: Sample.at(61) + .days(90))
    #expect(try book.silences(endingAfter: Sample.at(0)) == [])
    try book.prune(at: Sample.at(6) + .days(400))
    #expect(try book.alerts(endedAfter: Sample.at(0)).count == 1)
    try book.prune(at: Sample.at(7) + .days(400))
    #expect(try book.alerts(endedAfter: Sample.at(0)) == [])
  }

  @Test("A list has alerts, messages that failed and silences as JSON") func list() throws {
    let book = try open()
    try evaluate(book, at: 5, gapSince: 0)
    for delivery in try book.due(at: Sample.at(5)) {
      let outcome: DeliveryOutcome =
        delivery.receiver == "a" ? .failed(DeliveryFailure("no", "否")) : .delivered(answer: "200 ok")
      try book.note(outcome, of: delivery, at: Sample.at(5))
    }
    try book.silence("gap", from: Sample.at(6), until: Sample.at(60), reason: "检修")
    let list = try AlertList(book, at: Sample.at(7))
    let id = try #require(list.alerts.first?.id)
    let json = list.json(Sample.calendar)
    #expect(
      json.hasPrefix(
        #"{"alerts":[{"delivered":1,"given_up":0,"id":"\#(id)","kind":"observation_gap","owner":"O","#
          + #""raised_at":"2026-11-30T08:05:00.000+08:00","repeats":0,"rule":"gap","severity":"warning","#
          + #""since":"2026-11-30T08:00:00.000+08:00","state":"raised","subject":"collector","text_en":"#
          + #""[warning] No observation: collector\nThe collector has received nothing for 5 min;"#),
      "\(json)")
    #expect(
      json.hasSuffix(
        #""waiting":1}],"failures":[{"alert":"\#(id)","attempts":1,"created_at":"2026-11-30T08:05:00.000+08:00","#
          + #""delivery":"\#(id)-raised-a","failure":"no","failure_zh":"否","receiver":"a"}],"schema":"millwright.alerts/1","#
          + #""silences":[{"from":"2026-11-30T08:06:00.000+08:00","number":1,"reason":"检修","target":"gap","#
          + #""until":"2026-11-30T09:00:00.000+08:00"}]}"#), "\(json)")
    // Others read it while nobody has it open for writing, and read nothing that is not there.
    let reading = try #require(try AlertBook(reading: folder.file("alerts.sqlite")))
    #expect(try AlertList(reading, at: Sample.at(7)) == list)
  }

  @Test("A file that is no database, or of a later version, is refused") func damaged() throws {
    try folder.write("alerts.sqlite", String(repeating: "no database ", count: 100))
    #expect(throws: StoreError.self) { try open() }
    #expect(throws: StoreError.self) { try AlertBook(reading: folder.file("alerts.sqlite")) }
    #expect(try AlertBook(reading: folder.file("none.sqlite")) == nil)
  }
}
