import GRDB
import Journal
import Telemetry

/// A message that waits to be sent.
public struct WaitingDelivery: Equatable, Sendable {
  /// Identifies the message; receivers see it.
  public var id: String
  public var receiver: String
  public var message: AlertMessage?
  public var createdAt: Timestamp
  /// Number of failed attempts.
  public var attempts: Int
}

/// The result of an attempt to send a message.
public enum DeliveryOutcome: Equatable, Sendable {
  /// The receiver has taken it; with what it answered.
  case delivered(answer: String)
  /// It is tried again, unless that cannot help.
  case failed(DeliveryFailure)
}

/// Why a message was not taken.
public struct DeliveryFailure: Error, Equatable, Sendable {
  public var english: String
  public var chinese: String
  /// Whether trying again cannot help.
  public var isFinal: Bool
  /// Time during which the receiver takes no further messages, as it says.
  public var pause: Span

  /// A failure; it must not contain a secret.
  public init(_ english: String, _ chinese: String, isFinal: Bool = false, pause: Span = .zero) {
    self.english = english
    self.chinese = chinese
    self.isFinal = isFinal
    self.pause = pause
  }
}

/// When messages are tried again.
public enum DeliverySchedule {
  /// Time after which a message that was not taken is given up.
  public static let patience = Span.days(1)
  /// The first and the longest pause.
  static let (first, longest) = (Span.seconds(10), Span.minutes(30))

  /// The pause after a number of failed attempts: 10 s, doubled each time, at most 30 min.
  public static func pause(after attempts: Int) -> Span {
    min(longest, first * (1 << Int64(min(max(attempts, 1) - 1, 20))))
  }
}

extension AlertBook {
  /// Messages to send now, at most `limit`: the one that waits longest first, and of one alert to one receiver in the
  /// order of its events.
  public func due(at now: Timestamp, limit: Int = 50) throws(StoreError) -> [WaitingDelivery] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT id, receiver, message, created_at, attempts FROM delivery d
          WHERE \(Self.isNext) AND next_at <= ? ORDER BY next_at, number LIMIT ?
          """, arguments: [now.milliseconds, limit]
      )
      .map { row in
        WaitingDelivery(
          id: try row.text("id"), receiver: try row.text("receiver"),
          message: AlertMessage(json: try row.text("message")), createdAt: try row.instant("created_at"),
          attempts: try row.count("attempts"))
      }
    }
  }

  /// Condition for a row `d` that waits behind no other.
  private static let isNext = """
    d.done_at IS NULL AND NOT EXISTS (
      SELECT 1 FROM delivery e WHERE e.alert = d.alert AND e.receiver = d.receiver
        AND e.done_at IS NULL AND e.number < d.number)
    """

  /// When the next message is to be sent; nil if none waits.
  public func nextDue() throws(StoreError) -> Timestamp? {
    try read { database in
      try Int64.fetchOne(database, sql: "SELECT MIN(next_at) FROM delivery d WHERE \(Self.isNext)")
        .map(Timestamp.init(milliseconds:))
    }
  }

  /// Notes what became of an attempt at `now`. After a failure the other messages to the same receiver wait too, so that
  /// a receiver that is gone is not tried with each of them.
  ///
  /// - Returns: whether the message is given up.
  @discardableResult
  public func note(
    _ outcome: DeliveryOutcome, of delivery: WaitingDelivery, at now: Timestamp
  ) throws(StoreError) -> Bool {
    try write { database in
      switch outcome {
      case .delivered(let answer):
        try database.execute(
          sql: "UPDATE delivery SET done_at = ?, outcome = 'delivered', answer = ? WHERE id = ?",
          arguments: [now.milliseconds, answer, delivery.id])
        return false
      case .failed(let failure):
        let attempts = delivery.attempts.addingSaturated(1)
        // If the clock was set back, the message is tried for a longer time.
        let isOver = failure.isFinal || now - delivery.createdAt >= DeliverySchedule.patience
        if isOver {
          try database.execute(
            sql: """
              UPDATE delivery SET attempts = ?, done_at = ?, outcome = 'given_up', answer = ?, answer_zh = ?
              WHERE id = ?
              """,
            arguments: [attempts, now.milliseconds, failure.english, failure.chinese, delivery.id])
          return true
        }
        let next = now + max(DeliverySchedule.pause(after: attempts), failure.pause)
        try database.execute(
          sql: "UPDATE delivery SET attempts = ?, next_at = ?, answer = ?, answer_zh = ? WHERE id = ?",
          arguments: [attempts, next.milliseconds, failure.english, failure.chinese, delivery.id])
        let others = now + max(DeliverySchedule.first, failure.pause)
        try Self.postpone(delivery.receiver, until: others, database)
        return false
      }
    }
  }

  /// Has the messages to a receiver wait until a moment at least.
  public func postpone(_ receiver: String, until moment: Timestamp) throws(StoreError) {
    try write { try Self.postpone(receiver, until: moment, $0) }
  }

  private static func postpone(_ receiver: String, until moment: Timestamp, _ database: Database) throws {
    try database.execute(
      sql: "UPDATE delivery SET next_at = ? WHERE receiver = ? AND done_at IS NULL AND next_at < ?",
      arguments: [moment.milliseconds, receiver, moment.milliseconds])
  }

  /// Receivers that have taken messages after a moment, with the time of each, ascending.
  func taken(after moment: Timestamp) throws(StoreError) -> [(receiver: String, at: Timestamp)] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT receiver, done_at FROM delivery WHERE outcome = 'delivered' AND done_at > ? ORDER BY done_at
          """, arguments: [moment.milliseconds]
      )
      .map { row in (try row.text("receiver"), try row.instant("done_at")) }
    }
  }
}
