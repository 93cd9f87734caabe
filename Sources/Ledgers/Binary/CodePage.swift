import Glibc

/// The encoding of texts of workbooks before Excel 97.
struct CodePage {
  /// Its number, for instance 936 for simplified Chinese.
  let number: UInt16

  /// The name that iconv knows.
  private var name: String {
    switch number {
    case 367: "ASCII"
    // What Windows calls 936 is a part of GB18030.
    case 936: "GB18030"
    case 1200: "UTF-16LE"
    case 0x8000, 10_000: "MACINTOSH"
    case 0x8001: "CP1252"
    default: "CP\(number)"
    }
  }

  /// The text of bytes; nil if they are not text, or if the system does not know the encoding.
  func text(_ bytes: [UInt8]) -> String? {
    if bytes.allSatisfy({ $0 < 0x80 }), number != 1200 { return String(decoding: bytes, as: UTF8.self) }
    // (iconv_t)-1 is how POSIX says that the system has no such conversion.
    guard let converter = iconv_open("UTF-8", name), Int(bitPattern: converter) != -1 else { return nil }
    defer { iconv_close(converter) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: bytes.count * 4 + 16)
    let produced = input.withUnsafeMutableBytes { source in
      output.withUnsafeMutableBytes { target -> Int? in
        var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (left, room) = (source.count, target.count)
        return iconv(converter, &from, &left, &to, &room) == -1 ? nil : target.count - room
      }
    }
    return produced.map { String(decoding: output[..<$0], as: UTF8.self) }
  }
}
