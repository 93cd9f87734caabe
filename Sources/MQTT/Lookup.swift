import Foundation
import Glibc
import Synchronization

/// A lookup of a host's addresses on a separate thread. A resolver whose name server does not answer blocks longer
/// than a connection attempt may take, and a stop must not wait for it.
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
  /// Set at the end of the lookup.
  private let ended: Signal

  private init(_ host: String, port: Int) throws(BrokerSessionError) {
    self.host = host
    self.port = String(port)
    ended = try Signal()
  }

  deinit { outcome.withLock { Self.free(&$0) } }

  /// Begins to look up `host`. The lookup of an address ends at once, without a resolver.
  ///
  /// - Throws: ``DisconnectReason/unreachable(_:)`` if the lookup cannot be set up.
  static func begin(_ host: String, port: Int) throws(DisconnectReason) -> Lookup {
    let lookup: Lookup
    do throws(BrokerSessionError) {
      lookup = try Lookup(host, port: port)
    } catch {
      throw .unreachable(error.description)
    }
    if lookup.run(flags: AI_NUMERICHOST) {
      lookup.ended.set()
      return lookup
    }
    let thread = Thread {
      _ = lookup.run(flags: 0)
      lookup.ended.set()
    }
    thread.name = "lookup"
    thread.stackSize = 256 << 10
    thread.start()
    return lookup
  }

  /// Whether the lookup has ended, with or without addresses.
  var hasEnded: Bool { ended.isSet }

  /// Becomes readable at the end of the lookup.
  var readEnd: Int32 { ended.readEnd }

  /// Returns the addresses found, at the first call only; the caller frees them. Throws
  /// ``DisconnectReason/unreachable(_:)`` if there are none.
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
    if let list = outcome.list.flatMap({ UnsafeMutablePointer<addrinfo>(bitPattern: $0) }) {
      freeaddrinfo(list)
    }
  }
}
