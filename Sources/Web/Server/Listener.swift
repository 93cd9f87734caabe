import Configuration
import Dispatch
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Reporting
import ServiceLifecycle
import Synchronization

/// Serves a site over HTTP/1.1. Sockets are served by threads that never block; what blocks runs on a few threads of
/// its own.
public final class WebServer: Sendable {
  private let site: WebSite
  private let routes: WebRoutes
  private let address: ListenAddress
  private let tls: Settings.WebTLS?
  private let log: Logger
  private let workers = WorkerPool(threads: 4, limit: WebLimits.waiting)
  private let addresses = AddressCounts(limit: WebLimits.connectionsOfAddress)
  private let largeAnswers = Permits(WebLimits.largeAnswers)
  private let broadcaster: Broadcaster
  private let access: AccountAccess
  private let patience: WebPatience
  private let answers: AnswerCounts
  private let running = Mutex<Running>(Running())

  private struct Running {
    var group: ServiceGroup?
    var isStopped = false
  }

  /// A server of a site.
  ///
  /// - Parameter access: decides about each request, and logs people in and out.
  public convenience init(
    _ site: WebSite, on address: ListenAddress, tls: Settings.WebTLS? = nil, access: AccountAccess,
    log: Logger
  ) {
    self.init(site, on: address, tls: tls, access: access, patience: WebPatience(), log: log)
  }

  /// A server with times of its own.
  package init(
    _ site: WebSite, on address: ListenAddress, tls: Settings.WebTLS? = nil, access: AccountAccess,
    patience: WebPatience, log: Logger
  ) {
    self.patience = patience
    self.site = site
    self.access = access
    self.address = address
    self.tls = tls
    self.log = log
    let (broadcaster, answers) = (Broadcaster(site.snapshots, site.frames), AnswerCounts())
    let startedAt = site.now()
    let table = site.routes(access) {
      ServerActivity(
        version: site.version, startedAt: startedAt, requests: answers.byClass, viewers: broadcaster.viewers,
        failedLogins: access.failedLogins)
    }
    self.broadcaster = broadcaster
    self.answers = answers
    routes = WebRoutes(
      routes: table, authorize: access.authorize,
      errors: ErrorPages { ProblemPage.markup($0, $1, site) },
      failed: { log.error("no answer: \($1)", metadata: ["path": "\($0.path)"]) })
  }

  /// Serves until ``stop()``. Blocks the calling thread.
  ///
  /// - Parameter started: called with the address as a URL, whose port is the real one.
  /// - Throws: ``WebServerError`` if the address or the certificate cannot be used.
  public func run(started: @escaping @Sendable (String) -> Void) throws {
    let outcome = Outcome()
    let done = DispatchSemaphore(value: 0)
    Task {
      do { try await serve(started) } catch { outcome.error.withLock { $0 = error } }
      done.signal()
    }
    site.history.start()
    done.wait()
    site.history.stop()
    broadcaster.stop()
    workers.stop()
    if let error = outcome.error.withLock({ $0 }) { throw error }
  }

  private final class Outcome: Sendable {
    let error = Mutex<(any Error)?>(nil)
  }

  /// Ends the server: answers that are being sent are completed, and events end. Any thread may call it.
  public func stop() {
    broadcaster.stop()
    let group = running.withLock { running in
      running.isStopped = true
      return running.group
    }
    guard let group else { return }
    Task { await group.triggerGracefulShutdown() }
  }

  private func serve(_ started: @escaping @Sendable (String) -> Void) async throws {
    let address = address
    let scheme = tls == nil ? "http" : "https"
    let quiet = WarningsOnly.logger(to: log)
    let application = Application(
      responder: CallbackResponder<ListenerContext> { [self] in await respond(to: $0, $1) },
      server: try .bounded(tls, addresses, patience),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port),
        availableConnectionsDelegate: MaximumAvailableConnections(WebLimits.connections, logger: quiet)),
      onServerRunning: { channel in
        var real = address
        if let port = channel.localAddress?.port { real.port = port }
        started("\(scheme)://\(real)/")
      }, logger: quiet)
    var configuration = ServiceGroupConfiguration(services: [application], logger: quiet)
    configuration.maximumGracefulShutdownDuration = patience.stopping
    let group = ServiceGroup(configuration: configuration)
    let isStopped = running.withLock { running in
      running.group = group
      return running.isStopped
    }
    if isStopped { return }
    do {
      try await group.run()
    } catch let error as IOError {
      throw WebServerError.cannotListen(address, error.errnoCode)
    } catch {
      // Answers that took too long at the end are cut off.
      guard running.withLock({ $0.isStopped }) else { throw error }
    }
  }

  // MARK: Requests

  private func respond(to request: Request, _ context: ListenerContext) async -> Response {
    var body: [UInt8] = []
    if request.method == .post {
      guard let read = await read(request, context) else {
        return send(nothing: 413, [], PeerDeadline(context.channel, patience, isLast: true))
      }
      body = read
    }
    let deadline = PeerDeadline(
      context.channel, patience, isLast: request.method != .post && request.hasBody)
    guard let asked = WebRequest(request, body: body, context, isSecure: tls != nil) else {
      return send(nothing: 405, [("allow", "GET, HEAD")], deadline)
    }
    let (routes, log) = (routes, log)
    let exchange = Exchange(asked, client: access.client(of: asked).address?.description, log: log)
    var answer: WebResponse
    do {
      answer = try await workers.run { routes.respond(to: asked) }
    } catch {
      if error is WorkerPool.Busy { log.warning("a request was refused: too many wait") }
      answer = routes.errors.response(.busy, to: asked)
    }
    if deadline.isLast { answer.headers.append(("connection", "close")) }
    deadline.beginPart()
    return send(answer, to: asked, exchange, deadline)
  }

  /// The body of a request; nil if it is too long. The connection of a peer that is too slow is closed.
  private func read(_ request: Request, _ context: ListenerContext) async -> [UInt8]? {
    let deadline = PeerDeadline(context.channel, patience, isLast: false)
    deadline.beginBody()
    defer { deadline.end() }
    guard let buffer = try? await request.body.collect(upTo: WebLimits.body) else { return nil }
    return Array(buffer.readableBytesView)
  }

  /// An answer without a body to a request that has no route.
  private func send(
    nothing status: Int, _ headers: [(name: String, value: String)], _ deadline: PeerDeadline
  ) -> Response {
    answers.add(status)
    deadline.beginPart()
    let close = deadline.isLast ? [("connection", "close")] : []
    return Response(
      head: WebResponse(status: status, headers: headers + close),
      body: ResponseBody(contentLength: 0) { writer in
        defer { deadline.finish() }
        try await writer.finish(nil)
      })
  }

  private func send(
    _ answer: WebResponse, to request: WebRequest, _ exchange: Exchange, _ deadline: PeerDeadline
  ) -> Response {
    switch answer.body {
    case .bytes(let bytes): return send(bytes, of: answer, to: request, exchange, deadline)
    case .events(let events): return send(events, of: answer, to: request, exchange, deadline)
    case .none: break
    }
    note(answer, exchange)
    // Those without a body tell no length of it.
    let isBodiless = answer.status == 304 || request.method == .head
    return Response(
      head: answer,
      body: ResponseBody(contentLength: isBodiless ? nil : 0) { writer in
        defer { withExtendedLifetime(exchange) { deadline.finish() } }
        try await writer.finish(nil)
      })
  }

  /// Counts an answer when its head is sent.
  private func note(_ answer: WebResponse, _ exchange: Exchange) {
    answers.add(answer.status)
    exchange.answer(answer.status, to: answer.viewer)
  }

  /// Sends bytes in parts, each in its time.
  private func send(
    _ bytes: [UInt8], of answer: WebResponse, to request: WebRequest, _ exchange: Exchange,
    _ deadline: PeerDeadline
  ) -> Response {
    var permit: Permits.Permit?
    if bytes.count > WebLimits.large {
      permit = largeAnswers.take()
      guard permit != nil else {
        return send(routes.errors.response(.busy, to: request), to: request, exchange, deadline)
      }
    }
    let kept = permit
    note(answer, exchange)
    return Response(
      head: answer,
      body: ResponseBody(contentLength: bytes.count) { writer in
        defer { withExtendedLifetime(kept) { deadline.finish() } }
        var start = 0
        while start < bytes.count {
          let end = min(bytes.count, start + 65_536)
          deadline.beginPart()
          try await writer.write(ByteBuffer(bytes: bytes[start..<end]))
          exchange.send(end - start)
          start = end
        }
        try await writer.finish(nil)
      })
  }

  /// Sends events until the server stops, the peer goes, or the peer's account may not see them any more.
  private func send(
    _ events: EventRequest, of answer: WebResponse, to request: WebRequest, _ exchange: Exchange,
    _ deadline: PeerDeadline
  ) -> Response {
    let address = access.client(of: request).address?.description ?? ""
    guard let ticks = broadcaster.subscribe(from: address) else {
      return send(routes.errors.response(.tooManyViewers, to: request), to: request, exchange, deadline)
    }
    note(answer, exchange)
    let (frames, routes, workers) = (site.frames, routes, workers)
    return Response(
      head: answer,
      body: ResponseBody(contentLength: nil) { writer in
        defer { deadline.finish() }
        try await writer.write(ByteBuffer(bytes: EventFrames.opening))
        deadline.end()
        var since = frames.number(of: events.newest)
        for await tick in ticks {
          let frame = frames.frame(tick.snapshot, since: since, for: events)
          guard let next = frame ?? (tick.isBeat ? EventFrames.beat : nil) else { continue }
          if events.account != nil {
            do {
              guard try await workers.run({ routes.admits(events, to: request) }) else { break }
            } catch is WorkerPool.Busy {
              // Nothing is sent unchecked; the next tick has these changes too.
              continue
            }
          }
          since = max(since, tick.snapshot.number)
          deadline.beginPart()
          try await writer.write(ByteBuffer(bytes: next))
          exchange.send(next.count)
          deadline.end()
        }
        try await writer.finish(nil)
      })
  }
}
