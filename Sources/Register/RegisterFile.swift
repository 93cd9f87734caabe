import Glibc

/// A file of an import as it lies on disk.
public struct RegisterFile: Sendable {
  /// Its name, as the user gave it: errors begin with it.
  public var name: String
  public var bytes: [UInt8]

  /// The file `name` with its content.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The content as UTF-8 without a byte order mark.
  ///
  /// With a UTF-8 byte order mark it is UTF-8; else UTF-8 when valid; else GB18030, which is what Chinese
  /// spreadsheets save as "CSV".
  /// - Throws: what the content is instead, or the line whose bytes are not text.
  public func text() throws(RegisterProblem) -> [UInt8] {
    try refuseOtherFormats()
    if bytes.starts(with: Self.utf8Mark) {
      let content = Array(bytes.dropFirst(Self.utf8Mark.count))
      let form = UTF8Form(content)
      if let offset = form.firstIllFormed { throw illFormed(offset + Self.utf8Mark.count, "are not UTF-8") }
      return content
    }
    let form = UTF8Form(bytes)
    guard let offset = form.firstIllFormed else { return bytes }
    // Damaged UTF-8 can pass for GB18030 and would be stored as gibberish. Chinese text in GB18030 hardly
    // ever forms UTF-8 sequences, so most of a file's sequences tell which of the two it was meant to be.
    if form.wellFormed > form.illFormed { throw illFormed(offset, "are not UTF-8") }
    var text = try convertedFromGB18030()
    if text.starts(with: Self.utf8Mark) { text.removeFirst(Self.utf8Mark.count) }
    return text
  }

  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private func refuseOtherFormats() throws(RegisterProblem) {
    let remedy = "save it as 'CSV UTF-8'"
    func refuse(_ what: String) -> RegisterProblem {
      RegisterProblem(file: name, message: "\(what); \(remedy)")
    }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
      throw refuse("this is a spreadsheet workbook, not CSV")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw refuse("this is UTF-16 ('Unicode text'), not CSV in UTF-8 or GB18030")
    }
    if let zero = bytes.firstIndex(of: 0) {
      var problem = refuse("a zero byte: this is not text in UTF-8 or GB18030")
      problem.line = line(ofByteAt: zero)
      throw problem
    }
  }

  private func convertedFromGB18030() throws(RegisterProblem) -> [UInt8] {
    // (iconv_t)-1 is how POSIX says that the system has no such conversion.
    guard let converter = iconv_open("UTF-8", "GB18030"), Int(bitPattern: converter) != -1 else {
      throw RegisterProblem(
        file: name, message: "this system cannot convert GB18030; save the file as 'CSV UTF-8'")
    }
    defer { iconv_close(converter) }
    // Two bytes become at most three, four at most four.
    var output = [UInt8](repeating: 0, count: bytes.count * 2 + 16)
    var input = bytes
    let (result, consumed, produced) = input.withUnsafeMutableBytes { source in
      output.withUnsafeMutableBytes { target in
        var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
        var left = source.count
        var room = target.count
        let result = iconv(converter, &from, &left, &to, &room)
        return (result, source.count - left, target.count - room)
      }
    }
    if result == -1 { throw illFormed(consumed, "are neither UTF-8 nor GB18030") }
    return Array(output[..<produced])
  }

  private func illFormed(_ offset: Int, _ complaint: String) -> RegisterProblem {
    let shown = bytes[offset..<min(offset + 4, bytes.count)].map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return RegisterProblem(
      file: name, line: line(ofByteAt: offset),
      message: "the bytes \(shown.joined(separator: " ")) \(complaint); save the file as 'CSV UTF-8'")
  }

  /// The line a byte lies on. In UTF-8 and GB18030 alike a line end's bytes are never part of a character.
  private func line(ofByteAt offset: Int) -> Int {
    var line = 1
    for i in 0..<offset {
      let endsLine = bytes[i] == 0x0A || (bytes[i] == 0x0D && !(i + 1 < bytes.count && bytes[i + 1] == 0x0A))
      if endsLine { line += 1 }
    }
    return line
  }
}

/// How far bytes are UTF-8.
private struct UTF8Form {
  /// Offset of the first byte that is no part of a valid sequence; nil when all are.
  var firstIllFormed: Int?
  /// Sequences of two bytes and more that are valid.
  var wellFormed = 0
  /// Bytes and broken sequences that are not.
  var illFormed = 0

  init(_ bytes: [UInt8]) {
    var i = 0
    while i < bytes.count {
      if bytes[i] < 0x80 {
        i += 1
        continue
      }
      let length = Self.sequence(at: i, in: bytes)
      if length > 0 {
        wellFormed += 1
        i += length
      } else {
        illFormed += 1
        if firstIllFormed == nil { firstIllFormed = i }
        i += 1
      }
    }
  }

  /// Length of the valid sequence of two to four bytes at `i` (Unicode, table 3-7), or 0.
  private static func sequence(at i: Int, in bytes: [UInt8]) -> Int {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch bytes[i] {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard i + length <= bytes.count, second.contains(bytes[i + 1]) else { return 0 }
    for j in (i + 2)..<max(i + length, i + 2) where !(0x80...0xBF).contains(bytes[j]) { return 0 }
    return length
  }
}
