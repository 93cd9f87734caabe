import Configuration
import Foundation
import Journal
import Reporting
import Telemetry

/// Alerts, messages that were not taken, and silences at one moment: what lists, pages and the API show. Times of the
/// JSON are RFC 3339 in the district's time zone; fields may be added.
public struct AlertList: Equatable, Sendable {
  /// Name of the JSON's format.
  public static let schema = "millwright.alerts/1"
  /// Days for which alerts that ended are listed.
  public static let recentDays: Int64 = 7

  /// Those that last first, each the newest first.
  public var alerts: [ListedAlert]
  /// Messages that failed and wait, or were given up.
  public var failures: [FailedDelivery]
  /// Silences that have not ended.
  public var silences: [AlertSilence]

  /// Problems of the rules file as it is now; with some, the earlier rules apply.
  public var ruleProblems: [SettingsErrors.Problem] = []

  /// No alerts, as before the first evaluation.
  public init(ruleProblems: [SettingsErrors.Problem] = []) {
    (alerts, failures, silences) = ([], [], [])
    self.ruleProblems = ruleProblems
  }

  /// Reads a database at a moment.
  ///
  /// - Parameter days: alerts that ended, and messages that were given up, within this number of days are listed.
  public init(_ book: AlertBook, days: Int64 = AlertList.recentDays, at now: Timestamp) throws(StoreError) {
    alerts = try book.alerts(endedAfter: now - .days(days))
    failures = try book.failures(givenUpAfter: now - .days(days))
    silences = try book.silences(endingAfter: now)
  }

  /// The list as JSON, with keys in the order of the alphabet.
  public func json(_ calendar: LocalCalendar) -> String {
    func time(_ instant: Timestamp) -> String { instant.rfc3339(offset: calendar.offset(at: instant)) }
    let document = Document(
      schema: Self.schema,
      alerts: alerts.map { alert in
        Document.Alert(
          id: alert.id, rule: alert.rule, kind: alert.kind, subject: alert.subject, severity: alert.severity,
          owner: alert.owner, state: alert.ending ?? "raised", since: time(alert.since),
          raisedAt: time(alert.raisedAt), endedAt: alert.endedAt.map(time), repeats: alert.repeats,
          textEn: alert.textEnglish, textZh: alert.textChinese, delivered: alert.delivered,
          waiting: alert.waiting, givenUp: alert.givenUp)
      },
      failures: failures.map { failure in
        Document.Failure(
          delivery: failure.id, alert: failure.alert, receiver: failure.receiver, attempts: failure.attempts,
          createdAt: time(failure.createdAt), givenUpAt: failure.givenUpAt.map(time),
          failure: failure.failure,
          failureZh: failure.failureChinese)
      },
      silences: silences.map { silence in
        Document.Silence(
          number: silence.number, target: silence.target, from: time(silence.from),
          until: time(silence.until), reason: silence.reason)
      },
      ruleProblems: ruleProblems.isEmpty
        ? nil
        : ruleProblems.map { Document.Problem(textEn: $0.description, textZh: $0.chineseDescription) })
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and integers can always be encoded.
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self).inertJSON } ?? "{}"
  }

  private struct Document: Encodable {
    struct Alert: Encodable {
      var id, rule, kind, subject, severity: String
      var owner: String?
      var state, since, raisedAt: String
      var endedAt: String?
      var repeats: Int
      var textEn, textZh: String
      var delivered, waiting, givenUp: Int
    }
    struct Failure: Encodable {
      var delivery, alert, receiver: String
      var attempts: Int
      var createdAt: String
      var givenUpAt: String?
      var failure, failureZh: String
    }
    struct Silence: Encodable {
      var number: Int64
      var target, from, until, reason: String
    }
    struct Problem: Encodable {
      var textEn, textZh: String
    }
    var schema: String
    var alerts: [Alert]
    var failures: [Failure]
    var silences: [Silence]
    /// Left out without problems.
    var ruleProblems: [Problem]?
  }
}
