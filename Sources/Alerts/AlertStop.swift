import Dispatch
import Telemetry

/// Ends an ``AlertRunner``, which waits by it: tests wait without time.
public final class AlertStop: Sendable {
  private let waiting: @Sendable (Span) -> Bool
  private let requested: DispatchSemaphore

  /// One that waits by the clock until ``request()``.
  public init() {
    let requested = DispatchSemaphore(value: 0)
    self.requested = requested
    waiting = { span in
      let isRequested =
        requested.wait(timeout: .now() + .milliseconds(Int(clamping: span.milliseconds))) == .success
      // Later waits end at once as well.
      if isRequested { requested.signal() }
      return isRequested
    }
  }

  /// One whose waits are `waiting`: called with the time to wait, it returns whether the runner is to end.
  public init(waiting: @escaping @Sendable (Span) -> Bool) {
    requested = DispatchSemaphore(value: 0)
    self.waiting = waiting
  }

  /// Ends the runner after what it is doing. Any thread may call it.
  public func request() { requested.signal() }

  /// Waits; returns whether the runner is to end.
  func wait(_ span: Span) -> Bool { waiting(max(span, .zero)) }
}
