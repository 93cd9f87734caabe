/// A run of bytes read as GB18030.
struct GB18030Word {
  private(set) var likelihood = Likelihood.likely

  /// Chinese characters that name machines, parts, materials and places of a factory, and whose bytes are in UTF-8 a
  /// Latin or Greek letter or a sign.
  private static let trade = Set(
    "楼炉路漏鲁录陆锚毛铆帽猫煤镁模膜磨摩抹末墨沫木目母幕拧牛扭钮纽浓农女糯欧藕偶啤漂危围维委位未尾纬味喂为伟微"
      .unicodeScalars.map(\.value))

  /// Reads `range`; nil if it is not valid GB18030.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    var i = range.lowerBound
    // Start of the current run of Chinese characters, and number of those before `i` with the same first byte.
    var run = i
    var sameLead = 0
    while i < range.upperBound {
      let lead = bytes[i]
      guard lead >= 0x80 else {
        i += 1
        (run, sameLead) = (i, 0)
        continue
      }
      guard (0x81...0xFE).contains(lead), i + 1 < range.upperBound else { return nil }
      let trail = bytes[i + 1]
      let length = trail.isDigit ? 4 : 2
      guard i + length <= range.upperBound else { return nil }
      if length == 4 {
        guard (0x81...0xFE).contains(bytes[i + 2]), bytes[i + 3].isDigit else { return nil }
        lower(to: .plausible)
      } else {
        guard trail >= 0x40, trail != 0x7F, trail != 0xFF else { return nil }
        lower(to: Self.likelihood(lead, trail))
      }
      sameLead = i > run && bytes[i - 2] == lead ? sameLead + 1 : 1
      // The characters are ordered by pronunciation, so that a word rarely has three with the same first byte.
      if sameLead > 2 { lower(to: .plausible) }
      i += length
      let isAfterLetter = run > range.lowerBound && bytes[run - 1].isLetter
      if isAfterLetter, i < range.upperBound, bytes[i].isSmallLetter { lower(to: .implausible) }
    }
  }

  private mutating func lower(to other: Likelihood) {
    if other.rawValue < likelihood.rawValue { likelihood = other }
  }

  private static func likelihood(_ lead: UInt8, _ trail: UInt8) -> Likelihood {
    switch (lead, trail) {
    // Punctuation, numbered signs, wide forms.
    case (0xA1...0xA3, 0xA1...0xFE): .likely
    case (0xC2...0xD7, 0xA1...0xBF):
      CommonHan.scalar(lead, trail).map(trade.contains) == true ? .likely : .plausible
    case (0xD7, 0xFA...0xFE): .rare
    case (0xB0...0xF7, 0xA1...0xFE): .plausible
    // Characters that GB 2312 has not.
    default: .rare
    }
  }
}
