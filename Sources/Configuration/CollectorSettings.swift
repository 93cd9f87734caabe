import Foundation
import Ingestion
import MQTT
import Storage

/// The configuration as a collector needs it, checked wholly: also the files that it names. Nothing of the store is
/// touched for that.
public struct CollectorSettings: Sendable {
  /// The values of the configuration.
  public let settings: Settings
  /// Sources and limits by which a shard reads messages.
  public let shard: ShardSettings
  /// How long days are kept, and the policies that their roots bind.
  public let journal: JournalSettings
  /// The password to connect with; nil when none is configured.
  public let password: String?

  /// Reads the configuration and every file that it names; see ``Settings/load(path:environment:)``.
  ///
  /// - Throws: every problem found.
  public static func load(
    path: String?, environment: [String: String]
  ) throws(SettingsErrors) -> CollectorSettings {
    let (file, text) = try Settings.read(path)
    return try parse(text, file: file, environment: environment)
  }

  /// Reads a configuration's text and every file that it names.
  ///
  /// - Throws: every problem found.
  public static func parse(
    _ text: String, file: String, environment: [String: String] = [:]
  ) throws(SettingsErrors) -> CollectorSettings {
    var (settings, reader) = try Settings.interpret(text, file: file, environment: environment)
    var problems = reader.finish()
    /// Notes what is wrong and goes on.
    func noting<Value>(_ read: () throws(SettingsErrors) -> Value) -> Value? {
      do throws(SettingsErrors) { return try read() } catch {
        problems += error.problems
        return nil
      }
    }
    let password = noting { () throws(SettingsErrors) in try settings.mqtt.password() }
    problems += unreadableCertificates(settings.mqtt.tls, reader)
    for name in settings.policies {
      _ = noting { () throws(SettingsErrors) in try settings.defaultPolicy(name) }
    }
    for name in settings.forms {
      _ = noting { () throws(SettingsErrors) in try settings.defaultForm(name) }
    }
    _ = noting { () throws(SettingsErrors) in try ActionRuleFile.load(besides: file) }
    let shard = noting { () throws(SettingsErrors) in try settings.shardSettings() }
    guard problems.isEmpty, let shard, let password else {
      throw SettingsErrors(ordered(problems, in: file))
    }
    return CollectorSettings(
      settings: settings, shard: shard, journal: try settings.journalSettings(), password: password)
  }

  /// The running configuration with those values of another one that take effect without a restart.
  ///
  /// - Throws: the policy whose file can no longer be read.
  public func reloading(_ other: CollectorSettings) throws(SettingsErrors) -> CollectorSettings {
    let merged = settings.reloading(other.settings)
    return CollectorSettings(
      settings: merged, shard: try merged.shardSettings(), journal: other.journal, password: password)
  }

  private static func unreadableCertificates(
    _ tls: Settings.TLS?, _ reader: SettingsReader
  ) -> [SettingsErrors.Problem] {
    let files = [
      ("mqtt.tls.ca_file", tls?.caFile), ("mqtt.tls.certificate_file", tls?.certificateFile),
      ("mqtt.tls.key_file", tls?.keyFile),
    ]
    return files.compactMap { key, path in
      guard let path, access(path, R_OK) != 0 else { return nil }
      return .init(
        reader.origin(of: key), "\(key): cannot read \(path): \(String(cString: strerror(errno)))")
    }
  }

  /// Problems of `file` by place, then those of variables, then those of other files.
  private static func ordered(
    _ problems: [SettingsErrors.Problem], in file: String
  ) -> [SettingsErrors.Problem] {
    func place(_ problem: SettingsErrors.Problem) -> (Int, Int, Int) {
      switch problem.origin {
      case .file(file, let line, let column): (0, line, column)
      case .wholeFile(file): (0, 0, 0)
      case .variable: (1, 0, 0)
      case .file, .wholeFile, .unplaced: (2, 0, 0)
      }
    }
    let placed = problems.enumerated().map { (place: place($0.element), number: $0.offset, $0.element) }
    return placed.sorted { a, b in a.place == b.place ? a.number < b.number : a.place < b.place }.map(\.2)
  }
}

extension Settings {
  /// This configuration with those values of `other` that take effect without a restart: sources with the session of the
  /// Sparkplug host application, naming, limits, retention, policies, forms, most of `presence`, names and the level of
  /// the log.
  func reloading(_ other: Settings) -> Settings {
    var merged = self
    merged.sources = other.sources
    merged.sparkplug = other.sparkplug
    merged.naming = other.naming
    merged.namingOrigin = other.namingOrigin
    merged.limits = other.limits
    merged.journal = other.journal
    merged.policies = other.policies
    merged.policiesOrigin = other.policiesOrigin
    merged.forms = other.forms
    merged.formsOrigin = other.formsOrigin
    merged.presence = other.presence
    merged.presence.horizonMinimum = presence.horizonMinimum
    merged.log.level = other.log.level
    merged.district = other.district
    merged.district.calendar = district.calendar
    return merged
  }

  /// Keys and sections whose values differ in `other` and take effect at the next start only.
  public func keysNeedingRestart(in other: Settings) -> [String] {
    let (a, b) = (mqtt, other.mqtt)
    let differs = [
      ("district.timezone", district.calendar.identifier != other.district.calendar.identifier),
      ("mqtt.host", a.host != b.host), ("mqtt.port", a.port != b.port),
      ("mqtt.protocol", a.protocolVersion != b.protocolVersion), ("mqtt.client_id", a.clientID != b.clientID),
      ("mqtt.username", a.username != b.username), ("mqtt.password_file", a.secret != b.secret),
      ("mqtt.tls", a.tls != b.tls), ("mqtt.keepalive", a.keepalive != b.keepalive),
      ("mqtt.session_expiry", a.sessionExpiry != b.sessionExpiry),
      ("mqtt.connect_timeout", a.connectTimeout != b.connectTimeout),
      ("mqtt.probe_interval", a.probeInterval != b.probeInterval), ("window", window != other.window),
      ("store", store != other.store),
      ("presence.horizon_minimum", presence.horizonMinimum != other.presence.horizonMinimum),
      ("log.format", log.format != other.log.format),
    ]
    return differs.filter(\.1).map(\.0)
  }
}

extension CollectorSettings {
  /// Keys and sections whose values differ in `other` and take effect at the next start only; also a password that
  /// differs in the same file.
  public func keysNeedingRestart(in other: CollectorSettings) -> [String] {
    let keys = settings.keysNeedingRestart(in: other.settings)
    let name = "mqtt.password_file"
    return password == other.password || keys.contains(name) ? keys : keys + [name]
  }

  /// Where the broker is and as whom to connect to it.
  public func endpoint(clientID: String) -> BrokerEndpoint {
    settings.mqtt.endpoint(clientID: clientID, password: password)
  }
}

extension Settings.MQTT {
  /// The broker, for a client with an id and the password of ``password()``.
  public func endpoint(clientID: String, password: String?) -> BrokerEndpoint {
    BrokerEndpoint(
      host: host, port: port, protocolVersion: protocolVersion == .v5 ? .v5 : .v311, clientID: clientID,
      keepalive: Int(keepalive.milliseconds / 1000), username: username, password: password,
      tls: tls.map {
        TLSSettings(caFile: $0.caFile, certificateFile: $0.certificateFile, keyFile: $0.keyFile)
      }, connectDeadline: connectTimeout.milliseconds)
  }
}
