import Glibc

/// Several sessions served by one thread, in turns. A turn is at most one window. A session that waits does not delay
/// the others; a slow handler delays all of them.
///
/// Each session has its own handler, mailbox and window, and none of them writes while its window holds an uncommitted
/// message.
public struct SessionGroup: ~Copyable {
  /// The sessions in the order added; nil for one that has ended, so that its window and handler are freed.
  private var members: [((Readiness) -> BrokerSession.Step)?] = []

  /// A session and its handler.
  private final class Member<Handler: BrokerSessionHandler> {
    var session: BrokerSession
    var handler: Handler

    init(_ session: consuming BrokerSession, _ handler: Handler) {
      self.session = session
      self.handler = handler
    }

    func step(_ ready: Readiness) -> BrokerSession.Step { session.step(&handler, ready) }
  }

  /// A group without sessions.
  public init() {}

  /// Adds a session that has not started.
  public mutating func add(_ session: consuming BrokerSession, handler: some BrokerSessionHandler) {
    members.append(Member(session, handler).step)
  }

  /// Sessions that join a group while it runs. Only the group's thread may use it: a handler, or the function that is
  /// called when a session has ended.
  public final class Joining {
    fileprivate var members: [(Readiness) -> BrokerSession.Step] = []

    /// No sessions.
    public init() {}

    /// Adds a session that has not started. The group serves it from its next turn on, behind all earlier ones.
    public func add(_ session: consuming BrokerSession, handler: some BrokerSessionHandler) {
      members.append(Member(session, handler).step)
    }
  }

  /// Serves every session until it has ended, as ``BrokerSession/run(handler:)`` does. A session that ends with an
  /// error does not end the others; its handler may request them to stop.
  ///
  /// Blocks the calling thread, which should have no other work.
  ///
  /// - Parameters:
  ///   - joining: sessions that are added while the group runs.
  ///   - ended: called when a session has ended, with its place in the order added and the error that ended it.
  /// - Returns: by session, in the order added, the error that ended it; nil for a requested stop.
  public consuming func run(
    joining: Joining = Joining(),
    ended: (_ place: Int, _ error: BrokerSessionError?) -> Void = { _, _ in }
  ) -> [BrokerSessionError?] {
    var errors = [BrokerSessionError?](repeating: nil, count: members.count)
    /// The wait of each session; nil once it has ended.
    var waits = [Wait?](repeating: Wait.immediate, count: members.count)
    var ready = [Readiness](repeating: Readiness(), count: members.count)
    var entries: [pollfd] = []
    while true {
      let now = monotonicClock()
      members += joining.members
      joining.members.removeAll()
      while waits.count < members.count {
        waits.append(Wait.immediate)
        ready.append(Readiness())
        errors.append(nil)
      }
      for index in members.indices {
        guard let wait = waits[index], ready[index].isAny || now >= wait.until,
          let step = members[index]?(ready[index])
        else { continue }
        switch step {
        case .wait(let wait): waits[index] = wait
        case .ended(let error):
          (members[index], waits[index], errors[index]) = (nil, nil, error)
          ended(index, error)
        }
      }
      if !joining.members.isEmpty { continue }
      guard let first = waits.compactMap({ $0?.until }).min() else { return errors }
      entries.removeAll(keepingCapacity: true)
      for wait in waits {
        let pair = (wait ?? Wait.immediate).entries
        entries.append(pair.0)
        entries.append(pair.1)
      }
      let milliseconds = first == .min ? 0 : Int32(clamping: max(0, first - monotonicClock()))
      _ = poll(&entries, nfds_t(entries.count), milliseconds)
      for index in members.indices {
        ready[index] = Readiness(entries[2 * index], entries[2 * index + 1])
      }
    }
  }
}

extension Readiness {
  /// Whether something other than the time ended the wait.
  fileprivate var isAny: Bool { readable || writable || hungUp || signalled }
}
