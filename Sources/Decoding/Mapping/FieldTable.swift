/// Finds the number of a map's field by the field's name in a message. Allocates nothing.
struct FieldTable: Equatable, Sendable {
  private var bytes: ContiguousArray<UInt8> = []
  /// End of each name in `bytes`.
  private var ends: ContiguousArray<Int> = []

  /// A table of the names of all fields of `map`.
  init(_ map: ReadingMap) { self.init(map.fields) }

  /// A table of names in the order of their numbers.
  init(_ names: [String]) {
    for name in names {
      bytes += name.utf8
      ends.append(bytes.count)
    }
  }

  /// The number of the field with a name; nil if the map has no such field.
  func place(of name: UnsafeRawBufferPointer) -> Int? {
    bytes.withUnsafeBytes { bytes in
      var start = 0
      for (place, end) in ends.enumerated() {
        if end - start == name.count, UnsafeRawBufferPointer(rebasing: bytes[start..<end]).equals(name) {
          return place
        }
        start = end
      }
      return nil
    }
  }

  /// The number of the field with a name that may have escapes; nil if the map has no such field.
  func place(of name: EscapedText) -> Int? {
    if name.escape == .none { return place(of: name.raw) }
    return bytes.withUnsafeBytes { bytes in
      var start = 0
      for (place, end) in ends.enumerated() {
        if name.equals(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { return place }
        start = end
      }
      return nil
    }
  }

  /// The name of a field.
  func name(of place: Int) -> String {
    String(decoding: bytes[(place > 0 ? ends[place - 1] : 0)..<ends[place]], as: UTF8.self)
  }
}
