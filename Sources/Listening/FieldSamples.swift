/// Fields of sample messages with their values, by the identifier that a source would use.
struct FieldSamples: Sendable {
  /// A field with the values that it had.
  struct Field: Sendable {
    /// The identifier in a source's settings, such as `/values/state`.
    var id: String
    /// The last part of its name.
    var name: String
    /// Distinct values in the order heard, at most ``FieldSamples/mostValues``.
    var values: [ScalarValue] = []
    var isList = false

    /// The part of the name before the last, without letter case and separators; empty if there is none.
    var group: String {
      let parts = id.split(separator: "/")
      return parts.count > 1 ? FieldNames.normal(String(parts[parts.count - 2])) : ""
    }

    /// Whether every value is 0, 1, true or false, and there is one.
    var isTruth: Bool {
      !values.isEmpty && values.allSatisfy { ["0", "1", "true", "false"].contains($0.text.lowercased()) }
    }
  }

  static let mostFields = 256
  static let mostValues = 16
  /// Maximum length of a value; longer ones are left out.
  static let mostBytes = 256
  private(set) var fields: [Field] = []
  private var places: [String: Int] = [:]

  /// Notes a value of a field.
  mutating func add(_ id: String, name: String, _ value: ScalarValue) {
    guard let place = place(id, name) else { return }
    if fields[place].values.contains(value) { return }
    guard fields[place].values.count < Self.mostValues, value.text.utf8.count <= Self.mostBytes else {
      return
    }
    fields[place].values.append(value)
  }

  /// Notes a field whose value is a list.
  mutating func addList(_ id: String, name: String) {
    if let place = place(id, name) { fields[place].isList = true }
  }

  /// Notes every member of an object, with the path of its parent before its key.
  mutating func add(_ members: [JSONValue.Member], below path: String) {
    for member in members {
      let id = path + Self.escaped(member.key)
      if let value = member.value.scalar {
        add(id, name: member.key, value)
      } else if case .list(let elements) = member.value, elements.allSatisfy({ $0.scalar != nil }) {
        addList(id, name: member.key)
      }
    }
  }

  /// The field with an identifier; nil if there is none.
  subscript(id: String) -> Field? { places[id].map { fields[$0] } }

  private mutating func place(_ id: String, _ name: String) -> Int? {
    if let place = places[id] { return place }
    guard fields.count < Self.mostFields, !id.isEmpty, id.utf8.count <= 256, !id.contains("{") else {
      return nil
    }
    places[id] = fields.count
    fields.append(Field(id: id, name: name))
    return fields.count - 1
  }

  /// A key as a part of a JSON pointer (RFC 6901).
  static func escaped(_ key: String) -> String {
    key.replacing("~", with: "~0").replacing("/", with: "~1")
  }
}
