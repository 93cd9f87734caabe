/// Spaces in Chinese text: one where Chinese meets Latin letters or digits, and none between two Chinese words.
extension String {
  /// This text and the next one: with a space between two words of Latin letters, and where they meet Chinese.
  func joinedChinese(_ next: String) -> String {
    guard let last, let first = next.first else { return self + next }
    let bothLatin = last.isLatin && first.isLatin
    return self + (bothLatin ? " " : Self.chineseSpace(last, first)) + next
  }

  /// A space if one of the two is Chinese and the other a Latin letter or a digit.
  static func chineseSpace(_ a: Character?, _ b: Character?) -> String {
    guard let a, let b else { return "" }
    return a.isHan && b.isLatin || a.isLatin && b.isHan ? " " : ""
  }
}

extension Character {
  fileprivate var isHan: Bool { unicodeScalars.first?.properties.isIdeographic ?? false }
  /// Latin as names of firms have it, with accents too.
  fileprivate var isLatin: Bool { (isLetter || isNumber) && !isHan }
}
