import Foundation
import SQLiteStore
import Telemetry

/// Judges a collector by its status and its store's lock.
package struct StatusJudgement: Equatable {
  package enum Verdict: String, Codable {
    /// It runs, and is connected.
    case collecting
    /// It runs, but has no connection to the broker.
    case disconnected
    /// It runs, and reads the journal.
    case starting
    /// It holds the store, but has not written its status for longer than ``patience``.
    case hung
    /// It runs, but has written no status: it has just been started, or is another version.
    case silent
    /// The collector was stopped: no process holds the store.
    case stopped
    /// The collector failed or was killed: no process holds the store.
    case ended
    /// No collector was ever started: no process holds the store, and there is no status.
    case never
    /// The lock cannot be examined.
    case unknown
  }

  package var verdict: Verdict
  var status: CollectorStatus?
  /// Id of the process that holds the store; nil if unknown.
  var process: Int32?
  /// Milliseconds since the collector's last sign of life; negative when the clock was set back.
  var age: Int64?

  /// Seconds without a sign of life after which a collector counts as hung: connecting may take ten seconds, a commit
  /// on a slow disk some seconds.
  static let patience: Int64 = 30

  /// - Parameters:
  ///   - modified: last change of the status file. On a full disk only this time is renewed.
  package init(_ status: CollectorStatus?, _ holder: StoreHolder, modified: Timestamp?, now: Timestamp) {
    self.status = status
    let written = status.flatMap { Timestamp($0.writtenAt) }
    let sign = [written, modified].compactMap { $0 }.max()
    age = status == nil ? nil : sign.map { (now - $0).milliseconds }
    if case .held(let process) = holder { self.process = process }
    verdict = Self.verdict(status, holder, age)
  }

  private static func verdict(_ status: CollectorStatus?, _ holder: StoreHolder, _ age: Int64?) -> Verdict {
    switch holder {
    case .unknown: return .unknown
    case .free:
      guard let status else { return .never }
      return status.state == .stopped ? .stopped : .ended
    case .held(let process):
      guard let status, process == nil || process == status.process else { return .silent }
      if status.state == .starting { return .starting }
      if abs(age ?? 0) > patience * 1000 { return .hung }
      return status.state == .connected ? .collecting : .disconnected
    }
  }

  /// Whether everything is as it should be.
  package var isWell: Bool { verdict == .collecting }
}
