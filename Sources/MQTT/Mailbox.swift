import Synchronization

/// Requests of other threads to a session: to stop, to reload, to publish, to subscribe to other filters. A request
/// wakes the session from its `poll`.
///
/// Every method may be called from any thread, including the session's own, and returns without waiting for the
/// session, the broker or room: a full mailbox accepts no more messages. Keep it alive while anyone may call it.
public final class Mailbox: Sendable {
  /// Maximum number of messages waiting to be published.
  public static let messageLimit = 1000
  /// Maximum number of bytes of topics and payloads waiting to be published.
  public static let byteLimit = 4 << 20

  private struct Posted {
    var messages: [(number: Int, message: OutgoingMessage)] = []
    var bytes = 0
    /// Number of messages accepted so far, and the number of the next one.
    var count = 0
  }

  private let stopping: Signal
  private let wakeUp: WakePipe
  /// Whether the pipe has been written since it was drained.
  private let isAwake = Atomic<Bool>(false)
  private let reloading = Atomic<Bool>(false)
  private let waiting = Atomic<Int>(0)
  private let posted = Mutex(Posted())
  private let subscriptions = Mutex<Subscriptions?>(nil)
  private let hasSubscriptions = Atomic<Bool>(false)

  /// An empty mailbox.
  ///
  /// - Throws: ``BrokerSessionError/system(_:)`` if the process has no file descriptors left.
  public init() throws(BrokerSessionError) {
    stopping = try Signal()
    wakeUp = try WakePipe()
  }

  // MARK: For all threads

  /// Requests the session to finish its batch, to send the messages posted before, and to stop. It consists of atomic
  /// stores and a `write(2)`, so it is safe from a thread or dispatch source that handles signals, and from a signal
  /// handler. Further calls change nothing.
  public func stop() {
    stopping.set()
    wake()
  }

  /// Whether ``stop()`` has been called.
  public var stopRequested: Bool { stopping.isSet }

  /// Requests a call of the handler's ``BrokerSessionHandler/reload(now:)``. One call answers all requests made
  /// before it. As safe as ``stop()``.
  public func requestReload() {
    reloading.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  /// Posts a message to be published when the session is connected and no received message waits for its commit.
  ///
  /// - Returns: the message's number, counting from 0, which ``BrokerSessionHandler/published(_:_:)`` gives with the
  ///   outcome; nil if the mailbox is full and the message is not accepted.
  @discardableResult
  public func publish(_ message: OutgoingMessage) -> Int? {
    let number: Int? = posted.withLock { posted in
      guard posted.messages.count < Self.messageLimit, posted.bytes + message.size <= Self.byteLimit else {
        return nil
      }
      defer { posted.count += 1 }
      posted.messages.append((posted.count, message))
      posted.bytes += message.size
      waiting.store(posted.messages.count, ordering: .sequentiallyConsistent)
      return posted.count
    }
    if number != nil { wake() }
    return number
  }

  /// Removes the messages that wait to be published. They have no outcome.
  public func withdraw() {
    posted.withLock { posted in
      posted.messages.removeAll()
      posted.bytes = 0
      waiting.store(0, ordering: .sequentiallyConsistent)
    }
  }

  /// Has the session subscribe to other filters, also at later connections: those that are new at once, if there is
  /// a connection. Of several calls before it does the last one counts.
  ///
  /// The filters before stay in effect until the broker has granted all new ones
  /// (``BrokerSessionHandler/subscribed(_:at:)``). If it refuses one, they stay in effect, and the new ones are
  /// unsubscribed (``BrokerSessionHandler/refused(_:of:)``). As long as none was ever granted, the new filters replace
  /// them at the next connection.
  ///
  /// - Throws: ``BrokerSessionError/settings(_:)`` naming the filter that is none.
  public func subscribe(to filters: Subscriptions) throws(BrokerSessionError) {
    try filters.validate()
    subscriptions.withLock { $0 = filters }
    hasSubscriptions.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  private func wake() {
    if isAwake.exchange(true, ordering: .sequentiallyConsistent) { return }
    wakeUp.wake()
  }

  // MARK: For the session

  /// Readable once ``stop()`` was called.
  var stopEnd: Int32 { stopping.readEnd }
  /// Readable from any request until ``settle()``.
  var wakeEnd: Int32 { wakeUp.readEnd }

  /// Makes ``wakeEnd`` unreadable. Call it before looking at the requests, so that a request posted in between is not
  /// missed.
  func settle() {
    wakeUp.drain()
    isAwake.store(false, ordering: .sequentiallyConsistent)
  }

  var hasMail: Bool { waiting.load(ordering: .sequentiallyConsistent) > 0 }
  var isReloadRequested: Bool { reloading.load(ordering: .sequentiallyConsistent) }

  /// Removes and returns the filters posted last; nil if there are none.
  func takeSubscriptions() -> Subscriptions? {
    guard hasSubscriptions.exchange(false, ordering: .sequentiallyConsistent) else { return nil }
    return subscriptions.withLock { $0.take() }
  }

  /// Clears the request to reload. Call it before reloading.
  func takeReload() { reloading.store(false, ordering: .sequentiallyConsistent) }

  /// Removes and returns the message posted first.
  func take() -> (number: Int, message: OutgoingMessage)? {
    posted.withLock { posted in
      guard !posted.messages.isEmpty else { return nil }
      let taken = posted.messages.removeFirst()
      posted.bytes -= taken.message.size
      waiting.store(posted.messages.count, ordering: .sequentiallyConsistent)
      return taken
    }
  }
}
