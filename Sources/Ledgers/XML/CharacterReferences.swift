/// The references to characters that programs write in XML: those of its own signs, and of line ends.
enum CharacterReferences {
  private static let known: [(name: StaticString, character: UInt8)] = [
    ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
    ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")), ("&#10;", 0x0A),
  ]

  /// Writes `text` to `target` with its references replaced; false if there is another reference.
  static func decode(_ text: UnsafeBufferPointer<UInt8>, into target: inout [UInt8]) -> Bool {
    target.removeAll(keepingCapacity: true)
    var i = 0
    while i < text.count {
      guard text[i] == UInt8(ascii: "&") else {
        target.append(text[i])
        i += 1
        continue
      }
      let rest = UnsafeBufferPointer(rebasing: text[i...])
      let found = known.first { name, _ in
        rest.count >= name.utf8CodeUnitCount
          && UnsafeBufferPointer(rebasing: rest.prefix(name.utf8CodeUnitCount)) == name
      }
      guard let found else { return false }
      target.append(found.character)
      i += found.name.utf8CodeUnitCount
    }
    return true
  }
}
