import Foundation
import GRDB
import Journal
import Telemetry
import Testing
import TestSupport

@Suite("Packing") struct PackingTests {
  @Test(
    "A payload is taken apart and put together again, to the byte",
    arguments: [
      "", "online", "{\"ts\":\"2026-11-22T08:00:00.000+08:00\",\"state\":\"running\"}",
      "2026-11-22T08:00:00.000", "2026-11-22T08:00:00.0001Z", "2026-02-30T08:00:00.000Z",
      "0001-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
      "1969-12-31T23:59:59Z", "2026-11-22T24:00:00Z", "0", "00", "007", "10", "1.5", "1.50", "1.500",
      "1.5000",
      "0.001", "00.5", "1.", ".5", "1.2.3", "-12.75", "999999999999999.999", "9999999999999999.9",
      "123456789012345678", "1234567890123456789", "12345678901234567890123456789012345678901",
      "000000000000000000000000000000", "\u{0}", "a\u{1}b", "\u{2}", "\u{5}1", "\u{6}", "编号12号",
    ])
  func payload(text: String) throws { try check(Array(text.utf8)) }

  @Test("Any bytes at all come back") func anyBytes() throws {
    var random = SeededGenerator(seed: 1)
    let alphabet = Array("0123456789.-:T+\"{}a".utf8)
    for _ in 0..<20_000 {
      let count = Int(random.next(40))
      let isText = random.next(3) > 0
      try check(
        (0..<count).map { _ in
          isText ? alphabet[Int(random.next(UInt64(alphabet.count)))] : UInt8(random.next(256))
        })
    }
  }

  @Test("A payload of nothing but numbers makes no more columns than one of a few: it is kept whole")
  func manyNumbers() throws {
    let digits = Array(String(repeating: "1234567890", count: 1_000_000).utf8)
    let list = Array((0..<500).map(String.init).joined(separator: ",").utf8)
    for payload in [digits, list] {
      var text: [UInt8] = Array("before".utf8)
      var numbers: [Int64] = [7]
      payload.withUnsafeBytes { PayloadTemplate.split($0, text: &text, numbers: &numbers) }
      #expect(numbers == [7])
      #expect(text.count == 6 + 1 + payload.count)
      try check(payload)
    }
    try check(Array((0..<PayloadTemplate.mostNumbers).map(String.init).joined(separator: ",").utf8))
  }

  private func check(_ payload: [UInt8]) throws {
    var text: [UInt8] = []
    var numbers: [Int64] = []
    payload.withUnsafeBytes { PayloadTemplate.split($0, text: &text, numbers: &numbers) }
    var rest = numbers[...]
    var joined: [UInt8] = []
    try PayloadTemplate.join(text[...], into: &joined) { () throws(StoreError) in rest.removeFirst() }
    #expect(joined == payload)
    #expect(rest.isEmpty)
  }

  @Test("Blocks of several factories come back as they were, packed together or by factory")
  func blocks() throws {
    for seed in 0..<60 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let blocks = try randomBlocks(&random)
      for byFactory in [false, true] {
        var span = SpanPacker(byFactory: byFactory)
        for block in blocks { try span.append(block) }
        #expect(span.records == blocks.reduce(0) { $0 + $1.records })
        let parts = try span.pack(level: 3)
        #expect(span.isEmpty)
        let unpacked = UnpackedRecords(
          merging: try parts.map { try UnpackedRecords($0.content, size: $0.size) })
        var found: [JournalBlock] = []
        try unpacked.forEachBlock { found.append($0) }
        #expect(found.map(\.number) == blocks.map(\.number))
        #expect(found.map(\.content) == blocks.map(\.content), "seed \(seed)")
        #expect(found.map(\.firstReceived) == blocks.map(\.firstReceived))
        #expect(found.map(\.lastReceived) == blocks.map(\.lastReceived))
      }
    }
  }

  @Test("Records that share little are packed at a quick level once they are many, whichever is asked for")
  func manyDifferent() throws {
    var random = SeededGenerator(seed: 9)
    let words = (0..<2000).map { _ in
      String(decoding: (0..<8).map { _ in UInt8(ascii: "a") + UInt8(random.next(26)) }, as: UTF8.self)
    }
    func part(_ blocks: [JournalBlock], _ level: Int32) throws -> SpanPacker.Part {
      var span = SpanPacker(byFactory: false)
      for block in blocks { try span.append(block) }
      return try #require(try span.pack(level: level).first)
    }
    let blocks = try (1...80 as ClosedRange<Int64>).map { number in
      try block(
        number,
        (0..<1000).map { _ in (0..<12).map { _ in words[Int(random.next(2000))] }.joined(separator: " ") })
    }
    // Of two hundred kilobytes a high level is worth it; of nine megabytes it would take a hundred times as long.
    let few = (try part(Array(blocks.prefix(2)), 19), try part(Array(blocks.prefix(2)), 6))
    #expect(few.0.content.count < few.1.content.count)
    let many = (try part(blocks, 19), try part(blocks, 6))
    #expect(many.0.size > 8 << 20)
    #expect(many.0.content == many.1.content)
  }

  /// A block of messages with these payloads, received a millisecond apart.
  private func block(_ number: Int64, _ payloads: [String]) throws -> JournalBlock {
    var builder = try BlockBuilder()
    for (place, payload) in payloads.enumerated() {
      var (topic, payload) = ("factory/F1/E1/status", payload)
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          builder.append(
            .message, flags: [], received: morning + .seconds(number) + .milliseconds(Int64(place) % 1000),
            factory: 1, topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload))
        }
      }
    }
    var made: JournalBlock?
    _ = try builder.seal(number: number, previous: .zero, factoryID: { "F\($0)" }) { block, content in
      made = JournalBlock(
        number: number, firstReceived: block.firstReceived, lastReceived: block.lastReceived,
        records: block.records, hash: block.hash,
        content: try decompress(Array(content), size: block.contentBytes))
      return block.hash
    }
    return try #require(made)
  }

  @Test("A damaged part is corrupt, and nothing worse") func damaged() throws {
    var random = SeededGenerator(seed: 7)
    var span = SpanPacker(byFactory: false)
    for block in try randomBlocks(&random) { try span.append(block) }
    let part = try #require(try span.pack(level: 3).first)
    for _ in 0..<500 {
      var content = part.content
      content[Int(random.next(UInt64(content.count)))] ^= UInt8(1 + random.next(255))
      let error = storeError { _ = try UnpackedRecords(content, size: part.size) }
      #expect(error?.kind == .corrupt)
    }
    // Damage behind the checksum: columns that do not fit one another.
    let columns = try decompress(part.content, size: part.size)
    for _ in 0..<3000 {
      var damaged = columns
      damaged[Int(random.next(UInt64(columns.count)))] ^= UInt8(1 + random.next(255))
      let content = try compress(damaged, level: 1)
      do { _ = try UnpackedRecords(content, size: damaged.count) } catch { #expect(error.kind == .corrupt) }
    }
  }

  private func randomBlocks(_ random: inout SeededGenerator) throws -> [JournalBlock] {
    var blocks: [JournalBlock] = []
    var received = morning
    var builder = try BlockBuilder()
    var hash = SHA256Digest.zero
    let ascending = random.next(3) > 0
    for number in 1...(1 + Int64(random.next(12))) {
      for _ in 0...random.next(8) {
        received = received + .milliseconds(Int64(random.next(4)) - (ascending ? 0 : 2))
        let factory = Int32(random.next(4)) - 1
        let text = ["{\"n\":\(random.next(500))}", "online", "x\(random.next(9))\u{1}", "1.5"][
          Int(random.next(4))]
        var topic = "factory/F\(factory)/E\(random.next(3))/status"
        var payload = text
        topic.withUTF8 { topic in
          payload.withUTF8 { payload in
            builder.append(
              .message, flags: .init(rawValue: UInt8(random.next(3))), received: received, factory: factory,
              topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload))
          }
        }
      }
      hash = try builder.seal(number: number, previous: hash, factoryID: { "F\($0)" }) { block, content in
        blocks.append(
          JournalBlock(
            number: number, firstReceived: block.firstReceived, lastReceived: block.lastReceived,
            records: block.records, hash: block.hash,
            content: try decompress(Array(content), size: block.contentBytes)))
        return block.hash
      }
    }
    return blocks
  }
}
