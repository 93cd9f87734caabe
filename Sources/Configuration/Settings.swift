import Decoding
import Storage
import Telemetry

/// Everything the configuration says, checked: plain values in the units the rest of the product uses.
///
/// A value of this type has passed every check that needs no file, broker or store beside the
/// configuration itself. Passwords are not part of it: see ``MQTT/password()``.
public struct Settings: Sendable {
  /// Which district the store reports for.
  public struct District: Sendable {
    public var id: String
    public var nameChinese: String
    public var nameEnglish: String
    /// Where days begin: one zone for the whole store.
    public var calendar: LocalCalendar
  }

  /// How to reach the broker.
  public struct MQTT: Equatable, Sendable {
    /// The protocol's version.
    public enum ProtocolVersion: String, CaseIterable, Sendable {
      case v5 = "5"
      case v311 = "3.1.1"
    }
    public var host: String
    /// 1 to 65535.
    public var port: Int
    public var protocolVersion: ProtocolVersion
    /// nil: made from the store's id.
    public var clientID: String?
    public var username: String?
    /// nil: unencrypted, which only a loopback host is allowed.
    public var tls: TLS?
    /// Whole seconds.
    public var keepalive: Span
    /// Whole seconds for which the broker keeps the session of a collector that is gone.
    public var sessionExpiry: Span
    /// After which a broker that does not answer counts as unreachable.
    public var connectTimeout: Span
    /// Time from one probe of our own hearing to the next; zero sends none.
    public var probeInterval: Span
    var secret: Secret
  }

  /// Files of a TLS session, PEM; absolute paths.
  public struct TLS: Equatable, Sendable {
    /// Certificates that may have signed the broker's.
    public var caFile: String
    /// Our own certificate and key, where the broker asks for them: both or neither.
    public var certificateFile: String?
    public var keyFile: String?
  }

  /// When a window of messages is full; whichever comes first.
  public struct Window: Equatable, Sendable {
    /// 1 to 65535: the most that MQTT 5 lets a receiver leave unacknowledged.
    public var messages: Int
    public var bytes: Int
    /// From a window's first message; zero commits as soon as the socket is empty.
    public var interval: Span
  }

  /// Topics to subscribe to, and what their payloads are.
  public struct Source: Equatable, Sendable {
    /// A payload's format, with the settings of a mapped one.
    public var format: Format
    /// A topic with `{factory}`, `{equipment}` and, if need be, `{workshop}` for whole levels; of a Sparkplug source the
    /// text of its topics.
    public var topic: String

    /// A source of one format below one topic.
    public init(format: Format, topic: String) {
      self.format = format
      self.topic = topic
    }
  }

  /// The session of a Sparkplug host application.
  public struct Sparkplug: Equatable, Sendable {
    /// Last level of its STATE topic; nil: `millwright`.
    public var hostID: String?
    /// Time for which messages behind a gap wait; nil: 5 s.
    public var reorderTimeout: Span?
    /// Groups that its sources read, in ascending order; nil if one of them reads any group.
    public var groups: [String]?
  }

  /// How long the journal reaches back.
  public struct Journal: Equatable, Sendable {
    /// In whole days.
    public var retention: Span
    /// From its end on, until a day is compacted.
    public var compactAfter: Span
  }

  /// When an equipment counts as heard.
  public struct Presence: Equatable, Sendable {
    public var networkedWindow: Span
    /// Declared intervals for which a reading vouches …
    public var horizonFactor: Int
    /// … and no shorter than this.
    public var horizonMinimum: Span
    /// The interval in which equipment that declares none is to send.
    public var defaultInterval: Span
  }

  /// Limits beyond which messages are refused.
  public struct Limits: Equatable, Sendable {
    /// Bytes of one message.
    public var payload: Int
    /// Levels of a JSON document.
    public var nesting: Int
    /// How far a device's clock may be ahead of ours.
    public var futureSkew: Span
    /// Senders that the register does not know, before further ones are refused.
    public var unregisteredSenders: Int
  }

  /// Alerts of `serve`.
  public struct Alerts: Equatable, Sendable {
    /// The rules, an absolute path; nil: no alerts.
    public var rulesFile: String?
    /// The database of alerts and of messages to send; an absolute path.
    public var stateFile: String
  }

  /// Level and format of the log.
  public struct Log: Equatable, Sendable {
    /// The least severe level logged.
    public enum Level: String, CaseIterable, Sendable {
      case trace, debug, info, notice, warning, error, critical
    }
    /// A line's format.
    public enum Format: String, CaseIterable, Sendable {
      case text, json
    }
    public var level: Level
    public var format: Format
  }

  /// The file read, as it was named or found.
  public var file: String
  public var district: District
  public var mqtt: MQTT
  public var window: Window
  /// In the order tried; never empty.
  public var sources: [Source]
  /// nil without a Sparkplug source.
  public var sparkplug: Sparkplug?
  /// The naming file, an absolute path; nil if ids are published as the register has them.
  public var naming: String?
  /// Its place in the configuration, for errors found later.
  var namingOrigin: SettingsErrors.Origin
  /// The store that keeps everything; its directory is an absolute path.
  public var store: StoreURL
  public var journal: Journal
  public var presence: Presence
  public var limits: Limits
  /// Policies of reports that are asked for no others: names of policies, or absolute paths.
  public var policies: [String]
  /// Their place in the configuration, for errors found later.
  var policiesOrigin: SettingsErrors.Origin
  /// Forms that reports fill in if they are asked for no others: names of forms, or absolute paths.
  public var forms: [String]
  /// Their place in the configuration, for errors found later.
  var formsOrigin: SettingsErrors.Origin
  public var web: Web
  public var alerts: Alerts
  /// The place of its rules file in the configuration, for errors found later.
  var alertRulesOrigin: SettingsErrors.Origin
  public var log: Log
}
