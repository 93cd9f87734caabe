import Decoding
import Listening
import Telemetry
import Testing

@Suite("Names in payloads that are not ids") struct PayloadNameTests {
  private static let received = Timestamp(milliseconds: 1_795_305_601_000)

  private func message(_ topic: String, _ payload: String) -> HeardMessage {
    HeardMessage(topic, payload, received: Self.received)
  }

  /// Lines of the naming file and readings that a draft made of messages gives for these messages.
  private func draft(_ messages: [HeardMessage]) throws -> [String] {
    let draft = try DraftedConfiguration(try Survey.of(messages))
    return draft.names + (try draft.read(messages))
  }

  private static func reading(_ machine: String, _ state: String = "running") -> String {
    #"{"machine":"\#(machine)","state":"\#(state)"}"#
  }

  private static func list(_ readings: [String]) -> String {
    #"{"time":1795305600000,"readings":[\#(readings.joined(separator: ","))]}"#
  }

  @Test("Machines of an array of readings get stand-in ids, those whose names are ids keep them") func array()
    throws
  {
    let payload = Self.list([
      Self.reading("数控 01"), Self.reading("数控 02", "idle"), Self.reading("E3", "stopped"),
    ])
    #expect(
      try draft([message("产线/实时", payload)]) == [
        "FACTORY,EQUIPMENT-1,FACTORY,数控 01", "FACTORY,EQUIPMENT-2,FACTORY,数控 02",
        "FACTORY/EQUIPMENT-1 running", "FACTORY/EQUIPMENT-2 idle", "FACTORY/E3 stopped",
      ])
  }

  @Test("A text beside a machine's id in the topic is no name of equipment") func description() throws {
    let payload = #"{"time":1795305600000,"name":"数控 01","state":"running"}"#
    #expect(
      try draft([message("plc/F001/E1", payload), message("plc/F001/E2", payload)]) == [
        "F001/E1 running", "F001/E2 running",
      ])
  }

  @Test("Nodes of Neuron, tags of Kepware and devices of a gateway for ThingsBoard") func presets() throws {
    #expect(
      try draft([
        message(
          "neuron/F001/data",
          #"{"timestamp":1795305600000,"node":"注塑机 1#","group":"g","values":{"state":1},"errors":{}}"#)
      ]) == ["F001,EQUIPMENT-1,F001,注塑机 1#", "F001/EQUIPMENT-1 running"])
    #expect(
      try draft([
        message(
          "kepware/F001/iotgateway",
          #"{"timestamp":1795305600000,"values":["#
            + #"{"id":"一号线.数控 01.state","v":1,"q":true,"t":1795305600000}]}"#)
      ]) == ["F001,EQUIPMENT-1,F001,数控 01", "F001/EQUIPMENT-1 running"])
    #expect(
      try draft([
        message(
          "v1/gateway/telemetry",
          #"{"冲床 A":[{"ts":1795305600000,"values":{"state":"run"}}],"#
            + #""P2":[{"ts":1795305600000,"values":{"state":"run"}}]}"#)
      ]) == ["FACTORY,EQUIPMENT-1,FACTORY,冲床 A", "FACTORY/EQUIPMENT-1 running", "FACTORY/P2 running"])
  }

  @Test("Writers of OPC UA PubSub, tags of line protocol and cells of CSV") func others() throws {
    let dataSets = [(1, "一号 车床"), (2, "二号 车床")].map { number, name in
      #"{"DataSetWriterId":\#(number),"DataSetWriterName":"\#(name)","Timestamp":"2026-11-22T00:00:00Z","Payload":{"State":1}}"#
    }
    #expect(
      try draft([
        message(
          "opcua/json/data/F001/group",
          #"{"MessageId":"1","MessageType":"ua-data","Messages":[\#(dataSets.joined(separator: ","))]}"#)
      ]) == [
        "F001,EQUIPMENT-1,F001,一号 车床", "F001,EQUIPMENT-2,F001,二号 车床", "F001/EQUIPMENT-1 running",
        "F001/EQUIPMENT-2 running",
      ])
    #expect(
      try draft([
        message("telegraf/F001/gw/modbus", #"modbus,machine=磨床\ A state=1i 1795305600000000000"#)
      ]) == ["F001,EQUIPMENT-1,F001,磨床 A", "F001/EQUIPMENT-1 running"])
    #expect(
      try draft([message("csv/F001/W01", "2026-11-22 08:00:00,数控01,R\n2026-11-22 08:00:00,E2,I")]) == [
        "F001,EQUIPMENT-1,F001,数控01", "F001/W01/EQUIPMENT-1 running", "F001/W01/E2 idle",
      ])
  }

  @Test("A name is drafted also if the state's words are not known") func unknownState() throws {
    let messages = [message("产线/实时", Self.list([Self.reading("数控 01", "四号状态")]))]
    let draft = try DraftedConfiguration(try Survey.of(messages))
    #expect(draft.names == ["FACTORY,EQUIPMENT-1,FACTORY,数控 01"])
    #expect(try draft.read(messages) == ["unknown_state /state"])
  }

  @Test("Machines of one name are told apart by the workshop in the topic, ids too") func workshopsOfTopics()
    throws
  {
    let payload = Self.list([Self.reading("1号机"), Self.reading("M1", "idle")])
    let messages = ["车间一/实时", "车间二/实时"].map { message($0, payload) }
    #expect(
      try draft(messages) == [
        "FACTORY,,FACTORY", "FACTORY,EQUIPMENT-1,FACTORY,1号机,车间一",
        "FACTORY,EQUIPMENT-2,FACTORY,M1,车间一", "FACTORY,EQUIPMENT-3,FACTORY,1号机,车间二",
        "FACTORY,EQUIPMENT-4,FACTORY,M1,车间二", "FACTORY/EQUIPMENT-1 running", "FACTORY/EQUIPMENT-2 idle",
        "FACTORY/EQUIPMENT-3 running", "FACTORY/EQUIPMENT-4 idle",
      ])
  }

  @Test("Machines of one name are told apart by a workshop in the payload") func workshopsOfPayloads() throws
  {
    func reading(_ workshop: String, _ state: String) -> String {
      #"{"workshop":"\#(workshop)","machine":"1号机","state":"\#(state)"}"#
    }
    let messages = [message("产线/实时", Self.list([reading("车间一", "running"), reading("W02", "idle")]))]
    #expect(
      try draft(messages) == [
        "FACTORY,EQUIPMENT-1,FACTORY,1号机,车间一", "FACTORY,EQUIPMENT-2,FACTORY,1号机,W02",
        "FACTORY/EQUIPMENT-1 running", "FACTORY/W02/EQUIPMENT-2 idle",
      ])
  }

  @Test("Characters of CSV and of spreadsheet formulas survive the naming file") func characters() throws {
    let names = ["=1+1", #"a,b\"c"#, "+x;y", "'#1", "@机床", "数控　01"]
    let messages = [message("产线/实时", Self.list(names.map { Self.reading($0) }))]
    #expect(
      try draft(messages) == [
        #"FACTORY,EQUIPMENT-1,FACTORY,"=1+1""#, #"FACTORY,EQUIPMENT-2,FACTORY,"a,b""c""#,
        #"FACTORY,EQUIPMENT-3,FACTORY,"+x;y""#, "FACTORY,EQUIPMENT-4,FACTORY,'#1",
        #"FACTORY,EQUIPMENT-5,FACTORY,"@机床""#, "FACTORY,EQUIPMENT-6,FACTORY,数控　01",
      ] + (1...6).map { "FACTORY/EQUIPMENT-\($0) running" })
  }

  @Test("The lines of a draft are bounded by number and size, and those left out are counted") func bounds()
    throws
  {
    let survey = try Survey.of([
      message("产线/实时", Self.list((1...1003).map { Self.reading("机 \($0)", "idle") }))
    ])
    #expect(survey.proposals[0].names.count == 1000)
    #expect(survey.proposals[0].notes.last == .namesLeftOut(3))
    // A cell of a naming file has at most 200 characters.
    let lengths = [200, 201]
    let long = try Survey.of([
      message(
        "产线/实时", Self.list(lengths.map { Self.reading(String(repeating: "a", count: $0), "idle") }))
    ])
    #expect(
      long.proposals[0].names.map(\.csv) == [
        "FACTORY,EQUIPMENT-1,FACTORY," + String(repeating: "a", count: 200)
      ])
    #expect(long.proposals[0].notes.last == .namesLeftOut(1))
  }

  @Test("Stand-in ids are not those that the naming has") func earlierDraft() throws {
    let naming = try Naming([
      Naming.Entry(
        .published(factory: "FACTORY", equipment: "数控 01"), factory: "FACTORY", equipment: "EQUIPMENT-1")
    ])
    let payload = Self.list([Self.reading("数控 01"), Self.reading("数控 02", "idle")])
    let survey = try Survey.of([message("产线/实时", payload)], naming: naming)
    #expect(survey.proposals[0].names.map(\.csv) == ["FACTORY,EQUIPMENT-2,FACTORY,数控 02"])
    #expect(survey.proposals[0].events.map(\.name) == ["FACTORY/EQUIPMENT-1", "FACTORY/EQUIPMENT-2"])
  }
}
