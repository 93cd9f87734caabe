import Hummingbird
import NIOCore
import Synchronization

/// The context of a request: its connection.
struct ListenerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Closes a connection whose peer takes too long to send the body of a request, or to take a part of its answer.
final class PeerDeadline: Sendable {
  /// Whether the connection ends with the answer: a body of unknown length may follow that nobody reads.
  let isLast: Bool
  private let channel: any Channel
  private let patience: WebPatience
  private let scheduled = Mutex<Scheduled<Void>?>(nil)

  /// A deadline that does not run yet.
  init(_ channel: any Channel, _ patience: WebPatience, isLast: Bool) {
    self.channel = channel
    self.patience = patience
    self.isLast = isLast
  }

  /// Gives the peer the whole time for the body of its request.
  func beginBody() { begin(patience.request) }

  /// Gives the peer the whole time for a part of the answer.
  func beginPart() { begin(patience.part) }

  private func begin(_ time: Duration) {
    let channel = channel
    let next = channel.eventLoop.scheduleTask(in: TimeAmount(time)) {
      channel.close(mode: .all, promise: nil)
    }
    scheduled.withLock { scheduled in
      scheduled?.cancel()
      scheduled = next
    }
  }

  /// Takes the deadline away after an answer. A connection that cannot be used again is closed when the peer had time to
  /// read the answer; what it sends until then is thrown away.
  func finish() {
    end()
    guard isLast else { return }
    let channel = channel
    channel.eventLoop.scheduleTask(in: TimeAmount(patience.lastAnswer)) {
      channel.close(mode: .all, promise: nil)
    }
  }

  /// Takes the deadline away until it begins again.
  func end() {
    scheduled.withLock { scheduled in
      scheduled?.cancel()
      scheduled = nil
    }
  }

  deinit { end() }
}

extension Request {
  /// Whether a body may follow the head.
  var hasBody: Bool {
    if headers[.transferEncoding] != nil { return true }
    return headers[.contentLength].map { $0 != "0" } ?? false
  }
}

extension WebRequest {
  /// The request that came over a connection; nil for a method that is not known.
  init?(_ request: Request, body: [UInt8], _ context: ListenerContext, isSecure: Bool) {
    guard let method = Method(rawValue: request.method.rawValue) else { return nil }
    var headers: [String: String] = [:]
    for field in request.headers {
      let name = field.name.canonicalName
      // Several fields of a name are one list, except cookies (RFC 9110, 5.3; RFC 6265, 5.4).
      let separator = name == "cookie" ? "; " : ", "
      headers[name] = headers[name].map { $0 + separator + field.value } ?? field.value
    }
    if let authority = request.head.authority { headers["host"] = authority }
    self.init(
      method: method, target: request.head.path ?? "", headers: headers, body: body,
      peer: context.channel.remoteAddress?.ipAddress ?? "", isSecure: isSecure)
  }
}

extension Response {
  /// An answer without its body.
  init(head response: WebResponse, body: ResponseBody) {
    var fields = HTTPFields()
    for (name, value) in response.headers {
      if let name = HTTPFields.Element.Name(name) {
        fields.append(HTTPFields.Element(name: name, value: value))
      }
    }
    self.init(status: .init(code: response.status), headers: fields, body: body)
  }
}
