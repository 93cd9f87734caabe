import Foundation
import Ingestion
import Journal
import Logging
import MQTT
import Reporting
import Storage
import Telemetry

/// Maintains the collector's status: writes it once a second, logs refused messages, and logs a summary every hour.
/// Used on the session's thread only.
final class StatusBoard {
  private let path: String
  private let folder: String
  private let calendar: LocalCalendar
  private let log: Logger
  private(set) var status: CollectorStatus
  /// Warnings by code; other parts of the collector add theirs with ``warn(_:)``.
  private var warnings: [String: CollectorStatus.Warning] = [:]
  private var minute = LastMinute()
  private var refusals = RefusalLog()
  private var examples: [RejectionReason: RefusalExample] = [:]
  private var summary = (at: ContinuousClock.now, counters: ShardCounters())
  /// Longest time for storing a batch since the last second, in milliseconds.
  private var longestCommit = 0
  private var isWritten = true
  private var diskWarnedAt: ContinuousClock.Instant?

  init(_ settings: Settings, log: Logger) {
    let mqtt = settings.mqtt
    folder = settings.storeDirectory.path
    path = settings.storeDirectory.status
    calendar = settings.district.calendar
    self.log = log
    let now = Self.text(InstantArgument.now, calendar)
    status = CollectorStatus(
      version: Version.current, process: getpid(), host: ProcessInfo.processInfo.hostName, writtenAt: now,
      startedAt: now, store: settings.storeDirectory.path,
      broker: CollectorStatus.Broker(
        host: mqtt.host, port: mqtt.port, protocolVersion: mqtt.protocolVersion.rawValue,
        transport: mqtt.tls == nil ? "tcp" : "tls", library: MQTTLibrary.version))
  }

  // MARK: What happens

  func claimed(clientID: String) {
    status.broker.clientId = clientID
    status.state = .disconnected
  }

  func connected(sessionPresent: Bool, at: Int64) {
    status.state = .connected
    status.broker.connectedAt = text(Timestamp(milliseconds: at))
    status.broker.resumed = sessionPresent
    status.broker.connections += 1
  }

  func disconnected(_ reason: DisconnectReason, at: Int64) {
    status.state = .disconnected
    status.broker.lastDisconnectedAt = text(Timestamp(milliseconds: at))
    status.broker.lastDisconnectReason = reason.description
    switch reason {
    case .takenOver: status.broker.takeovers += 1
    case .contested(_, let closings): status.broker.takeovers += closings
    default: break
    }
  }

  /// Notes that a batch was stored.
  func committed(in time: Duration) {
    longestCommit = max(longestCommit, Int(time / .milliseconds(1)))
  }

  /// Shows a warning until ``takeBack(_:)``.
  func warn(_ warning: CollectorStatus.Warning) { warnings[warning.code] = warning }

  func takeBack(_ code: String) { warnings[code] = nil }

  /// Writes the final status of the collector.
  func end(_ state: CollectorStatus.State, _ failure: String? = nil) {
    status.state = state
    status.failure = failure
    write()
  }

  // MARK: Every second

  /// Updates the status and writes it.
  func tick(_ shard: Shard) {
    let now = ContinuousClock.now
    let counters = shard.counters
    minute.note(counters, longestCommit: longestCommit, at: now)
    longestCommit = 0
    for example in shard.takeRefusalExamples() { examples[example.reason] = example }
    logRefusals(counters, now)
    sumUp(shard, now)
    checkDisk(now)
    checkHearing(shard)
    status.block = counters.block
    status.senders = shard.senders
    status.messages = CollectorStatus.Messages(
      newestAt: counters.newest.map(text), total: counters.messages, refused: counters.rejected,
      redelivered: counters.redelivered, former: counters.former,
      perSecond: (minute.perSecond * 10).rounded() / 10)
    status.refusals = counters.refusals.byReason.map(refusal)
    status.messages.refusedLastMinute = status.refusals.reduce(0) { $0 + $1.lastMinute }
    status.lag = CollectorStatus.Lag(longestCommit: minute.longestCommit, rows: shard.pendingRows)
    write()
  }

  /// Writes the status as it is.
  func write() {
    status.writtenAt = text(InstantArgument.now)
    status.warnings = warnings.values.sorted { $0.code < $1.code }
    do throws(StoreError) {
      try status.write(to: path)
      isWritten = true
    } catch {
      // A full disk takes no new file, but the file's time can be set: it shows that the collector is alive.
      utimes(path, nil)
      if isWritten, FileManager.default.fileExists(atPath: folder) {
        log.warning("\(error); 'millwright status' shows what was last written")
      }
      isWritten = false
    }
  }

  // MARK: -

  private func refusal(_ reason: RejectionReason, _ messages: Int) -> CollectorStatus.Refusal {
    CollectorStatus.Refusal(
      reason: reason.name, messages: messages, lastMinute: minute.refused(reason),
      example: examples[reason].map {
        CollectorStatus.Refusal.Example(
          topic: $0.topic, detail: $0.detail, fault: $0.fault.name, at: text($0.received),
          place: "\($0.block)/\($0.record)")
      })
  }

  private func logRefusals(_ counters: ShardCounters, _ now: ContinuousClock.Instant) {
    for line in refusals.lines(counters.refusals.byReason, at: now) {
      var metadata: Logger.Metadata = ["messages": "\(line.messages)", "reason": "\(line.reason.name)"]
      var command = "millwright quarantine list --reason \(line.reason.name)"
      if let example = examples[line.reason] {
        metadata["topic"] = "\(example.topic)"
        if !example.detail.isEmpty { metadata["detail"] = "\(example.detail)" }
        let remedies = Remedies(.english)
        metadata["problem"] = "\(remedies.problem(example.reason, example.detail, example.fault))"
        metadata["remedy"] = "\(remedies.remedy(example.reason, example.detail, example.fault))"
        command = "millwright quarantine show \(example.block)/\(example.record)"
      }
      log.warning("messages refused; '\(command)' shows one", metadata: metadata)
    }
  }

  /// Logs a summary of each hour.
  private func sumUp(_ shard: Shard, _ now: ContinuousClock.Instant) {
    guard now - summary.at >= .seconds(3600) else { return }
    let (before, after) = (summary.counters, shard.counters)
    summary = (now, after)
    log.info(
      "the last hour",
      metadata: [
        "messages": "\(after.messages - before.messages)", "refused": "\(after.rejected - before.rejected)",
        "redelivered": "\(after.redelivered - before.redelivered)", "senders": "\(shard.senders)",
        "connections": "\(status.broker.connections)",
        "disk_free": "\(status.disk.map { ByteText.of($0.free) } ?? "unknown")",
      ])
  }

  /// Warns while the collector is connected and hears nothing though machines had been sending.
  private func checkHearing(_ shard: Shard) {
    guard let since = shard.deafSince else { return takeBack("nothing_heard") }
    let time = calendar.minute(since)
    if shard.probeIsOverdue {
      return warn(
        CollectorStatus.Warning(
          code: "nothing_heard",
          english:
            "nothing has come since \(time), not even the collector's own probe, though the connection stands: see the broker's access rules (ACL) for this user and what was changed then; until something comes, time is not observed",
          chinese:
            "自 \(time) 起连接正常，但未收到任何消息，采集器自身的探测消息也未返回：请检查消息代理（broker）对本用户的访问控制（ACL）以及当时的变更；恢复收到消息之前，该时段按无观测计"
        ))
    }
    warn(
      CollectorStatus.Warning(
        code: "nothing_heard",
        english:
          "nothing has come from anybody since \(time) though the connection stands and machines had been sending: see the broker's access rules (ACL) for this user and what was changed then; until something comes, time is not observed",
        chinese:
          "自 \(time) 起连接正常，但此前仍在上报的设备全部无消息：请检查消息代理（broker）对本用户的访问控制（ACL）以及当时的变更；恢复收到消息之前，该时段按无观测计"
      ))
  }

  /// Warns while less than a twentieth of the disk is free, in the log once an hour.
  private func checkDisk(_ now: ContinuousClock.Instant) {
    var found = statvfs()
    guard statvfs(folder, &found) == 0 else {
      status.disk = nil
      return
    }
    let size = Int64(clamping: found.f_frsize)
    let disk = CollectorStatus.Disk(
      total: Int64(clamping: found.f_blocks).multipliedReportingOverflow(by: size).partialValue,
      free: Int64(clamping: found.f_bavail).multipliedReportingOverflow(by: size).partialValue)
    status.disk = disk
    guard disk.total > 0, disk.free < disk.total / 20 else { return takeBack("disk_low") }
    let (free, total) = (ByteText.of(disk.free), ByteText.of(disk.total))
    warn(
      CollectorStatus.Warning(
        code: "disk_low",
        english:
          "only \(free) of \(total) are free where the store is: make room, or shorten journal.retention",
        chinese: "存储目录所在磁盘仅剩 \(free)（共 \(total)）：请清理磁盘，或缩短 journal.retention"))
    guard diskWarnedAt.map({ now - $0 >= .seconds(3600) }) ?? true else { return }
    diskWarnedAt = now
    log.warning(
      "the store's disk is nearly full: make room, or shorten journal.retention",
      metadata: ["free": "\(free)", "total": "\(total)"])
  }

  private func text(_ instant: Timestamp) -> String { Self.text(instant, calendar) }

  private static func text(_ instant: Timestamp, _ calendar: LocalCalendar) -> String {
    instant.rfc3339(offset: calendar.offset(at: instant))
  }
}

/// Bytes as people read them: `12.3 GiB`.
enum ByteText {
  static func of(_ bytes: Int64) -> String {
    var (value, unit) = (Double(bytes), 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = Int64((value * 10).rounded())
    return unit == 0 ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
