import Foundation
import Glibc
import Synchronization

/// A host's addresses, asked for on a thread of their own: a resolver whose name server is silent blocks for
/// longer than anyone waits for a broker, and a request to stop must not wait for it.
///
/// A lookup that was given up ends by itself, when the resolver does.
final class Lookup: Sendable {
  private struct Outcome {
    var code: Int32 = EAI_AGAIN
    /// The address of an `addrinfo` list that nobody owns yet.
    var list: UInt?
  }

  private let host: String
  private let port: String
  private let outcome = Mutex(Outcome())
  /// Is stopped when the lookup has ended.
  private let ended: Waker

  private init(_ host: String, port: Int) throws(BrokerSessionError) {
    self.host = host
    self.port = String(port)
    ended = try Waker()
  }

  deinit { outcome.withLock { Self.free(&$0) } }

  /// A lookup that has ended.
  ///
  /// - Parameter deadline: by the monotonic clock, milliseconds.
  /// - Throws: ``DisconnectReason/stopped`` on a request to stop, or that there was no answer in time.
  static func of(
    _ host: String, port: Int, deadline: Int64, waker: Waker?
  ) throws(DisconnectReason) -> Lookup {
    let lookup: Lookup
    do throws(BrokerSessionError) {
      lookup = try Lookup(host, port: port)
    } catch {
      throw .unreachable(error.description)
    }
    // An address needs no resolver.
    if lookup.run(flags: AI_NUMERICHOST) { return lookup }
    let thread = Thread {
      _ = lookup.run(flags: 0)
      lookup.ended.stop()
    }
    thread.name = "lookup"
    thread.stackSize = 256 << 10
    thread.start()
    while !lookup.ended.stopRequested {
      if waker?.stopRequested == true { throw .stopped }
      let left = deadline - monotonicClock()
      if left <= 0 { throw .unreachable("\(host): no name server has answered") }
      _ = waitFor(socket: lookup.ended.readEnd, waker: waker, milliseconds: left)
    }
    return lookup
  }

  /// What was found; the caller frees it.
  func addresses() throws(DisconnectReason) -> UnsafeMutablePointer<addrinfo> {
    let found = outcome.withLock { outcome in
      defer { outcome.list = nil }
      return outcome
    }
    guard let list = found.list, let addresses = UnsafeMutablePointer<addrinfo>(bitPattern: list) else {
      throw .unreachable("\(host) has no address: \(String(cString: gai_strerror(found.code)))")
    }
    return addresses
  }

  /// Asks, and returns whether there was an answer with addresses.
  private func run(flags: Int32) -> Bool {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &found)
    let list = code == 0 ? found.map { UInt(bitPattern: $0) } : nil
    outcome.withLock { $0 = Outcome(code: code, list: list) }
    return list != nil
  }

  private static func free(_ outcome: inout Outcome) {
    if let list = outcome.list.flatMap({ UnsafeMutablePointer<addrinfo>(bitPattern: $0) }) { freeaddrinfo(list) }
  }
}
