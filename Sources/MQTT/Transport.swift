import CMosquitto
import Glibc

#if SocketBuffer
import CSocketBuffer
#endif

/// Transfers bytes between libmosquitto and its socket with few system calls and few packets.
///
/// With the package trait `SocketBuffer` the library's reads and writes go through a buffer: see CSocketBuffer.h.
/// Whether they really do depends on the library and on the other libraries of the process, so it is observed on
/// every connection. If writes are not gathered, TCP holds back incomplete packets while the queue is written
/// (tcp(7), TCP_CORK), so that a window's acknowledgements are still sent together.
struct Transport: ~Copyable {
  #if SocketBuffer
  private let buffer: OpaquePointer
  #endif

  /// A transport without a socket.
  ///
  /// - Throws: ``DisconnectReason/unreachable(_:)`` if there is no memory for it.
  static func create() throws(DisconnectReason) -> Transport {
    #if SocketBuffer
    guard let buffer = socket_buffer_create() else { throw .unreachable("out of memory") }
    return Transport(buffer: buffer)
    #else
    return Transport()
    #endif
  }

  #if SocketBuffer
  private init(buffer: OpaquePointer) { self.buffer = buffer }

  deinit { socket_buffer_free(buffer) }
  #else
  private init() {}
  #endif

  /// Serves the client's new socket from now on, or none; discards all data of the previous connection.
  func attach(_ socket: Int32?) {
    #if SocketBuffer
    socket_buffer_attach(buffer, socket ?? -1)
    #endif
  }

  /// Calls the library so that its reads and writes go through this transport.
  func around<Result>(_ call: () -> Result) -> Result {
    #if SocketBuffer
    socket_buffer_enter(buffer)
    defer { socket_buffer_leave() }
    #endif
    return call()
  }

  /// Lets the client write its queue to `socket`, as far as the socket accepts it.
  ///
  /// - Returns: the library's result code.
  func write(_ client: OpaquePointer, to socket: Int32) -> Int32 {
    let isCorked = !gathersWrites
    if isCorked { cork(socket, true) }
    defer { if isCorked { cork(socket, false) } }
    return around { mosquitto_loop_write(client, 1) }
  }

  /// Writes gathered bytes as far as the socket accepts them; returns 0 or the errno of the failure.
  func flush() -> Int32 {
    #if SocketBuffer
    socket_buffer_flush(buffer)
    #else
    0
    #endif
  }

  /// Whether bytes already read from the socket wait in memory.
  var hasUnread: Bool {
    #if SocketBuffer
    socket_buffer_unread(buffer) > 0
    #else
    false
    #endif
  }

  /// Whether bytes written by the library wait in memory.
  var hasUnwritten: Bool {
    #if SocketBuffer
    socket_buffer_unwritten(buffer) > 0
    #else
    false
    #endif
  }

  /// Whether the connection's reads and writes have gone through the buffer; known after the first of each.
  var isBuffered: Bool {
    #if SocketBuffer
    gathersWrites && socket_buffer_has_read(buffer) != 0
    #else
    false
    #endif
  }

  private var gathersWrites: Bool {
    #if SocketBuffer
    socket_buffer_has_written(buffer) != 0
    #else
    false
    #endif
  }

  /// Makes TCP hold back incomplete packets, or send them.
  private func cork(_ socket: Int32, _ isOn: Bool) {
    var value: Int32 = isOn ? 1 : 0
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
