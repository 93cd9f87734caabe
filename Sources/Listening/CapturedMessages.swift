import Telemetry

/// Reads captured messages from text, a message a line, in one of these forms:
///
/// - `TOPIC PAYLOAD`: `mosquitto_sub -v`, for payloads that are text without line ends;
/// - `TOPIC HEX`: `mosquitto_sub -F '%t %x'`, for any payload;
/// - a JSON object with `topic` and `payload`, and optionally `tst` and `retain`: `mosquitto_sub -F '%j'` or `%J`.
///
/// Lines of JSON are recognised by their first character. Empty lines are skipped.
public struct CapturedMessages {
  /// A line that is no message.
  public struct Fault: Error, Equatable, Sendable {
    /// From 1.
    public var line: Int
    public var kind: Kind

    /// The kinds of fault.
    public enum Kind: Equatable, Sendable {
      /// Not `TOPIC PAYLOAD`.
      case noTopic
      /// The payload is not in hexadecimal digits.
      case notHex
      /// The JSON is not valid, or lacks `topic`.
      case notJSON
      /// The topic is empty or longer than the 65,535 bytes of MQTT.
      case badTopic
      /// The line is longer than the bound of ``CapturedLines``.
      case tooLong
    }

    /// A fault of a line.
    public init(line: Int, kind: Kind) {
      self.line = line
      self.kind = kind
    }
  }

  private let isHex: Bool
  private let now: Timestamp
  private var line = 0

  /// A reader. `isHex`: whether payloads are hexadecimal digits. `now`: the receipt of messages without a time.
  public init(isHex: Bool, now: Timestamp) {
    self.isHex = isHex
    self.now = now
  }

  /// Reads the next line; nil for an empty one. Throws the fault of a line that is no message; the caller may go on with
  /// the next. `bytes`: nil for a line that is too long.
  public mutating func message(_ bytes: [UInt8]?) throws(Fault) -> HeardMessage? {
    line += 1
    guard var bytes else { throw Fault(line: line, kind: .tooLong) }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if bytes.allSatisfy({ $0 <= 0x20 }) { return nil }
    if bytes.first == UInt8(ascii: "{") { return try fromJSON(bytes) }
    let space = bytes.firstIndex(of: UInt8(ascii: " "))
    let topic = Array(bytes[..<(space ?? bytes.count)])
    let payload = space.map { Array(bytes[($0 + 1)...]) } ?? []
    if space == nil, !topic.contains(UInt8(ascii: "/")) { throw Fault(line: line, kind: .noTopic) }
    return try message(topic, isHex ? hex(payload) : payload, now, false)
  }

  private func message(
    _ topic: [UInt8], _ payload: [UInt8], _ received: Timestamp, _ isRetained: Bool
  ) throws(Fault) -> HeardMessage {
    guard (1...65_535).contains(topic.count), !topic.contains(0),
      String(validating: topic, as: UTF8.self) != nil
    else { throw Fault(line: line, kind: .badTopic) }
    return HeardMessage(topic: topic, payload: payload, received: received, isRetained: isRetained)
  }

  private func hex(_ digits: [UInt8]) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in digits where digit > 0x20 {
      guard let value = Self.value(digit) else { throw Fault(line: line, kind: .notHex) }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard high == nil else { throw Fault(line: line, kind: .notHex) }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }

  private func fromJSON(_ bytes: [UInt8]) throws(Fault) -> HeardMessage {
    guard let document = JSONValue(document: bytes), let topic = document["topic"]?.text else {
      throw Fault(line: line, kind: .notJSON)
    }
    var payload: [UInt8] = []
    switch document["payload"] {
    case .text(let text)?: payload = isHex ? try hex(Array(text.utf8)) : Array(text.utf8)
    case nil, .null?: break
    case let value?: payload = Array(value.written.utf8)
    }
    let received = document["tst"]?.text.flatMap(Self.time) ?? now
    let retain = document["retain"]
    return try message(
      Array(topic.utf8), payload, received, retain == .number("1") || retain == .boolean(true))
  }

  /// The time as mosquitto_sub writes it: RFC 3339, with an offset without a colon, or with an offset after Z, which some
  /// versions write although the time is UTC.
  private static func time(_ text: String) -> Timestamp? {
    if let time = Timestamp(text) { return time }
    if let zulu = text.firstIndex(of: "Z") { return Timestamp(String(text[...zulu])) }
    guard let match = text.wholeMatch(of: /(.+[+-]\d{2})(\d{2})/) else { return nil }
    return Timestamp("\(match.output.1):\(match.output.2)")
  }
}

extension JSONValue {
  /// The document as compact JSON.
  fileprivate var written: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let text): text
    case .text(let text): Self.quoted(text)
    case .list(let elements): "[" + elements.map(\.written).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.key)):\($0.value.written)" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
