import Foundation
import Glibc
import Synchronization

/// A lookup of a host's addresses on a thread of its own: a resolver whose name server does not answer blocks longer
/// than a connection attempt may take, and a request to stop must not wait for it.
///
/// An abandoned lookup ends when the resolver does.
final class Lookup: Sendable {
  private struct Outcome {
    var code: Int32 = EAI_AGAIN
    /// Address of an `addrinfo` list that nothing owns yet; nil otherwise.
    var list: UInt?
  }

  private let host: String
  private let port: String
  private let outcome = Mutex(Outcome())
  /// Stopped when the lookup has ended.
  private let ended: Waker

  private init(_ host: String, port: Int) throws(BrokerSessionError) {
    self.host = host
    self.port = String(port)
    ended = try Waker()
  }

  deinit { outcome.withLock { Self.free(&$0) } }

  /// Looks up `host` and waits for the end of the lookup.
  ///
  /// - Parameter deadline: milliseconds of the monotonic clock.
  /// - Throws: ``DisconnectReason/stopped`` on a request to stop; ``DisconnectReason/unreachable(_:)`` when no name
  ///   server answers in time, or the lookup cannot be set up.
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

  /// The addresses found, at the first call only; the caller frees them. Throws ``DisconnectReason/unreachable(_:)``
  /// if there are none.
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

  /// Runs the lookup; returns whether it found addresses.
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
