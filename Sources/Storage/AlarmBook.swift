/// Codes of alarms by number, so that counting them handles no text. A district has a few hundred, and raises
/// them by the million.
public final class AlarmBook {
  /// By number.
  public private(set) var codes: [String] = []
  private var numbers: [String: Int] = [:]
  /// Texts of rows that were looked up before, and the numbers in them; open addressing.
  private var texts: [Text?] = Array(repeating: nil, count: 256)
  private var count = 0

  private struct Text {
    var hash: UInt64
    var bytes: [UInt8]
    var numbers: [Int]
  }

  /// An empty book.
  public init() {}

  /// The number of a code.
  public func number(of code: String) -> Int {
    if let number = numbers[code] { return number }
    codes.append(code)
    numbers[code] = codes.count - 1
    return codes.count - 1
  }

  /// The numbers of the codes in a row's text, each once; see ``AlarmCodes``.
  func numbers(in text: UnsafeRawBufferPointer) -> [Int] {
    if text.isEmpty { return [] }
    let hash = text.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var place = Int(truncatingIfNeeded: hash) & (texts.count - 1)
    while let known = texts[place] {
      if known.hash == hash, known.bytes.elementsEqual(text) { return known.numbers }
      place = (place + 1) & (texts.count - 1)
    }
    let found = Set(AlarmCodes.codes(String(decoding: text, as: UTF8.self))).map(number(of:))
    texts[place] = Text(hash: hash, bytes: Array(text), numbers: found)
    count += 1
    if count * 2 > texts.count { grow() }
    return found
  }

  private func grow() {
    let known = texts.compactMap(\.self)
    texts = Array(repeating: nil, count: texts.count * 2)
    for text in known {
      var place = Int(truncatingIfNeeded: text.hash) & (texts.count - 1)
      while texts[place] != nil { place = (place + 1) & (texts.count - 1) }
      texts[place] = text
    }
  }
}
