import CSimdjson
import Telemetry

/// Finds the values at wanted paths in JSON documents, in one pass over a valid document.
///
/// It owns a JSON parser with its memory, allocated once for the largest payload.
struct JSONFinder: ~Copyable, Sendable {
  /// The parser. Its owner ensures that one thread uses it at a time.
  nonisolated(unsafe) private let reader: OpaquePointer
  private let limits: DecodingLimits

  /// A finder for documents within `limits`. Throws ``StatusDecoder/OutOfMemory``.
  init(limits: DecodingLimits) throws(StatusDecoder.OutOfMemory) {
    let capacity = max(0, limits.payload)
    guard let reader = csimdjson_create(capacity, min(max(0, limits.nesting), capacity)) else {
      throw StatusDecoder.OutOfMemory(payload: limits.payload)
    }
    self.reader = reader
    self.limits = limits
  }

  deinit { csimdjson_destroy(reader) }

  /// The node of the root.
  static let root: Int32 = 0

  /// The node of a path below another node.
  func node(
    _ parts: some Sequence<JSONPath.Part>, below node: Int32
  ) throws(JSONPlan.TooManyPaths) -> Int32 {
    var node = node
    for part in parts {
      switch part {
      case .any: node = csimdjson_any(reader, node, -1)
      case .name(let name): node = csimdjson_any(reader, node, name.number)
      case .key(let key):
        var key = key
        node = key.withUTF8 { csimdjson_child(reader, node, $0.baseAddress, $0.count) }
      }
      if node < 0 { throw JSONPlan.TooManyPaths() }
    }
    return node
  }

  /// The node of keys below another node.
  func node(keys: String..., below node: Int32) throws(JSONPlan.TooManyPaths) -> Int32 {
    try self.node(keys.map(JSONPath.Part.key), below: node)
  }

  /// The node of any key below a list of tags, whose keys are the names of the tags.
  func tagNode(below list: Int32) throws(JSONPlan.TooManyPaths) -> Int32 {
    try anyNode(below: list, name: JSONPlan.tagNameNumber)
  }

  /// The node of any key below another node. Each key is reported as the name with a number.
  func anyNode(below parent: Int32, name: Int32) throws(JSONPlan.TooManyPaths) -> Int32 {
    let node = csimdjson_any(reader, parent, name)
    if node < 0 { throw JSONPlan.TooManyPaths() }
    return node
  }

  /// Wants the value of a node as `place`; with `elements` also the elements of an array.
  func want(_ node: Int32, as place: Int32, elements: Bool = false) {
    csimdjson_want_node(reader, node, place, elements)
  }

  /// Marks a node as a record, or as a list of records.
  func markRecord(_ node: Int32) { csimdjson_mark_record(reader, node) }

  /// Returns the entries found in a payload, in its order; they are valid until the next call. Throws `malformed` or
  /// `too_large`.
  @inline(__always)
  func find(
    _ payload: UnsafeRawBufferPointer, padded: Bool
  ) throws(Rejection) -> UnsafeBufferPointer<CSimdjsonFound> {
    if payload.count > limits.payload { throw Rejection(.tooLarge) }
    guard let bytes = payload.baseAddress else { throw Rejection(.malformed, "json", .empty) }
    var found: UnsafePointer<CSimdjsonFound>?
    var count = 0
    let document = bytes.assumingMemoryBound(to: UInt8.self)
    let result = csimdjson_find(reader, document, payload.count, padded, &found, &count)
    if result == CSIMDJSON_OK { return UnsafeBufferPointer(start: found, count: count) }
    return try findAgain(payload, result)
  }

  /// Reads a malformed payload again, without a byte order mark and NULs around the document.
  @inline(never)
  private func findAgain(
    _ payload: UnsafeRawBufferPointer, _ result: CSimdjsonResult
  ) throws(Rejection) -> UnsafeBufferPointer<CSimdjsonFound> {
    let document = payload.withoutMarks
    var result = result
    if result == CSIMDJSON_MALFORMED, document.count < payload.count, let bytes = document.baseAddress {
      var found: UnsafePointer<CSimdjsonFound>?
      var count = 0
      result = csimdjson_find(
        reader, bytes.assumingMemoryBound(to: UInt8.self), document.count, false, &found, &count)
      if result == CSIMDJSON_OK { return UnsafeBufferPointer(start: found, count: count) }
    }
    switch result {
    case CSIMDJSON_TOO_DEEP: throw Rejection(.malformed, "nesting")
    case CSIMDJSON_NOT_AN_OBJECT: throw Rejection(.malformed, "root", .wrongType)
    case CSIMDJSON_TOO_LONG, CSIMDJSON_NO_MEMORY: throw Rejection(.tooLarge)
    case CSIMDJSON_DUPLICATE_KEY:
      throw Rejection(.malformed, .path(path(of: csimdjson_duplicate_node(reader))), .duplicate)
    default: throw Rejection(.malformed, "json", DocumentFault.of(document))
    }
  }
}

extension JSONFinder {
  /// The pointer to a node, with `*` for any key.
  private func path(of node: Int32) -> String {
    var keys: [String] = []
    var node = node
    while node > JSONFinder.root {
      var length = 0
      let key = csimdjson_key(reader, node, &length)
      let text = String(decoding: UnsafeBufferPointer(start: key, count: length), as: UTF8.self)
      keys.append(text.isEmpty ? "*" : text.replacing("~", with: "~0").replacing("/", with: "~1"))
      node = csimdjson_parent(reader, node)
    }
    return keys.reversed().map { "/" + $0 }.joined()
  }
}

extension CSimdjsonField {
  /// The value for a map of fields.
  @inline(__always)
  var fieldValue: FieldValue {
    switch kind {
    case CSIMDJSON_STRING: .text(UnsafeRawBufferPointer(start: text, count: length))
    case CSIMDJSON_INTEGER: .integer(Int64(bitPattern: integer))
    case CSIMDJSON_DECIMAL: .decimal(UnsafeRawBufferPointer(start: text, count: length))
    case CSIMDJSON_BOOLEAN: .boolean(integer != 0)
    case CSIMDJSON_UNSIGNED: .unsigned(integer)
    case CSIMDJSON_NULL, CSIMDJSON_ABSENT: .null
    case CSIMDJSON_OUT_OF_RANGE: .unreadable(.outOfRange)
    default: .unreadable(.wrongType)
    }
  }
}
