/// Packs the records of many blocks tightly: sorted by topic, each message's payload taken apart into the text
/// it shares with others and the numbers that go on from one message of the topic to the next. A heartbeat of
/// 160 bytes takes 4 to 8. What comes out is what went in, to the byte.
///
/// The content, before compression, is a row of columns, each with its length before it:
///
///     factories   count, then each id with its length
///     topics      for each: factory, bytes shared with the topic before, length and bytes of the rest, records
///     texts       count, then each payload text (``PayloadTemplate``) with its length
///     kinds       for each record: kind, flags
///     blocks      for each record: its block's number (``DeltaColumn``)
///     places      for each record: its place among those of its block and receipt, or in its block
///     receipts    for each record (``DeltaColumn``)
///     text        for each record: 0 for the text of the topic's record before, else the text's place + 1
///     numbers     for each place a number has in a payload, a ``DeltaColumn``
///
/// Before them: the number of records, then a byte that says whether every block's receipts ascend, when
/// places need only tell records of one receipt apart, then the number of number columns.
struct RecordPacker {
  private struct Item {
    var block: Int64
    /// Place in its block.
    var index: Int32
    /// Place among the records of its block and receipt.
    var tie: Int32
    var received: Int64
    var kind: UInt8
    var flags: UInt8
    /// In the arena.
    var payload: Range<Int>
  }

  private struct Stream {
    var factory: Int
    var topic: [UInt8]
    var items: [Int32] = []
  }

  private struct StreamKey: Hashable {
    var factory: Int
    var topic: [UInt8]
  }

  private var arena: [UInt8] = []
  private var items: [Item] = []
  private var factories: [[UInt8]] = []
  private var factoryPlaces: [[UInt8]: Int] = [:]
  private var streams: [Stream] = []
  private var streamPlaces: [StreamKey: Int] = [:]

  /// Maximum size before compression at a high level; heartbeats of a whole span take less.
  private static let mostAtHighLevel = 8 << 20
  private static let quickLevel: Int32 = 6

  /// Records held.
  var count: Int { items.count }

  /// Adds a record; blocks and places in them must come ascending.
  mutating func append(
    _ frame: UnsafeRawBufferPointer, of factory: [UInt8], block: Int64, index: Int, tie: Int
  ) {
    let topicLength = Int(UInt16(littleEndian: frame.loadUnaligned(fromByteOffset: 10, as: UInt16.self)))
    let received = Int64(littleEndian: frame.loadUnaligned(fromByteOffset: 2, as: Int64.self))
    let topicEnd = JournalLayout.frameHeader + topicLength
    let start = arena.count
    arena.append(contentsOf: UnsafeRawBufferPointer(rebasing: frame[topicEnd...]))
    let stream = place(
      of: UnsafeRawBufferPointer(rebasing: frame[JournalLayout.frameHeader..<topicEnd]), factory)
    streams[stream].items.append(Int32(items.count))
    items.append(
      Item(
        block: block, index: Int32(index), tie: Int32(tie), received: received, kind: frame[0],
        flags: frame[1],
        payload: start..<arena.count))
  }

  /// The records, packed and compressed, with the size before compression.
  ///
  /// - Parameter ascending: whether the receipts of every block ascend, so that ties tell the order.
  func packed(level: Int32, ascending: Bool) throws(StoreError) -> (content: [UInt8], size: Int) {
    let columns = columns(ascending)
    // Large contents are of records that share little with each other: a high level gains little and takes a hundred
    // times as long.
    let level = columns.count > Self.mostAtHighLevel ? min(level, Self.quickLevel) : level
    return (try compress(columns, level: level), columns.count)
  }

  // MARK: -

  private mutating func place(of topic: UnsafeRawBufferPointer, _ factory: [UInt8]) -> Int {
    let known = factoryPlaces[factory]
    let factoryPlace = known ?? factories.count
    if known == nil {
      factoryPlaces[factory] = factoryPlace
      factories.append(factory)
    }
    let key = StreamKey(factory: factoryPlace, topic: Array(topic))
    if let place = streamPlaces[key] { return place }
    streamPlaces[key] = streams.count
    streams.append(Stream(factory: factoryPlace, topic: key.topic))
    return streams.count - 1
  }

  /// Returns the packed records before compression.
  func columns(_ ascends: Bool) -> [UInt8] {
    var topics = ByteColumn()
    var kinds = ByteColumn()
    var blocks = DeltaColumn()
    var places = ByteColumn()
    var receipts = DeltaColumn()
    var payloads = PayloadColumns()
    var previous: [UInt8] = []
    let sorted = streams.sorted {
      $0.factory != $1.factory ? $0.factory < $1.factory : $0.topic.lexicographicallyPrecedes($1.topic)
    }
    for (number, stream) in sorted.enumerated() {
      let shared = zip(previous, stream.topic).prefix { $0 == $1 }.count
      topics.append(stream.factory)
      topics.append(shared)
      topics.append(stream.topic.count - shared)
      topics.append(contentsOf: stream.topic[shared...])
      topics.append(stream.items.count)
      previous = stream.topic
      for item in stream.items {
        let item = items[Int(item)]
        kinds.append(item.kind)
        kinds.append(item.flags)
        blocks.append(item.block, stream: number)
        places.append(Int(ascends ? item.tie : item.index))
        receipts.append(item.received, stream: number)
        arena.withUnsafeBytes {
          payloads.append(UnsafeRawBufferPointer(rebasing: $0[item.payload]), stream: number)
        }
      }
    }
    var content = ByteColumn()
    content.append(items.count)
    content.append(UInt8(ascends ? 1 : 0))
    content.append(payloads.numbers.count)
    var ids = ByteColumn()
    ids.append(factories.count)
    for factory in factories {
      ids.append(factory.count)
      ids.append(contentsOf: factory)
    }
    for column in [
      ids, topics, payloads.texts, kinds, blocks.encoded, places, receipts.encoded, payloads.uses,
    ] {
      content.append(framed: column)
    }
    for numbers in payloads.numbers { content.append(framed: numbers.encoded) }
    return content.bytes
  }
}

/// The columns that payloads are taken apart into.
private struct PayloadColumns {
  /// Every text once.
  var texts: ByteColumn {
    var column = ByteColumn()
    column.append(places.count)
    column.append(contentsOf: written.bytes)
    return column
  }
  private(set) var uses = ByteColumn()
  private(set) var numbers: [DeltaColumn] = []
  private var written = ByteColumn()
  private var places: [[UInt8]: Int] = [:]
  private var stream = -1
  private var lastPlace = -1
  private var text: [UInt8] = []
  private var values: [Int64] = []

  mutating func append(_ payload: UnsafeRawBufferPointer, stream: Int) {
    text.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    PayloadTemplate.split(payload, text: &text, numbers: &values)
    let place = place()
    if stream != self.stream { lastPlace = -1 }
    uses.append(place == lastPlace ? 0 : place + 1)
    (self.stream, lastPlace) = (stream, place)
    while numbers.count < values.count { numbers.append(DeltaColumn()) }
    for (column, value) in values.enumerated() { numbers[column].append(value, stream: stream) }
  }

  private mutating func place() -> Int {
    if let place = places[text] { return place }
    let place = places.count
    places[text] = place
    written.append(text.count)
    written.append(contentsOf: text)
    return place
  }
}
