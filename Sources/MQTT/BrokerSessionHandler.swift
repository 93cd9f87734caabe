/// The receiver of a session's messages. All methods are called on the session's thread, one at a time.
///
/// If ``connected(sessionPresent:at:)``, ``subscribed(_:at:)``, ``commit(_:)``, ``tick(now:)``, ``reload(now:)`` or
/// ``stopping(now:)`` throws while connected, the session abandons the connection without acknowledging anything
/// uncommitted. It waits and reconnects, and the broker sends the messages again. A handler that must not continue at
/// all (it has lost its store) calls ``Mailbox/stop()`` before it throws.
public protocol BrokerSessionHandler {
  /// Returns the message that the broker is to publish if this connection is lost; nil for that of the settings. Called
  /// at each attempt to connect.
  ///
  /// - Parameter connecting: time of the attempt, milliseconds UTC.
  mutating func will(connecting: Int64) -> Will?

  /// The session is connected and subscribed. Called before the first commit of every connection. If the connection
  /// is lost before the broker has answered, the call comes before the commit of the messages that were received.
  ///
  /// - Parameters:
  ///   - sessionPresent: whether the broker still had our session with its subscriptions, and so the messages sent in
  ///     our absence.
  ///   - at: time of the broker's CONNACK, milliseconds UTC.
  mutating func connected(sessionPresent: Bool, at: Int64) throws

  /// The broker has granted these filters: those that a connection begins with, after
  /// ``connected(sessionPresent:at:)``; and those of ``Mailbox/subscribe(to:)``.
  ///
  /// - Parameter at: receipt of the first uncommitted message, or the current time; milliseconds UTC.
  /// - Returns: whether the handler uses them. If it does not, the session returns to the filters before.
  mutating func subscribed(_ filters: [String], at: Int64) throws -> Bool

  /// The broker has refused some of the filters of ``Mailbox/subscribe(to:)``, or has closed two connections in
  /// succession when asked for them. The session has returned to the filters before.
  ///
  /// - Parameter filters: all that were to be subscribed.
  mutating func refused(_ refusals: [RefusedFilter], of filters: [String])

  /// The broker has confirmed that it removed the subscriptions of these filters.
  mutating func unsubscribed(_ filters: [String])

  /// Whether to keep this window open for further messages. Called when the window's time is over and it is not full.
  /// If no message follows within a second, the window is committed as it is. If the connection ends before that,
  /// ``drops(_:)`` is asked.
  mutating func awaitsMore(_ window: borrowing Window) -> Bool

  /// Whether to drop this window, whose connection is lost. Messages at QoS 0 of a dropped window are lost, and so are
  /// the others if the broker loses the session. A window that is not dropped is committed.
  mutating func drops(_ window: borrowing Window) -> Bool

  /// Makes a window's messages durable. Their acknowledgements are sent after it returns. Until then nothing is
  /// written to the broker, so it must take less than half the keepalive. The window belongs to the session and must
  /// not be kept or cleared.
  mutating func commit(_ window: inout Window) throws

  /// Does periodic work. Called about once a second, while connected and while waiting to reconnect, and never while
  /// a window holds an uncommitted message. An error thrown while there is no connection is ignored: the method is
  /// called again.
  ///
  /// - Parameter now: milliseconds UTC.
  mutating func tick(now: Int64) throws

  /// Receives the outcome of a message from the session's mailbox. The session calls it once for each message that it
  /// sent, in no particular order, before ``disconnected(reason:at:)``.
  ///
  /// - Parameter number: as ``Mailbox/publish(_:)`` returned it.
  mutating func published(_ number: Int, _ outcome: PublishOutcome)

  /// Answers ``Mailbox/requestReload()``. Called while connected, never while a window holds an uncommitted message.
  ///
  /// - Parameter now: milliseconds UTC.
  mutating func reload(now: Int64) throws

  /// A stop was requested. Called once per connection, after the subscriptions are granted and never while a window
  /// holds an uncommitted message; messages that it posts are sent before DISCONNECT. Further messages may still be
  /// committed after it.
  ///
  /// - Parameter now: milliseconds UTC.
  mutating func stopping(now: Int64) throws

  /// A connection ended, or an attempt to connect failed. The first attempt may fail too, so this call may come
  /// without a preceding ``connected(sessionPresent:at:)``.
  ///
  /// - Parameter at: milliseconds UTC.
  mutating func disconnected(reason: DisconnectReason, at: Int64)
}

extension BrokerSessionHandler {
  public mutating func will(connecting: Int64) -> Will? { nil }
  public mutating func drops(_ window: borrowing Window) -> Bool { false }
  public mutating func stopping(now: Int64) throws {}
  public mutating func subscribed(_ filters: [String], at: Int64) throws -> Bool { true }
  public mutating func refused(_ refusals: [RefusedFilter], of filters: [String]) {}
  public mutating func unsubscribed(_ filters: [String]) {}
  public mutating func published(_ number: Int, _ outcome: PublishOutcome) {}
  public mutating func reload(now: Int64) throws {}
}
