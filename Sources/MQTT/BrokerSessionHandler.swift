/// What a session hands its messages to. All methods are called on the session's thread, one at a time.
///
/// Throwing from ``connected(sessionPresent:at:)``, ``commit(_:)``, ``tick(now:)`` or ``reload(now:)`` while
/// connected abandons the connection without acknowledging anything that was not committed: the session backs off,
/// connects again, and the broker sends it again. A handler that must not go on at all (it has lost its
/// store) calls ``Mailbox/stop()`` before it throws.
public protocol BrokerSessionHandler {
  /// The session is connected and subscribed. Called before the first commit of every connection.
  ///
  /// - Parameters:
  ///   - sessionPresent: whether the broker still had our session, and so what was sent while we were away.
  ///   - at: when the broker's CONNACK came, milliseconds UTC.
  mutating func connected(sessionPresent: Bool, at: Int64) throws

  /// The broker has confirmed that these filters are no longer subscribed.
  mutating func unsubscribed(_ filters: [String])

  /// Whether this window should be kept open for what follows: asked when its time is over and it is not full.
  /// Where nothing follows within a second it is committed as it is; if the connection ends meanwhile it is
  /// dropped, and sent again.
  mutating func awaitsMore(_ window: borrowing Window) -> Bool

  /// Makes a window's messages durable. When it returns, their acknowledgements leave; until then nothing
  /// is written to the broker, so keep it under half the keepalive. The window is
  /// the session's and must not be kept or cleared.
  mutating func commit(_ window: inout Window) throws

  /// Periodic work. Called about once a second, while connected and while waiting to connect again, and
  /// never while a window holds an uncommitted message. What it throws while there is no connection to
  /// abandon is dropped: it will be called again.
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

  /// A connection ended, or an attempt to connect failed, which may be the first: not every call was
  /// preceded by ``connected(sessionPresent:at:)``.
  ///
  /// - Parameter at: milliseconds UTC.
  mutating func disconnected(reason: DisconnectReason, at: Int64)
}

extension BrokerSessionHandler {
  public mutating func unsubscribed(_ filters: [String]) {}
  public mutating func published(_ number: Int, _ outcome: PublishOutcome) {}
  public mutating func reload(now: Int64) throws {}
}
