/// Splits text into lines, and holds no more of a line than its bound.
public struct CapturedLines {
  /// Maximum number of bytes of a line; a longer one is left out.
  public let longest: Int
  private var line: [UInt8] = []
  private var isTooLong = false

  /// Lines of at most `longest` bytes.
  public init(longest: Int = 16 << 20) { self.longest = longest }

  /// Takes the next bytes of the text and hands on every line that ends in them, without its end; nil for a line that is
  /// too long.
  ///
  /// - Parameter body: returns whether to go on.
  /// - Returns: false if `body` did.
  public mutating func take(
    _ bytes: UnsafeRawBufferPointer, _ body: ([UInt8]?) throws -> Bool
  ) rethrows -> Bool {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      hold(rest[..<end])
      rest = rest[(end + 1)...]
      guard try handOn(body) else { return false }
    }
    hold(rest)
    return true
  }

  /// Hands on the last line, if the text does not end with the end of a line.
  public mutating func finish(_ body: ([UInt8]?) throws -> Bool) rethrows {
    guard isTooLong || !line.isEmpty else { return }
    _ = try handOn(body)
  }

  private mutating func hold(_ bytes: Slice<UnsafeRawBufferPointer>) {
    guard !isTooLong, bytes.count <= longest - line.count else {
      isTooLong = isTooLong || !bytes.isEmpty
      line = []
      return
    }
    line.append(contentsOf: bytes)
  }

  private mutating func handOn(_ body: ([UInt8]?) throws -> Bool) rethrows -> Bool {
    let whole = isTooLong ? nil : line
    line = []
    isTooLong = false
    return try body(whole)
  }
}
