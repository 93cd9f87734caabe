import Testing

@Suite("One value per topic") struct ValuesTests {
  static let source = """
    format: values
    topic: "plant/{equipment}/{field}"
    factory: F7
    state: { at: state, map: { "1": running, "0": idle } }
    counters: { energy_kwh: energy }
    """

  @Test("A byte order mark, white space, NULs and quotes around a value do not matter")
  func aroundValues() throws {
    for payload in ["1", " 1\r\n", "\u{FEFF}1", "1\0", "\"1\"", "1.0", "true", "TRUE", "1e0"] {
      #expect(
        try lines(Self.source, [("plant/E1/state", payload)]) == ["1 F7/E1 reading untimed running"],
        "\(payload)")
    }
    for payload in ["", "  ", "\"\""] {
      #expect(try lines(Self.source, [("plant/E1/state", payload)]) == ["1 nothing"], "\(payload)")
    }
    #expect(
      try lines(Self.source, [("plant/E1/state", "\"")]) == ["1 refused unknown_state state (unknown_word)"])
  }

  @Test("Equipment of a factory named in the settings is remembered under it") func ownFactory() throws {
    let messages = [("plant/E1/state", "1"), ("plant/E1/energy", "2"), ("plant/E2/energy", "3")]
    #expect(
      try lines(Self.source, messages) == [
        "1 F7/E1 reading untimed running", "2 F7/E1 reading untimed running energy_kwh=2",
        "3 refused missing_field state",
      ])
  }

  @Test("The levels that # stands for can name the field") func severalLevels() throws {
    let source = """
      format: values
      topic: "{factory}/{equipment}/#"
      state: { at: plc/run, map: { "1": running, "0": idle } }
      """
    #expect(
      try lines(source, [("F1/E1/plc/run", "1"), ("F1/E1/plc", "1"), ("F1/E1/plc/run/x", "1")]) == [
        "1 F1/E1 reading untimed running", "2 nothing", "3 nothing",
      ])
  }

  @Test("Settings that give no readings are refused with the text to write") func settings() throws {
    #expect(
      try problems("format: values\ntopic: \"plant/{factory}/{equipment}\"\nstate: state") == [
        "2:8 sources[0].topic must have {field}, or # at the end, for the field's name"
      ])
    #expect(
      try problems("format: values\ntopic: \"{factory}/{field}\"\nstate: state") == [
        "2:8 sources[0].topic must have {equipment}"
      ])
    #expect(
      try problems("format: values\ntopic: \"{factory}/{equipment}/{field}\"\ntimestamp: t\nstate: s") == [
        "3:1 unknown key 'timestamp' in sources[0]"
      ])
    #expect(
      try problems("format: values\ntopic: \"{factory}/{equipment}/{field}\"") == [
        "1:1 sources[0].state is missing: it must be the name of a field as in the topic, such as state, "
          + "a section with at and map, or a list of conditions"
      ])
  }
}
