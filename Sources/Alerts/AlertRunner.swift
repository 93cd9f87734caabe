import Configuration
import Daemon
import Foundation
import Journal
import Logging
import Storage
import Synchronization
import Telemetry

/// Evaluates alerts every minute and sends their messages, on the thread that calls ``run(until:clock:)``.
///
/// Of several servers on one database one works; another takes over when it ends.
public final class AlertRunner: Sendable {
  /// The state of the runner.
  public struct Status: Equatable, Sendable {
    /// Whether this runner works; false while another has the database, or it cannot be opened.
    public var isActive = false
    /// The newest evaluation.
    public var evaluatedAt: Timestamp?
    public var counts = AlertCounts()
    /// Errors of reading at the newest evaluation, or the reason why no rule is evaluated.
    public var failures: [String] = []
  }

  private let settings: Settings
  private let rules: AlertRuleSource
  private let log: Logger
  private let facts: @Sendable () -> Facts
  private let send: @Sendable (AlertMessage, AlertReceiver, Timestamp) -> DeliveryOutcome
  private let current = Mutex(Status())

  /// Reads the facts that rules need at a moment, with what could not be read.
  public typealias Facts = (AlertRules, Timestamp) -> (facts: AlertFacts, failures: [String])

  static let interval = Span.minutes(1)

  /// The system's clock.
  public static let systemClock: @Sendable () -> Timestamp = { .now }

  /// A runner over a store.
  ///
  /// - Parameter rules: asked at each evaluation.
  public convenience init(
    _ settings: Settings, _ rules: AlertRuleSource, service: ReportService, store: any Store, log: Logger
  ) {
    let sender = AlertSender(settings)
    self.init(
      settings, rules, log: log,
      facts: {
        var reader = AlertFactReader(settings, service: service, store: store)
        return { reader.read(for: $0, at: $1) }
      }, send: { sender.send($0, to: $1, at: $2) })
  }

  /// A runner whose facts come from elsewhere and whose messages go elsewhere.
  public init(
    _ settings: Settings, _ rules: AlertRuleSource, log: Logger, facts: @escaping @Sendable () -> Facts,
    send: @escaping @Sendable (AlertMessage, AlertReceiver, Timestamp) -> DeliveryOutcome
  ) {
    self.settings = settings
    self.rules = rules
    self.log = log
    self.facts = facts
    self.send = send
  }

  /// The state of the thread. Any thread may ask for it.
  public var status: Status { current.withLock { $0 } }

  /// Works until it is stopped. Failures are logged, and what failed is tried again.
  public func run(until stop: AlertStop, clock: @escaping @Sendable () -> Timestamp = AlertRunner.systemClock)
  {
    while true {
      do throws(StoreError) {
        if let lock = try AlertLock(path: settings.alerts.stateFile + ".lock") {
          defer { lock.release() }
          return try work(AlertBook(path: settings.alerts.stateFile), until: stop, clock)
        }
        log.debug("alerts are evaluated by another server")
        pause("\(settings.alerts.stateFile): alerts are evaluated by another process")
      } catch {
        log.error("alerts: \(error)")
        pause(error.description)
      }
      if stop.wait(Self.interval) { return }
    }
  }

  /// Notes why nothing is evaluated.
  private func pause(_ reason: String) {
    current.withLock { status in
      status.isActive = false
      status.failures = [reason]
    }
  }

  // MARK: -

  private func work(
    _ book: AlertBook, until stop: AlertStop, _ clock: @Sendable () -> Timestamp
  ) throws(StoreError) {
    let read = facts()
    var pace = SendingPace()
    for (receiver, at) in try book.taken(after: clock() - .minutes(1)) {
      pace.note(receiver, limits(of: receiver), at: at)
    }
    var next = clock()
    var pruned: Timestamp?
    while true {
      var now = clock()
      // A clock that was set back does not delay evaluations.
      if now >= next || next - now > Self.interval {
        try book.requireInPlace()
        try evaluate(book, read, at: now)
        next = now + Self.interval
        if pruned.map({ now - $0 >= .days(1) }) ?? true {
          try book.prune(at: now)
          pruned = now
        }
      }
      try deliver(book, &pace, until: next, clock)
      let counts = try book.counts(at: clock())
      current.withLock { $0.counts = counts }
      now = clock()
      let due = try book.nextDue().map { min($0, next) } ?? next
      // Waits at least 100 ms, because messages behind one that failed become due in steps.
      if stop.wait(min(max(due - now, .milliseconds(100)), Self.interval)) { return }
    }
  }

  private func evaluate(_ book: AlertBook, _ read: Facts, at now: Timestamp) throws(StoreError) {
    let rules = rules.current.rules
    let (facts, failures) = read(rules, now)
    // A failure is logged once while it lasts.
    let known = current.withLock { $0.failures }
    for failure in failures where !known.contains(failure) {
      log.warning("alerts: a fact is not known: \(failure)")
    }
    let states = try book.states()
    let silences = try book.silences(endingAfter: now - .days(32))
    let evaluation = AlertEvaluation(rules, calendar: settings.district.calendar)
    let messages = AlertMessages(settings)
    let changes = evaluation.changes(facts, states, silences: silences).map {
      messages.record($0, rules, names: facts.factories ?? [:], at: now)
    }
    try book.store(changes, at: now)
    for one in changes {
      guard let event = one.change.event, let message = one.message else { continue }
      log.notice(
        "alert \(event.rawValue): \(message.text.en.title)",
        metadata: ["id": "\(message.alert.id)", "rule": "\(message.alert.rule)"])
    }
    current.withLock { status in
      status.isActive = true
      status.evaluatedAt = now
      status.failures = failures
    }
  }

  private func limits(of receiver: String) -> [SendingPace.Limit] {
    rules.current.rules.receiver(receiver)?.kind.limits ?? []
  }

  /// Sends what is due, until it is time for the next evaluation. A receiver that failed, or that has got as many messages
  /// as it takes, is not tried again in this turn.
  private func deliver(
    _ book: AlertBook, _ pace: inout SendingPace, until next: Timestamp, _ clock: @Sendable () -> Timestamp
  ) throws(StoreError) {
    var waiting: Set<String> = []
    while true {
      let due = try book.due(at: clock()).filter { !waiting.contains($0.receiver) }
      guard !due.isEmpty else { return }
      for delivery in due where !waiting.contains(delivery.receiver) {
        let limits = limits(of: delivery.receiver)
        if let moment = pace.next(delivery.receiver, limits, at: clock()) {
          try book.postpone(delivery.receiver, until: moment)
          waiting.insert(delivery.receiver)
          continue
        }
        pace.note(delivery.receiver, limits, at: clock())
        let outcome = attempt(delivery, at: clock())
        let isGivenUp = try book.note(outcome, of: delivery, at: clock())
        if case .failed(let failure) = outcome {
          waiting.insert(delivery.receiver)
          log.warning(
            isGivenUp
              ? "a message of an alert is given up: \(failure.english)"
              : "a message of an alert was not taken and is sent again: \(failure.english)",
            metadata: ["receiver": "\(delivery.receiver)", "delivery": "\(delivery.id)"])
        }
        guard clock() < next else { return }
      }
    }
  }

  private func attempt(_ delivery: WaitingDelivery, at now: Timestamp) -> DeliveryOutcome {
    guard let receiver = rules.current.rules.receiver(delivery.receiver) else {
      return .failed(
        DeliveryFailure("the rules file has no such receiver any more", "规则文件中已没有该接收方", isFinal: true))
    }
    guard let message = delivery.message else {
      return .failed(DeliveryFailure("the stored message cannot be read", "存储的消息无法读取", isFinal: true))
    }
    return send(message, receiver, now)
  }
}
