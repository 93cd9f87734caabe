import Decoding
import Telemetry
import Testing

@Suite("Limits and times of status messages")
struct LimitTests {
  /// The sample's event time, 2026-11-22T00:00:00Z.
  static let event = Timestamp(milliseconds: 1_795_305_600_000)

  @Test(
    "ts is RFC 3339 or integer milliseconds UTC",
    arguments: [
      (#""2026-11-22T08:00:00.000+08:00""#, 0), (#""2026-11-22T00:00:00Z""#, 0), ("1795305600000", 0),
      ("1795305600001", 1), (#""2026-11-22T00:00:00.0019Z""#, 1), (#""2026-11-21t20:00:00-04:00""#, 0),
      (#""2026\u002d11-22T00:00:00Z""#, 0),
    ] as [(String, Int64)])
  func times(ts: String, milliseconds: Int64) throws {
    #expect(try outcome(message(ts: ts)).reading?.time == Self.event + .milliseconds(milliseconds))
  }

  @Test(
    "a ts that is no instant is invalid_timestamp",
    arguments: [
      #""""#, #""2026-11-22""#, #""2026-11-22T08:00:00""#, #""2026-11-22 08:00:00Z""#,
      #""2026-02-29T00:00:00Z""#,
      #""2026-11-22T00:00:00Z\u0000""#, #""1795305600000""#, "1795305600000.0", "1.7953056e12",
      "1795305600000.5",
      "-1", "-1795305600000", "253402300800000", "9223372036854775807", "9223372036854775808",
      "18446744073709551615", "true", "false", "{}", "[]", "[1795305600000]", #"{"seconds":1795305600}"#,
    ])
  func invalidTime(ts: String) throws {
    #expect(try outcome(message(ts: ts)) == .rejected(.invalidTimestamp, "ts"))
  }

  @Test("event time may be five minutes ahead of receipt, and no more")
  func future() throws {
    let earliest = Self.event - .minutes(5)
    #expect(try outcome(message(), receivedAt: earliest).reading?.time == Self.event)
    #expect(try outcome(message(), receivedAt: earliest - .milliseconds(1)) == .rejected(.future, "ts"))
    #expect(try outcome(message(ts: "253402300799999")) == .rejected(.future, "ts"))
    let patient = DecodingLimits(futureSkew: .hours(1))
    #expect(try outcome(message(), receivedAt: Self.event - .hours(1), limits: patient).reading != nil)
  }

  @Test("event time may be the journal's retention less two days behind receipt, and no more")
  func tooLate() throws {
    let latest = Self.event + .days(88)
    #expect(try outcome(message(), receivedAt: latest).reading?.time == Self.event)
    #expect(try outcome(message(), receivedAt: latest + .milliseconds(1)) == .rejected(.tooLate, "ts"))
    // Seconds where milliseconds belong are 1970.
    #expect(try outcome(message(ts: "1795305600")) == .rejected(.tooLate, "ts"))
    #expect(DecodingLimits.oldestAge(retention: .days(30)) == .days(28))
    #expect(DecodingLimits.oldestAge(retention: .days(1)) == .zero)
  }

  /// A valid message of exactly `size` bytes.
  static func padded(to size: Int) -> String {
    let start = #"{"ts":"2026-11-22T00:00:00Z","state":"idle","note":""#
    return start + String(repeating: "x", count: size - start.utf8.count - 2) + "\"}"
  }

  @Test("a payload of 64 KiB is read, one byte more is refused whatever it holds")
  func size() throws {
    #expect(try outcome(Self.padded(to: 65_535)) == outcome(message()))
    #expect(try outcome(Self.padded(to: 65_536)) == outcome(message()))
    #expect(try outcome(Self.padded(to: 65_537)) == .rejected(.tooLarge))
    #expect(try outcome([UInt8](repeating: 0xFF, count: 65_537)) == .rejected(.tooLarge))
    #expect(try outcome([UInt8](repeating: 0xFF, count: 65_536)) == .rejected(.malformed, "json"))
  }

  @Test("the size limit is configurable, down to nothing and up to a megabyte")
  func configuredSize() throws {
    #expect(try outcome(Self.padded(to: 1000), limits: DecodingLimits(payload: 999)) == .rejected(.tooLarge))
    #expect(try outcome(Self.padded(to: 1000), limits: DecodingLimits(payload: 1000)).reading != nil)
    #expect(try outcome(Self.padded(to: 1 << 20), limits: DecodingLimits(payload: 1 << 20)).reading != nil)
    #expect(try outcome("{}", limits: DecodingLimits(payload: 0)) == .rejected(.tooLarge))
    #expect(try outcome("", limits: DecodingLimits(payload: 0)) == .rejected(.malformed, "json"))
    #expect(try outcome("{}", limits: DecodingLimits(payload: -1)) == .rejected(.tooLarge))
  }

  @Test("a parser too large to allocate is an error, not a crash")
  func outOfMemory() {
    #expect(throws: StatusDecoder.OutOfMemory(payload: 1 << 40)) {
      _ = try StatusDecoder(limits: DecodingLimits(payload: 1 << 40))
    }
  }

  /// `depth` containers within one another, the innermost empty or holding a number.
  static func nested(_ depth: Int, in brackets: (String, String), innermost: String) -> String {
    String(repeating: brackets.0, count: depth) + innermost + String(repeating: brackets.1, count: depth)
  }

  @Test(
    "containers nest 16 deep, the root counted, and no deeper",
    arguments: [("[", "]", ""), ("[", "]", "1"), (#"{"a":"#, "}", "1"), (#"[{"a":"#, "}]", "[]")])
  func nesting(open: String, close: String, innermost: String) throws {
    let perLevel = open.contains("{") && open.contains("[") ? 2 : 1
    let extra = innermost == "[]" ? 1 : 0
    for depth in 1...40 {
      let total = 1 + depth * perLevel + extra
      let text = "\"x\":" + Self.nested(depth, in: (open, close), innermost: innermost)
      for result in [try outcome(message(text)), try outcome(message(text + ",\"y\":[]"))] {
        if total <= 16 {
          #expect(result.reading != nil, "\(total) deep")
        } else {
          #expect(result == .rejected(.malformed, "nesting"), "\(total) deep")
        }
      }
    }
  }

  @Test("the nesting limit is configurable")
  func configuredNesting() throws {
    let text = message(#""x":[[]]"#)
    #expect(try outcome(text, limits: DecodingLimits(nesting: 3)).reading != nil)
    #expect(try outcome(text, limits: DecodingLimits(nesting: 2)) == .rejected(.malformed, "nesting"))
    #expect(try outcome(message(), limits: DecodingLimits(nesting: 1)).reading != nil)
    #expect(try outcome(message(), limits: DecodingLimits(nesting: 0)) == .rejected(.malformed, "nesting"))
  }

  @Test("a hundred thousand levels are refused without harm", arguments: ["[", "{\"a\":", "[{\"\":"])
  func abyss(open: String) throws {
    let abyss = String(repeating: open, count: 100_000)
    let roomy = DecodingLimits(payload: 1 << 20)
    #expect(try outcome(abyss) == .rejected(.tooLarge))
    #expect(try outcome(abyss, limits: roomy) == .rejected(.malformed, "json"))
    let member = message("\"x\":" + Self.nested(100_000, in: ("[", "]"), innermost: ""))
    #expect(try outcome(member, limits: roomy) == .rejected(.malformed, "nesting"))
  }
}
