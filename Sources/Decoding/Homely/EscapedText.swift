import Telemetry

/// Text in a message, with or without escapes that are still to be removed. A view that is valid as long as the message.
struct EscapedText {
  /// The way in which characters are escaped.
  enum Escape: Equatable {
    /// None: the bytes are the text.
    case none
    /// ASCII characters that a backslash escapes. A backslash before any other character is an ordinary character.
    case backslash(before: StaticString)
    /// Two quotes in a row stand for one.
    case doubledQuote
  }

  /// The text as written in the message.
  var raw: UnsafeRawBufferPointer
  /// The escapes in ``raw``.
  var escape: Escape

  init(_ raw: UnsafeRawBufferPointer, _ escape: Escape = .none) {
    self.raw = raw
    self.escape = escape
  }

  /// Whether the text is its bytes in the message.
  var isPlain: Bool {
    switch escape {
    case .none: true
    case .backslash: !raw.contains(UInt8(ascii: "\\"))
    case .doubledQuote: !raw.contains(UInt8(ascii: "\""))
    }
  }

  /// Whether the text without escapes equals `name`. Allocates nothing.
  func equals(_ name: UnsafeRawBufferPointer) -> Bool {
    if isPlain { return raw.equals(name) }
    var place = 0
    var at = 0
    while at < raw.count {
      let byte = next(&at)
      guard place < name.count, name[place] == byte else { return false }
      place += 1
    }
    return place == name.count
  }

  /// The text without escapes; invalid UTF-8 becomes replacement characters.
  var text: String {
    if isPlain { return String(decoding: raw, as: UTF8.self) }
    var bytes: [UInt8] = []
    var at = 0
    while at < raw.count { bytes.append(next(&at)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes the text without escapes to `room`, which has the length of ``raw``; returns its length.
  fileprivate func unescape(into room: UnsafeMutableRawBufferPointer) -> Int {
    var at = 0
    var count = 0
    while at < raw.count {
      room[count] = next(&at)
      count += 1
    }
    return count
  }

  /// The next byte of the text; moves `at` behind its last byte in the message.
  @inline(__always)
  private func next(_ at: inout Int) -> UInt8 {
    let byte = raw[at]
    at += 1
    guard at < raw.count else { return byte }
    switch escape {
    case .none: return byte
    case .doubledQuote:
      if byte == UInt8(ascii: "\""), raw[at] == byte { at += 1 }
      return byte
    case .backslash(let characters):
      guard byte == UInt8(ascii: "\\") else { return byte }
      let following = raw[at]
      let escapable = UnsafeRawBufferPointer(start: characters.utf8Start, count: characters.utf8CodeUnitCount)
      guard escapable.contains(following) else { return byte }
      at += 1
      return following
    }
  }
}

extension EscapedText.Escape {
  static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.none, .none), (.doubledQuote, .doubledQuote): true
    case (.backslash(let a), .backslash(let b)): a.description == b.description
    default: false
    }
  }
}

/// Memory for texts whose escapes were removed, during the decoding of one message.
struct TextArena: ~Copyable {
  private var blocks: [UnsafeMutableRawBufferPointer] = []

  deinit { for block in blocks { block.deallocate() } }

  /// The bytes of a text without escapes, valid as long as the arena and the message.
  mutating func bytes(of text: EscapedText) -> UnsafeRawBufferPointer {
    if text.isPlain { return text.raw }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: text.raw.count, alignment: 1)
    blocks.append(block)
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block)[..<text.unescape(into: block)])
  }

  /// The bytes of a text, valid as long as the arena.
  mutating func bytes(of text: String) -> UnsafeRawBufferPointer {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
    blocks.append(block)
    block.copyBytes(from: text.utf8)
    return UnsafeRawBufferPointer(block)
  }
}
