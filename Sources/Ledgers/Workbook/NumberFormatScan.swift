extension NumberFormat {
  /// The parts of a format's code.
  struct Scan {
    private(set) var dates: [DatePiece] = []
    private(set) var hasDuration = false
    private var digitPieces: [DigitPiece] = []
    /// Whether the format changes digits otherwise than by zeros and words.
    private var isOtherNumber = false
    private var words: [UInt8] = []

    /// The general format, also as Chinese programs name it.
    private static let general = ["general", "standard", "G/通用格式"].map { Array($0.utf8) }

    init(_ bytes: [UInt8]) {
      var i = 0
      scan: while i < bytes.count {
        switch bytes[i] {
        case UInt8(ascii: ";"): break scan
        case UInt8(ascii: "\""):
          let end = bytes[(i + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
          words += bytes[(i + 1)..<end]
          i = end
        // The character after these is shown.
        case UInt8(ascii: "\\"), UInt8(ascii: "!"):
          i += 1
          if i < bytes.count { words.append(bytes[i]) }
        // The character after these is left blank or repeated.
        case UInt8(ascii: "_"), UInt8(ascii: "*"): i += 1
        case UInt8(ascii: "["):
          let end = bytes[i...].firstIndex(of: UInt8(ascii: "]")) ?? bytes.count
          let inner = bytes[(i + 1)..<max(i + 1, end)].map { $0 | 0x20 }
          if !inner.isEmpty, inner.allSatisfy({ [0x68, 0x6D, 0x73].contains($0) }) { hasDuration = true }
          i = end
        default:
          if let name = Self.general.first(where: { Self.begins(bytes[i...], $0) }) {
            // The number as it stands.
            endWords()
            digitPieces.append(.zero)
            i += name.count - 1
          } else {
            i = letter(bytes, i)
          }
        }
        i += 1
      }
      endWords()
    }

    /// Whether bytes begin with a word in any letter case.
    private static func begins(_ bytes: ArraySlice<UInt8>, _ word: some Sequence<UInt8>) -> Bool {
      bytes.starts(with: word, by: { $0 | 0x20 == $1 | 0x20 })
    }

    /// Reads a letter or sign of a format and those that belong to it; returns the offset of the last.
    private mutating func letter(_ bytes: [UInt8], _ start: Int) -> Int {
      let byte = bytes[start] | 0x20
      var end = start
      while end + 1 < bytes.count, bytes[end + 1] | 0x20 == byte { end += 1 }
      let width = end - start + 1
      switch byte {
      case UInt8(ascii: "y"): add(.year(width))
      case UInt8(ascii: "m"): add(.month(width))
      case UInt8(ascii: "d"): add(.day(width))
      case UInt8(ascii: "h"): add(.hour)
      case UInt8(ascii: "s"): add(.second)
      case UInt8(ascii: "e"):
        // The year of an era; with a sign after it, an exponent.
        let next = end + 1 < bytes.count ? bytes[end + 1] : 0
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
          isOtherNumber = true
        } else {
          add(.year(4))
        }
      case UInt8(ascii: "a"):
        // AM/PM, and weekdays from three letters on.
        if Self.begins(bytes[start...], "am/pm".utf8) { return start + 4 }
        if Self.begins(bytes[start...], "a/p".utf8) { return start + 2 }
        if width > 2 { add(.day(width)) } else { words += bytes[start...end] }
      default:
        for byte in bytes[start...end] { add(byte) }
      }
      return end
    }

    /// Adds a sign of a number, or one that is shown as it stands.
    private mutating func add(_ byte: UInt8) {
      switch byte {
      case UInt8(ascii: "0"), UInt8(ascii: "#"):
        endWords()
        digitPieces.append(byte == UInt8(ascii: "0") ? .zero : .optional)
      case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "@"),
        UInt8(ascii: "/"):
        isOtherNumber = true
        words.append(byte)
      default: words.append(byte)
      }
    }

    private mutating func add(_ piece: DatePiece) {
      endWords()
      dates.append(piece)
    }

    private mutating func endWords() {
      guard !words.isEmpty else { return }
      let text = String(decoding: words, as: UTF8.self)
      words = []
      dates.append(.words(text))
      digitPieces.append(.words(text))
    }

    /// The parts of a day and a time: an `m` beside hours or seconds is one of minutes.
    var withMinutes: [DatePiece] {
      func isWords(_ piece: DatePiece) -> Bool { if case .words = piece { true } else { false } }
      return dates.indices.map { place in
        guard case .month(let width) = dates[place], width < 3 else { return dates[place] }
        let before = dates[..<place].last { !isWords($0) }
        let after = dates[(place + 1)...].first { !isWords($0) }
        return hasDuration || before == .hour || after == .second ? .minute : dates[place]
      }
    }

    /// The format of digits; nil if it adds neither zeros nor words, or changes the number otherwise.
    var digits: [DigitPiece]? {
      let zeros = digitPieces.count { $0 == .zero }
      let hasWords = digitPieces.contains {
        if case .words(let words) = $0 { !words.trimmingSpaces.isEmpty } else { false }
      }
      return !isOtherNumber && zeros > 0 && (zeros > 1 || hasWords) ? digitPieces : nil
    }
  }
}
