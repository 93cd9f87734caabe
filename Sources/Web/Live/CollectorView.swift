import Daemon
import Journal
import Storage
import Telemetry

/// The state of the collector, as a page shows it.
public struct CollectorView: Equatable, Sendable {
  /// The message about it.
  public enum State: Equatable, Sendable {
    /// It runs and is connected.
    case collecting
    /// It runs without a connection to the broker.
    case disconnected
    /// It runs and reads the journal.
    case starting
    /// It has shown no sign of life since an instant.
    case gone(since: Timestamp?)
    /// It was stopped.
    case stopped
    /// It was never started here.
    case never
  }

  public var state: State
  /// The status that it wrote last; nil if it never wrote one.
  public var status: CollectorStatus?

  /// Milliseconds without a status after which a collector counts as gone: it writes one each second.
  public static let patience: Int64 = 5000

  /// A state with the status behind it.
  public init(_ state: State, _ status: CollectorStatus? = nil) {
    self.state = state
    self.status = status
  }

  /// Judges the collector of a store.
  ///
  /// - Parameter store: its status may be missing or damaged; then it counts as never started, or gone.
  public init(of store: any Store, now: Timestamp) {
    guard let place = try? store.statusPlace(of: .embedded) else {
      self.init(.never)
      return
    }
    do throws(StoreError) {
      self.init(try StatusJudgement(of: place, now: now), now: now)
    } catch {
      self.init(.gone(since: nil))
    }
  }

  /// The meaning of a judgement for a page, which is more patient than an alert.
  public init(_ judgement: StatusJudgement, now: Timestamp) {
    let written = judgement.status.flatMap { Timestamp($0.writtenAt) }
    status = judgement.status
    state =
      switch judgement.verdict {
      case .never: .never
      case .stopped: .stopped
      case .ended: .gone(since: written)
      case .silent where status == nil: .starting
      case .collecting, .disconnected, .starting, .hung, .silent, .unknown:
        Self.running(judgement, written, now: now)
      }
  }

  private static func running(_ judgement: StatusJudgement, _ written: Timestamp?, now: Timestamp) -> State {
    guard let written, abs((now - written).milliseconds) <= patience, judgement.verdict != .hung else {
      return .gone(since: written)
    }
    return switch judgement.status?.state {
    case .connected?: .collecting
    case .disconnected?: .disconnected
    case .stopped?: .stopped
    case .failed?: .gone(since: written)
    case .starting?, nil: .starting
    }
  }
}
