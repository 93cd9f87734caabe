import CSimdjson
import Telemetry

/// Finds keys and values in refused messages, for reports.
extension StatusDecoder {
  /// Whether the root object of the last document has one of the keys, in any letter case.
  func hasKey(among keys: [String]) -> Bool { Self.key(among: keys, of: reader) != nil }

  private static func key(among keys: [String], of reader: OpaquePointer) -> String? {
    var found: [String] = []
    withUnsafeMutablePointer(to: &found) { found in
      csimdjson_keys(reader, found) { context, text, length in
        let found = context?.assumingMemoryBound(to: [String].self)
        if length <= 32 {
          found?.pointee.append(
            String(decoding: UnsafeBufferPointer(start: text, count: length), as: UTF8.self))
        }
        return (found?.pointee.count ?? 0) < 64
      }
    }
    return found.first { keys.contains($0.lowercased()) }
  }

  /// Excerpt of a message of a format that was refused: the value that its decoder states, or else that of the field, as
  /// ``excerpt(of:_:in:)``.
  package mutating func excerpt(
    of rejection: Rejection, by format: Format, in payload: UnsafeRawBufferPointer
  ) -> String {
    if let excerpt = rejection.excerpt { return excerpt }
    // A word in a binary payload, or deep in a document, cannot be found by the name of its field.
    if rejection.reason == .unknownState, !format.hasFieldsInPlain { return "" }
    return excerpt(of: rejection.detail.name, rejection.fault, in: payload)
  }

  /// Excerpt of a refused message or of a field that was left out, for reports: the key that probably holds the
  /// missing field, or the value as written; at most 64 bytes.
  public mutating func excerpt(
    of field: String, _ fault: Fault, in payload: UnsafeRawBufferPointer
  ) -> String {
    if fault == .otherKey, (try? read(payload, padded: false)) != nil {
      let keys = field == "ts" ? TimeFault.otherKeys : StateFault.otherKeys
      return Self.key(among: keys, of: reader) ?? ""
    }
    // The field of a mapped source is a path or a tag; its last part is the key.
    let key =
      field.hasPrefix("/") || field.hasPrefix("$/") ? field.split(separator: "/").last.map(String.init) : nil
    return PayloadExcerpt.value(of: key ?? field, in: payload)
  }
}
