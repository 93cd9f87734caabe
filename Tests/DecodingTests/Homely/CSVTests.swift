import Testing

@Suite("Rows of CSV") struct CSVTests {
  static let source = """
    format: csv
    topic: "t/{factory}/{equipment}"
    columns: [s, n]
    timestamp: receipt
    state: { at: s, map: { "1": running, "0": idle } }
    counters: { total: n }
    """

  @Test(
    "Rows end with any line end, and empty rows are skipped",
    arguments: ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
  func lineEnds(_ end: String) throws {
    #expect(
      try lines(Self.source, [("t/F1/E1", "\u{FEFF}1,7\(end)0,8\(end)")]) == [
        "1 F1/E1 reading untimed running total=7", "1 F1/E1 reading untimed idle total=8",
      ])
  }

  @Test(
    "A row with other cells than the columns is refused",
    arguments: [
      ("1", "columns (cut_short)"), ("1,2,3", "columns (too_many)"), ("\"1,2", "row (cut_short)"),
      ("\"1\"2,3", "row (wrong_type)"), (String(repeating: ",", count: 1024), "row (too_many)"),
      ("\n", "row (empty)"),
    ])
  func refused(_ payload: String, _ detail: String) throws {
    #expect(try lines(Self.source, [("t/F1/E1", payload)]) == ["1 refused malformed \(detail)"])
  }

  @Test("A row without a time has that of its receipt, and is no other row received again")
  func rowWithoutTime() throws {
    let source = """
      format: csv
      topic: "t/{factory}/{equipment}"
      columns: [t, s]
      timestamp: { at: t, unit: s, otherwise: receipt }
      state: { at: s, map: { "1": running, "0": idle } }
      """
    #expect(
      try lines(source, [("t/F1/E1", "1795305600,1\n,0")]) == [
        "1 F1/E1 reading 2026-11-22T00:00:00.000Z running", "1 F1/E1 reading untimed idle",
      ])
  }

  @Test("Settings that give no readings are refused with the text to write") func settings() throws {
    let topic = "format: csv\ntopic: \"{factory}/{equipment}\"\n"
    #expect(
      try problems(topic + "columns: [time, state]\ntimestamp: tiem\nstate: state") == [
        "4:12 sources[0].timestamp must be one of columns, not 'tiem'"
      ])
    #expect(
      try problems(topic + "columns: [a, a]\nequipment: b\nseparator: ab\ntimestamp: receipt\nstate: a") == [
        "3:14 sources[0].columns[1] names 'a' again",
        "5:12 sources[0].separator must be one character, such as ',' or ';', or tab, not 'ab'",
        "4:12 sources[0].equipment must be one of columns, not 'b'",
      ])
    #expect(
      try problems(topic + "timestamp: receipt\nstate: a") == [
        "1:1 sources[0].columns is missing: it must be a list of columns, such as [time, machine, state]"
      ])
    #expect(
      try problems(topic + "columns: a\ntimestamp: receipt\nstate: a") == [
        "3:10 sources[0].columns must be a list of columns, such as [time, machine, state]"
      ])
  }
}
