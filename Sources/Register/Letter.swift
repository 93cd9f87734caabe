/// A letter of an alphabet, or a mark that belongs to the letter before it.
struct Letter {
  /// Scripts whose letters occur beside each other.
  enum Script { case latin, greek, cyrillic, other }
  /// Kinds of letters.
  enum Form { case capital, small, neither }

  let script: Script
  let form: Form
  /// Whether it is not in ASCII.
  let isMarked: Bool
  /// Whether a European language or Vietnamese is written with it.
  let isKnown: Bool

  /// Whether it is a small letter of the Latin script that common languages use, with or without a mark.
  var isSmallLatin: Bool { script == .latin && form == .small && isKnown }

  /// The letter `scalar`; nil for other characters.
  init?(_ scalar: UInt32) {
    if scalar < 0x80 {
      guard UInt8(scalar).isLetter else { return nil }
      (script, isMarked, isKnown) = (.latin, false, true)
      form = UInt8(scalar).isSmallLetter ? .small : .capital
      return
    }
    guard let unicode = Unicode.Scalar(scalar), !(0x2000...0xFFFFF).contains(scalar) else { return nil }
    let properties = unicode.properties
    switch scalar {
    // Marks that are written after the letter in decomposed text. The others are no part of common languages.
    case 0x300...0x304, 0x306...0x309, 0x30A...0x30C, 0x31B: (script, isKnown) = (.latin, true)
    case 0xAA, 0xB5, 0xBA, 0x2B0...0x36F: return nil
    case 0xC0...0x24F, 0x1E00...0x1EFF: (script, isKnown) = (.latin, Self.known[Int(scalar)])
    case 0x250...0x2AF: (script, isKnown) = (.latin, false)
    case 0x386...0x3CE, 0x1F00...0x1FFF: (script, isKnown) = (.greek, true)
    case 0x370...0x3FF: (script, isKnown) = (.greek, false)
    case 0x400...0x45F, 0x490, 0x491: (script, isKnown) = (.cyrillic, true)
    case 0x460...0x52F: (script, isKnown) = (.cyrillic, false)
    case 0x530...0x1FFF: (script, isKnown) = (.other, false)
    default: return nil
    }
    let isCombining = (0x300...0x36F).contains(scalar)
    // Marks and vowel signs are parts of words of other scripts.
    guard
      isCombining || properties.isAlphabetic
        || (script == .other && properties.generalCategory == .nonspacingMark)
    else { return nil }
    isMarked = true
    form = properties.isUppercase ? .capital : properties.isLowercase ? .small : .neither
  }

  /// One element for each character below U+1F00.
  private static let known: [Bool] = {
    var known = [Bool](repeating: false, count: 0x1F00)
    let letters =
      "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŸŒœ"
      + "ĄąĆćĘęŁłŃńŚśŹźŻżČčĎďĚěŇňŘřŠšŤťŮůŽžĹĺĽľŔŕŐőŰűĂăȘșȚțŞşŢţĞğİıĐđĨĩŨũƠơƯưĀāĒēĖėĢĪīĮįĶĻļŅņŪūŲų"
    for letter in letters.unicodeScalars { known[Int(letter.value)] = true }
    // Vietnamese.
    for letter in 0x1EA0...0x1EF9 { known[letter] = true }
    return known
  }()
}

/// Rules of capital and small letters in a word.
enum LetterCase {
  /// Whether marked letters have the case of their neighbours, as in `small`, `Capital` and `CAPITAL`.
  ///
  /// A marked small letter must not follow two capitals or precede one; a marked capital must not follow a small letter.
  static func isRegular(_ letters: [Letter]) -> Bool {
    let forms = letters.filter { $0.form != .neither }
    for i in forms.indices where forms[i].isMarked {
      let before = i > 0 ? forms[i - 1].form : nil
      let after = i + 1 < forms.count ? forms[i + 1].form : nil
      switch forms[i].form {
      case .small:
        if after == .capital { return false }
        if before == .capital, i > 1, forms[i - 2].form == .capital { return false }
      default:
        if before == .small { return false }
      }
    }
    return true
  }
}
