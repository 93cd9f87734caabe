import GRDB
import Journal
import Telemetry

/// An alert as lists and pages show it.
public struct ListedAlert: Equatable, Sendable {
  public var id: String
  public var rule: String
  public var kind: String
  public var subject: String
  public var severity: String
  public var owner: String?
  public var since: Timestamp
  public var raisedAt: Timestamp
  /// nil while it lasts.
  public var endedAt: Timestamp?
  /// `resolved` or `withdrawn`; nil while it lasts.
  public var ending: String?
  public var repeats: Int
  /// The lines of its newest message that it is raised.
  public var textEnglish: String
  public var textChinese: String
  /// Numbers of its messages that were taken, that wait, and that were given up.
  public var delivered: Int
  public var waiting: Int
  public var givenUp: Int
}

/// A message that was not taken: it waits, or was given up.
public struct FailedDelivery: Equatable, Sendable {
  public var id: String
  public var alert: String
  public var receiver: String
  public var attempts: Int
  public var createdAt: Timestamp
  /// When it was given up; nil while it waits.
  public var givenUpAt: Timestamp?
  /// The newest failure.
  public var failure: String
  /// The same in Chinese; in English if an earlier version noted it.
  public var failureChinese: String
}

/// Numbers for a status.
public struct AlertCounts: Equatable, Sendable {
  public var raised = 0
  /// Messages that wait to be sent, and those given up in the last seven days.
  public var waiting = 0
  public var givenUp = 0

  /// Nothing.
  public init() {}
}

extension AlertBook {
  /// Alerts that last, and those that ended after a moment: the ones that last first, each the newest first. At most
  /// `limit`.
  public func alerts(endedAfter moment: Timestamp, limit: Int = 1000) throws(StoreError) -> [ListedAlert] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT a.*, COALESCE(SUM(d.outcome = 'delivered'), 0) AS delivered,
            COALESCE(SUM(d.id IS NOT NULL AND d.done_at IS NULL), 0) AS waiting,
            COALESCE(SUM(d.outcome = 'given_up'), 0) AS given_up
          FROM alert a LEFT JOIN delivery d ON d.alert = a.id
          WHERE a.ended_at IS NULL OR a.ended_at > ?
          GROUP BY a.id ORDER BY a.ended_at IS NOT NULL, a.raised_at DESC, a.id LIMIT ?
          """, arguments: [moment.milliseconds, limit]
      )
      .map { row in
        ListedAlert(
          id: try row.text("id"), rule: try row.text("rule"), kind: try row.text("kind"),
          subject: try row.text("subject"), severity: try row.text("severity"),
          owner: try row.optionalText("owner"), since: try row.instant("since"),
          raisedAt: try row.instant("raised_at"), endedAt: try row.optionalInstant("ended_at"),
          ending: try row.optionalText("ending"), repeats: try row.count("repeats"),
          textEnglish: try row.text("text_en"), textChinese: try row.text("text_zh"),
          delivered: try row.count("delivered"), waiting: try row.count("waiting"),
          givenUp: try row.count("given_up"))
      }
    }
  }

  /// Messages that failed and wait, or were given up after a moment; the newest first, at most 100.
  public func failures(givenUpAfter moment: Timestamp) throws(StoreError) -> [FailedDelivery] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT id, alert, receiver, attempts, created_at, done_at, answer, answer_zh
          FROM delivery
          WHERE attempts > 0 AND (done_at IS NULL OR outcome = 'given_up' AND done_at > ?)
          ORDER BY number DESC LIMIT 100
          """, arguments: [moment.milliseconds]
      )
      .map { row in
        let failure = try row.optionalText("answer") ?? ""
        return FailedDelivery(
          id: try row.text("id"), alert: try row.text("alert"), receiver: try row.text("receiver"),
          attempts: try row.count("attempts"), createdAt: try row.instant("created_at"),
          givenUpAt: try row.optionalInstant("done_at"), failure: failure,
          failureChinese: try row.optionalText("answer_zh") ?? failure)
      }
    }
  }

  /// The numbers for a status at a moment.
  public func counts(at now: Timestamp) throws(StoreError) -> AlertCounts {
    try read { database in
      func number(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try Int.fetchOne(database, sql: sql, arguments: arguments) ?? 0
      }
      var counts = AlertCounts()
      counts.raised = try number("SELECT COUNT(*) FROM alert WHERE ended_at IS NULL")
      counts.waiting = try number("SELECT COUNT(*) FROM delivery WHERE done_at IS NULL")
      counts.givenUp = try number(
        "SELECT COUNT(*) FROM delivery WHERE outcome = 'given_up' AND done_at > ?",
        [(now - .days(7)).milliseconds])
      return counts
    }
  }

  /// Whether an alert has an id.
  public func hasAlert(_ id: String) throws(StoreError) -> Bool {
    try read { database in
      try Bool.fetchOne(database, sql: "SELECT COUNT(*) > 0 FROM alert WHERE id = ?", arguments: [id])
        ?? false
    }
  }

  // MARK: Silences

  /// Adds a silence and returns its number.
  @discardableResult
  public func silence(
    _ target: String, from: Timestamp, until: Timestamp, reason: String
  ) throws(StoreError) -> Int64 {
    try write { database in
      try database.execute(
        sql: "INSERT INTO silence (target, begins, ends, reason) VALUES (?, ?, ?, ?)",
        arguments: [target, from.milliseconds, until.milliseconds, reason])
      return database.lastInsertedRowID
    }
  }

  /// Silences that end after a moment, ascending by number.
  public func silences(endingAfter moment: Timestamp) throws(StoreError) -> [AlertSilence] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM silence WHERE ends > ? ORDER BY number",
        arguments: [moment.milliseconds]
      )
      .map { row in
        AlertSilence(
          number: Int64(try row.count("number")), target: try row.text("target"),
          from: try row.instant("begins"), until: try row.instant("ends"), reason: try row.text("reason"))
      }
    }
  }

  /// Removes what ended long ago: alerts after 400 days, messages and silences after 90.
  public func prune(at now: Timestamp) throws(StoreError) {
    let (old, older) = ((now - .days(90)).milliseconds, (now - .days(400)).milliseconds)
    try write { database in
      try database.execute(sql: "DELETE FROM delivery WHERE done_at < ?", arguments: [old])
      try database.execute(sql: "DELETE FROM silence WHERE ends < ?", arguments: [old])
      try database.execute(sql: "DELETE FROM alert WHERE ended_at < ?", arguments: [older])
    }
  }
}
