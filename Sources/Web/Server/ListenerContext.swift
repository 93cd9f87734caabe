import Hummingbird
import NIOCore
import Synchronization

/// What a request is answered with: its connection.
struct ListenerContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}

/// Closes a connection whose peer takes too long to take a part of an answer.
final class WriteDeadline: Sendable {
  private let channel: any Channel
  private let scheduled = Mutex<Scheduled<Void>?>(nil)

  /// A deadline that has begun.
  init(_ channel: any Channel) {
    self.channel = channel
    begin()
  }

  /// Gives the peer the whole time again.
  func begin() {
    let channel = channel
    let next = channel.eventLoop.scheduleTask(in: .seconds(WebLimits.writing)) {
      channel.close(mode: .all, promise: nil)
    }
    scheduled.withLock { scheduled in
      scheduled?.cancel()
      scheduled = next
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
