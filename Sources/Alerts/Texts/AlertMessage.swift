import Foundation
import Reporting
import Telemetry

/// A message of an alert as receivers get it: the body of a webhook and of a message to a topic. Times are RFC 3339 in
/// the district's time zone. Fields may be added; receivers ignore unknown ones.
public struct AlertMessage: Codable, Equatable, Sendable {
  /// Name of the format.
  public static let schema = "millwright.alert/1"

  /// The district of the alert.
  public struct District: Codable, Equatable, Sendable {
    public var id: String
    public var nameZh: String
    public var nameEn: String
  }

  /// The alert.
  public struct Subject: Codable, Equatable, Sendable {
    /// The alert's id; the same in all of its messages.
    public var id: String
    public var rule: String
    /// Word of the rule's kind, such as `factory_silent`.
    public var kind: String
    public var severity: String
    public var owner: String?
    /// ``AlertSubject/text``.
    public var subject: String
    public var factory: String?
    public var equipment: String?
    public var since: String
    public var raisedAt: String
    /// nil while it lasts.
    public var endedAt: String?
    /// Number of messages before that said that it lasts.
    public var repeats: Int
  }

  /// A ratio held against a threshold.
  public struct Figures: Codable, Equatable, Sendable {
    public var metric: String?
    public var numerator: Int
    public var denominator: Int
    /// One decimal, rounded down.
    public var percent: String?
    /// Percent, or messages a minute.
    public var threshold: String?
  }

  /// The text in both languages.
  public struct Texts: Codable, Equatable, Sendable {
    public var en: AlertText
    public var zh: AlertText
  }

  public var schema = Self.schema
  /// Identifies this message: it is the same if the message is sent again after a failure. One that was seen before can be
  /// ignored.
  public var delivery: String
  public var event: AlertEvent
  /// Whether it is only a test of the receiver.
  public var test: Bool
  public var district: District
  public var alert: Subject
  public var figures: Figures?
  public var text: Texts

  /// The message as JSON, with keys in the order of the alphabet.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings and integers can always be encoded.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self).inertJSON } ?? "{}"
  }

  /// Reads ``json``; nil for anything else.
  public init?(json: String) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let message = try? decoder.decode(AlertMessage.self, from: Data(json.utf8)) else { return nil }
    self = message
  }

  init(
    delivery: String, event: AlertEvent, test: Bool = false, district: District, alert: Subject,
    figures: Figures?, text: Texts
  ) {
    self.delivery = delivery
    self.event = event
    self.test = test
    self.district = district
    self.alert = alert
    self.figures = figures
    self.text = text
  }
}
