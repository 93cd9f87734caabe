import Foundation
import GRDB
import Journal
import Telemetry

/// A change with everything that is stored of it.
public struct RecordedChange: Sendable {
  public var change: AlertChange
  /// The text of the alert in lists and on pages; nil without an event.
  public var message: AlertMessage?
  /// Receivers of the rule at this moment.
  public var receivers: [String]

  /// A change, with its message if there is an event.
  public init(_ change: AlertChange, message: AlertMessage? = nil, receivers: [String] = []) {
    self.change = change
    self.message = message
    self.receivers = receivers
  }
}

extension AlertBook {
  /// Every state that is not quiet.
  public func states() throws(StoreError) -> [AlertKey: AlertState] {
    try read { database in
      var states: [AlertKey: AlertState] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT rule, subject, since FROM pending") {
        guard let key = try Self.key(row) else { continue }
        states[key] = .pending(since: try row.instant("since"))
      }
      let raised = try Row.fetchAll(
        database,
        sql: """
          SELECT rule, subject, id, since, raised_at, notified_at, clear_since, repeats FROM alert
          WHERE ended_at IS NULL
          """)
      for row in raised {
        guard let key = try Self.key(row) else { continue }
        var alert = AlertState.Raised(
          id: try row.text("id"), since: try row.instant("since"), raisedAt: try row.instant("raised_at"))
        alert.notifiedAt = try row.instant("notified_at")
        alert.clearSince = try row.optionalInstant("clear_since")
        alert.repeats = try row.count("repeats")
        states[key] = .raised(alert)
      }
      return states
    }
  }

  private static func key(_ row: Row) throws(StoreError) -> AlertKey? {
    guard let subject = AlertSubject(try row.text("subject")) else { return nil }
    return AlertKey(rule: try row.text("rule"), subject: subject)
  }

  /// Stores the changes of one evaluation and the messages to send, all of it or nothing.
  public func store(_ changes: [RecordedChange], at now: Timestamp) throws(StoreError) {
    guard !changes.isEmpty else { return }
    try write { database in
      for one in changes { try Self.store(one, at: now, database) }
    }
  }

  private static func store(_ one: RecordedChange, at now: Timestamp, _ database: Database) throws {
    let (change, key) = (one.change, one.change.key)
    let names: StatementArguments = [key.rule, key.subject.text]
    if case .pending = change.before {
      try database.execute(sql: "DELETE FROM pending WHERE rule = ? AND subject = ?", arguments: names)
    }
    if case .pending(let since) = change.after {
      try database.execute(
        sql: "INSERT INTO pending (rule, subject, since) VALUES (?, ?, ?)",
        arguments: names + [since.milliseconds])
    }
    var told = one.receivers
    if case .raised(let alert) = change.after {
      if change.event == .raised {
        try insert(alert, one, database)
      } else {
        try database.execute(
          sql: "UPDATE alert SET notified_at = ?, clear_since = ?, repeats = ? WHERE id = ?",
          arguments: [
            alert.notifiedAt.milliseconds, alert.clearSince?.milliseconds, alert.repeats, alert.id,
          ])
      }
    } else if case .raised(let alert) = change.before {
      // Those who know of it learn that it is over.
      told = try receivers(of: alert.id, database)
      try database.execute(
        sql: "UPDATE alert SET ended_at = ?, ending = ? WHERE id = ?",
        arguments: [now.milliseconds, (change.event ?? .withdrawn).rawValue, alert.id])
    }
    guard let event = change.event, let alert = change.alert, var message = one.message else { return }
    if event == .repeated {
      let known = try receivers(of: alert.id, database)
      let all = known + told.filter { !known.contains($0) }
      try database.execute(
        sql: "UPDATE alert SET receivers = ?, text_en = ?, text_zh = ? WHERE id = ?",
        arguments: [
          all.joined(separator: ","), text(message.text.en), text(message.text.zh), alert.id,
        ])
    }
    let suffix = event == .repeated ? "repeated\(alert.repeats)" : event.rawValue
    for receiver in told {
      message.delivery = "\(alert.id)-\(suffix)-\(receiver)"
      try database.execute(
        sql: """
          INSERT INTO delivery (id, alert, receiver, event, message, created_at, next_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          message.delivery, alert.id, receiver, event.rawValue, message.json, now.milliseconds,
          now.milliseconds,
        ])
    }
  }

  private static func insert(_ alert: AlertState.Raised, _ one: RecordedChange, _ database: Database) throws {
    let (key, message) = (one.change.key, one.message)
    try database.execute(
      sql: """
        INSERT INTO alert (id, rule, subject, kind, severity, owner, receivers, since, raised_at, notified_at,
          repeats, text_en, text_zh)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        alert.id, key.rule, key.subject.text, message?.alert.kind ?? "", message?.alert.severity ?? "",
        message?.alert.owner, one.receivers.joined(separator: ","), alert.since.milliseconds,
        alert.raisedAt.milliseconds, alert.notifiedAt.milliseconds, alert.repeats,
        text(message?.text.en), text(message?.text.zh),
      ])
  }

  private static func receivers(of alert: String, _ database: Database) throws -> [String] {
    let text = try String.fetchOne(
      database, sql: "SELECT receivers FROM alert WHERE id = ?", arguments: [alert])
    return (text ?? "").split(separator: ",").map(String.init)
  }

  private static func text(_ text: AlertText?) -> String { text?.lines.joined(separator: "\n") ?? "" }
}
