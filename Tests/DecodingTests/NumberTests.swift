import Decoding
import Telemetry
import TestSupport
import Testing

@Suite("Numbers in status messages")
struct NumberTests {
  @Test(
    "a meter is converted exactly to thousandths; beyond three decimals it is rounded half up",
    arguments: [
      ("0", 0), ("-0", 0), ("0.0", 0), ("-0.0", 0), ("0e5", 0), ("0.000e-99999999999999999999", 0),
      ("-0E+999", 0),
      ("1", 1000), ("0.1", 100), ("0.10", 100), ("0.001", 1), ("1523.25", 1_523_250), ("1e3", 1_000_000),
      ("1E3", 1_000_000), ("1e+3", 1_000_000), ("1.5e3", 1_500_000), ("1500e-3", 1500), ("1e-3", 1),
      ("123456.789e-3", 123_457), ("0.0005", 1), ("0.00049999999999999999999999", 0), ("1.0005", 1001),
      ("1.0004999", 1000), ("2.0015", 2002), ("0.9995", 1000), ("0.9994", 999), ("999.9999", 1_000_000),
      ("5e-4", 1),
      ("4e-4", 0), ("5e-5", 0), ("9e-9", 0), ("1e-400", 0), ("0.3", 300), ("4.35", 4350), ("1.005", 1005),
      ("4503599627370497.5", 4_503_599_627_370_497_500), ("9007199254740.993", 9_007_199_254_740_993),
      ("9007199254740993", 9_007_199_254_740_993_000), ("123456789012.345", 123_456_789_012_345),
      ("999999999999.9994999", 999_999_999_999_999), ("9223372036854775.807", .max),
      ("9223372036854775.8074", .max), ("9223372036854775", 9_223_372_036_854_775_000),
      ("0.00000000000000000001e23", 1_000_000), ("100000000000000000000e-20", 1000),
      ("00.1", nil), ("-1", nil), ("-0.0001", nil), ("-1e-300", nil), ("-1e300", nil),
      ("9223372036854775.8075", nil),
      ("9223372036854775.808", nil), ("9223372036854776", nil), ("9223372036854775807", nil),
      ("9223372036854775808", nil), ("18446744073709551615", nil), ("1e16", nil), ("1e308", nil),
      ("1.5e300", nil),
      ("\"1\"", nil), ("true", nil), ("[]", nil), ("{}", nil), ("\"\"", nil),
    ] as [(String, Int64?)])
  func meter(text: String, thousandths: Int64?) throws {
    for key in ["energy_kwh", "good", "total"] as [StaticString] {
      // Between other members and last: the text must end where the number does.
      for members in [#""\#(key)":\#(text),"x":1"#, #""\#(key)": \#(text) "#, #""\#(key)":\#(text)"#] {
        let result = try outcome(message(members))
        guard let thousandths else {
          // Text that is not a number of the required kind is left out; text that is not JSON refuses the message.
          #expect(
            text == "00.1" ? result == .rejected(.malformed, "json") : result.reading?.meters == Meters())
          continue
        }
        let meters = result.reading?.meters
        let values = [meters?.energy, meters?.good, meters?.total]
        #expect(values.compactMap { $0 } == [thousandths], "\(members)")
      }
    }
  }

  @Test(
    "numbers beyond what JSON parsers hold are left out, and are JSON",
    arguments: ["1e309", "-1e309", "1e99999"])
  func outOfRange(text: String) throws {
    #expect(try outcome(message(#""good":\#(text)"#)).reading?.meters == Meters())
  }

  @Test(
    "seq is an integer from 0 to 2^64 - 1",
    arguments: [
      ("0", 0), ("4711", 4711), ("9007199254740993", 9_007_199_254_740_993),
      ("9223372036854775807", 9_223_372_036_854_775_807), ("9223372036854775808", 9_223_372_036_854_775_808),
      ("18446744073709551615", .max),
    ] as [(String, UInt64)])
  func sequence(text: String, value: UInt64) throws {
    #expect(try outcome(message(#""seq":\#(text)"#)).reading?.sequence == value)
  }

  @Test("random decimals are converted as their digits say")
  func randomDecimals() throws {
    var random = SeededGenerator(seed: 1000)
    for _ in 0..<2_000 {
      let thousandths = Int64.random(
        in: 0...(Int64.max >> Int64.random(in: 0...62, using: &random)), using: &random)
      let tail = Int.random(in: 0...999, using: &random)
      let fraction = String(thousandths % 1000 + 1000).dropFirst()
      let text = "\(thousandths / 1000).\(fraction)\(String(tail + 1000).dropFirst())"
      let rounded =
        tail >= 500 ? thousandths.addingReportingOverflow(1) : (partialValue: thousandths, overflow: false)
      let expected = rounded.overflow ? nil : rounded.partialValue
      #expect(try outcome(message(#""energy_kwh":\#(text)"#)).reading?.meters.energy == expected, "\(text)")
    }
  }
}
