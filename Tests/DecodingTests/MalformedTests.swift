import Decoding
import Telemetry
import Testing

@Suite("Malformed payloads")
struct MalformedTests {
  /// Payloads that are not one JSON document; in each, what surrounds the defect would be a valid message.
  static let texts: [String] = [
    // Nothing, or not begun.
    "", " ", "\t\r\n ", "}", "]", ",", ":", "\"", "'", "nope", "{", "[", "\u{FEFF}", "\0",
    // Cut short.
    #"{"ts"#, #"{"ts""#, #"{"ts":"#, #"{"ts":"2026-11-22T00:00:00Z""#, #"{"ts":"2026-11-22T00:00:00Z","#,
    #"{"ts":"2026-11-22T00:00:00Z","state":"idle""#, #"{"ts":"2026-11-22T00:00:00Z","state":"idle"#,
    #"{"ts":"2026-11-22T00:00:00Z","state":"idle\"}"#,
    // Something after it.
    message() + "}", message() + "}}", message() + "]", message() + ",", message() + message(),
    message() + "\n" + message(), message() + " null", message() + "x", message() + "\0x", message() + "//",
    // Something before it.
    "\u{FEFF}\u{FEFF}" + message(), "x" + message(), ")]}'" + message(), "\0" + message(),
    "\u{A0}" + message(),
    // Literals that are almost right, in fields that are read and in others.
    message(#""x":nul"#), message(#""x":nulll"#), message(#""x":NULL"#), message(#""x":tru"#),
    message(#""x":truee"#),
    message(#""x":True"#), message(#""x":fals"#), message(#""x":falsey"#), message(#""x":undefined"#),
    message(#""x":NaN"#), message(#""x":Infinity"#), message(#""x":-Infinity"#), message(#""mode":nul"#),
    message(#""alarms":nulL"#), message(ts: "nul"), message(state: "idle"),
    // Numbers that are almost right.
    message(#""x":1e"#), message(#""x":1e+"#), message(#""x":1.e1"#), message(#""x":1."#),
    message(#""x":.5"#),
    message(#""x":+1"#), message(#""x":01"#), message(#""x":-01"#), message(#""x":-"#), message(#""x":--1"#),
    message(#""x":0x10"#), message(#""x":1_000"#), message(#""x":1,000"#), message(#""x":1.2.3"#),
    message(#""x":1e5.5"#), message(#""x":1 2"#), message(#""x":1a"#), message(#""x":12kWh"#),
    message(#""good":1e"#),
    message(#""good":1."#), message(#""energy_kwh":01.5"#), message(#""seq":-"#),
    message(#""x":"# + "\u{664}"),
    message(#""x":1e400,"y":1e"#),
    // Punctuation.
    message(#""x":1,"#), message(#","x":1"#), message(#""x":1,,"y":2"#), message(#""x" 1"#),
    message(#""x"::1"#),
    message(#""x":"#), message(#":1"#), message(#""x""#), message(#""x":1 "y":2"#), message(#""x":1;"y":2"#),
    message(#"x:1"#), message(#"'x':1"#), message(#"1:1"#), message(#"null:1"#), message(#"[]:1"#),
    message(#""x":[1,]"#), message(#""x":[,1]"#), message(#""x":[1 2]"#), message(#""x":[1:2]"#),
    message(#""x":[1"#),
    message(#""x":{"y":1"#), message(#""x":{"y"}"#), message(#""x":{1}"#), message(#""x":[1}"#),
    message(#""x":{"y":1]"#),
    message(#""x":{]"#), message(#""x":[}"#), message(#""x":1]"#), message(#""x":1/*why*/"#),
    message("\"x\":1//why\n"),
    message(#""alarms":["E201",]"#), message(#""alarms":["E201" "E202"]"#),
    // Strings.
    message(#""x":"a"#), message(#""x":"\""#), message(#""x":"\x41""#), message(#""x":"\u12""#),
    message(#""x":"\u12G4""#),
    message(#""x":"\ud800""#), message(#""x":"\ud800\u0041""#), message(#""x":"\ud800x""#),
    message(#""x":"\'""#),
    message(#""x":"\"#), message(#""x":'a'"#), message("\"x\":\"a\nb\""), message("\"x\":\"a\tb\""),
    message("\"x\":\"a\0b\""), message("\"x\":\"\u{1F}\""), message("\"x\n\":1"), message(#""\u00":1"#),
    // White space that is none in JSON.
    message("\u{0B}\"x\":1"), message("\u{0C}\"x\":1"), message("\u{A0}\"x\":1"), message("\u{2028}\"x\":1"),
    message("\0\"x\":1"),
  ]

  @Test("what is not one JSON document is malformed, wherever its defect is", arguments: texts)
  func text(payload: String) throws {
    #expect(try outcome(payload) == .rejected(.malformed, "json"))
  }

  /// Bytes that are not UTF-8 (RFC 3629), as the content of a string.
  static let notUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE2, 0x82],
    [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x8F],
    [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    // 设备 in GB 18030.
    [0xC9, 0xE8, 0xB1, 0xB8],
  ]

  @Test("bytes that are not UTF-8 are malformed in values and keys", arguments: notUTF8)
  func encoding(bytes: [UInt8]) throws {
    for (before, after) in [(#""x":""#, "\""), ("\"", #"":1"#)] {
      let whole = Array(message(before + "?" + after).utf8)
      let at = try #require(whole.lastIndex(of: UInt8(ascii: "?")))
      #expect(try outcome(whole[..<at] + bytes + whole[(at + 1)...]) == .rejected(.malformed, "json"))
    }
  }

  @Test("the sample in UTF-16 is malformed, and is read with a byte order mark before it and NULs after it")
  func otherEncodings() throws {
    #expect(
      try outcome(sample.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        == .rejected(.malformed, "json"))
    #expect(try outcome([0xEF, 0xBB, 0xBF] + Array(sample.utf8)) == outcome(sample))
    #expect(try outcome(Array(sample.utf8) + [0, 0, 0]) == outcome(sample))
    #expect(try outcome([0xEF, 0xBB, 0xBF] + Array(sample.utf8) + [0]) == outcome(sample))
    #expect(try outcome([0xFF, 0xFE] + Array(sample.utf8)) == .rejected(.malformed, "json"))
  }

  @Test("every proper beginning of the sample is malformed")
  func prefixes() throws {
    let bytes = Array(sample.utf8)
    for length in 0..<bytes.count {
      #expect(try outcome(bytes[..<length]) == .rejected(.malformed, "json"), "\(length) bytes")
    }
  }

  @Test(
    "valid JSON that is no object has a wrong root",
    arguments: ["null", "true", "1", "1.5", "\"running\"", "[]", "[\(message())]", " [ ] ", "[1,2]"])
  func root(payload: String) throws {
    #expect(try outcome(payload) == .rejected(.malformed, "root"))
  }
}
