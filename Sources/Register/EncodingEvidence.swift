/// Likelihood that bytes were written as the text that an encoding makes of them, on one scale for both encodings.
enum Likelihood: Int {
  /// Not used in writing: a control character, or a Chinese character inside a Latin word.
  case implausible
  /// A Chinese character that GB 2312 has not.
  case rare
  /// UTF-8: rare letters, letters of two scripts in a word, or capital and small letters mixed.
  case unlikely
  /// UTF-8: a single letter with a mark, or a word with a letter of a rare language.
  case possible
  /// UTF-8: a word of two letters, or a sign that occurs in text. GB18030: characters of GB 2312.
  case plausible
  /// GB18030: characters that occur in names of machines.
  case likely
  /// UTF-8: a word of one script, a technical sign in its place, or common Chinese characters.
  case typical
}

/// Evidence for each encoding in the words of a text.
///
/// Validity proves little: the GB18030 bytes of 压装 are valid UTF-8 (`ѹװ`), and most UTF-8 is valid GB18030. A word
/// is evidence if it is valid in one encoding only, or if its likelihoods are two levels apart:
///
/// | bytes | UTF-8 | GB18030 | evidence for |
/// |---|---|---|---|
/// | `CNC` C4 A5 | `CNCĥ`, unlikely | `CNC磨`, likely | GB18030 |
/// | `M` C3 BC `ller` | `Müller`, typical | `M眉ller`, implausible | UTF-8 |
/// | CE BB `1` | `λ1`, typical | `位1`, likely | neither |
struct EncodingEvidence {
  /// Evidence for UTF-8: ``strong`` or 1 for each word.
  private(set) var utf8 = 0
  /// Evidence for GB18030: ``strong`` or 1 for each word.
  private(set) var gb18030 = 0
  /// Whether a word is plausible text in UTF-8 and not valid in GB18030.
  private(set) var hasOnlyUTF8 = false
  /// Whether a word is plausible text in GB18030 and not valid in UTF-8.
  private(set) var hasOnlyGB18030 = false

  /// Evidence of a word whose likelihoods are four levels apart, or that is plausible and valid in one encoding only.
  static let strong = 4

  /// No evidence.
  init() {}

  /// The evidence in `bytes` from `range`, which begins and ends between lines.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    bytes.withUnsafeBufferPointer { bytes in
      var end = range.lowerBound
      while let word = Self.nextWord(from: end, in: bytes, range) {
        weigh(word, bytes)
        end = word.upperBound
      }
    }
  }

  /// Adds the evidence of another line.
  mutating func add(_ other: EncodingEvidence) {
    utf8 += other.utf8
    gb18030 += other.gb18030
    if other.hasOnlyUTF8 { hasOnlyUTF8 = true }
    if other.hasOnlyGB18030 { hasOnlyGB18030 = true }
  }

  /// The encoding for which the evidence is sufficient; nil if it is not.
  ///
  /// A word that is valid in one encoding only decides. Otherwise an encoding needs four times the evidence of the
  /// other.
  var encoding: TextEncoding? {
    if hasOnlyUTF8 != hasOnlyGB18030 { return hasOnlyUTF8 ? .utf8 : .gb18030 }
    let larger: TextEncoding = utf8 > gb18030 ? .utf8 : .gb18030
    if hasOnlyUTF8 { return larger }
    return max(utf8, gb18030) > 0 && max(utf8, gb18030) >= 4 * min(utf8, gb18030) ? larger : nil
  }

  /// The next run of bytes above ASCII, letters, digits and other bytes that can be part of a GB18030 character,
  /// if one of them is above ASCII.
  private static func nextWord(
    from start: Int, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Range<Int>? {
    guard let high = bytes[start..<range.upperBound].firstIndex(where: { $0 >= 0x80 }) else { return nil }
    func isPart(_ byte: UInt8) -> Bool { byte.isDigit || (byte >= 0x40 && byte != 0x7F) }
    var first = high
    while first > start, isPart(bytes[first - 1]) { first -= 1 }
    var end = high + 1
    while end < range.upperBound, isPart(bytes[end]) { end += 1 }
    return first..<end
  }

  private mutating func weigh(_ word: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) {
    let asUTF8 = UTF8Word(bytes, word)?.likelihood
    let asGB18030 = GB18030Word(bytes, word)?.likelihood
    switch (asUTF8, asGB18030) {
    case (nil, nil): break
    case (let found?, nil):
      if found.rawValue >= Likelihood.possible.rawValue { hasOnlyUTF8 = true }
      utf8 += Self.evidence(ofOnly: found)
    case (nil, let found?):
      if found.rawValue >= Likelihood.possible.rawValue { hasOnlyGB18030 = true }
      gb18030 += Self.evidence(ofOnly: found)
    case (let first?, let second?):
      let levels = first.rawValue - second.rawValue
      guard abs(levels) >= 2 else { break }
      let evidence = abs(levels) >= 4 ? Self.strong : 1
      if levels > 0 { utf8 += evidence } else { gb18030 += evidence }
    }
  }

  /// Evidence of a word that is valid in one encoding only.
  private static func evidence(ofOnly found: Likelihood) -> Int {
    switch found {
    case .implausible: 0
    case .rare, .unlikely: 1
    default: strong
    }
  }
}

extension UInt8 {
  var isLetter: Bool { (0x41...0x5A).contains(self) || isSmallLetter }
  var isSmallLetter: Bool { (0x61...0x7A).contains(self) }
  var isDigit: Bool { (0x30...0x39).contains(self) }
}
