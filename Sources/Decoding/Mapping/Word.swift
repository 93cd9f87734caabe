import Telemetry

/// A value as it is written in a source's settings: a number, a truth value, or text in any language.
///
/// Values of messages are compared with it as users expect. A number equals the text that writes it (`1`, `1.0` and
/// `"1"`); true and false equal 1 and 0; letter case of ASCII and white space around text do not matter.
public struct Word: Hashable, Sendable {
  /// The number that the word writes.
  enum Number: Hashable, Sendable {
    case whole(Int64)
    case other(Double)
  }

  /// The word as written.
  public let text: String
  let number: Number?
  /// The text without white space around it, its ASCII letters in lower case.
  let folded: [UInt8]

  /// The word of a text.
  public init(_ text: String) {
    self.text = text
    var copy = text
    (number, folded) = copy.withUTF8 { bytes in
      let trimmed = UnsafeRawBufferPointer(bytes).trimmed
      let folded = trimmed.map(\.foldedASCII)
      return (Self.number(trimmed) ?? Self.truth(folded), folded)
    }
  }

  private static func number(_ text: UnsafeRawBufferPointer) -> Number? {
    guard PlainNumber.isNumber(text) else { return nil }
    if let whole = PlainNumber.integer(text) { return .whole(whole) }
    guard let number = PlainNumber.double(text), number.isFinite else { return nil }
    return Int64(exactly: number).map(Number.whole) ?? .other(number)
  }

  private static func truth(_ folded: [UInt8]) -> Number? {
    if folded == Array("true".utf8) { return .whole(1) }
    return folded == Array("false".utf8) ? .whole(0) : nil
  }

  public static func == (a: Word, b: Word) -> Bool {
    if a.number != nil || b.number != nil { return a.number == b.number }
    return a.folded == b.folded
  }

  public func hash(into hasher: inout Hasher) {
    if let number { hasher.combine(number) } else { hasher.combine(folded) }
  }
}

/// Words in the order of the settings, each with its place. Finds the word that a value of a message equals, without
/// allocating.
public struct WordList: Equatable, Sendable {
  private struct Whole {
    var number: Int64
    var place: Int
  }
  private struct Other {
    var number: Double
    var place: Int
  }
  private struct Text {
    var start: Int
    var length: Int
    var place: Int
  }

  /// The words by kind, in one object: a copy of a list counts one reference.
  private final class Index: Sendable {
    let words: [Word]
    let wholes: ContiguousArray<Whole>
    let others: ContiguousArray<Other>
    let texts: ContiguousArray<Text>
    /// The texts one after the other.
    let bytes: ContiguousArray<UInt8>
    let hasNumbers: Bool

    init(_ words: [Word]) {
      var wholes: ContiguousArray<Whole> = []
      var others: ContiguousArray<Other> = []
      var texts: ContiguousArray<Text> = []
      var bytes: ContiguousArray<UInt8> = []
      for (place, word) in words.enumerated() {
        switch word.number {
        case .whole(let number): wholes.append(Whole(number: number, place: place))
        case .other(let number): others.append(Other(number: number, place: place))
        case nil:
          texts.append(Text(start: bytes.count, length: word.folded.count, place: place))
          bytes += word.folded
        }
      }
      self.words = words
      self.wholes = wholes
      self.others = others
      self.texts = texts
      self.bytes = bytes
      hasNumbers = !wholes.isEmpty || !others.isEmpty
    }
  }

  private var index = Index([])

  /// The words in order; equal ones occur once.
  public var words: [Word] { index.words }

  /// A list without words.
  public init() {}

  public static func == (a: WordList, b: WordList) -> Bool { a.index === b.index || a.words == b.words }

  /// Adds a word, unless it is there; returns its place.
  public mutating func add(_ word: Word) -> Int {
    if let place = words.firstIndex(of: word) { return place }
    index = Index(words + [word])
    return words.count - 1
  }

  /// Returns the place of the word that a value equals; nil if there is none.
  @inline(__always)
  public func place(of value: FieldValue) -> Int? {
    switch value {
    case .integer(let number): return place(of: number)
    case .boolean(let value): return place(of: value ? 1 : 0)
    case .text(let text):
      if let place = place(ofText: text) { return place }
      return index.hasNumbers ? place(ofNumberText: text) : nil
    default: return place(ofOther: value)
    }
  }

  @inline(__always)
  private func place(of number: Int64) -> Int? {
    for at in 0..<index.wholes.count where index.wholes[at].number == number { return index.wholes[at].place }
    return nil
  }

  private func place(ofText text: UnsafeRawBufferPointer) -> Int? {
    let text = text.trimmed
    for number in 0..<index.texts.count where index.texts[number].length == text.count {
      let word = index.texts[number]
      var at = 0
      while at < text.count, index.bytes[word.start + at] == text[at].foldedASCII { at += 1 }
      if at == text.count { return word.place }
    }
    return nil
  }

  @inline(never)
  private func place(ofNumberText text: UnsafeRawBufferPointer) -> Int? {
    let text = text.trimmed
    if PlainNumber.isNumber(text) {
      return PlainNumber.integer(text).map(place(of:)) ?? place(ofOther: .decimal(text))
    }
    if text.folds(to: "true") { return place(of: 1) }
    return text.folds(to: "false") ? place(of: 0) : nil
  }

  @inline(never)
  private func place(ofOther value: FieldValue) -> Int? {
    if let whole = value.wholeNumber { return place(of: whole) }
    let number: Double? =
      switch value {
      case .double(let number): number
      case .decimal(let text): PlainNumber.double(text)
      default: nil
      }
    return number.flatMap { number in index.others.first { $0.number == number }?.place }
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes without ASCII white space around them.
  @inline(__always)
  var trimmed: UnsafeRawBufferPointer {
    var (start, end) = (0, count)
    while start < end, self[start] <= 0x20 { start += 1 }
    while end > start, self[end - 1] <= 0x20 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes with ASCII letters in lower case equal an ASCII word in lower case.
  func folds(to word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    return indices.allSatisfy { self[$0].foldedASCII == word.utf8Start[$0] }
  }
}

extension UInt8 {
  /// The lower-case letter of an ASCII letter; any other byte itself.
  @inline(__always)
  var foldedASCII: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
