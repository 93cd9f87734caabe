import Daemon
import Foundation
import Telemetry

/// The pages `/health/live` and `/health/ready`: functions of the collector's status and the time.
package struct HealthPage: Equatable, Sendable {
  /// The result of all checks.
  package enum Result: String, Codable, Sendable {
    case ok
    /// Pages are right, and an action is needed soon.
    case warning
    /// Pages are missing, or not of this moment.
    case failing
  }

  /// Something that is not as it should be.
  package struct Reason: Codable, Equatable, Sendable {
    /// A stable word, such as `collector_gone`.
    package var code: String
    /// `warning` or `failing`.
    package var result: Result
    package var english: String
    package var chinese: String
  }

  package var result: Result
  package var time: String
  /// Failing ones first.
  package var reasons: [Reason]

  /// Milliseconds after which a status shows that there is no collector: it is written once a second.
  package static let statusPatience: Int64 = 5000
  /// Milliseconds by which the counts that pages show may be behind the time. While nothing comes, they are computed
  /// once a minute.
  package static let viewsPatience: Int64 = 120_000

  /// Status of HTTP: 503 if it is failing.
  package var code: Int { result == .failing ? 503 : 200 }

  /// `/health/live`: the server answers, so it is alive.
  package static func live(now: Timestamp) -> HealthPage { HealthPage([], now) }

  /// The state of the store as the server sees it.
  package enum StoreState: Sendable {
    /// There is no store, or it has neither a register nor data.
    case missing
    /// Its views cannot be read.
    case unreadable
    /// It is read; the counts that pages show are of this instant, nil before the first.
    case readable(countsAsOf: Timestamp?)
  }

  /// `/health/ready`: whether pages show the district as it is now.
  ///
  /// - Parameter judgement: the collector; nil if its status cannot be read.
  package static func ready(_ judgement: StatusJudgement?, _ store: StoreState, now: Timestamp) -> HealthPage
  {
    var reasons: [Reason] = []
    switch store {
    case .missing:
      return HealthPage(
        [
          Reason(
            code: "store_missing", result: .failing,
            english:
              "there is neither a register nor data: start the collector, import the register, or correct 'store'",
            chinese: "没有台账和数据：请启动采集器、导入台账，或修正配置项 store")
        ], now)
    case .unreadable:
      reasons.append(
        Reason(
          code: "store_unreadable", result: .failing,
          english: "the store cannot be read: 'millwright status' says why",
          chinese: "存储无法读取：原因见 millwright status"))
    case .readable(let asOf): reasons += views(asOf, now)
    }
    guard let judgement else {
      reasons.append(
        Reason(
          code: "status_unreadable", result: .failing,
          english: "the collector's status cannot be read; its next start replaces it",
          chinese: "采集器的状态无法读取；采集器下次启动时将重写"))
      return HealthPage(reasons, now)
    }
    reasons += collector(judgement, now)
    if let status = judgement.status { reasons += disk(status) }
    return HealthPage(reasons, now)
  }

  /// Whether a collector runs and wrote its status in the last 5 seconds. On a full disk only the time of the status is
  /// renewed, which counts.
  package static func isThere(_ judgement: StatusJudgement, now: Timestamp) -> Bool {
    switch judgement.verdict {
    case .collecting, .disconnected, .starting, .unknown:
      guard let age = statusAge(judgement, now) else { return false }
      return abs(age) <= statusPatience
    case .hung, .silent, .stopped, .ended, .never: return false
    }
  }

  // MARK: -

  /// Milliseconds since the newest sign of the collector; negative if its clock is ahead.
  private static func statusAge(_ judgement: StatusJudgement, _ now: Timestamp) -> Int64? {
    let written = judgement.status.flatMap { Timestamp($0.writtenAt) }.map { (now - $0).milliseconds }
    return [written, judgement.age].compactMap { $0 }.min { abs($0) < abs($1) }
  }

  private static func views(_ asOf: Timestamp?, _ now: Timestamp) -> [Reason] {
    guard let asOf else {
      return [
        Reason(
          code: "views_not_read", result: .failing, english: "the views were not read yet",
          chinese: "视图尚未读取")
      ]
    }
    let age = (now - asOf).milliseconds
    guard age > viewsPatience else { return [] }
    return [
      Reason(
        code: "views_late", result: .failing,
        english: "the counts that pages show are \(age / 1000) s old: look for a slow disk or a busy machine",
        chinese: "页面所示数据已滞后 \(age / 1000) 秒：请检查磁盘是否过慢、主机是否过载")
    ]
  }

  private static func collector(_ judgement: StatusJudgement, _ now: Timestamp) -> [Reason] {
    guard isThere(judgement, now: now) else { return [gone(judgement, now)] }
    switch judgement.status?.state {
    case .starting:
      return [
        Reason(
          code: "collector_starting", result: .failing,
          english: "the collector is starting: it reads the journal, which may take minutes",
          chinese: "采集器正在启动：正在读取日志，可能需要几分钟")
      ]
    case .connected:
      guard let since = judgement.status?.hearing?.deafSince else { return [] }
      return [
        Reason(
          code: "nothing_heard", result: .warning,
          english:
            "nothing has come since \(since) though the connection stands: see the broker's access rules (ACL)",
          chinese: "自 \(since) 起连接正常但未收到消息：请检查消息代理（broker）的访问控制（ACL）")
      ]
    default:
      return [
        Reason(
          code: "broker_disconnected", result: .failing,
          english: "the collector is not connected to the broker: 'millwright status' shows the reason",
          chinese: "采集器未连接消息代理（broker）：原因见 millwright status")
      ]
    }
  }

  private static func gone(_ judgement: StatusJudgement, _ now: Timestamp) -> Reason {
    let age = statusAge(judgement, now).map { max(0, $0) / 1000 }
    return Reason(
      code: "collector_gone", result: .failing,
      english: "there is no collector (\(judgement.verdict.rawValue))"
        + (age.map { ", its status is \($0) s old" } ?? "") + ": 'millwright status' says more",
      chinese: "没有正在运行的采集器（\(judgement.verdict.rawValue)）" + (age.map { "，其状态写于 \($0) 秒前" } ?? "")
        + "：详情见 millwright status")
  }

  /// A twentieth of the disk is a warning, as in the collector's status; a hundredth is failing.
  private static func disk(_ status: CollectorStatus) -> [Reason] {
    guard let disk = status.disk, disk.total > 0, disk.free < disk.total / 20 else { return [] }
    let (free, total) = (ByteText.of(disk.free), ByteText.of(disk.total))
    return [
      Reason(
        code: "disk_low", result: disk.free < disk.total / 100 ? .failing : .warning,
        english:
          "only \(free) of \(total) are free where the store is: make room, or shorten journal.retention",
        chinese: "存储目录所在磁盘仅剩 \(free)（共 \(total)）：请清理磁盘，或缩短 journal.retention")
    ]
  }

  private init(_ reasons: [Reason], _ now: Timestamp) {
    self.reasons = reasons.filter { $0.result == .failing } + reasons.filter { $0.result != .failing }
    result = self.reasons.first?.result ?? .ok
    time = now.rfc3339
  }

  /// The page as JSON, with a line end.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(Page(result: result, time: time, reasons: reasons)) else {
      return #"{"result":"failing"}"# + "\n"
    }
    return String(decoding: text, as: UTF8.self) + "\n"
  }

  private struct Page: Encodable {
    var result: Result
    var time: String
    var reasons: [Reason]
  }
}
