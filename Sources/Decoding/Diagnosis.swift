import Telemetry

/// Finds the fault of a document that is not JSON. Used only for refused messages.
enum DocumentFault {
  /// The most likely fault of a payload.
  static func of(_ payload: UnsafeRawBufferPointer) -> Fault {
    guard let first = payload.first else { return .empty }
    if isUTF16(payload) { return .utf16 }
    if String(validating: payload, as: UTF8.self) == nil { return isGB18030(payload) ? .gb18030 : .notUTF8 }
    let text = String(decoding: payload, as: UTF8.self)
    if hasNumberWord(text) { return .notFinite }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return .unspecified }
    if text.dropFirst().drop(while: \.isWhitespace).first == "'" { return .singleQuotes }
    let last = payload.last { !isSpace($0) }
    return last == UInt8(ascii: "}") || last == UInt8(ascii: "]") ? .unspecified : .cutShort
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }

  /// Whether the payload begins with a UTF-16 byte order mark, or every second of its first sixteen bytes is a NUL.
  private static func isUTF16(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard payload.count >= 4 else { return false }
    if payload[0] == 0xFF && payload[1] == 0xFE || payload[0] == 0xFE && payload[1] == 0xFF { return true }
    let start = payload.prefix(16)
    let nuls = (start.indices.filter { $0 % 2 == 1 }, start.indices.filter { $0 % 2 == 0 })
    return nuls.0.allSatisfy { start[$0] == 0 } || nuls.1.allSatisfy { start[$0] == 0 }
  }

  /// Whether every byte above ASCII begins a group of two or four bytes of GB 18030.
  private static func isGB18030(_ payload: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at < payload.count {
      let lead = payload[at]
      if lead < 0x80 {
        at += 1
        continue
      }
      guard (0x81...0xFE).contains(lead), at + 1 < payload.count else { return false }
      switch payload[at + 1] {
      case 0x40...0x7E, 0x80...0xFE: at += 2
      case 0x30...0x39:
        guard at + 3 < payload.count, (0x81...0xFE).contains(payload[at + 2]),
          (0x30...0x39).contains(payload[at + 3])
        else { return false }
        at += 4
      default: return false
      }
    }
    return true
  }

  /// Whether a value of the document is `NaN` or `Infinity`, which some programs write although JSON has no such
  /// numbers.
  private static func hasNumberWord(_ text: String) -> Bool {
    var isInText = false
    var isEscaped = false
    var word = ""
    for character in text.unicodeScalars {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          isInText = false
        }
        continue
      }
      if character.properties.isAlphabetic {
        if word.utf8.count < 16 { word.unicodeScalars.append(character) }
        continue
      }
      if numberWords.contains(word.lowercased()) { return true }
      word = ""
      isInText = character == "\""
    }
    return false
  }

  private static let numberWords: Set<String> = ["nan", "infinity", "inf"]
}

/// Finds the fault of a `ts` that is not a valid time.
enum TimeFault {
  /// Keys, in lower case, that often hold the time instead.
  static let otherKeys = [
    "ts", "timestamp", "time", "datetime", "date", "t", "time_stamp", "event_time", "eventtime",
  ]

  /// The most likely fault of a text.
  static func of(text: UnsafeRawBufferPointer) -> Fault {
    guard !text.isEmpty else { return .empty }
    guard text.count <= 64 else { return .notATime }
    if text.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) { return .textNumber }
    var bytes = Array(text)
    if bytes.count > 10, bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
    func isTime(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { Timestamp(rfc3339: $0) } != nil }
    if isTime(bytes) { return .spaceForT }
    return isTime(bytes + [UInt8(ascii: "Z")]) ? .noZone : .notATime
  }
}

/// Keys, in lower case, that often hold the state instead.
enum StateFault {
  static let otherKeys = ["state", "status", "run_state", "runstate", "machine_state", "run_status"]
}

extension UnsafeRawBufferPointer {
  /// The bytes without a leading byte order mark and trailing NULs.
  var withoutMarks: UnsafeRawBufferPointer {
    var (start, end) = (0, count)
    if count >= 3, self[0] == 0xEF, self[1] == 0xBB, self[2] == 0xBF { start = 3 }
    while end > start, self[end - 1] == 0 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }

  /// The text in lower case, without a byte order mark, white space, line ends and NULs around it; empty if it is
  /// over 64 bytes.
  var word: String {
    let marked = withoutMarks
    guard marked.count <= 64 else { return "" }
    let text = marked.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed()
    return String(decoding: text, as: UTF8.self).lowercased()
  }
}

/// Finds the value of a key in a payload, as written, even if the rest of the payload is invalid.
enum PayloadExcerpt {
  private static let longest = 64

  /// The value after the first `"field"`, at most 64 bytes; the beginning of the payload if there is none.
  static func value(of field: String, in payload: UnsafeRawBufferPointer) -> String {
    let key = Array("\"\(field)\"".utf8)
    guard !field.isEmpty, let found = position(of: key, in: payload.prefix(64 * 1024)) else {
      return text(payload.prefix(longest))
    }
    var at = found + key.count
    while at < payload.count, payload[at] <= 0x20 || payload[at] == UInt8(ascii: ":") { at += 1 }
    let start = at
    var depth = 0
    var isInText = false
    while at < payload.count, at - start < longest {
      let byte = payload[at]
      if isInText {
        if byte == UInt8(ascii: "\\") { at += 1 } else if byte == UInt8(ascii: "\"") { isInText = false }
      } else if byte == UInt8(ascii: "\"") {
        isInText = true
      } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        depth += 1
      } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        if depth == 0 { break }
        depth -= 1
      } else if byte == UInt8(ascii: ","), depth == 0 {
        break
      }
      at += 1
    }
    return text(payload[start..<min(at, payload.count)])
  }

  private static func position(
    of key: [UInt8], in payload: Slice<UnsafeRawBufferPointer>
  ) -> Int? {
    guard payload.count >= key.count else { return nil }
    return (0...(payload.count - key.count)).first { start in
      payload[start] == key[0] && key.indices.allSatisfy { payload[start + $0] == key[$0] }
    }
  }

  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    // Without quotes it would stand for records of a message that counts.
    return RefusedRecords(excerpt: text) == nil ? text : "\"\(text)\""
  }
}
