/// A record of a workbook before Excel 2007 ([MS-XLS] 2.1.4).
struct BinaryRecord {
  /// Kinds of records that matter here.
  enum Kind {
    static let formula: UInt16 = 0x0006
    static let end: UInt16 = 0x000A
    static let dateMode: UInt16 = 0x0022
    static let password: UInt16 = 0x002F
    static let continuation: UInt16 = 0x003C
    static let codePage: UInt16 = 0x0042
    static let columns: UInt16 = 0x007D
    static let sheet: UInt16 = 0x0085
    static let numbers: UInt16 = 0x00BD
    static let formattedText: UInt16 = 0x00D6
    static let style: UInt16 = 0x00E0
    static let merges: UInt16 = 0x00E5
    static let sharedTexts: UInt16 = 0x00FC
    static let sharedText: UInt16 = 0x00FD
    static let number: UInt16 = 0x0203
    static let text: UInt16 = 0x0204
    static let truthOrError: UInt16 = 0x0205
    static let formulaText: UInt16 = 0x0207
    static let row: UInt16 = 0x0208
    static let shortNumber: UInt16 = 0x027E
    static let format: UInt16 = 0x041E
    static let begin: UInt16 = 0x0809
  }

  let kind: UInt16
  /// Where its content stands in the stream, without continuations.
  let range: Range<Int>
}

/// Passes through the records of a stream.
struct BinaryRecords {
  let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int

  /// The records from an offset on, up to another one or the end.
  init(_ bytes: [UInt8], from position: Int, to end: Int = .max) {
    (self.bytes, self.position, self.end) = (bytes, position, min(end, bytes.count))
  }

  /// The next record; nil at the end, or if the records end within it.
  mutating func next() -> BinaryRecord? {
    guard position >= 0, position + 4 <= end else { return nil }
    let start = position + 4
    let next = start + Int(bytes.u16(position + 2))
    guard next <= end else { return nil }
    defer { position = next }
    return BinaryRecord(kind: bytes.u16(position), range: start..<next)
  }

  /// The parts of a record's content: its own, and those of the continuations after it, which are passed.
  mutating func parts(of record: BinaryRecord) -> [Range<Int>] {
    var parts = [record.range]
    while bytes.u16(position) == BinaryRecord.Kind.continuation, let next = next() {
      parts.append(next.range)
    }
    return parts
  }
}

/// Reads numbers and texts from the content of a record and its continuations.
struct BinaryReader {
  private let bytes: [UInt8]
  private var parts: ArraySlice<Range<Int>>
  private var position: Int
  private var end: Int

  init(_ bytes: [UInt8], _ parts: [Range<Int>]) {
    self.bytes = bytes
    self.parts = parts.dropFirst()
    (position, end) = parts.first.map { ($0.lowerBound, $0.upperBound) } ?? (0, 0)
  }

  private mutating func nextPart() -> Bool {
    guard let next = parts.popFirst() else { return false }
    (position, end) = (next.lowerBound, next.upperBound)
    return true
  }

  mutating func u8() -> UInt8? {
    while position >= end { guard nextPart() else { return nil } }
    position += 1
    return bytes[position - 1]
  }

  mutating func u16() -> UInt16? {
    guard let low = u8(), let high = u8() else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  mutating func u32() -> UInt32? {
    guard let low = u16(), let high = u16() else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }

  mutating func skip(_ count: Int) -> Bool {
    var left = count
    while left > 0 {
      if position >= end { guard nextPart() else { return false } }
      let step = min(left, end - position)
      position += step
      left -= step
    }
    return true
  }

  /// The next bytes, at most `count`.
  mutating func bytes(_ count: Int) -> [UInt8] {
    let found = Array(bytes[position..<min(end, position + count)])
    position += found.count
    return found
  }

  /// A text of Excel 97 and later ([MS-XLS] 2.5.293 and 2.5.296); nil if the record ends within it.
  ///
  /// - Parameter hasShortLength: whether the number of characters is one byte.
  mutating func text(hasShortLength: Bool = false) -> String? {
    guard let count = hasShortLength ? u8().map({ Int($0) }) : u16().map({ Int($0) }), let flags = u8() else {
      return nil
    }
    let runs = flags & 0x08 == 0 ? 0 : u16().map { Int($0) }
    let extra = flags & 0x04 == 0 ? 0 : u32().map { Int($0) }
    guard let runs, let extra, let text = characters(count, isWide: flags & 0x01 != 0),
      skip(4 * runs + extra)
    else { return nil }
    return text
  }

  /// Characters of one or two bytes. A continuation says anew which of both its characters are.
  private mutating func characters(_ count: Int, isWide: Bool) -> String? {
    var isWide = isWide
    var units: [UInt16] = []
    units.reserveCapacity(count)
    while units.count < count {
      if position >= end {
        guard nextPart(), let flags = u8() else { return nil }
        isWide = flags & 0x01 != 0
        continue
      }
      if isWide {
        guard position + 2 <= end else { return nil }
        units.append(bytes.u16(position))
        position += 2
      } else {
        units.append(UInt16(bytes[position]))
        position += 1
      }
    }
    return String(decoding: units, as: UTF16.self)
  }
}
