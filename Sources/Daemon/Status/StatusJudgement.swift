import Journal
import Storage
import Telemetry

/// Judges a collector by its status and its store's lock.
public struct StatusJudgement: Equatable, Sendable {
  /// How a collector is doing.
  public enum Verdict: String, Codable, Sendable {
    /// It runs, and is connected.
    case collecting
    /// It runs, but has no connection to the broker.
    case disconnected
    /// It runs, and reads the journal.
    case starting
    /// It holds the store, but has shown no sign of life for longer than ``patience``.
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

  public var verdict: Verdict
  public var status: CollectorStatus?
  /// Id of the process that holds the store; nil if unknown.
  public var process: Int32?
  /// Milliseconds since the collector's last sign of life; negative when the clock was set back.
  public var age: Int64?

  /// Seconds without a sign of life after which a collector counts as hung: connecting may take ten seconds, a commit
  /// on a slow disk some seconds.
  public static let patience: Int64 = 30

  /// Time after which a change of the stored status is no part of writing it.
  private static let writing = Span.seconds(2)

  /// Judges the collector of a place.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` for a status that cannot be read.
  public init(of place: any StatusPlace, now: Timestamp) throws(StoreError) {
    // First the lock: a collector that ends between the two did not end without a word.
    let holder = place.holder()
    let stored = try place.status()
    var status: CollectorStatus?
    if let stored { status = try CollectorStatus(stored) }
    self.init(status, holder, changed: stored?.changedAt, now: now)
  }

  /// - Parameter changed: last change of the stored status. On a full disk only this time is renewed.
  public init(_ status: CollectorStatus?, _ holder: StoreHolder, changed: Timestamp?, now: Timestamp) {
    self.status = status
    let written = status.flatMap { Timestamp($0.writtenAt) }
    // The status is written by another thread than the one whose life is in question.
    let alive = status?.aliveAt.flatMap { Timestamp($0) } ?? written
    let touched = changed.flatMap { changed in
      written.map { changed - $0 > Self.writing } ?? true ? changed : nil
    }
    let sign = [alive, touched].compactMap { $0 }.max()
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
  public var isWell: Bool { verdict == .collecting }
}
