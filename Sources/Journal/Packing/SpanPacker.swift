import Telemetry

/// Packs neighbouring blocks together: in one part, or in a part for each factory.
package struct SpanPacker {
  /// Packed records of a factory, or of all (nil), and their size before compression.
  package typealias Part = (factory: [UInt8]?, content: [UInt8], size: Int)

  private let byFactory: Bool
  /// Whose records are packed, by their leaves' ids; nil for all.
  private var only: Set<[UInt8]>?
  private var packers: [[UInt8]?: RecordPacker] = [:]
  private var ascends = true
  package private(set) var first: Int64 = 0
  package private(set) var last: Int64 = 0
  package private(set) var lastReceived = Timestamp.distantPast
  package private(set) var records = 0
  /// Bytes of records as they were committed.
  package private(set) var bytes = 0

  /// An empty span; `byFactory` keeps each factory's records apart from the others'.
  package init(byFactory: Bool) { self.byFactory = byFactory }

  /// An empty span for the records of one factory, the collector's connection and the broker, each in a part
  /// named as its leaf of the day's tree is.
  package init(factory: [UInt8]) {
    byFactory = true
    only = [factory, FactoryDay.connection, FactoryDay.broker]
  }

  package var isEmpty: Bool { records == 0 }

  /// Adds a block, which must follow those added before.
  package mutating func append(_ block: JournalBlock) throws(StoreError) {
    let index = try JournalBlockIndex(of: block)
    var received = Int64.min
    var tie = 0
    for (position, frame) in index.frames.enumerated() {
      let at = block.content.readInteger(Int64.self, at: frame.range.lowerBound + 2)
      tie = at == received ? tie + 1 : 0
      if at < received { ascends = false }
      received = at
      let id = index.factories[frame.factory]
      let leaf = id.isEmpty && block.isOfConnection ? FactoryDay.connection : id
      if let only, !only.contains(leaf) { continue }
      block.content.withUnsafeBytes {
        packers[only != nil ? leaf : byFactory ? id : nil, default: RecordPacker()].append(
          UnsafeRawBufferPointer(rebasing: $0[frame.range]), of: id, block: block.number, index: position,
          tie: tie)
      }
      records += 1
      bytes += frame.range.count
    }
    if first == 0 { first = block.number }
    last = block.number
    lastReceived = block.lastReceived
  }

  /// Everything packed, ascending by factory; the span is empty afterwards.
  package mutating func pack(level: Int32) throws(StoreError) -> [Part] {
    var parts: [Part] = []
    for (factory, packer) in packers.sorted(by: { ($0.key ?? []).lexicographicallyPrecedes($1.key ?? []) }) {
      let (content, size) = try packer.packed(level: level, ascending: ascends)
      parts.append((factory, content, size))
    }
    let only = only
    self = SpanPacker(byFactory: byFactory)
    self.only = only
    return parts
  }
}
