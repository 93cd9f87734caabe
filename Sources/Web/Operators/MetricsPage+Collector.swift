import Daemon
import Telemetry

/// Metrics of the collector, from its status.
extension MetricsPage {
  /// Every verdict, so that a series is 0 and not absent while another one holds.
  private static let verdicts: [StatusJudgement.Verdict] = [
    .collecting, .disconnected, .starting, .hung, .silent, .stopped, .ended, .never, .unknown,
  ]
  /// Codes of warnings that have a series while they do not hold.
  private static let warnings = ["disk_low", "nothing_heard", "renamed_machines"]

  static func collector(_ judgement: StatusJudgement?, _ now: Timestamp) -> [MetricFamily] {
    let status = judgement?.status
    let isThere = judgement.map { HealthPage.isThere($0, now: now) } ?? false
    var families = [
      MetricFamily(
        "collector_up", .gauge, "Whether a collector runs and wrote its status in the last 5 seconds.",
        .integer(isThere ? 1 : 0)),
      MetricFamily(
        "collector_connected", .gauge, "Whether this collector is connected to the broker.",
        .integer(isThere && status?.state == .connected ? 1 : 0)),
      MetricFamily(
        "collector_state", .gauge, "1 for the state of the collector, as 'millwright status' names it.",
        by: "state", verdicts.map { ($0.rawValue, $0 == judgement?.verdict ? 1 : 0) }),
    ]
    guard let status else { return families }
    families.append(
      MetricFamily(
        "collector_info", .gauge, "Versions of the collector and its MQTT library; the value is always 1.",
        [
          .init(
            labels: [
              .init("version", status.version), .init("protocol", status.broker.protocolVersion),
              .init("transport", status.broker.transport), .init("library", status.broker.library),
            ], value: .integer(1))
        ]))
    families += [
      time("collector_start_time_seconds", "Start of the collector, in Unix time.", status.startedAt),
      time(
        "collector_status_time_seconds", "When the collector wrote its status, in Unix time.",
        status.writtenAt),
    ]
    if let memory = status.memory {
      families.append(
        MetricFamily(
          "collector_resident_memory_bytes", .gauge, "Resident memory of the collector.",
          .integer(max(0, memory.resident))))
    }
    return families
  }

  static func broker(_ status: CollectorStatus) -> [MetricFamily] {
    [
      counter(
        "broker_connections_total", "Connections to the broker since the collector's start.",
        status.broker.connections),
      counter(
        "broker_takeovers_total", "Connections ended by another client with the same client id.",
        status.broker.takeovers),
      time(
        "broker_connected_time_seconds", "Time of the newest connection, in Unix time.",
        status.broker.connectedAt),
    ]
  }

  static func messages(_ status: CollectorStatus) -> [MetricFamily] {
    let messages = status.messages
    let refused = Dictionary(status.refusals.map { ($0.reason, $0.messages) }) { first, _ in first }
    let known = RejectionReason.allCases.map(\.name)
    let others = refused.keys.filter { !known.contains($0) }.sorted()
    var families = [
      counter("messages_total", "Messages received since the collector's start.", messages.total),
      MetricFamily(
        "messages_refused_total", .counter, "Messages refused, by the reason; kept in the quarantine.",
        by: "reason", (known + others).map { ($0, Int64(max(0, refused[$0] ?? 0))) }),
      counter(
        "messages_redelivered_total", "Messages delivered again; they count once.", messages.redelivered),
      counter(
        "messages_former_total", "Messages for filters of earlier configurations, stored and not counted.",
        messages.former),
      time(
        "message_newest_time_seconds", "Receipt of the newest message, in Unix time.", messages.newestAt),
    ]
    if let windows = messages.windows {
      families.append(counter("windows_total", "Windows stored and acknowledged.", windows))
    }
    families.append(
      MetricFamily(
        "messages_readable", .gauge, "Refused messages that the present sources could read.",
        .integer(Int64(max(0, messages.readable ?? 0)))))
    return families
  }

  static func store(_ status: CollectorStatus, _ now: Timestamp) -> [MetricFamily] {
    let silence = status.hearing?.deafSince.flatMap { Timestamp($0) }.map { now - $0 } ?? .zero
    let present = status.warnings.map(\.code)
    let codes = warnings + Set(present).subtracting(warnings).sorted()
    var families = [
      MetricFamily(
        "commit_longest_seconds", .gauge, "Longest time for storing a window in the last minute.",
        .milliseconds(Int64(max(0, status.lag.longestCommit)))),
      MetricFamily(
        "views_waiting_rows", .gauge, "Rows that wait to be written to the views.",
        .integer(Int64(max(0, status.lag.rows)))),
      MetricFamily(
        "senders", .gauge, "Senders heard since the store was made.", .integer(Int64(max(0, status.senders)))),
      MetricFamily(
        "journal_block", .gauge, "Number of the newest block with messages.", .integer(status.block)),
      MetricFamily(
        "silence_seconds", .gauge, "Time for which nothing was heard although the connection stands; else 0.",
        .milliseconds(max(0, silence.milliseconds))),
      MetricFamily(
        "warning", .gauge, "Whether a condition that needs an action holds, by its code in the status.",
        by: "code", codes.map { ($0, present.contains($0) ? 1 : 0) }),
    ]
    if let disk = status.disk {
      families += [
        MetricFamily(
          "store_disk_size_bytes", .gauge, "Size of the store's file system.", .integer(max(0, disk.total))),
        MetricFamily(
          "store_disk_free_bytes", .gauge, "Bytes of it that are available to the collector.",
          .integer(max(0, disk.free))),
      ]
    }
    return families
  }

  /// Counts are zero where the status has none.
  static func sparkplug(_ counts: CollectorStatus.Sparkplug?) -> [MetricFamily] {
    let all: [(String, String, Int?)] = [
      ("without_birth", "Messages of an edge node or device whose birth is not known.", counts?.withoutBirth),
      ("unknown_aliases", "Metrics with an alias that no birth names.", counts?.unknownAliases),
      ("other_deaths", "Deaths that end an earlier session or do not say which.", counts?.otherDeaths),
      ("bad_values", "Values that are null or not of good quality.", counts?.badValues),
      (
        "historical_without_state", "Historical values without a known state at their time.",
        counts?.historicalWithoutState
      ),
      ("skipped_values", "Values of datatypes that are no field.", counts?.skippedValues),
      ("gaps", "Gaps in the numbers of messages.", counts?.gaps),
      ("gaps_filled", "Gaps that were filled in time.", counts?.gapsFilled),
      ("without_sequence", "Messages without a valid number.", counts?.withoutSequence),
      ("rebirth_requests", "Requests for births.", counts?.rebirthRequests),
      (
        "states_repeated", "Times at which the host had to state again that it is online.",
        counts?.statesRepeated
      ),
    ]
    return all.map { counter("sparkplug_\($0.0)_total", "Sparkplug: " + $0.1, $0.2 ?? 0) }
  }

  // MARK: -

  private static func counter(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
    MetricFamily(name, .counter, help, .integer(Int64(max(0, value))))
  }

  /// An instant; without samples if there is none.
  private static func time(_ name: String, _ help: String, _ text: String?) -> MetricFamily {
    let instant = text.flatMap { Timestamp($0) }
    return MetricFamily(
      name, .gauge, help,
      instant.map { [.init(labels: [], value: .milliseconds($0.milliseconds))] } ?? [])
  }
}
