import Decoding
import Telemetry
import Testing

@Suite("Words, times and numbers of mapped fields") struct WordTests {
  private func list(_ words: String...) -> WordList {
    var list = WordList()
    for word in words { _ = list.add(Word(word)) }
    return list
  }

  /// Calls `body` with a value whose text stands in memory during the call.
  static func with<R>(
    _ text: String, _ kind: (UnsafeRawBufferPointer) -> FieldValue, _ body: (FieldValue) -> R
  ) -> R {
    Array(text.utf8).withUnsafeBytes { body(kind($0)) }
  }

  private func place(_ text: String, in list: WordList) -> Int? {
    Self.with(text, FieldValue.text) { list.place(of: $0) }
  }

  @Test("A word equals the number, truth value or text that users mean by it") func equal() {
    let list = list("1", "Running", "运行中", "0", "2.5", "0x10")
    #expect(list.place(of: .integer(1)) == 0)
    #expect(list.place(of: .boolean(true)) == 0)
    #expect(list.place(of: .boolean(false)) == 3)
    #expect(list.place(of: .double(1)) == 0)
    #expect(list.place(of: .double(2.5)) == 4)
    #expect(Self.with("1.0", FieldValue.decimal) { list.place(of: $0) } == 0)
    #expect(Self.with("25e-1", FieldValue.decimal) { list.place(of: $0) } == 4)
    #expect(place("1", in: list) == 0)
    #expect(place(" 1.0 ", in: list) == 0)
    #expect(place("TRUE", in: list) == 0)
    #expect(place("false", in: list) == 3)
    #expect(place("rUNNING\r\n", in: list) == 1)
    #expect(place("运行中", in: list) == 2)
    #expect(place("0X10", in: list) == 5)
    for other in ["运行", "running!", "", "01", "2", "tru"] {
      #expect(place(other, in: list) == nil, "\(other)")
    }
    for other in [FieldValue.null, .integer(16), .double(.nan), .unsigned(1), .unreadable(.wrongType)] {
      #expect(list.place(of: other) == nil)
    }
  }

  @Test("Equal words have one place") func once() {
    var list = list("true", "on")
    #expect(list.add(Word("1")) == 0)
    #expect(list.add(Word("1.0")) == 0)
    #expect(list.add(Word("ON ")) == 1)
    #expect(list.add(Word("off")) == 2)
    #expect(list.words.map(\.text) == ["true", "on", "off"])
  }

  private func time(_ rule: TimeRule, _ text: String) -> Int64? {
    Self.with(text, FieldValue.text) { rule.time($0)?.milliseconds }
  }

  @Test("Numbers are times in the unit of the rule") func units() {
    let expected = Timestamp(milliseconds: 1_795_305_600_123)
    #expect(TimeRule(unit: .seconds).time(.integer(1_795_305_600))?.milliseconds == 1_795_305_600_000)
    #expect(TimeRule(unit: .milliseconds).time(.integer(1_795_305_600_123)) == expected)
    #expect(TimeRule(unit: .microseconds).time(.integer(1_795_305_600_123_999)) == expected)
    #expect(TimeRule(unit: .nanoseconds).time(.integer(1_795_305_600_123_999_999)) == expected)
    #expect(
      Self.with("1795305600.1239", FieldValue.decimal) { TimeRule(unit: .seconds).time($0) }
        == Timestamp(milliseconds: 1_795_305_600_124))
    #expect(Self.with("1795305600123.9", FieldValue.decimal) { TimeRule().time($0) } == expected)
    #expect(TimeRule(unit: .seconds).time(.double(1_795_305_600.123)) == expected)
    #expect(
      Self.with("1.7953056001235e+18", FieldValue.decimal) { TimeRule(unit: .nanoseconds).time($0) }
        == expected)
    #expect(TimeRule(unit: .nanoseconds).time(.double(1.7953056001235e18)) == expected)
    for wrong in [1e300, -1e300, .infinity, -.infinity, .nan] {
      for unit in TimeRule.Unit.allCases { #expect(TimeRule(unit: unit).time(.double(wrong)) == nil) }
    }
    #expect(time(TimeRule(unit: .seconds), "1795305600") == 1_795_305_600_000)
    #expect(TimeRule().time(.integer(-1)) == nil)
    #expect(TimeRule(unit: .seconds).time(.integer(.max)) == nil)
    #expect(TimeRule(unit: .nanoseconds).time(.integer(.min)) == nil)
    #expect(TimeRule().time(.unsigned(.max)) == nil)
    #expect(TimeRule().time(.double(.infinity)) == nil)
    #expect(TimeRule().time(.null) == nil)
    #expect(TimeRule().time(.boolean(true)) == nil)
  }

  @Test("Text without an offset is local time of the declared zone") func zones() {
    let shanghai = TimeRule(zone: LocalCalendar(identifier: "Asia/Shanghai"))
    let instant: Int64 = 1_795_305_600_000
    for text in [
      "2026-11-22 08:00:00", "2026-11-22T08:00:00", "2026/11/22 8:00:00", "2026-11-22 08:00",
      "2026/11/22  08:00:00",
      "2026-11-22 08:00:00.000", "2026-11-22T00:00:00Z", "2026-11-22 00:00:00+0000",
      "2026-11-22 01:00:00 +01",
      "2026-11-21 19:30:00-04:30",
    ] { #expect(time(shanghai, text) == instant, "\(text)") }
    #expect(time(shanghai, "2026-11-22 08:00:00,5") == instant + 500)
    #expect(time(shanghai, "2026-11-22 08:00:00.0421234567") == instant + 42)
    for text in [
      "2026-11-22", "2026-13-22 08:00:00", "2026-11-22 24:00:00", "2026-11-22 08:60",
      "2026-11-22 08:00:00 CST", "",
      "2026-11-22 08:00:00+25", "1969-12-31 08:00:00", "22.11.2026 08:00",
    ] { #expect(time(shanghai, text) == nil, "\(text)") }
    #expect(time(TimeRule(), "2026-11-22 08:00:00") == nil)
    #expect(time(TimeRule(), "2026-11-22 08:00:00+08:00") == instant)
    // A change of clocks skips 02:30 and repeats 02:30 half a year later.
    let berlin = TimeRule(zone: LocalCalendar(identifier: "Europe/Berlin"))
    #expect(time(berlin, "2026-03-29 02:30:00") == Timestamp("2026-03-29T01:00:00Z")?.milliseconds)
    #expect(time(berlin, "2026-10-25 02:30:00") == Timestamp("2026-10-25T00:30:00Z")?.milliseconds)
  }

  @Test("A time of a repeated hour is the second one for data that is sent at once, and else the first")
  func repeatedHour() throws {
    // The hour from 02:00 to 03:00 comes twice: at 00:00 and at 01:00 UTC.
    let berlin = TimeRule(zone: LocalCalendar(identifier: "Europe/Berlin"))
    func time(_ text: String, _ received: String) throws -> String? {
      let received = try #require(Timestamp(received))
      return Self.with(text, FieldValue.text) { berlin.time($0, received: received) }?.rfc3339
    }
    let (first, second) = ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z")
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T00:30:01Z") == first)
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T01:00:00Z") == first)
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T01:00:01Z") == second)
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T01:30:01Z") == second)
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T02:00:00Z") == second)
    #expect(try time("2026-10-25 02:30:00", "2026-10-25T02:00:01Z") == first)
    #expect(try time("2026-10-25 02:30:00+02:00", "2026-10-25T01:30:01Z") == first)
    // Not repeated: whenever it comes.
    #expect(try time("2026-10-25 01:59:59", "2026-10-25T01:30:00Z") == "2026-10-24T23:59:59.000Z")
    #expect(try time("2026-10-25 03:00:00", "2026-10-25T02:00:00Z") == "2026-10-25T02:00:00.000Z")
  }

  @Test("Plain text is a number if it is written like one") func plain() {
    func kind(_ text: String) -> String {
      Self.with(text, FieldValue.plain) { value in
        switch value {
        case .null: "null"
        case .integer(let number): "integer \(number)"
        case .decimal: "decimal"
        case .text: "text"
        default: "other"
        }
      }
    }
    #expect(kind("") == "null")
    #expect(kind("-12") == "integer -12")
    #expect(kind("9223372036854775807") == "integer 9223372036854775807")
    #expect(kind("9223372036854775808") == "decimal")
    #expect(kind("12.50") == "decimal")
    #expect(kind("1e3") == "decimal")
    for text in ["007", "1.", ".5", "+1", "1 ", "-", "NaN", "1e", "E12"] {
      #expect(kind(text) == "text", "\(text)")
    }
  }

  @Test("Alarms are texts and numbers; zero and empty text are none") func alarms() {
    func digest(_ values: [FieldValue]) -> AlarmDigest {
      var digest = AlarmDigest()
      for value in values { #expect(digest.add(value) == nil) }
      return digest
    }
    #expect(digest([.null, .integer(0), .boolean(false), .double(0)]).value == 0)
    #expect(Self.with("", FieldValue.text) { digest([$0]).value } == 0)
    #expect(Self.with("0", FieldValue.text) { digest([$0]).value } == 0)
    let number = digest([.integer(201)])
    #expect(number.count == 1)
    #expect(number.value != 0)
    #expect(Self.with("201", FieldValue.text) { digest([$0]) } == number)
    #expect(digest([.integer(1), .integer(2)]) == digest([.integer(2), .integer(1)]))
    var wrong = AlarmDigest()
    #expect(wrong.add(.unreadable(.wrongType)) == .wrongType)
  }
}
