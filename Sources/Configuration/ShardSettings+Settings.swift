import Decoding
import Foundation
import Ingestion
import Journal
import Storage
import Telemetry

extension Settings {
  /// Sources and limits by which a shard reads messages.
  ///
  /// - Throws: the topic template that is wrong, of which loaded settings have none, and what is wrong with the naming
  ///   file.
  public func shardSettings() throws(SettingsErrors) -> ShardSettings {
    var found: [Decoding.Source] = []
    for source in sources {
      do throws(TopicTemplateError) {
        let template = try TopicTemplate(source.topic, source.format.topicForm)
        found.append(Decoding.Source(source.format, template: template))
      } catch {
        throw SettingsErrors([.init(.wholeFile(file), "sources: \(error)")])
      }
    }
    var shard = ShardSettings(
      sources: found,
      limits: DecodingLimits(
        payload: limits.payload, nesting: limits.nesting,
        futureSkew: limits.futureSkew,
        oldestAge: DecodingLimits.oldestAge(retention: journal.retention)),
      unregisteredSenders: limits.unregisteredSenders, calendar: district.calendar,
      horizonMinimum: presence.horizonMinimum, receivesRetainedAgain: mqtt.protocolVersion != .v5)
    shard.naming = try namedEquipment()
    return shard
  }
}

extension Settings.Sparkplug {
  /// The session's settings.
  public var session: SparkplugSession.Settings {
    SparkplugSession.Settings(
      hostID: hostID ?? "millwright", groups: groups, reorderTimeout: reorderTimeout ?? .seconds(5))
  }
}

extension Settings {
  /// Settings for keeping days, and the policies that their roots bind.
  ///
  /// - Throws: the policy whose file cannot be read.
  public func journalSettings() throws(SettingsErrors) -> JournalSettings {
    var settings = journal.settings
    var files: [String: [UInt8]] = [:]
    for name in policies {
      guard let path = PolicyFile.find(name, besides: file),
        let data = FileManager.default.contents(atPath: path)
      else {
        throw SettingsErrors([.init(.wholeFile(file), "policies: '\(name)' cannot be read")])
      }
      files[URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent] = [UInt8](data)
    }
    settings.policies = DayRoot.policies(files)
    return settings
  }
}

extension Settings.Journal {
  /// How long days are kept, in whole days.
  fileprivate var settings: JournalSettings {
    JournalSettings(
      keptDays: Int(retention.milliseconds / Span.days(1).milliseconds),
      compactAfterDays: Int(
        (compactAfter.milliseconds + Span.days(1).milliseconds - 1) / Span.days(1).milliseconds))
  }
}
