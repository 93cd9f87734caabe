import Glibc
import NIOCore
import Synchronization

/// Numbers of connections by the address of the peer. Any thread may use it.
package final class AddressCounts: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  private let limit: Int

  /// No connections yet.
  ///
  /// - Parameter limit: maximum number of connections of one address.
  package init(limit: Int) { self.limit = limit }

  /// Counts a connection; false, without counting it, if its address has as many as it may.
  package func open(_ address: String) -> Bool {
    counts.withLock { counts in
      let count = counts[address] ?? 0
      guard count < limit else { return false }
      counts[address] = count + 1
      return true
    }
  }

  /// Ends the count of a connection.
  package func close(_ address: String) {
    counts.withLock { counts in
      let count = (counts[address] ?? 0) - 1
      counts[address] = count > 0 ? count : nil
    }
  }

  /// Number of addresses with connections.
  package var addresses: Int { counts.withLock { $0.count } }
}

/// Closes connections of an address that has too many, those whose peer is gone without closing them, and those that
/// send something else than HTTP.
final class ConnectionGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private let addresses: AddressCounts
  private let patience: WebPatience

  /// - Parameter addresses: counts the connections of all gates.
  init(_ addresses: AddressCounts, _ patience: WebPatience) {
    self.addresses = addresses
    self.patience = patience
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    let address = channel.remoteAddress?.ipAddress ?? ""
    context.fireChannelActive()
    guard addresses.open(address) else {
      channel.close(mode: .all, promise: nil)
      return
    }
    let addresses = addresses
    channel.closeFuture.whenComplete { _ in addresses.close(address) }
    // Without this limit a connection whose peer lost its power lasts for a quarter of an hour.
    let limit = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT))
    channel.setOption(limit, value: WebLimits.silence).whenFailure { _ in }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.fireErrorCaught(error)
    // The peer has this long to read that it is refused.
    let channel = context.channel
    context.eventLoop.scheduleTask(in: TimeAmount(patience.lastAnswer)) {
      channel.close(mode: .all, promise: nil)
    }
  }
}
