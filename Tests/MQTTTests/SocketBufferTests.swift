#if SocketBuffer
import CSocketBuffer
import Glibc
import TestSupport
import Testing

/// What stands between libmosquitto and the kernel, over a pair of sockets.
@Suite("Socket buffer") struct SocketBufferTests {
  @Test("The library's reads take what the kernel has at once, and get it in order") func reads() throws {
    let pair = try SocketPair()
    pair.send(Array("hello, world".utf8))
    pair.entered { #expect(pair.read(2) == Array("he".utf8)) }
    #expect(socket_buffer_unread(pair.buffer) == 10)
    #expect(pair.kernelHas == 0)
    pair.entered { #expect(pair.read(100) == Array("llo, world".utf8)) }
    #expect(socket_buffer_unread(pair.buffer) == 0)
    // Nothing more is there: that is the kernel's answer, and so is the end.
    pair.entered { #expect(pair.read(1) == nil) }
    #expect(errno == EAGAIN)
    pair.closePeer()
    pair.entered { #expect(pair.read(1) == []) }
  }

  @Test("Outside of a call, or on another socket, read and write are the system's") func elsewhere() throws {
    let (pair, other) = (try SocketPair(), try SocketPair())
    pair.send([1, 2, 3])
    #expect(pair.read(1) == [1])
    #expect(pair.kernelHas == 2)
    other.send([7, 8])
    pair.entered { #expect(other.read(1) == [7]) }
    #expect(other.kernelHas == 1)
    pair.entered { #expect(other.write([9, 9]) == 2) }
    #expect(other.received() == [9, 9])
    #expect(pair.write([4]) == 1)
    #expect(pair.received() == [4])
  }

  @Test(
    "What goes to the pair that was made during set-up is not written; everything else is, also one byte")
  func wakeUp() throws {
    let buffer = try #require(socket_buffer_create())
    defer { socket_buffer_free(buffer) }
    socket_buffer_enter(buffer)
    // Made as libmosquitto does in mosquitto_new(): it writes to the second.
    let wakeUp = try SocketPair()
    socket_buffer_leave()
    let (pair, later) = (try SocketPair(), try SocketPair())
    socket_buffer_attach(buffer, pair.ours)
    socket_buffer_enter(buffer)
    let inCall = try SocketPair()
    #expect(wakeUp.writeBack([0]) == 1)
    #expect(later.write([1]) == 1)
    #expect(inCall.writeBack([2]) == 1)
    socket_buffer_leave()
    #expect(wakeUp.kernelHas == 0)
    #expect(later.received() == [1])
    #expect(inCall.read(9) == [2])
    // Outside of a call it is a descriptor as any other.
    #expect(wakeUp.writeBack([3]) == 1)
    #expect(wakeUp.read(9) == [3])
  }

  @Test("Whether a library's calls arrive here is known from what it has read and written") func observed()
    throws
  {
    let pair = try SocketPair()
    func observed() -> [Int32] {
      [socket_buffer_has_read(pair.buffer), socket_buffer_has_written(pair.buffer)]
    }
    // Calls that do not go through it, as where other functions are found first.
    _ = pair.read(1)
    _ = pair.write([1])
    #expect(observed() == [0, 0])
    pair.entered { _ = pair.write([1]) }
    #expect(observed() == [0, 1])
    pair.entered { _ = pair.read(1) }
    #expect(observed() == [1, 1])
    socket_buffer_attach(pair.buffer, pair.ours)
    #expect(observed() == [0, 0])
  }

  @Test("What is written leaves when it is flushed, all together and in order") func writes() throws {
    let pair = try SocketPair()
    pair.entered {
      #expect(pair.write([1, 2]) == 2)
      #expect(pair.write([3]) == 1)
    }
    #expect(pair.received() == [])
    #expect(socket_buffer_unwritten(pair.buffer) == 3)
    #expect(socket_buffer_flush(pair.buffer) == 0)
    #expect(pair.received() == [1, 2, 3])
    #expect(socket_buffer_unwritten(pair.buffer) == 0)
  }

  @Test("A peer that takes nothing stops the writer, and gets everything once, in order") func slowPeer()
    throws
  {
    let pair = try SocketPair()
    var taken: [UInt8] = []
    var sent: [UInt8] = []
    for round in 0..<200 {
      let chunk = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &+ round) }
      while true {
        let count = pair.entered { pair.write(chunk) }
        if count == chunk.count { break }
        // Nothing of it was taken.
        #expect(count == -1)
        taken += pair.received()
      }
      sent += chunk
      #expect(socket_buffer_flush(pair.buffer) == 0)
    }
    while socket_buffer_unwritten(pair.buffer) > 0 {
      taken += pair.received()
      #expect(socket_buffer_flush(pair.buffer) == 0)
    }
    taken += pair.received()
    #expect(taken == sent)
  }

  @Test("A peer that is gone is an error, not a loss in silence, and never a signal") func brokenPeer()
    throws
  {
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    var previous = sigset_t()
    // A signal that is held back stays pending, even if it is ignored.
    pthread_sigmask(SIG_BLOCK, &pipe, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
    let pair = try SocketPair()
    pair.entered { _ = pair.write([1]) }
    pair.closePeer()
    #expect(socket_buffer_flush(pair.buffer) == EPIPE)
    var pending = sigset_t()
    sigpending(&pending)
    #expect(sigismember(&pending, SIGPIPE) == 0)
  }

  @Test("What is sent is gathered with what is written, in order; other flags are the system's, behind it")
  func sends() throws {
    let (pair, other) = (try SocketPair(), try SocketPair())
    pair.entered {
      #expect(pair.write([1]) == 1)
      #expect(pair.send([2, 3], flags: Int32(MSG_NOSIGNAL)) == 2)
      #expect(pair.send([4], flags: 0) == 1)
      #expect(other.send([9], flags: Int32(MSG_NOSIGNAL)) == 1)
    }
    #expect(pair.received() == [])
    #expect(other.received() == [9])
    #expect(socket_buffer_flush(pair.buffer) == 0)
    #expect(pair.received() == [1, 2, 3, 4])
    pair.entered {
      #expect(pair.write([5]) == 1)
      #expect(pair.send([6], flags: Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) == 1)
    }
    #expect(pair.received() == [5, 6])
    #expect(pair.send([7], flags: 0) == 1)
    #expect(pair.received() == [7])
  }

  @Test("What is received is what would be read") func receives() throws {
    let pair = try SocketPair()
    pair.send([1, 2, 3, 4])
    pair.entered {
      #expect(pair.receive(1, flags: 0) == [1])
      #expect(pair.read(1) == [2])
      #expect(pair.receive(9, flags: Int32(MSG_DONTWAIT)) == [3, 4])
      #expect(pair.receive(9, flags: 0) == nil)
    }
    pair.send([5])
    #expect(pair.receive(9, flags: Int32(MSG_PEEK)) == [5])
    #expect(pair.receive(9, flags: 0) == [5])
  }

  @Test(
    "A new connection begins with nothing of the one before, also where the descriptor has the same number")
  func newConnection() throws {
    let pair = try SocketPair()
    pair.send([1, 2, 3])
    pair.entered {
      _ = pair.read(1)
      _ = pair.write([7])
    }
    socket_buffer_attach(pair.buffer, pair.ours)
    pair.send([9])
    pair.entered { #expect(pair.read(4) == [9]) }
    #expect(socket_buffer_flush(pair.buffer) == 0)
    #expect(pair.received() == [])
    socket_buffer_attach(pair.buffer, -1)
    pair.send([8])
    socket_buffer_enter(pair.buffer)
    #expect(Glibc.read(-1, nil, 0) == -1)
    #expect(pair.read(1) == [8])
    socket_buffer_leave()
  }
}

/// Two connected sockets that do not block, and a buffer for the first.
private final class SocketPair {
  let ours: Int32
  private var theirs: Int32
  let buffer: OpaquePointer

  init() throws {
    var descriptors: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &descriptors) == 0, let buffer = socket_buffer_create() else {
      throw SupportError("no sockets")
    }
    (ours, theirs) = (descriptors[0], descriptors[1])
    self.buffer = buffer
    socket_buffer_attach(buffer, ours)
  }

  deinit {
    socket_buffer_free(buffer)
    close(ours)
    closePeer()
  }

  func entered<Result>(_ body: () -> Result) -> Result {
    socket_buffer_enter(buffer)
    defer { socket_buffer_leave() }
    return body()
  }

  /// Bytes that read() gives, nil when it fails.
  func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = Glibc.read(ours, &bytes, count)
    return got < 0 ? nil : Array(bytes.prefix(got))
  }

  /// Bytes that recv() gives, nil when it fails.
  func receive(_ count: Int, flags: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = Glibc.recv(ours, &bytes, count, flags)
    return got < 0 ? nil : Array(bytes.prefix(got))
  }

  func write(_ bytes: [UInt8]) -> Int { Glibc.write(ours, bytes, bytes.count) }

  /// Writes to the second descriptor of the pair, for the first to read.
  func writeBack(_ bytes: [UInt8]) -> Int { Glibc.write(theirs, bytes, bytes.count) }

  func send(_ bytes: [UInt8], flags: Int32) -> Int { Glibc.send(ours, bytes, bytes.count, flags) }

  /// Bytes of ours that are still with the kernel.
  var kernelHas: Int {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return max(0, recv(ours, &bytes, bytes.count, Int32(MSG_PEEK)))
  }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(theirs, bytes, bytes.count, 0) }

  /// Everything the peer has by now.
  func received() -> [UInt8] {
    var all: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = recv(theirs, &bytes, bytes.count, 0), count > 0 { all += bytes.prefix(count) }
    return all
  }

  func closePeer() {
    if theirs >= 0 { close(theirs) }
    theirs = -1
  }
}
#endif
