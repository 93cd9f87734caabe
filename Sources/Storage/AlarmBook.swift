/// Codes of alarms by number, so that counting them handles no text. A district has a few hundred, and raises
/// them by the million.
public final class AlarmBook {
  /// By number.
  public private(set) var codes: [String] = []
  private var numbers: [String: Int] = [:]
  private var texts = AlarmTexts()

  /// An empty book.
  public init() {}

  /// The number of a code.
  public func number(of code: String) -> Int {
    if let number = numbers[code] { return number }
    codes.append(code)
    numbers[code] = codes.count - 1
    return codes.count - 1
  }

  /// The number of a row's text; see ``AlarmCodes``.
  @inline(__always)
  package func number(ofText text: UnsafeRawBufferPointer) -> Int {
    if text.isEmpty { return 0 }
    return texts.number(of: text) ?? add(text)
  }

  private func add(_ text: UnsafeRawBufferPointer) -> Int {
    let codes = Set(AlarmCodes.codes(String(decoding: text, as: UTF8.self))).map(number(of:))
    return texts.add(text, codes: codes)
  }

  /// Calls `body` with every code in one text that is not in another, both by number.
  @inline(__always)
  package func forEachCode(in text: Int, notIn other: Int, _ body: (Int) -> Void) {
    for code in texts.codes[text] where other == 0 || !texts.codes[other].contains(code) { body(code) }
  }
}

/// Texts of alarm rows that were met, by number, 0 being the empty one.
private struct AlarmTexts {
  /// By number: the numbers of the codes in it, each once.
  private(set) var codes: [[Int]] = [[]]
  /// By number: its bytes, where they are more than a word.
  private var long: [[UInt8]] = [[]]
  /// Open addressing by hash; number 0 marks a free place.
  private var places: [Place] = Array(repeating: Place(), count: 512)

  private struct Place {
    /// The text itself when it has at most eight bytes, else its hash.
    var word: UInt64 = 0
    var length: Int32 = 0
    var number: Int32 = 0
  }

  private static func word(of text: UnsafeRawBufferPointer) -> UInt64 {
    if text.count == 8 { return text.loadUnaligned(as: UInt64.self) }
    var word: UInt64 = text.count < 8 ? 0 : 0xCBF2_9CE4_8422_2325
    if text.count < 8 {
      for byte in text { word = word << 8 | UInt64(byte) }
    } else {
      for byte in text { word = (word ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return word
  }

  private func start(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 40) & (places.count - 1)
  }

  func number(of text: UnsafeRawBufferPointer) -> Int? {
    let word = Self.word(of: text)
    var place = start(word)
    while places[place].number != 0 {
      let found = places[place]
      if found.word == word, found.length == text.count,
        text.count <= 8 || long[Int(found.number)].elementsEqual(text)
      {
        return Int(found.number)
      }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }

  /// Adds a text that is not there; returns its number.
  mutating func add(_ text: UnsafeRawBufferPointer, codes: [Int]) -> Int {
    let number = self.codes.count
    self.codes.append(codes)
    long.append(text.count > 8 ? Array(text) : [])
    if number * 2 > places.count {
      let known = places.filter { $0.number != 0 }
      places = Array(repeating: Place(), count: places.count * 2)
      for one in known { put(one) }
    }
    put(
      Place(
        word: Self.word(of: text), length: Int32(clamping: text.count), number: Int32(clamping: number)))
    return number
  }

  private mutating func put(_ one: Place) {
    var place = start(one.word)
    while places[place].number != 0 { place = (place + 1) & (places.count - 1) }
    places[place] = one
  }
}

/// Alarm codes in a column: separated by U+001F, which is taken out of the codes themselves.
package enum AlarmCodes {
  private static let separator: Character = "\u{1F}"

  package static func text(_ codes: [String]) -> String {
    codes.map { String($0.map { $0 == separator ? " " : $0 }) }.joined(separator: String(separator))
  }

  package static func codes(_ text: String) -> [String] {
    text.isEmpty ? [] : text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
