/// Minutes of a local day with a reading, as runs of neighbouring minutes counted from local midnight.
///
/// Minutes are added in ascending order, as readings are folded. A machine that reports all day is one run.
public struct MinuteSet: Equatable, Sendable {
  /// Ended runs, first and last minute in turn.
  private var ended: ContiguousArray<UInt16> = []
  /// The run still growing; before the first minute it ends before it begins.
  private var first: UInt16 = 1
  private var last: UInt16 = 0

  /// No minute.
  public init() {}

  /// Adds a minute; one before the newest is ignored, because readings come in order.
  public mutating func insert(_ minute: Int) {
    if minute != newest { extend(to: minute) }
  }

  /// The newest minute; -1 when there is none.
  public var newest: Int { isEmpty ? -1 : Int(last) }

  private mutating func extend(to minute: Int) {
    guard minute > newest, minute <= Int(UInt16.max) else { return }
    if isEmpty {
      first = UInt16(minute)
    } else if minute > newest + 1 {
      ended.append(first)
      ended.append(last)
      first = UInt16(minute)
    }
    last = UInt16(minute)
  }

  /// Whether no minute was added.
  public var isEmpty: Bool { first > last }

  /// The runs, ascending, with at least a minute between them.
  public var runs: [ClosedRange<Int>] {
    guard !isEmpty else { return [] }
    var runs: [ClosedRange<Int>] = []
    runs.reserveCapacity(ended.count / 2 + 1)
    for index in stride(from: 0, to: ended.count, by: 2) {
      runs.append(Int(ended[index])...Int(ended[index + 1]))
    }
    runs.append(Int(first)...Int(last))
    return runs
  }

  /// Number of slots of `length` minutes, from slot `slots.lowerBound` on, that contain a minute of the set.
  public func count(ofSlots length: Int, in slots: Range<Int>) -> Int {
    var count = 0
    var counted = slots.lowerBound - 1
    for run in runs {
      let from = max(run.lowerBound / length, counted + 1)
      let through = min(run.upperBound / length, slots.upperBound - 1)
      guard from <= through else { continue }
      count += through - from + 1
      counted = through
    }
    return count
  }

  /// The runs as bytes: for each, the minutes since the run before it and its length less one, as
  /// little-endian base-128 integers. Empty for the empty set.
  public var encoded: [UInt8] { withEncoded { Array($0) } }

  /// The most bytes that ``encoded`` may have: two integers below 65,536 a run take at most three each.
  public var maximumEncodedBytes: Int { (ended.count + 2) * 3 }

  /// Lends the bytes of ``encoded`` without an array.
  public func withEncoded<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: maximumEncodedBytes, alignment: 1) { bytes in
      var count = 0
      var previous = 0
      func append(_ value: Int) {
        var rest = value
        while rest > 0x7F {
          bytes[count] = UInt8(rest & 0x7F) | 0x80
          count += 1
          rest >>= 7
        }
        bytes[count] = UInt8(rest)
        count += 1
      }
      func append(_ from: UInt16, _ through: UInt16) {
        append(Int(from) - previous)
        append(Int(through) - Int(from))
        previous = Int(through)
      }
      for index in stride(from: 0, to: ended.count, by: 2) { append(ended[index], ended[index + 1]) }
      if !isEmpty { append(first, last) }
      return try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
  }

  /// Number of runs.
  public var runCount: Int { isEmpty ? 0 : ended.count / 2 + 1 }

  /// Number of bytes that the set takes as bits.
  public var bitBytes: Int { isEmpty ? 0 : Int(last) / 8 + 1 }

  /// Writes the set as bits: minute `m` is bit `m % 8`, from the lowest on, of byte `m / 8`.
  ///
  /// - Parameter bytes: ``bitBytes`` of them.
  public func writeBits(to bytes: UnsafeMutableRawBufferPointer) {
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    func write(_ from: UInt16, _ through: UInt16) {
      for minute in Int(from)...Int(through) { bytes[minute / 8] |= 1 << UInt8(minute % 8) }
    }
    for index in stride(from: 0, to: ended.count, by: 2) { write(ended[index], ended[index + 1]) }
    if !isEmpty { write(first, last) }
  }

  /// The set of some bits; nil for bytes that no set is written as.
  public init?(bits: UnsafeRawBufferPointer) {
    guard bits.last != 0, bits.count <= (Int(UInt16.max) + 1) / 8 else { return nil }
    for (index, byte) in bits.enumerated() {
      var rest = byte
      while rest != 0 {
        extend(to: index * 8 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }

  /// The set that was encoded; nil for bytes that no set encodes to.
  public init?(encoded bytes: some Collection<UInt8>) {
    let isSet =
      bytes.withContiguousStorageIfAvailable { append(encoded: UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { append(encoded: $0) }
    guard isSet else { return nil }
  }

  /// Adds runs to the empty set; false for bytes that no set encodes to.
  private mutating func append(encoded bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    var previous = 0
    while !rest.isEmpty {
      guard let gap = Self.popBase128(&rest), let more = Self.popBase128(&rest) else { return false }
      let from = previous + gap
      guard isEmpty || gap > 1, from + more <= Int(UInt16.max) else { return false }
      extend(to: from)
      last = UInt16(from + more)
      previous = from + more
    }
    return true
  }

  private static func popBase128(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int? {
    var value = 0
    for shift in stride(from: 0, through: 14, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
