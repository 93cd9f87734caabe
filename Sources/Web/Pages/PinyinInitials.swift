import Glibc

/// First letters of the pinyin of Chinese names: `渝北精密` is found by `ybjm`.
///
/// The 3,755 common characters (GB 2312, level 1) are in the order of their pinyin, so that the code tells the letter.
/// Other characters have none.
package enum PinyinInitials {
  /// The first code of each letter; I, U and V begin no syllable.
  private static let starts: [(code: Int, letter: Character)] = [
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"),
  ]
  private static let end = 0xD7FA

  /// The initials of a name in lower case; letters and digits stand for themselves.
  package static func of(_ name: String) -> String {
    var initials = ""
    for character in name {
      if character.isASCII {
        if character.isLetter || character.isNumber { initials += character.lowercased() }
      } else if let letter = letter(of: character) {
        initials.append(letter)
      }
    }
    return initials
  }

  private static func letter(of character: Character) -> Character? {
    guard let code = code(of: character), code < end else { return nil }
    return starts.last { $0.code <= code }?.letter
  }

  /// The code in GB 2312; nil if it has none or the system cannot convert.
  private static func code(of character: Character) -> Int? {
    let converter = iconv_open("GB2312", "UTF-8")
    guard converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }
    var input = Array(String(character).utf8).map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: 8)
    let (given, room) = (input.count, output.count)
    let written = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output -> Int? in
        var (from, left) = (input.baseAddress, given)
        var (to, free) = (output.baseAddress, room)
        return iconv(converter, &from, &left, &to, &free) == 0 ? room - free : nil
      }
    }
    guard written == 2 else { return nil }
    return Int(UInt8(bitPattern: output[0])) << 8 | Int(UInt8(bitPattern: output[1]))
  }
}
