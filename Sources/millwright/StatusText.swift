import Daemon
import Foundation
import Reporting
import Storage
import Telemetry

/// A collector's status as text for people.
package struct StatusText {
  private let judgement: StatusJudgement
  private let language: Language
  private let calendar: LocalCalendar
  private let now: Timestamp

  package init(_ judgement: StatusJudgement, _ language: Language, _ calendar: LocalCalendar, now: Timestamp)
  {
    self.judgement = judgement
    self.language = language
    self.calendar = calendar
    self.now = now
  }

  package var lines: [String] {
    var lines = [headline]
    guard let status = judgement.status else { return lines }
    if judgement.verdict != .collecting, judgement.verdict != .starting {
      lines.append(
        say("What follows is as of \(time(status.writtenAt)).", "以下为 \(time(status.writtenAt)) 时的状态。"))
    }
    lines += status.warnings.map { say("Warning: ", "警告：") + say($0.english, $0.chinese).inert }
    lines.append("")
    lines += rows(status).map { $0.0.padded(to: 14) + $0.1 }
    lines += refusals(status)
    if let sparkplug = status.sparkplug { lines += SparkplugStatusText(sparkplug, language).lines }
    if let readable = status.messages.readable { lines.append("  " + RetryText(language).offer(readable)) }
    return lines
  }

  // MARK: -

  private func say(_ english: String, _ chinese: String) -> String {
    language == .chinese ? chinese : english
  }

  private var headline: String {
    let status = judgement.status
    let process = judgement.process.map { say(" (process \($0))", "（进程 \($0)）") } ?? ""
    switch judgement.verdict {
    case .collecting: return say("The collector runs and is connected.", "采集器正在运行，已连接。")
    case .disconnected:
      let why = status?.broker.lastDisconnectReason.map { ": \($0.inert)" } ?? ""
      return say("The collector runs and is NOT connected\(why)", "采集器正在运行，但未连接消息代理\(why)")
    case .starting:
      return say(
        "The collector is starting: it reads the journal, which may take minutes.",
        "采集器正在启动：正在读取日志，可能需要几分钟。")
    case .hung:
      return say(
        "The collector does NOT answer\(process): it holds the store and has shown no sign of life for \(age). Look for a stuck disk or a stopped process; if it stays so, restart it: nothing that was acknowledged is lost.",
        "采集器没有响应\(process)：仍占用存储目录，但已 \(age)没有动静。请检查磁盘是否卡住、进程是否被暂停；若持续如此，请重启采集器，已确认的消息不会丢失。")
    case .silent:
      return say(
        "A collector holds the store\(process) and has written no status: it has just been started, or is another version.",
        "采集器已占用存储目录\(process)，但尚无状态：可能刚刚启动，或为其他版本。")
    case .stopped: return say("The collector is stopped.", "采集器已停止。")
    case .ended:
      let why =
        status?.failure.map { ": \($0.inert)" }
        ?? say(" without a word: it was killed, or the machine was.", "，未留下原因：进程被强制终止，或主机断电。")
      return say("The collector does NOT run. It ended\(why)", "采集器未运行。上次异常结束\(why)")
    case .never:
      return say(
        "The collector does NOT run, and has left no status. Start it: millwright collect",
        "采集器未运行，也没有状态记录。请启动：millwright collect")
    case .unknown:
      return say(
        "Whether the collector runs cannot be seen: the store's lock is not yours to read.",
        "无法判断采集器是否运行：没有读取存储目录锁文件的权限。")
    }
  }

  private var age: String {
    guard let age = judgement.age else { return say("an unknown time", "一段未知时间") }
    if age < 0 { return say("an unknown time (the clock was set back)", "一段未知时间（时钟被调回）") }
    return ago(age)
  }

  private func rows(_ status: CollectorStatus) -> [(String, String)] {
    let broker = status.broker
    let place = "\(broker.host.inert):\(broker.port)"
    let how =
      "MQTT \(broker.protocolVersion), \(broker.transport.uppercased()), libmosquitto \(broker.library.inert)"
    var rows = [
      (
        say("Collector", "采集器"),
        say(
          "Millwright \(status.version.inert), process \(status.process) on \(status.host.inert), started \(time(status.startedAt))",
          "Millwright \(status.version.inert)，主机 \(status.host.inert) 进程 \(status.process)，启动于 \(time(status.startedAt))"
        )
      ), (say("Broker", "消息代理"), "\(place) (\(how))"),
    ]
    if let connected = broker.connectedAt {
      let session =
        broker.resumed == true
        ? say("session resumed", "会话已恢复") : say("new session", "新会话")
      rows.append(
        (
          say("Connection", "连接"),
          say(
            "\(time(connected)), \(session), connection \(broker.connections) since the start, as \((broker.clientId ?? "").inert)",
            "\(time(connected))，\(session)，启动以来第 \(broker.connections) 次，客户端标识 \((broker.clientId ?? "").inert)"
          )
        ))
    }
    rows.append((say("Newest", "最新消息"), newest(status)))
    rows.append(
      (
        say("Messages", "消息"),
        say(
          "\(status.messages.total) since the start, \(status.messages.perSecond) a second in the last minute",
          "启动以来 \(status.messages.total) 条，最近一分钟每秒 \(status.messages.perSecond) 条")
      ))
    if status.messages.former > 0 {
      rows.append(
        (
          say("Set aside", "未计入"),
          say(
            "\(status.messages.former.counted("message")) for filters of earlier configurations, stored and not counted; if the number grows, see the log for the unsubscription",
            "\(status.messages.former) 条消息属于此前配置的主题，仅保存，不计入；若持续增加，请查看日志中的取消订阅记录")
        ))
    }
    rows.append(
      (
        say("Lag", "滞后"),
        say(
          "longest commit of the last minute \(status.lag.longestCommit) ms, \(status.lag.rows.counted("row")) waiting for the views",
          "最近一分钟最长提交 \(status.lag.longestCommit) 毫秒，\(status.lag.rows) 行待写入视图")
      ))
    if let disk = status.disk {
      let percent = disk.total > 0 ? Double(disk.free) / Double(disk.total) * 100 : 0
      let share = "\((percent * 10).rounded() / 10) %"
      rows.append(
        (
          say("Disk", "磁盘"),
          say(
            "\(ByteText.of(disk.free)) free of \(ByteText.of(disk.total)) (\(share))",
            "剩余 \(ByteText.of(disk.free))，共 \(ByteText.of(disk.total))（\(share)）")
        ))
    }
    rows.append(
      (
        say("Store", "存储目录"),
        say(
          "\(status.store.inert), journal block \(status.block), \(status.senders.counted("sender"))",
          "\(status.store.inert)，日志块 \(status.block)，上报设备 \(status.senders) 台")
      ))
    return rows
  }

  private func newest(_ status: CollectorStatus) -> String {
    guard let text = status.messages.newestAt, let instant = Timestamp(text) else {
      return say("none since the start", "启动以来尚无")
    }
    let age = (now - instant).milliseconds
    guard age >= 0 else { return time(text) }
    return say("\(time(text)), \(ago(age)) ago", "\(time(text))，\(ago(age))前")
  }

  private func refusals(_ status: CollectorStatus) -> [String] {
    guard status.messages.refused > 0 else {
      return [say("Refused", "拒收").padded(to: 14) + say("none", "无")]
    }
    var lines = [
      say("Refused", "拒收").padded(to: 14)
        + say(
          "\(status.messages.refused) since the start, \(status.messages.refusedLastMinute) in the last minute",
          "启动以来 \(status.messages.refused) 条，最近一分钟 \(status.messages.refusedLastMinute) 条")
    ]
    for refusal in status.refusals {
      var line = "  \(refusal.reason.inert.padded(to: 20)) \(refusal.messages)"
      if let example = refusal.example {
        let detail = example.detail.isEmpty ? "" : " (\(RejectionDetail.shown(example.detail).inert))"
        line += "  \(example.topic.inert)\(detail)"
        lines.append(line)
        if let remedy = remedy(refusal, example) { lines.append("    → " + remedy) }
        lines.append("    millwright quarantine show \(example.place.inert)")
      } else {
        lines.append(line)
        lines.append("    millwright quarantine list --reason \(refusal.reason.inert)")
      }
    }
    return lines
  }

  private func remedy(
    _ refusal: CollectorStatus.Refusal, _ example: CollectorStatus.Refusal.Example
  ) -> String? {
    guard let reason = RejectionReason.allCases.first(where: { $0.name == refusal.reason }) else {
      return nil
    }
    let fault = Fault.allCases.first { $0.name == example.fault } ?? .unspecified
    return Remedies(language).remedy(reason, example.detail.inert, fault)
  }

  private func time(_ text: String) -> String {
    guard let instant = Timestamp(text) else { return text.inert }
    let whole = Timestamp(milliseconds: instant.milliseconds - instant.milliseconds % 1000)
    return whole.rfc3339(offset: calendar.offset(at: whole)).replacing("T", with: " ")
      .replacing(".000", with: "")
  }

  private func ago(_ milliseconds: Int64) -> String {
    let seconds = milliseconds / 1000
    switch seconds {
    case ..<120: return say("\(seconds) s", "\(seconds) 秒")
    case ..<7200: return say("\(seconds / 60) min", "\(seconds / 60) 分钟")
    case ..<172_800: return say("\(seconds / 3600) h", "\(seconds / 3600) 小时")
    default: return say("\(seconds / 86_400) days", "\(seconds / 86_400) 天")
    }
  }
}
