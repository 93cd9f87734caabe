import Glibc

/// A file of an import as it lies on disk.
public struct RegisterFile: Sendable {
  /// Its name, as the user gave it: errors begin with it.
  public var name: String
  public var bytes: [UInt8]
  /// The encoding that the user names; nil to recognise it.
  public var encoding: TextEncoding?

  /// The file `name` with its content.
  public init(name: String, bytes: [UInt8], encoding: TextEncoding? = nil) {
    self.name = name
    self.bytes = bytes
    self.encoding = encoding
  }

  /// The content as UTF-8 without a byte order mark: see ``decoded()``.
  public func text() throws(RegisterProblem) -> [UInt8] { try decoded().text }

  /// The content as UTF-8 without a byte order mark, and the encoding that it had; content of ASCII has UTF-8.
  ///
  /// A byte order mark or a named encoding decides; otherwise the zero bytes of UTF-16 or the words of the whole file
  /// do, see ``EncodingEvidence``.
  /// - Throws: a problem for content of another format, for the line whose bytes are not text, for the first line in
  ///   another encoding than the rest, or for content that is about as plausible in one encoding as in the other.
  public func decoded() throws(RegisterProblem) -> (text: [UInt8], encoding: TextEncoding) {
    var found: (text: [UInt8], encoding: TextEncoding)
    if let wide = try utf16() { found = wide } else { found = try eightBitText() }
    Self.removeEnd(&found.text)
    return found
  }

  /// Removes the character by which some programs end a text, Ctrl-Z, with the white space around it.
  private static func removeEnd(_ text: inout [UInt8]) {
    let end = text.lastIndex { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    guard let end, text[end] == 0x1A else { return }
    text.removeSubrange((text[..<end].lastIndex { $0 != 0x1A }.map { $0 + 1 } ?? 0)...)
  }

  private func eightBitText() throws(RegisterProblem) -> (text: [UInt8], encoding: TextEncoding) {
    try refuseOtherFormats()
    if bytes.starts(with: Self.utf8Mark) {
      if let encoding, encoding != .utf8 { throw otherMark(than: encoding, .utf8) }
      let content = Array(bytes.dropFirst(Self.utf8Mark.count))
      if let offset = UTF8Form.firstInvalid(in: content) {
        throw illFormed(offset + Self.utf8Mark.count, .utf8)
      }
      return (content, .utf8)
    }
    // Most files have few bytes above ASCII, many have none.
    guard bytes.contains(where: { $0 >= 0x80 }) else { return (bytes, .utf8) }
    let found: TextEncoding
    if let encoding { found = encoding } else { found = try recognised() }
    switch found {
    case .utf8:
      if let offset = UTF8Form.firstInvalid(in: bytes) { throw illFormed(offset, .utf8) }
      return (bytes, .utf8)
    default:
      var text = try convertedFromGB18030()
      if text.starts(with: Self.utf8Mark) { text.removeFirst(Self.utf8Mark.count) }
      return (text, .gb18030)
    }
  }

  /// The problem that the file has the mark of another encoding than the one that is named.
  func otherMark(than named: TextEncoding, _ marked: TextEncoding) -> RegisterProblem {
    RegisterProblem(
      .encoding, file: name,
      message: "the file begins with the mark of \(marked.title); leave out --encoding \(named.rawValue)",
      chinese: "文件带有 \(marked.title) 标记；请去掉 --encoding \(named.rawValue)"
    ).forSender(
      "the file begins with the mark of \(marked.title); save it as 'CSV UTF-8'",
      "文件带有 \(marked.title) 标记；请另存为“CSV UTF-8”")
  }

  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  /// The byte order mark in GB18030.
  private static let gb18030Mark: [UInt8] = [0x84, 0x31, 0x95, 0x33]

  private func recognised() throws(RegisterProblem) -> TextEncoding {
    if bytes.starts(with: Self.gb18030Mark) { return .gb18030 }
    var evidence = EncodingEvidence()
    // Numbers of the first lines that are text in one encoding only. Words that are valid in both encodings are never
    // strong evidence for GB18030.
    var (firstUTF8, firstGB18030): (Int?, Int?)
    var number = 1
    var start = 0
    while start < bytes.count {
      var end = start
      var isPlain = true
      while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
        if bytes[end] >= 0x80 { isPlain = false }
        end += 1
      }
      if !isPlain {
        let line = EncodingEvidence(bytes, in: start..<end)
        if line.gb18030 == 0, line.utf8 >= EncodingEvidence.strong { firstUTF8 = firstUTF8 ?? number }
        if line.utf8 == 0, line.gb18030 > 0 { firstGB18030 = firstGB18030 ?? number }
        evidence.add(line)
      }
      if end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A { end += 1 }
      start = end + 1
      number += 1
    }
    guard let found = evidence.encoding else {
      if evidence.utf8 == 0, evidence.gb18030 == 0, let offset = UTF8Form.firstInvalid(in: bytes) {
        throw illFormed(offset, nil)
      }
      throw RegisterProblem(
        .encoding, file: name,
        message:
          "UTF-8 and GB18030 are equally plausible; name one with --encoding utf-8 or --encoding gb18030",
        chinese: "无法判断文件编码是 UTF-8 还是 GB18030；请用 --encoding utf-8 或 --encoding gb18030 指明"
      ).forSender(
        "UTF-8 and GB18030 are equally plausible; save the file as 'CSV UTF-8'",
        "无法判断文件编码是 UTF-8 还是 GB18030；请另存为“CSV UTF-8”")
    }
    if let line = found == .utf8 ? firstGB18030 : firstUTF8 { throw mixture(line, found) }
    return found
  }

  /// The problem that a line is text in the other encoding than the file's: it would be stored as gibberish, or refused
  /// as damaged.
  private func mixture(_ line: Int, _ encoding: TextEncoding) -> RegisterProblem {
    let (own, rest) = encoding == .utf8 ? ("GB18030", "UTF-8") : ("UTF-8", "GB18030")
    return RegisterProblem(
      .encoding, file: name, line: line,
      message: "this line is \(own), the rest of the file \(rest); save the whole file as "
        + "'CSV UTF-8', or name its encoding with --encoding",
      chinese: "本行为 \(own) 编码，其余内容为 \(rest) 编码；请将整个文件另存为“CSV UTF-8”，或用 --encoding 指明编码"
    ).forSender(
      "this line is \(own), the rest of the file \(rest); save the whole file as 'CSV UTF-8'",
      "本行为 \(own) 编码，其余内容为 \(rest) 编码；请将整个文件另存为“CSV UTF-8”")
  }

  /// Whether the content is a spreadsheet workbook, of a format before or since Excel 2007.
  public var isWorkbook: Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0])
  }

  private func refuseOtherFormats() throws(RegisterProblem) {
    let remedy = ("save it as 'CSV UTF-8'", "请另存为“CSV UTF-8”")
    func refuse(_ what: String, _ chinese: String) -> RegisterProblem {
      RegisterProblem(
        .encoding, file: name, message: "\(what); \(remedy.0)", chinese: "\(chinese)；\(remedy.1)")
    }
    if isWorkbook {
      throw refuse("this is a spreadsheet workbook, not CSV", "这是电子表格工作簿，不是 CSV 文件")
    }
    if let zero = bytes.firstIndex(of: 0) {
      var problem = refuse(
        "a zero byte: this is not text in UTF-8 or GB18030", "含有零字节，不是 UTF-8 或 GB18030 编码的文本")
      problem.line = line(ofByteAt: zero)
      throw problem
    }
  }

  private func convertedFromGB18030() throws(RegisterProblem) -> [UInt8] {
    // (iconv_t)-1 is how POSIX says that the system has no such conversion.
    guard let converter = iconv_open("UTF-8", "GB18030"), Int(bitPattern: converter) != -1 else {
      throw RegisterProblem(
        .encoding, file: name, message: "this system cannot convert GB18030; save the file as 'CSV UTF-8'",
        chinese: "本系统不支持 GB18030 转换；请将文件另存为“CSV UTF-8”")
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
    if result == -1 { throw illFormed(consumed, encoding) }
    return Array(output[..<produced])
  }

  /// The problem that bytes at `offset` are not text in `encoding`; nil stands for UTF-8 and GB18030.
  private func illFormed(_ offset: Int, _ encoding: TextEncoding?) -> RegisterProblem {
    let shown = bytes[offset..<min(offset + 4, bytes.count)].map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined(separator: " ")
    let (what, chinese) =
      switch encoding {
      case .utf8: ("are not UTF-8", "不是 UTF-8 编码")
      case let other?: ("are not \(other.title)", "不是 \(other.title) 编码")
      case nil: ("are neither UTF-8 nor GB18030", "既不是 UTF-8 也不是 GB18030 编码")
      }
    return RegisterProblem(
      .encoding, file: name, line: line(ofByteAt: offset),
      message: "the bytes \(shown) \(what); save the file as 'CSV UTF-8'",
      chinese: "字节 \(shown) \(chinese)；请将文件另存为“CSV UTF-8”")
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
