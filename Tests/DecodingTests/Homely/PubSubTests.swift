import Testing

@Suite("OPC UA PubSub in JSON") struct PubSubTests {
  static let source = """
    format: pubsub
    topic: "t/{equipment}"
    factory: F7
    state: { at: s, map: { "1": running, "0": idle } }
    counters: { total: n }
    """

  @Test(
    "Documents without data-set messages give nothing",
    arguments: ["[]", "{}", "[1,null,[]]", "{\"Messages\":null}"])
  func empty(_ payload: String) throws {
    #expect(try lines(Self.source, [("t/E1", payload)]) == ["1 nothing"])
  }

  @Test("Data-set messages of a kind that has no fields give nothing, however long its name is")
  func kinds() throws {
    let long = String(repeating: "ua-", count: 20)
    for (kind, expected) in [
      ("ua-keyframe", "1 F7/E1 reading untimed running"),
      ("ua-deltaframe", "1 F7/E1 reading untimed running"),
      ("ua-data", "1 F7/E1 reading untimed running"), ("", "1 F7/E1 reading untimed running"),
      ("ua-event", "1 nothing"), (long, "1 nothing"),
    ] {
      let message = #"{"MessageType":"\#(kind)","DataSetWriterId":1,"Payload":{"s":1}}"#
      #expect(try lines(Self.source, [("t/E1", message)]) == [expected], "\(kind)")
      #expect(try lines(Self.source, [("t/E1", #"{"Messages":[\#(message)]}"#)]) == [expected], "\(kind)")
    }
  }

  @Test("Every severity of a status is distinguished")
  func severities() throws {
    for (status, expected) in [
      ("0", "reading untimed running"), ("1073741824", "reading untimed running"),
      ("2147483647", "reading untimed running"), ("2147483648", ""), ("4294967295", ""),
      ("18446744073709551615", ""), ("\"Good\"", "reading untimed running"), ("\"BadTimeout\"", ""),
      ("{}", "reading untimed running"), ("{\"Code\":2147483648}", ""), ("null", "reading untimed running"),
    ] {
      let lines = try lines(
        Self.source, [("t/E1", #"{"Payload":{"s":{"Value":1,"StatusCode":\#(status)}}}"#)])
      #expect(lines == [expected.isEmpty ? "1 refused unknown_state s" : "1 F7/E1 \(expected)"], "\(status)")
    }
  }

  @Test("Many data-set messages of one document are read") func many() throws {
    let messages = (0..<600).map { second in
      let (minutes, seconds) = (10 + second / 60, 10 + second % 50)
      return #"{"s":1,"n":\#(second),"Timestamp":"2026-11-21T00:\#(minutes):\#(seconds).\#(second)Z"}"#
    }
    let lines = try lines(Self.source, [("t/E1", "[\(messages.joined(separator: ","))]")])
    #expect(lines.count == 600)
    #expect(lines.last == "1 F7/E1 reading 2026-11-21T00:19:59.599Z running total=599")
  }

  @Test("Settings that give no readings are refused with the text to write") func settings() throws {
    let topic = "format: pubsub\ntopic: \"{factory}/#\"\nstate: s\n"
    #expect(
      try problems(topic + "equipment: Writer") == [
        "4:12 sources[0].equipment must be one of DataSetWriterName, DataSetWriterId, PublisherId, WriterGroupName, "
          + "not 'Writer'"
      ])
    #expect(
      try problems(topic + "equipment: { at: PublisherId, pattern: x }\ntimestamp: ms") == [
        "4:40 sources[0].equipment.pattern must be text with {equipment}, such as Line1.{equipment}, not 'x'",
        "5:12 sources[0].timestamp must be one of message, source, receipt, not 'ms'",
      ])
    #expect(
      try problems(topic) == ["2:8 sources[0].topic must have {equipment}; or add the key equipment"])
  }
}
