/// A JSON value that can be compared exactly: integers are integers, and `true` is not 1.
enum Value: Decodable, Equatable, CustomStringConvertible {
  case object([String: Value])
  case array([Value])
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let boolean = try? container.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let string = try? container.decode(String.self) {
      self = .string(string)
    } else if let array = try? container.decode([Value].self) {
      self = .array(array)
    } else {
      self = .object(try container.decode([String: Value].self))
    }
  }

  var description: String {
    switch self {
    case .object(let members):
      "{" + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    case .array(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .string(let string): "\"\(string)\""
    case .integer(let integer): "\(integer)"
    case .boolean(let boolean): "\(boolean)"
    case .null: "null"
    }
  }

  /// Where `found` is not what this value expects. Of an object the members it has must be as they are here;
  /// a list must have as many elements; everything else must be the same.
  func differences(from found: Value?, at path: String = "") -> [String] {
    switch (self, found) {
    case (.object(let members), .object(let others)?):
      return members.sorted { $0.key < $1.key }.flatMap { key, value in
        value.differences(from: others[key], at: path.isEmpty ? key : "\(path).\(key)")
      }
    case (.array(let elements), .array(let others)?) where elements.count == others.count:
      return elements.indices.flatMap { elements[$0].differences(from: others[$0], at: "\(path)[\($0)]") }
    default:
      if self == found { return [] }
      return ["\(path): expected \(self), found \(found.map(\.description) ?? "nothing")"]
    }
  }
}
