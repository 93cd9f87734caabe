/// Bounds of what a peer may send or hold.
public enum WebLimits {
  /// Connections at a time; further ones wait.
  static let connections = 512
  /// Connections of one address at a time; further ones are closed.
  package static let connectionsOfAddress = 384
  /// Bytes of a request's head, of one field, and number of fields.
  package static let head = 16 << 10
  static let field = 8 << 10
  static let fields = 64
  /// Bytes of a request's body: a login form.
  public static let body = 4096
  /// Parameters of a query that are read.
  static let parameters = 64
  /// Viewers of the events at a time, and of them those of one address.
  package static let viewers = 384
  package static let viewersOfAddress = 256
  /// Reports that are rendered at a time, since each takes memory and a processor.
  static let rendering = 2
  /// Answers above ``large`` that are sent at a time, since each is in memory until it is sent.
  static let largeAnswers = 16
  static let large = 1 << 20
  /// Bytes of pages that are kept for the next who asks.
  package static let cachedPages = 8 << 20
  /// Requests that wait for a thread.
  static let waiting = 256
  /// Milliseconds in which the peer's system must confirm what was sent: one that has left does not.
  static let silence = 30_000
}

/// How long the server waits for a peer.
package struct WebPatience: Sendable {
  /// For a request's head, for its body, and between two requests of a connection.
  package var request: Duration = .seconds(15)
  /// For a part of an answer to be taken: 64 KiB, or an event.
  package var part: Duration = .seconds(15)
  /// For the last answer to be read, before a connection that cannot be used again is closed.
  package var lastAnswer: Duration = .seconds(2)
  /// For all answers that are being sent when the server stops.
  package var stopping: Duration = .seconds(3)

  /// The usual times.
  package init() {}
}
