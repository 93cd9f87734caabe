/// Number formats of spreadsheets, of which those that show days matter here (ECMA-376 part 1, 18.8.30 and 18.8.31).
enum NumberFormat {
  /// Whether a built-in format shows a day. Ids from 27 on are those of Chinese, Japanese and Korean.
  static func showsDay(builtIn id: Int) -> Bool {
    switch id {
    case 14...17, 22, 27...31, 36, 50...54, 57, 58: true
    // 18 to 21, 32 to 35, 45 to 47, 55 and 56 show times.
    default: false
    }
  }

  /// Whether a format shows a year, a month or a day, for instance `yyyy"年"m"月"d"日"`. Formats of times and of
  /// durations, for instance `h:mm` and `[h]:mm`, do not.
  static func showsDay(_ code: String) -> Bool {
    let bytes = Array(code.utf8)
    let lower = code.lowercased()
    guard !["general", "standard"].contains(lower) else { return false }
    var (hasDay, hasMonth, hasTime) = (false, false, false)
    var i = 0
    scan: while i < bytes.count {
      switch bytes[i] | 0x20 {
      case _ where bytes[i] == UInt8(ascii: ";"): break scan
      case _ where bytes[i] == UInt8(ascii: "\""):
        i = bytes[(i + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
      // The character after these is shown, left blank or repeated.
      case _ where [UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*")].contains(bytes[i]): i += 1
      case _ where bytes[i] == UInt8(ascii: "["):
        let end = bytes[i...].firstIndex(of: UInt8(ascii: "]")) ?? bytes.count
        let inner = bytes[(i + 1)..<max(i + 1, end)].map { $0 | 0x20 }
        let isDuration = !inner.isEmpty && inner.allSatisfy { [0x68, 0x6D, 0x73].contains($0) }
        if isDuration { hasTime = true }
        i = end
      case UInt8(ascii: "y"), UInt8(ascii: "d"): hasDay = true
      case UInt8(ascii: "m"): hasMonth = true
      case UInt8(ascii: "h"), UInt8(ascii: "s"): hasTime = true
      case UInt8(ascii: "e"):
        // The year of an era; with a sign after it, an exponent.
        let next = i + 1 < bytes.count ? bytes[i + 1] : 0
        if next != UInt8(ascii: "+"), next != UInt8(ascii: "-") { hasDay = true }
      case UInt8(ascii: "a"):
        // AM/PM and A/P.
        if lower.utf8.dropFirst(i).starts(with: "am/pm".utf8) { i += 4 }
      default: break
      }
      i += 1
    }
    return hasDay || (hasMonth && !hasTime)
  }
}
