/// The name of an element. Names are compared without the prefix of their namespace, which files choose freely.
struct XMLName {
  private let pointer: UnsafePointer<CChar>

  init(_ pointer: UnsafePointer<CChar>) { self.pointer = pointer }

  /// The name as the file has it, with its prefix.
  var whole: String { String(cString: pointer) }

  static func == (name: XMLName, wanted: StaticString) -> Bool {
    var local = name.pointer
    var next = local
    while next.pointee != 0 {
      if next.pointee == 0x3A { local = next + 1 }
      next += 1
    }
    return isEqual(local, next - local, wanted)
  }

  /// Whether `count` bytes are the text `wanted`.
  fileprivate static func isEqual(_ bytes: UnsafePointer<CChar>, _ count: Int, _ wanted: StaticString) -> Bool
  {
    guard count == wanted.utf8CodeUnitCount else { return false }
    for i in 0..<count where UInt8(bitPattern: bytes[i]) != wanted.utf8Start[i] { return false }
    return true
  }
}

/// The attributes of an element.
struct XMLAttributes {
  private let pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>

  init(_ pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>) { self.pointer = pointer }

  /// The value of the attribute with this name and no prefix; nil if there is none.
  subscript(_ wanted: StaticString) -> String? { bytes(wanted).map { String(cString: $0) } }

  /// The value as bytes that end with a zero.
  func bytes(_ wanted: StaticString) -> UnsafePointer<CChar>? {
    var i = 0
    while let name = pointer[i], let value = pointer[i + 1] {
      var count = 0
      while name[count] != 0 { count += 1 }
      if XMLName.isEqual(name, count, wanted) { return value }
      i += 2
    }
    return nil
  }

  /// The value of `PREFIX:id`, by which parts of a workbook refer to others; nil if there is none.
  var relationship: String? {
    var i = 0
    while let name = pointer[i], let value = pointer[i + 1] {
      let whole = String(cString: name)
      if whole.hasSuffix(":id"), !whole.hasPrefix("xmlns") { return String(cString: value) }
      i += 2
    }
    return nil
  }

  /// Whether the attribute is `1` or `true`.
  func isTrue(_ wanted: StaticString) -> Bool { ["1", "true"].contains(self[wanted] ?? "") }
}
