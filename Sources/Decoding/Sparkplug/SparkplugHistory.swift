import Telemetry

/// The state of a device at instants of the past, for historical values that do not state it.
///
/// A device that was not connected sends what it kept after its births, each value when it had changed. Such a value
/// belongs to the state of its own time: the last one that the device stated before the gap, or a historical one after
/// it. The state after the gap says nothing about it.
struct SparkplugHistory: Equatable, Sendable {
  /// The newest state within the gap, and its time. Without a state there is none.
  private(set) var memory = ReadingMemory()
  /// Beginning of the live readings after the gap; `distantFuture` if there are none yet.
  private(set) var until = Timestamp.distantFuture

  /// No history.
  init() {}

  /// A history that ``encode(into:)`` wrote; nil for other bytes.
  init?(decoding bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.codedBytes,
      let memory = ReadingMemory(decoding: bytes.prefix(ReadingMemory.codedBytes))
    else { return nil }
    self.memory = memory
    until = Timestamp(
      milliseconds: Int64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: ReadingMemory.codedBytes, as: Int64.self)))
  }

  /// Number of bytes of a history in the journal.
  static let codedBytes = ReadingMemory.codedBytes + 8

  func encode(into bytes: inout [UInt8]) {
    memory.encode(into: &bytes)
    withUnsafeBytes(of: until.milliseconds.littleEndian) { bytes += $0 }
  }

  /// Notes that a session ended or begins anew, after live readings of which the last left `live`.
  mutating func beginGap(after live: ReadingMemory) {
    guard live.state != nil, live.time > memory.time || memory.state == nil else { return }
    memory = live
    until = .distantFuture
  }

  /// Notes a live reading, which ends the gap.
  mutating func noteLive(at time: Timestamp) {
    if memory.state != nil, until == .distantFuture, time > memory.time { until = time }
  }

  /// The values that hold at an instant of the past: those within the gap or the live ones, whichever are newest without
  /// being newer than the instant; none if they are not known.
  func values(at time: Timestamp, live: ReadingMemory) -> ReadingMemory {
    let isLive = live.state != nil && live.time <= time
    if memory.state != nil, memory.time <= time, time < until, !isLive || live.time <= memory.time { return memory }
    return isLive ? live : ReadingMemory()
  }

  /// Notes the values of a historical reading at `time`. `live`: the values of the newest live reading.
  mutating func note(_ values: ReadingMemory, at time: Timestamp, live: ReadingMemory) {
    let continues = memory.state != nil && memory.time <= time && time < until
    guard continues || memory.state == nil || time >= until else { return }
    let end = live.time > time ? live.time : .distantFuture
    until = continues ? min(until, end) : end
    memory = values
    memory.time = time
  }
}
