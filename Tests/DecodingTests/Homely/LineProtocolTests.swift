import Testing

@Suite("Line protocol") struct LineProtocolTests {
  static let source = """
    format: line_protocol
    topic: "t/{factory}/{equipment}"
    timestamp: s
    state: { at: s, map: { "1": running, "0": idle } }
    counters: { total: timestamp }
    """

  @Test("A field can have the name of the time") func timestampField() throws {
    #expect(
      try lines(
        Self.source, [("t/F1/E1", "m s=1,timestamp=7i 1795305600"), ("t/F1/E1", "m s=1,timestamp=8i")]) == [
          "1 F1/E1 reading 2026-11-22T00:00:00.000Z running total=7",
          "2 F1/E1 reading untimed running total=8",
        ])
  }

  @Test(
    "Spaces and line ends of Windows around points do not matter",
    arguments: [
      "m s=1 1795305600\r\n", "  m  s=1   1795305600  \r\n\r\n", "\u{FEFF}m s=1 1795305600",
      "m s=1 1795305600\0",
    ])
  func spaces(_ payload: String) throws {
    #expect(
      try lines(Self.source, [("t/F1/E1", payload)]) == ["1 F1/E1 reading 2026-11-22T00:00:00.000Z running"])
  }

  @Test(
    "A line that ends in the middle is refused",
    arguments: [
      "m", "m ", "m,", "m,a", "m,a=", "m,a=b", "m,a=b ", "m s", "m s=", "m s=1,", "m s=1 1 1", "m s=\"",
      "m s=\"a",
      "m s=\"a\"b", "m s=1i2", "m s=i", "m s=-", "m s=1.", "m s=1e", " =1", ",a=b s=1", "m\\ s=1",
      "m s=1 1.5",
    ])
  func cut(_ payload: String) throws {
    let refusals = try lines(Self.source, [("t/F1/E1", payload)])
    #expect(refusals.count == 1 && refusals[0].hasPrefix("1 refused malformed line ("), "\(refusals)")
  }

  @Test("A quote in a tag's value is a character like any other") func quotesInTags() throws {
    let source = """
      format: line_protocol
      topic: "t/{factory}/#"
      timestamp: receipt
      equipment: machine
      state: { at: s, map: { "1": running, "0": idle } }
      """
    #expect(
      try lines(source, [("t/F1/a", "m,hall=\"north,machine=E1,size=4\\\" s=1\nm,a=\"b\",machine=E2 s=0")])
        == [
          "1 F1/E1 reading untimed running", "1 F1/E2 reading untimed idle",
        ])
  }

  @Test("Ten thousand lines are read, and one more is refused") func most() throws {
    func payload(_ count: Int) -> String { (0..<count).map { "m s=1 \(1_795_290_000 + $0)\n" }.joined() }
    #expect(try lines(Self.source, [("t/F1/E1", payload(10_000))]).count == 10_000)
    #expect(try lines(Self.source, [("t/F1/E1", payload(10_001))]) == ["1 refused too_large events"])
  }

  @Test("Settings that give no readings are refused with the text to write") func settings() throws {
    #expect(
      try problems("format: line_protocol\ntopic: \"{factory}/#\"\ntimestamp: nanoseconds\nstate: s") == [
        "2:8 sources[0].topic must have {equipment}; or add the key equipment",
        "3:12 sources[0].timestamp must be one of s, ms, us, ns, receipt, not 'nanoseconds'",
      ])
    #expect(try problems("format: line_protocol\ntopic: \"{factory}/#\"\nequipment: machine\nstate: s") == [])
  }
}
