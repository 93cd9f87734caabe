import Decoding
import Listening
import Telemetry
import Testing

@Suite("Drafts for Sparkplug") struct SparkplugDraftTests {
  /// Births of edge nodes and their devices with a state, in the order given.
  private func births(_ nodes: [(group: String, edge: String, devices: [String])]) throws -> [HeardMessage] {
    let golden = try GoldenMessages("sparkplug/data-by-name").messages
    return nodes.flatMap { node -> [HeardMessage] in
      var birth = golden[0]
      birth.topic = Array("spBv1.0/\(node.group)/NBIRTH/\(node.edge)".utf8)
      return [birth]
        + node.devices.map { device in
          var birth = golden[1]
          birth.topic = Array("spBv1.0/\(node.group)/DBIRTH/\(node.edge)/\(device)".utf8)
          return birth
        }
    }
  }

  /// The names of the source's keys with their values, the lines of the naming file, and the readings of the messages.
  private func draft(_ messages: [HeardMessage]) throws -> [String] {
    let survey = try Survey.of(messages)
    let draft = try DraftedConfiguration(survey)
    return survey.proposals[0].lines { _ in "" }.dropFirst().filter { !$0.hasSuffix("# ") }.map {
      String($0.drop { $0 == " " })
    } + draft.names + (try draft.read(messages))
  }

  @Test("A group, an edge node and a device whose names are not ids") func names() throws {
    #expect(
      try draft(births([("重庆一厂", "网关 1", ["数控 01", "M2"])])) == [
        #"group: "+""#, "factory: FACTORY", #"edge: "+""#,
        "FACTORY,EQUIPMENT-1,,,,,重庆一厂,网关 1,数控 01", "FACTORY/EQUIPMENT-1 running", "FACTORY/M2 running",
      ])
  }

  @Test("Several groups are factories, and devices with one name in two of them need no lines") func groups()
    throws
  {
    #expect(
      try draft(births([("一厂", "A", ["M1"]), ("二厂", "A", ["M1"]), ("F003", "A", ["M1"])])) == [
        "FACTORY-1,,,,,,一厂", "FACTORY-2,,,,,,二厂", "FACTORY-1/A/M1 running", "FACTORY-2/A/M1 running",
        "F003/A/M1 running",
      ])
  }

  @Test("Devices with one name below two edge nodes are told apart by a pattern, with lines for other names")
  func pattern() throws {
    #expect(
      try draft(births([("F001", "A", ["M1", "车床 1"]), ("F001", "B", ["M1"])])) == [
        #"device: "+""#, #"equipment: "{edge}.{device}""#, "F001,EQUIPMENT-1,,,,,F001,A,车床 1",
        "F001/A/A.M1 running", "F001/A/EQUIPMENT-1 running", "F001/B/B.M1 running",
      ])
  }

  @Test("They are told apart by lines where the pattern makes no ids, or the same id twice") func lines()
    throws
  {
    #expect(
      try draft(births([("F001", "网关 1", ["M1"]), ("F001", "网关 2", ["M1", "M2"])])) == [
        #"edge: "+""#, "F001,EQUIPMENT-1,,,,,F001,网关 1,M1", "F001,EQUIPMENT-2,,,,,F001,网关 2,M1",
        "F001/EQUIPMENT-1 running", "F001/EQUIPMENT-2 running", "F001/M2 running",
      ])
    #expect(
      try draft(births([("F001", "A", ["B.C", "M"]), ("F001", "A.B", ["C", "M"])])) == [
        "F001,EQUIPMENT-1,,,,,F001,A,M", "F001,EQUIPMENT-2,,,,,F001,A.B,M", "F001/A/B.C running",
        "F001/A/EQUIPMENT-1 running", "F001/A.B/C running", "F001/A.B/EQUIPMENT-2 running",
      ])
    let long = String(repeating: "e", count: 60)
    #expect(
      try draft(births([("F001", long, ["Lathe"]), ("F001", "B", ["Lathe"])])) == [
        "F001,EQUIPMENT-1,,,,,F001,B,Lathe", "F001,EQUIPMENT-2,,,,,F001,\(long),Lathe",
        "F001/\(long)/EQUIPMENT-2 running", "F001/B/EQUIPMENT-1 running",
      ])
  }

  @Test("Edge nodes without devices are the equipment") func edges() throws {
    var birth = try GoldenMessages("sparkplug/edge-as-equipment").messages[0]
    birth.topic = Array("spBv1.0/F001/NBIRTH/数控 01".utf8)
    #expect(
      try draft([birth]) == [
        #"edge: "{equipment}""#, #"device: "+""#, "F001,EQUIPMENT-1,,,,,F001,数控 01",
        "F001/EQUIPMENT-1 running",
      ])
  }

  @Test("A group that is not the known factory gives its devices to that factory") func otherGroup() throws {
    let births = try births([("SCADA", "GW1", ["数控 1"])])
    let other = HeardMessage("plant/F001/E1/state", "1", received: births[0].received)
    let draft = try DraftedConfiguration(try Survey.of(births + [other]))
    #expect(draft.names == ["F001,EQUIPMENT-1,,,,,SCADA,GW1,数控 1"])
    #expect(try draft.read(births + [other]) == ["F001/GW1/EQUIPMENT-1 running", "F001/E1 running"])
  }

  @Test("Devices that the naming has need no line, and leave their name to others") func named() throws {
    let naming = try Naming([
      Naming.Entry(
        .sparkplug(group: "F001", edge: "网关 1", device: "M1"), factory: "F001", equipment: "E7")
    ])
    let messages = try births([("F001", "网关 1", ["M1"]), ("F001", "网关 2", ["M1"])])
    let survey = try Survey.of(messages, naming: naming)
    #expect(survey.proposals[0].names.isEmpty)
    #expect(survey.proposals[0].events.map(\.name) == ["F001/E7", "F001/M1"])
  }

  @Test("Groups that the naming gives one factory do not divide devices of one name") func oneFactory() throws
  {
    let naming = try Naming(
      ["线 1", "线 2"].map { Naming.Entry(.sparkplug(group: $0, edge: "", device: ""), factory: "F001") })
    let messages = try births([("线 1", "A", ["M1"]), ("线 2", "B", ["M1"])])
    let survey = try Survey.of(messages, naming: naming)
    #expect(survey.proposals[0].names.isEmpty)
    #expect(survey.proposals[0].events.map(\.name) == ["F001/A/A.M1", "F001/B/B.M1"])
  }
}
