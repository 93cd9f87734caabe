/// The messages received since the last commit, exactly as they arrived. A handler makes them durable before their
/// acknowledgements are sent.
///
/// Topics and payloads are stored consecutively in one raw arena and found through an index, so that in the steady
/// state receiving a message takes two copies and no allocation. The bounds determine when the window is full; a
/// received message is always accepted, of any size, because libmosquitto has already queued its acknowledgement.
///
/// The buffers lent by ``topic(_:)`` and ``payload(_:)`` are valid until the next append or ``clear()``.
public struct Window: ~Copyable {
  /// Number of readable bytes after every payload, required by simdjson. Their content is unspecified.
  public static let payloadPadding = 64

  private struct Entry {
    var offset: Int
    var receivedAt: Int64
    var payloadCount: Int32
    var topicCount: UInt16
    var packetID: UInt16
    var retained: Bool
  }

  /// Bounds at which the window is full.
  public let limits: WindowLimits
  /// Number of messages held.
  public private(set) var count = 0
  /// Number of bytes of topics and payloads held.
  public private(set) var byteCount = 0

  private var arena: UnsafeMutableRawPointer
  private var arenaCapacity: Int
  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity: Int

  /// An empty window.
  public init(limits: WindowLimits = WindowLimits()) {
    self.limits = limits
    arenaCapacity = Self.arenaCapacity(for: limits)
    arena = Self.allocateArena(arenaCapacity)
    entryCapacity = Self.entryCapacity(for: limits)
    entries = .allocate(capacity: entryCapacity)
  }

  deinit {
    arena.deallocate()
    entries.deallocate()
  }

  /// Whether it holds no message.
  public var isEmpty: Bool { count == 0 }

  /// Whether it has reached one of its bounds and should be committed.
  public var isFull: Bool { count >= limits.messages || byteCount >= limits.bytes }

  /// The topic of message `index`, UTF-8.
  public func topic(_ index: Int) -> UnsafeRawBufferPointer {
    let entry = entry(index)
    return UnsafeRawBufferPointer(start: arena + entry.offset, count: Int(entry.topicCount))
  }

  /// The payload of message `index`, followed by ``payloadPadding`` readable bytes.
  public func payload(_ index: Int) -> UnsafeRawBufferPointer {
    let entry = entry(index)
    return UnsafeRawBufferPointer(
      start: arena + entry.offset + Int(entry.topicCount), count: Int(entry.payloadCount))
  }

  /// Receipt of message `index`, milliseconds UTC.
  public func receivedAt(_ index: Int) -> Int64 { entry(index).receivedAt }

  /// Whether the broker sent message `index` from its retained messages.
  public func retained(_ index: Int) -> Bool { entry(index).retained }

  /// The MQTT packet identifier of message `index`; 0 at QoS 0. A redelivery has the same identifier.
  public func packetID(_ index: Int) -> UInt16 { entry(index).packetID }

  /// Adds a message at the end, copying its bytes. A topic is at most 65,535 bytes, as in MQTT.
  public mutating func append(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, receivedAt: Int64, retained: Bool,
    packetID: UInt16 = 0
  ) {
    let offset = byteCount
    let size = topic.count + payload.count
    if offset + size + Self.payloadPadding > arenaCapacity { growArena(toHold: offset + size) }
    if count == entryCapacity { growEntries() }
    (arena + offset).copyBytes(from: topic)
    (arena + offset + topic.count).copyBytes(from: payload)
    (entries + count).initialize(
      to: Entry(
        offset: offset, receivedAt: receivedAt, payloadCount: Int32(payload.count),
        topicCount: UInt16(topic.count), packetID: packetID, retained: retained))
    byteCount += size
    count += 1
  }

  /// Forgets every message. Memory for a message beyond the bounds is released.
  public mutating func clear() {
    count = 0
    byteCount = 0
    let usual = Self.arenaCapacity(for: limits)
    if arenaCapacity > 2 * usual {
      arena.deallocate()
      arenaCapacity = usual
      arena = Self.allocateArena(usual)
    }
  }

  private func entry(_ index: Int) -> Entry {
    precondition(index >= 0 && index < count, "message index out of range")
    return entries[index]
  }

  /// Zeroed, so that the padding after the newest payload can be read.
  private static func allocateArena(_ capacity: Int) -> UnsafeMutableRawPointer {
    let arena = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    return arena
  }

  /// Capacity for the bounds and the message that crosses them, if that message has an ordinary size.
  private static func arenaCapacity(for limits: WindowLimits) -> Int { limits.bytes + 64 * 1024 }

  /// One `loop_read` can deliver a whole record (over TLS) or 4 KiB (libmosquitto 2.1) of messages beyond the bound.
  private static func entryCapacity(for limits: WindowLimits) -> Int { limits.messages + 1024 }

  private mutating func growArena(toHold bytes: Int) {
    let capacity = max(bytes + Self.payloadPadding, arenaCapacity * 3 / 2)
    let larger = Self.allocateArena(capacity)
    larger.copyMemory(from: arena, byteCount: byteCount)
    arena.deallocate()
    arena = larger
    arenaCapacity = capacity
  }

  private mutating func growEntries() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
    entryCapacity *= 2
  }
}

extension UnsafeMutableRawPointer {
  fileprivate func copyBytes(from bytes: UnsafeRawBufferPointer) {
    if let start = bytes.baseAddress { copyMemory(from: start, byteCount: bytes.count) }
  }
}

/// Bounds that determine when a window of messages is handed over.
public struct WindowLimits: Sendable, Equatable {
  /// Number of messages that makes it full, 1 or more.
  public var messages: Int
  /// Number of bytes of topics and payloads that makes it full, 1 or more. A single message may be larger.
  public var bytes: Int
  /// Minimum milliseconds between two hand-overs while the window is not full. A message after a pause is handed over
  /// at once; those that follow are collected for at most this time. 0 hands over as soon as the socket is empty.
  public var linger: Int64

  /// Bounds; by default 5,000 messages, 1 MiB, 100 ms.
  public init(messages: Int = 5000, bytes: Int = 1 << 20, linger: Int64 = 100) {
    self.messages = messages
    self.bytes = bytes
    self.linger = linger
  }
}
