import Journal
import Storage
import Telemetry

/// The live timelines of senders with neighbouring numbers: a row of `live_page`.
///
/// As a row each they took SQLite a microsecond a message where every message is another sender's. A change of one writes
/// no more than before: SQLite writes whole pages of its file. To look at them as rows see ``LiveRows``.
///
/// For each sender, in order: the length of its timeline in four bytes, least significant first, and the timeline
/// (``TimelineEncoder``); one that was never heard has no length.
package enum LivePage {
  /// Number of senders on a page.
  package static let senders = 8
  private static let lengthBytes = 4

  /// The page of a sender.
  static func number(of sender: EquipmentNumber) -> Int32 { sender / Int32(senders) }

  /// The first sender of a page.
  static func first(of page: Int32) -> EquipmentNumber { page * Int32(senders) }

  /// Lends the bytes of a page.
  package static func withEncoded<Result>(
    _ timelines: ArraySlice<Timeline>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let room = timelines.reduce(0) { $0 + lengthBytes + TimelineEncoder.maximumBytes($1) }
    return try withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { bytes in
      guard let start = bytes.baseAddress else { return try body(UnsafeRawBufferPointer(bytes)) }
      var next = start
      for timeline in timelines {
        let begin = next + lengthBytes
        let end = timeline.isUnheard ? begin : TimelineEncoder.encode(timeline, at: begin)
        next.storeBytes(of: UInt32(truncatingIfNeeded: end - begin).littleEndian, as: UInt32.self)
        next = end
      }
      return try body(UnsafeRawBufferPointer(start: start, count: next - start))
    }
  }

  /// The timeline of a sender in a page of `count` bytes, after which come as many as ``VarintCursor/padding``; nil
  /// when it was never heard.
  package static func timeline(
    of sender: EquipmentNumber, in padded: UnsafeRawBufferPointer, count: Int, withoutMinutes: Bool = false
  ) throws(StoreError) -> Timeline? {
    let bytes = UnsafeRawBufferPointer(rebasing: padded[..<count])
    guard let place = try place(of: sender, in: bytes) else { return nil }
    return try TimelineDecoder.decode(padded, place, withoutMinutes: withoutMinutes)
  }

  /// Range of a sender's timeline in the bytes of its page; nil if there is none.
  private static func place(
    of sender: EquipmentNumber, in bytes: UnsafeRawBufferPointer
  ) throws(StoreError) -> Range<Int>? {
    var place = 0..<0
    for _ in 0...sender % Int32(senders) {
      // The last page ends with the last sender.
      if place.upperBound == bytes.count { return nil }
      let begin = place.upperBound + lengthBytes
      guard begin <= bytes.count else { throw VarintCursor.damage }
      let length = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: begin - lengthBytes, as: UInt32.self))
      guard Int(length) <= bytes.count - begin else { throw VarintCursor.damage }
      place = begin..<begin + Int(length)
    }
    return place.isEmpty ? nil : place
  }
}

extension Timeline {
  /// Whether nothing was ever folded into it.
  fileprivate var isUnheard: Bool { day.number == .min }
}
