/// Memory of exactly the size of a payload, so that the address sanitizer sees an access behind it.
struct PayloadMemory {
  /// Calls `body` with a copy of a payload, after which `padding` bytes may be read.
  func withCopy<Result>(
    of payload: UnsafeRawBufferPointer, padding: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count + padding, alignment: 1)
    defer { copy.deallocate() }
    copy.copyMemory(from: payload)
    for at in payload.count..<copy.count { copy[at] = UInt8(ascii: "\"") }
    return body(UnsafeRawBufferPointer(rebasing: copy[..<payload.count]))
  }
}
