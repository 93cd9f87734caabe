/// Keys of records in JSON.
extension PayloadSketch {
  /// The key of the only list of objects in every document; nil if there is none.
  static func listOfRecords(_ documents: [JSONValue]) -> String? {
    let lists = (documents.first?.members ?? []).filter { member in
      member.value.elements.map { !$0.isEmpty && $0.contains { $0.members != nil } } ?? false
    }
    return lists.count == 1 ? lists[0].key : nil
  }

  /// The key with the first of `names` that there is; nil if there is none of them.
  static func nameKey(_ keys: [String], _ names: [String]) -> String? {
    names.lazy.compactMap { name in keys.first { FieldNames.normal($0) == name } }.first
  }

  /// Whether records with one name of equipment have different values of another key.
  static func divides(_ records: [JSONValue], key: String, by other: String) -> Bool {
    var values: [String: String] = [:]
    return records.contains { record in
      guard let name = record[key]?.scalar?.text, let value = record[other]?.scalar?.text else {
        return false
      }
      let known = values.updateValue(value, forKey: name)
      return known != nil && known != value
    }
  }
}
