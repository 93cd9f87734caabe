import Telemetry

/// The state of a device at instants of the past, for historical values that do not state it.
///
/// A device that was not connected sends what it kept after its births, each value when it had changed. Such a value
/// belongs to the state of its own time: the last one that the device stated before the gap, or a historical one after
/// it, or the present one if it had begun by then.
///
/// Two states are remembered, each with its beginning, and that of the past also with its end. A value of any other time
/// takes neither of them: it makes no reading and is counted as ``SparkplugDecoder/Counters/historicalWithoutState``. This
/// is enough for devices that follow the specification: after a gap they send its values in the order of time, so that
/// the state of the past moves on with the batch. A device loses values only if it sends one metric after the other, or
/// values of a gap before the last one. Only these devices would gain from more states, and the decoder's state in the
/// journal, which has an entry for each of up to 500,000 devices, would be several times as long.
struct SparkplugHistory: Equatable, Sendable {
  /// Live values, and their beginning.
  struct Live: Equatable, Sendable {
    var values = ReadingMemory()
    var since = Timestamp.distantPast

    /// Whether they hold at an instant.
    func holds(at time: Timestamp) -> Bool { values.state != nil && since <= time }
  }

  /// The newest state of the past, with its beginning as its time: the last one before a gap, or a historical one. Without
  /// a state there is none.
  private(set) var memory = ReadingMemory()
  /// End of that state, where live readings begin; `distantFuture` if there are none after it yet.
  private(set) var until = Timestamp.distantFuture
  /// Beginning of the live values as they are; without meaning if they have no state.
  private(set) var since = Timestamp.distantPast

  /// No history.
  init() {}

  /// The history that ``encode(into:)`` wrote, or one without a state of the past for nil; nil for other bytes. `since` is
  /// stored elsewhere.
  init?(decoding bytes: UnsafeRawBufferPointer?, since: Timestamp) {
    self.since = since
    guard let bytes else { return }
    guard bytes.count == Self.codedBytes,
      let memory = ReadingMemory(decoding: bytes.prefix(ReadingMemory.codedBytes))
    else { return nil }
    self.memory = memory
    until = Timestamp(
      milliseconds: Int64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: ReadingMemory.codedBytes, as: Int64.self)))
  }

  /// Number of bytes of ``memory`` and ``until`` in the journal.
  static let codedBytes = ReadingMemory.codedBytes + 8

  /// Whether there is anything to encode.
  var hasPast: Bool { memory != ReadingMemory() || until != .distantFuture }

  /// Appends ``memory`` and ``until``.
  func encode(into bytes: inout [UInt8]) {
    memory.encode(into: &bytes)
    withUnsafeBytes(of: until.milliseconds.littleEndian) { bytes += $0 }
  }

  /// Notes that a session ended or begins anew, after live readings of which the last left `live`. The live values are
  /// unknown from then on.
  mutating func beginGap(after live: ReadingMemory) {
    defer { since = .distantPast }
    guard live.state != nil, live.time > memory.time || memory.state == nil else { return }
    // A historical state since then held until one of the live readings.
    let from = memory.state != nil && memory.time >= since ? min(until, live.time) : since
    memory = live
    memory.time = from
    until = .distantFuture
  }

  /// Notes the live values after a message, and those before it. A live reading ends the state of the past.
  mutating func noteLive(_ live: ReadingMemory, after before: ReadingMemory) {
    if !live.hasValues(of: before) { since = live.time }
    if live.time > before.time, live.time > memory.time, until == .distantFuture, memory.state != nil {
      until = live.time
    }
  }

  /// The values that hold at an instant of the past: those of the past or the live ones, whichever are newest without
  /// being newer than the instant; none if they are not known.
  ///
  /// - Parameters:
  ///   - live: the live values.
  ///   - before: the live values before the same message.
  func values(at time: Timestamp, live: ReadingMemory, before: Live) -> ReadingMemory {
    let present = Live(values: live, since: since)
    let newest = present.holds(at: time) ? present : before.holds(at: time) ? before : nil
    guard memory.state != nil, memory.time <= time, time < until else {
      return newest?.values ?? ReadingMemory()
    }
    if let newest, newest.since > memory.time { return newest.values }
    return memory
  }

  /// Notes the values of a historical reading at `time` that differ from those known for this time. `live`: the live
  /// values.
  mutating func note(_ values: ReadingMemory, at time: Timestamp, live: ReadingMemory) {
    let continues = memory.state != nil && memory.time <= time && time < until
    guard continues || memory.state == nil || time >= until else { return }
    // The live values hold from their beginning on, or else from a later reading on.
    let end: Timestamp =
      live.state != nil && since > time ? since : live.time > time ? live.time : .distantFuture
    until = continues ? min(until, end) : end
    memory = values
    memory.time = time
  }
}
