import Configuration
import Decoding
import Ingestion
import MQTT
import Telemetry

extension CollectorRun {
  /// A session of the Sparkplug host application.
  struct RunningHost {
    var sparkplug: Settings.Sparkplug
    var filters: [String]
  }

  /// A Sparkplug host application. `mailbox` is that of its session.
  func host(_ sparkplug: Settings.Sparkplug, _ mailbox: Mailbox) -> SparkplugHost {
    let host = SparkplugHost(
      sparkplug.session, shard: shard, window: windowLimits, publish: { mailbox.publish($0) },
      withdraw: { mailbox.withdraw() })
    self.host = RunningHost(sparkplug: sparkplug, filters: host.filters)
    shard.hostJoins(at: Timestamp.now.milliseconds)
    return host
  }

  /// The settings of the host application's session: it begins clean and receives at QoS 0.
  func hostSettings(of host: SparkplugHost) throws -> BrokerSettings {
    BrokerSettings(
      endpoint: settings.endpoint(clientID: try clientID + "-sparkplug"), subscriptions: host.filters,
      cleanStart: true, subscriptionQuality: .atMostOnce, window: windowLimits)
  }

  /// The host application's session has ended: nothing more comes for its filters.
  ///
  /// - Parameter isReplaced: whether another one begins.
  func hostLeft(isReplaced: Bool) throws {
    host = nil
    shard.setAside(filtersAside(subscriptions.former, in: settings))
    try shard.hostLeft(at: Timestamp.now.milliseconds, isReplaced: isReplaced)
  }

  /// Filters whose messages are stored and not refused if no source of a configuration reads them: former ones, and
  /// those of a host's session that the configuration ends, because it may still receive messages.
  func filtersAside(_ former: [String], in settings: CollectorSettings) -> [TopicFilter] {
    let leaving = host.map { $0.sparkplug == settings.settings.sparkplug ? [] : $0.filters } ?? []
    return (former + leaving).map { TopicFilter($0) }
  }
}
