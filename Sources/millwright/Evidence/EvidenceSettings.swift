import Configuration
import Evidence
import Foundation
import SQLiteStore
import Storage
import Telemetry

extension EvidencePack.Rules {
  /// The rules that a configuration gives now.
  init(_ settings: Settings, knownAt: Timestamp) throws {
    let shard = try settings.shardSettings()
    self.init(
      district: District(
        id: settings.district.id, name_zh: settings.district.nameChinese,
        name_en: settings.district.nameEnglish, timezone: settings.district.calendar.identifier),
      sources: settings.sources.map(Source.init),
      payload_bytes: settings.limits.payload, nesting: settings.limits.nesting,
      future_skew_ms: settings.limits.futureSkew.milliseconds,
      oldest_age_ms: shard.limits.oldestAge.milliseconds,
      networked_window_ms: settings.presence.networkedWindow.milliseconds,
      horizon_factor: settings.presence.horizonFactor,
      horizon_minimum_ms: settings.presence.horizonMinimum.milliseconds,
      default_interval_ms: settings.presence.defaultInterval.milliseconds,
      known_at_ms: knownAt.milliseconds)
  }
}

extension EvidencePack.Rules.Source {
  /// A source of a configuration.
  init(_ source: Settings.Source) {
    self.init(format: source.format.name, topic: source.topic)
    if case .other(_, let settings) = source.format { self.settings = settings }
  }
}

extension ReplayResources {
  /// Resources of this program: an embedded store in a temporary folder.
  static var program: ReplayResources {
    ReplayResources(version: Version.current) { body in
      try PrivateFolder.with("evidence") { try body(StoreDirectory($0 + "/store")) }
    } policy: { text, file in
      try PolicyFile.parse(text, file: file)
    }
  }
}

extension Settings {
  /// Texts of policy files by the policies' names: of those asked for, else of the configuration's.
  func policyTexts(_ names: [String]) throws -> [String: String] {
    var texts: [String: String] = [:]
    for name in names.isEmpty ? policies : names.filter({ $0 != Settings.noPolicy }) {
      _ = try policy(name, asked: "--policy")
      guard let path = PolicyFile.find(name, besides: file),
        let text = try? String(contentsOfFile: path, encoding: .utf8)
      else { throw CommandFailure(.noInput, "--policy: '\(name)' cannot be read") }
      texts[URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent] = text
    }
    return texts
  }
}

extension EvidenceError {
  /// The failure of a command that met this.
  var failure: CommandFailure {
    let status: ExitStatus =
      switch kind {
      case .doesNotHold: .doesNotHold
      case .usage: .usage
      case .noInput: .noInput
      case .tryAgain: .tryAgain
      case .tooLarge: .cannotWrite
      }
    return CommandFailure(status, description)
  }
}
