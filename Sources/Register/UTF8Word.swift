/// A run of bytes read as UTF-8.
struct UTF8Word {
  private var scalars: [UInt32] = []

  /// Reads `range`; nil if it is not valid UTF-8.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    scalars.reserveCapacity(range.count)
    var i = range.lowerBound
    while i < range.upperBound {
      if bytes[i] < 0x80 {
        scalars.append(UInt32(bytes[i]))
        i += 1
        continue
      }
      let length = UTF8Form.sequence(at: i, in: bytes, end: range.upperBound)
      guard length > 0 else { return nil }
      scalars.append(UTF8Form.scalar(at: i, length: length, in: bytes))
      i += length
    }
  }

  /// Likelihood of the least likely group of letters or sign.
  var likelihood: Likelihood {
    var least = Likelihood.typical
    var i = 0
    while i < scalars.count {
      let end = endOfLetters(from: i)
      if end > i {
        if scalars[i..<end].contains(where: { $0 >= 0x80 }) {
          least = Self.lesser(least, likelihood(ofLetters: i..<end))
        }
        i = end
      } else {
        if scalars[i] >= 0x80 { least = Self.lesser(least, likelihood(ofSignAt: i)) }
        i += 1
      }
    }
    return least
  }

  private static func lesser(_ a: Likelihood, _ b: Likelihood) -> Likelihood {
    a.rawValue < b.rawValue ? a : b
  }

  /// End of the letters that begin at `start`; `start` if there are none.
  private func endOfLetters(from start: Int) -> Int {
    var end = start
    while end < scalars.count, !isSign(at: end), Letter(scalars[end]) != nil { end += 1 }
    return end
  }

  /// Whether a Greek letter or `ø` is a sign for a size or unit: no letter of its script is beside it.
  private func isSign(at i: Int) -> Bool {
    switch scalars[i] {
    case 0xD8, 0xF8: return i + 1 < scalars.count && scalars[i + 1].isASCIIDigit
    case 0x391...0x3C9: break
    default: return false
    }
    func isGreek(_ j: Int) -> Bool { scalars.indices.contains(j) && (0x370...0x3FF).contains(scalars[j]) }
    return !isGreek(i - 1) && !isGreek(i + 1)
  }

  /// Likelihood of adjacent letters, one of which is not in ASCII.
  private func likelihood(ofLetters range: Range<Int>) -> Likelihood {
    let letters = scalars[range].compactMap { Letter($0) }
    let script = letters[0].script
    guard letters.allSatisfy({ $0.script == script }), LetterCase.isRegular(letters) else { return .unlikely }
    let isKnown = letters.allSatisfy(\.isKnown)
    guard letters.count > 1 else { return likelihood(of: letters[0], at: range.lowerBound) }
    guard letters.count > 2 else { return isKnown ? .plausible : .unlikely }
    switch script {
    case .latin:
      let isInside = letters.indices.dropFirst().dropLast().contains { i in
        letters[i].isMarked && letters[i].form == .small
          && letters[i - 1].isSmallLatin && letters[i + 1].isSmallLatin
      }
      guard isKnown else { return isInside ? .possible : .unlikely }
      let hasVowel = scalars[range].contains(where: \.isPlainVowel)
      // A marked vowel replaces a plain one in words such as `été`.
      let isWord =
        letters.count(where: { !$0.isMarked }) > 1
        ? hasVowel : letters.contains { !$0.isMarked && $0.isSmallLatin }
      return isWord || isInside ? .typical : .plausible
    case .greek, .cyrillic: return isKnown ? .typical : .unlikely
    case .other: return .plausible
    }
  }

  /// Likelihood of a letter that has no other letter beside it.
  private func likelihood(of letter: Letter, at i: Int) -> Likelihood {
    guard letter.isKnown, letter.form != .neither else { return .unlikely }
    if letter.script == .cyrillic { return .plausible }
    let isBesideDigit =
      (i > 0 && scalars[i - 1].isASCIIDigit) || (i + 1 < scalars.count && scalars[i + 1].isASCIIDigit)
    return isBesideDigit && letter.form == .small ? .unlikely : .possible
  }

  /// Likelihood of a character that is no letter, or of a letter that is used as a sign.
  private func likelihood(ofSignAt i: Int) -> Likelihood {
    let before = i > 0 ? scalars[i - 1] : nil
    let after = i + 1 < scalars.count ? scalars[i + 1] : nil
    let followsDigit = before?.isASCIIDigit == true
    let followsLetterOrDigit = followsDigit || before?.isASCIILetter == true
    let precedesDigit = after?.isASCIIDigit == true
    let precedesLetterOrDigit = precedesDigit || after?.isASCIILetter == true
    switch scalars[i] {
    case 0x80...0x9F, 0x3A2: return .implausible
    // No-break space, degree, micro, multiplication, diameter.
    case 0xA0, 0xB0, 0xB5, 0xD7, 0xD8, 0xF8: return .typical
    // Squared, cubed, ordinals.
    case 0xAA, 0xB2, 0xB3, 0xB9, 0xBA:
      return followsLetterOrDigit ? .typical : precedesLetterOrDigit ? .unlikely : .plausible
    case 0xB1: return precedesDigit ? .typical : .plausible
    case 0xAE: return before?.isASCIILetter == true ? .typical : .plausible
    // Currencies before an amount, or as a unit.
    case 0xA2, 0xA3, 0xA5:
      return !followsLetterOrDigit && (precedesDigit || after == nil) ? .typical : .unlikely
    case 0xB7: return followsLetterOrDigit && precedesLetterOrDigit ? .typical : .unlikely
    case 0xBC...0xBE: return followsDigit ? .typical : .plausible
    // Quotation marks, and marks at the beginning of a Spanish sentence.
    case 0xA1, 0xAB, 0xBF: return after.map { Letter($0) != nil } == true ? .typical : .unlikely
    case 0xBB: return before.map { Letter($0) != nil } == true ? .typical : .unlikely
    case 0xA7, 0xA9, 0xF7: return .plausible
    case 0xA1...0xBF: return .unlikely
    // Greek letters for diameters, resistances, millionths, angles, wavelengths.
    case 0x394, 0x3A3, 0x3A6, 0x3A9, 0x3B1...0x3B4, 0x3BB, 0x3BC, 0x3C0, 0x3C6:
      let isSymbol = [0x394, 0x3A6, 0x3A9, 0x3B1, 0x3BC].contains(scalars[i])
      return isSymbol || before?.isASCIILetter != true ? .typical : .possible
    case 0x391...0x3A9, 0x3B5...0x3C9: return before?.isASCIILetter == true ? .possible : .plausible
    case 0x4E00...0x9FFF: return CommonHan.contains(scalars[i]) ? .typical : .plausible
    // Punctuation, signs, Japanese, Korean, wide forms, pictures.
    case 0x2000...0x2BFF, 0x3000...0x33FF, 0xAC00...0xD7A3, 0xFF00...0xFFEF, 0xFEFF, 0x1F000...0x1FBFF:
      return .typical
    case 0x3400...0x4DBF, 0xF900...0xFAFF, 0xFE00...0xFE0F, 0xFFFD, 0x20000...0x3FFFF, 0xE0000...0xE007F:
      return .plausible
    // Phonetic letters, marks without a letter, others.
    default: return .unlikely
    }
  }
}

extension UInt32 {
  fileprivate var isASCIILetter: Bool { self < 0x80 && UInt8(self).isLetter }
  /// Whether it is A, E, I, O, U or Y without a mark.
  fileprivate var isPlainVowel: Bool {
    switch self | 0x20 {
    case 0x61, 0x65, 0x69, 0x6F, 0x75, 0x79: true
    default: false
    }
  }
  fileprivate var isASCIIDigit: Bool { self < 0x80 && UInt8(self).isDigit }
}
