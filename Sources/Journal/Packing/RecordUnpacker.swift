import Telemetry

/// Records read back from what ``RecordPacker`` made, in the order of their blocks.
package struct UnpackedRecords {
  /// One record: where its frame is, and where it stood.
  package struct Item {
    package var block: Int64
    /// In ``factories``.
    package var factory: Int
    /// In ``frames``.
    package var frame: Range<Int>
    package fileprivate(set) var received: Int64
    fileprivate var place: Int
  }

  /// Ids; the empty one stands for what belongs to no factory.
  package private(set) var factories: [[UInt8]] = []
  private(set) var frames: [UInt8] = []
  /// Ascending by block and place in it.
  package private(set) var items: [Item] = []
  /// Whether places are those in the block; else they only tell records of one receipt apart.
  private var hasPlaces = false

  /// Unpacks a content of `size` bytes before compression.
  ///
  /// - Parameters:
  ///   - limit: maximum size of the unpacked records, since a few bytes can expand to many.
  ///   - canonical: whether to accept only the exact bytes that ``RecordPacker`` writes.
  package init(
    _ content: [UInt8], size: Int, limit: Int = 1 << 30, canonical: Bool = false
  ) throws(StoreError) {
    guard size <= limit else { throw StoreError(.corrupt, "packed records: impossible size \(size)") }
    let bytes = try decompress(content, size: size)
    var cursor = ByteCursor(bytes[...])
    let count = try cursor.count(limit: bytes.count)
    hasPlaces = try cursor.byte() == 0
    let columnCount = try cursor.count(limit: bytes.count)
    try readFactories(try cursor.framed())
    var reader = RecordReader(
      topics: try cursor.framed(), texts: try RecordReader.texts(try cursor.framed()),
      kinds: try cursor.framed(), blocks: try DeltaColumn.Reader(try cursor.framed()),
      places: try cursor.framed(), receipts: try DeltaColumn.Reader(try cursor.framed()),
      uses: try cursor.framed())
    for _ in 0..<columnCount { reader.numbers.append(try DeltaColumn.Reader(try cursor.framed())) }
    guard cursor.isAtEnd else { throw ByteCursor.damage }
    items.reserveCapacity(min(count, bytes.count / 4))
    while items.count < count {
      items.append(try reader.next(factories: factories.count, frames: &frames))
      guard frames.count <= limit else {
        throw StoreError(.corrupt, "packed records come to more than \(limit) bytes")
      }
    }
    sort()
    if canonical, packed() != bytes { throw ByteCursor.damage }
  }

  /// The records packed again, not compressed.
  private func packed() -> [UInt8] {
    var packer = RecordPacker()
    frames.withUnsafeBytes { frames in
      for item in items {
        packer.append(
          UnsafeRawBufferPointer(rebasing: frames[item.frame]), of: factories[item.factory],
          block: item.block, index: item.place, tie: item.place)
      }
    }
    return packer.columns(!hasPlaces)
  }

  /// Records of several parts of one span as one.
  package init(merging parts: [UnpackedRecords]) {
    guard parts.count != 1 else {
      self = parts[0]
      return
    }
    hasPlaces = parts.contains(where: \.hasPlaces)
    for part in parts {
      let (frame, factory) = (frames.count, factories.count)
      frames += part.frames
      factories += part.factories
      for var item in part.items {
        item.frame = item.frame.lowerBound + frame..<item.frame.upperBound + frame
        item.factory += factory
        items.append(item)
      }
    }
    sort()
  }

  /// Lends the blocks the records make, ascending, each as it was laid out when it was committed.
  package func forEachBlock(_ body: (JournalBlock) throws -> Void) throws {
    var start = 0
    while start < items.count {
      var end = start + 1
      while end < items.count, items[end].block == items[start].block { end += 1 }
      try body(block(items[start..<end]))
      start = end
    }
  }

  private func block(_ records: ArraySlice<Item>) -> JournalBlock {
    var content: [UInt8] = []
    content.reserveCapacity(records.reduce(64) { $0 + $1.frame.count + 2 })
    var directory: [[UInt8]] = []
    var first = Timestamp.distantFuture
    var last = Timestamp.distantPast
    for record in records {
      let id = factories[record.factory]
      let place = directory.firstIndex(of: id) ?? directory.count
      if place == directory.count { directory.append(id) }
      content.appendInteger(UInt16(truncatingIfNeeded: place))
      content.append(contentsOf: frames[record.frame])
      first = min(first, Timestamp(milliseconds: record.received))
      last = max(last, Timestamp(milliseconds: record.received))
    }
    JournalLayout.close(&content, directory: directory)
    return JournalBlock(
      number: records.first?.block ?? 0, firstReceived: first, lastReceived: last, records: records.count,
      hash: nil, content: content)
  }

  private mutating func sort() {
    if hasPlaces {
      items.sort { $0.block != $1.block ? $0.block < $1.block : $0.place < $1.place }
    } else {
      items.sort {
        if $0.block != $1.block { return $0.block < $1.block }
        return $0.received != $1.received ? $0.received < $1.received : $0.place < $1.place
      }
    }
  }

  private mutating func readFactories(_ ids: ByteCursor) throws(StoreError) {
    var ids = ids
    for _ in 0..<(try ids.count(limit: 65_536)) {
      factories.append(Array(try ids.slice(try ids.count(limit: 255))))
    }
  }
}

/// Walks the columns of packed records side by side.
private struct RecordReader {
  var topics: ByteCursor
  let texts: [ArraySlice<UInt8>]
  var kinds: ByteCursor
  var blocks: DeltaColumn.Reader
  var places: ByteCursor
  var receipts: DeltaColumn.Reader
  var uses: ByteCursor
  var numbers: [DeltaColumn.Reader] = []
  private var stream = -1
  private var left = 0
  private var factory = 0
  private var topic: [UInt8] = []
  private var text = -1

  init(
    topics: ByteCursor, texts: [ArraySlice<UInt8>], kinds: ByteCursor, blocks: DeltaColumn.Reader,
    places: ByteCursor, receipts: DeltaColumn.Reader, uses: ByteCursor
  ) {
    self.topics = topics
    self.texts = texts
    self.kinds = kinds
    self.blocks = blocks
    self.places = places
    self.receipts = receipts
    self.uses = uses
  }

  static func texts(_ column: ByteCursor) throws(StoreError) -> [ArraySlice<UInt8>] {
    var column = column
    var texts: [ArraySlice<UInt8>] = []
    for _ in 0..<(try column.count(limit: 1 << 30)) {
      texts.append(try column.slice(try column.count(limit: 1 << 30)))
    }
    return texts
  }

  mutating func next(factories: Int, frames: inout [UInt8]) throws(StoreError) -> UnpackedRecords.Item {
    while left == 0 { try enterStream(factories) }
    left -= 1
    let start = frames.count
    frames.append(try kinds.byte())
    frames.append(try kinds.byte())
    let block = try blocks.next(stream: stream)
    let place = try places.count(limit: 1 << 31)
    let received = try receipts.next(stream: stream)
    frames.appendInteger(received)
    frames.appendInteger(UInt16(truncatingIfNeeded: topic.count))
    frames.appendInteger(UInt32(0))
    frames.append(contentsOf: topic)
    let payload = frames.count
    try appendPayload(to: &frames)
    guard let length = UInt32(exactly: frames.count - payload) else { throw ByteCursor.damage }
    frames.replace(UInt32.self, at: start + 12, with: length)
    return UnpackedRecords.Item(
      block: block, factory: factory, frame: start..<frames.count, received: received, place: place)
  }

  private mutating func enterStream(_ factories: Int) throws(StoreError) {
    stream += 1
    factory = try topics.count(limit: factories - 1)
    let shared = try topics.count(limit: topic.count)
    let rest = try topics.slice(try topics.count(limit: 65_535))
    topic.removeSubrange(shared...)
    topic.append(contentsOf: rest)
    guard topic.count <= 65_535 else { throw ByteCursor.damage }
    left = try topics.count(limit: 1 << 31)
    text = -1
  }

  private mutating func appendPayload(to frames: inout [UInt8]) throws(StoreError) {
    let use = try uses.count(limit: texts.count)
    if use > 0 { text = use - 1 }
    guard texts.indices.contains(text) else { throw ByteCursor.damage }
    var column = 0
    try PayloadTemplate.join(texts[text], into: &frames) { () throws(StoreError) in
      guard column < numbers.count else { throw ByteCursor.damage }
      defer { column += 1 }
      return try numbers[column].next(stream: stream)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func replace<Integer: FixedWidthInteger>(
    _: Integer.Type, at offset: Int, with value: Integer
  ) {
    withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Integer.self) }
  }
}
