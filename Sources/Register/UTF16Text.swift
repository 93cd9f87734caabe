extension RegisterFile {
  /// The content as UTF-8 if it is UTF-16; nil if it is not.
  ///
  /// A byte order mark or a named encoding decides. Without them, most zero bytes must be the first or most the second
  /// bytes of their pairs, as those of letters, separators and line ends are; a few Chinese characters, for instance 一,
  /// have the other byte zero. All of the content must be text then, with a separator or a line end.
  func utf16() throws(RegisterProblem) -> (text: [UInt8], encoding: TextEncoding)? {
    let marked: TextEncoding? =
      bytes.starts(with: [0xFF, 0xFE])
      ? .utf16LittleEndian : bytes.starts(with: [0xFE, 0xFF]) ? .utf16BigEndian : nil
    if let marked {
      if let encoding, encoding != marked { throw otherMark(than: encoding, marked) }
      return (try convertedFromUTF16(marked, from: 2), marked)
    }
    switch encoding {
    case .utf16LittleEndian?, .utf16BigEndian?:
      guard let encoding else { return nil }
      return (try convertedFromUTF16(encoding, from: 0), encoding)
    case .utf8?, .gb18030?: return nil
    case nil: break
    }
    guard let probable = encodingOfZeroBytes(), let text = try? convertedFromUTF16(probable, from: 0),
      text.contains(where: { [0x09, 0x0A, 0x0D, 0x2C, 0x3B].contains($0) }),
      text.allSatisfy({ $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D })
    else { return nil }
    return (text, probable)
  }

  /// The encoding whose letters, separators and line ends have zero bytes where most of these are; nil if none has.
  private func encodingOfZeroBytes() -> TextEncoding? {
    guard bytes.count % 2 == 0, bytes.contains(0) else { return nil }
    var zeros = (first: 0, second: 0)
    for i in stride(from: 0, to: bytes.count, by: 2) {
      if bytes[i] == 0 { zeros.first += 1 }
      if bytes[i + 1] == 0 { zeros.second += 1 }
    }
    if zeros.first == zeros.second { return nil }
    return zeros.first < zeros.second ? .utf16LittleEndian : .utf16BigEndian
  }

  /// Converts the bytes from `start` on.
  ///
  /// - Throws: a problem for half a surrogate pair, half a character at the end, or a zero.
  private func convertedFromUTF16(
    _ encoding: TextEncoding, from start: Int
  ) throws(RegisterProblem) -> [UInt8] {
    let isLittle = encoding == .utf16LittleEndian
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    func unit(_ i: Int) -> UInt32 {
      let (a, b) = (UInt32(bytes[i]), UInt32(bytes[i + 1]))
      return isLittle ? b << 8 | a : a << 8 | b
    }
    var line = 1
    var i = start
    while i < bytes.count {
      guard i + 1 < bytes.count else { throw notUTF16(line, encoding) }
      var value = unit(i)
      i += 2
      if value < 0x80 {
        guard value != 0 else { throw notUTF16(line, encoding) }
        let isFirstOfTwo = value == 0x0D && i + 1 < bytes.count && unit(i) == 0x0A
        if value == 0x0A || value == 0x0D, !isFirstOfTwo { line += 1 }
        text.append(UInt8(value))
        continue
      }
      if (0xD800...0xDBFF).contains(value), i + 1 < bytes.count, (0xDC00...0xDFFF).contains(unit(i)) {
        value = 0x10000 + (value - 0xD800) << 10 + (unit(i) - 0xDC00)
        i += 2
      }
      guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
        throw notUTF16(line, encoding)
      }
      text.append(contentsOf: encoded)
    }
    return text
  }

  private func notUTF16(_ line: Int, _ encoding: TextEncoding) -> RegisterProblem {
    RegisterProblem(
      .encoding, file: name, line: line,
      message: "this line is not text in \(encoding.title); save the file as 'CSV UTF-8'",
      chinese: "本行不是 \(encoding.title) 编码的文本；请将文件另存为“CSV UTF-8”")
  }
}
