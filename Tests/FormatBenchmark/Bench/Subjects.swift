import Decoding
import Foundation
import SparkplugSchema

extension Subject {
  /// Number of machines whose messages take turns.
  private static let machines = 64

  /// All subjects, in the order of the table.
  static func all() throws -> [Subject] {
    try [native(), json(), pubsub(), sparkplug(), lineProtocol(), csv(), values()] + presets()
  }

  /// Messages of different machines, with different values.
  private static func messages(_ topic: (Int) -> String, _ payload: (Int) -> String) -> [Message] {
    (0..<machines).map { Message(topic($0), payload($0)) }
  }

  private static func state(_ machine: Int) -> String { ["running", "idle", "fault", "setup"][machine % 4] }
  private static func time(_ machine: Int) -> Int { 1_795_305_600_000 + machine }

  // MARK: Formats

  private static func native() throws -> Subject {
    try Subject(
      "status", "native status message",
      messages {
        "factory/F001/W0\($0 % 5)/E\($0)/status"
      } _: {
        #"{"ts":\#(time($0)),"state":"\#(state($0))","mode":"automatic","seq":\#($0),"boot":"a1b2","#
          + #""energy_kwh":\#(1000 + $0).25,"good":\#($0 * 7),"total":\#($0 * 8)}"#
      })
  }

  private static func json() throws -> Subject {
    try Subject(
      "json", "mapped JSON of 200 bytes",
      source: [
        "format": "json", "topic": "plant/{factory}/{workshop}/{equipment}", "timestamp": "/time",
        "state": ["at": "/values/status", "map": ["1": "running", "2": "idle", "3": "setup", "9": "fault"]],
        "mode": ["at": "/values/mode", "map": ["AUTO": "automatic", "MANUAL": "manual"]],
        "counters": ["energy_kwh": "/values/energy", "good": "/values/ok", "total": "/values/all"],
        "alarms": "/alarm",
      ],
      messages {
        "plant/F001/W0\($0 % 5)/E\($0)"
      } _: {
        #"{"time":\#(time($0)),"device":"press-line-\#(1000 + $0)","firmware":"4.18.2","site":"A","values":{"#
          + #""status":\#([1, 2, 3, 9][$0 % 4]),"mode":"AUTO","temperature":23.\#(10 + $0),"energy":\#(51_000 + $0).25,"#
          + #""ok":\#(102_300 + $0),"all":\#(102_400 + $0)},"alarm":0,"rssi":-6\#($0 % 10)}"#
      }, target: 1500, peer: .foundation)
  }

  private static func pubsub() throws -> Subject {
    try Subject(
      "pubsub", "OPC UA PubSub network message",
      source: [
        "format": "pubsub", "preset": "machinery",
        "topic": "opcua/json/data/{factory}/{workshop}/{equipment}",
        "counters": ["energy_kwh": "EnergyTotal", "good": "GoodParts"],
      ],
      messages {
        "opcua/json/data/F001/W0\($0 % 5)/E\($0)"
      } _: {
        #"{"MessageId":"9279c0b3-da88-4f2c-b1a8-\#(100_000_000_000 + $0)","MessageType":"ua-data","#
          + #""PublisherId":"press-\#($0)","Messages":[{"DataSetWriterId":\#($0 + 1),"SequenceNumber":\#(700 + $0),"#
          + #""Timestamp":"2026-11-22T00:00:00.\#(100 + $0)Z","Payload":{"#
          + #""MachineryItemState":{"Value":\#(2 + $0 % 2)},"EnergyTotal":{"Value":\#(51_000 + $0).25},"#
          + #""GoodParts":{"Value":\#(102_300 + $0)}}}]}"#
      }, target: 2500)
  }

  private static func sparkplug() throws -> Subject {
    let source: SettingsTree = [
      "format": "sparkplug", "host_id": "millwright",
      "mode": ["at": "Status/Mode", "map": ["1": "automatic"]],
    ]
    var births: [Message] = []
    for edge in 0..<8 {
      births.append(
        Message("spBv1.0/F001/NBIRTH/W0\(edge)", try SparkplugMessages.nodeBirth(at: time(0))))
    }
    for machine in 0..<machines {
      births.append(
        Message(
          "spBv1.0/F001/DBIRTH/W0\(machine % 8)/E\(machine)",
          try SparkplugMessages.deviceBirth(machine, at: time(machine))))
    }
    return try Subject(
      "sparkplug", "Sparkplug data of 5 aliased metrics", source: source, first: births,
      (0..<machines).map { machine in
        Message(
          "spBv1.0/F001/DDATA/W0\(machine % 8)/E\(machine)",
          try SparkplugMessages.data(machine, at: time(machine) + 100))
      }, target: 2000, peer: .protobuf)
  }

  private static func lineProtocol() throws -> Subject {
    try Subject(
      "line_protocol", "InfluxDB line protocol",
      source: [
        "format": "line_protocol", "topic": "telegraf/{factory}", "equipment": "machine",
        "state": ["at": "state", "map": ["1": "running", "0": "idle"]],
        "counters": ["energy_kwh": "energy", "good": "ok"],
      ],
      messages { _ in
        "telegraf/F001"
      } _: {
        "machine,line=L\($0 % 5),machine=E\($0) state=\($0 % 2)i,energy=\(51_000 + $0).25,ok=\(102_300 + $0)i,"
          + "temperature=23.5 \(time($0))000000\n"
      })
  }

  private static func csv() throws -> Subject {
    try Subject(
      "csv", "CSV row",
      source: [
        "format": "csv", "topic": "csv/{factory}/{workshop}/{equipment}",
        "columns": SettingsTree(.list(["time", "state", "energy", "good"])), "timestamp": "time",
        "state": ["at": "state", "map": ["1": "running", "0": "idle"]],
        "counters": ["energy_kwh": "energy", "good": "good"],
      ],
      messages {
        "csv/F001/W0\($0 % 5)/E\($0)"
      } _: {
        "\(time($0)),\($0 % 2),\(51_000 + $0).25,\(102_300 + $0)\n"
      })
  }

  private static func values() throws -> Subject {
    try Subject(
      "values", "one value by topic",
      source: [
        "format": "values", "topic": "plant/{factory}/{workshop}/{equipment}/{field}",
        "state": ["at": "state", "map": ["1": "running", "0": "idle"]],
      ],
      messages {
        "plant/F001/W0\($0 % 5)/E\($0)/state"
      } _: {
        "\($0 % 2)"
      })
  }

  // MARK: Presets of mapped JSON

  private static func presets() throws -> [Subject] {
    let states: SettingsTree = ["map": ["0": "idle", "1": "running"]]
    return try [
      preset(
        "kepware",
        ["topic": "kepware/{factory}", "state": states],
        topic: "kepware/F001"
      ) {
        #"{"timestamp":\#(time($0)),"values":[{"id":"L1.E\#($0).state","v":\#($0 % 2),"q":true,"t":\#(time($0))},"#
          + #"{"id":"L1.E\#($0).Speed","v":12.5,"q":true,"t":\#(time($0))}]}"#
      },
      preset("neuron", ["topic": "neuron/{factory}/{workshop}", "state": states], topic: "neuron/F001/W01") {
        #"{"timestamp":\#(time($0)),"node":"modbus-\#($0)","group":"status","values":{"state":\#($0 % 2),"#
          + #""parts_ok":\#($0),"energy_kwh":7.5},"errors":{},"metas":{}}"#
      },
      preset(
        "neuron_tags", ["topic": "neuron/{factory}/{workshop}", "state": states], topic: "neuron/F001/W01"
      ) {
        #"{"timestamp":\#(time($0)),"node":"modbus-\#($0)","group":"status","tags":[{"name":"state","value":"#
          + #"\#($0 % 2)},{"name":"parts_ok","value":\#($0)}]}"#
      },
      preset(
        "node_red", ["topic": "nodered/{factory}/{workshop}/{equipment}", "state": states],
        topic: "nodered/F001/W01/E1"
      ) {
        #"{"timestamp":\#(time($0)),"topic":"E\#($0)","state":\#($0 % 2),"energy_kwh":7.5,"good":\#($0)}"#
      },
      preset("telegraf", ["topic": "telegraf/{factory}/#", "state": states], topic: "telegraf/F001/machine") {
        #"{"fields":{"state":\#($0 % 2),"energy_kwh":7.5},"name":"machine","tags":{"host":"gw","equipment":"E\#($0)"},"#
          + #""timestamp":\#(time($0) / 1000)}"#
      },
      preset(
        "thingsboard", ["topic": "tb/{factory}/{workshop}/{equipment}", "state": states],
        topic: "tb/F001/W01/E1"
      ) {
        #"{"ts":\#(time($0)),"values":{"state":\#($0 % 2),"energy_kwh":7.5,"good":\#($0)}}"#
      },
      preset("thingsboard_gateway", ["topic": "gateway/{factory}", "state": states], topic: "gateway/F001") {
        #"{"E\#($0)":[{"ts":\#(time($0)),"values":{"state":\#($0 % 2),"energy_kwh":7.5}}],"#
          + #""E\#($0 + 1)":[{"ts":\#(time($0)),"values":{"state":\#($0 % 2),"energy_kwh":7.5}}]}"#
      },
    ]
  }

  private static func preset(
    _ name: String, _ settings: SettingsTree, topic: String, _ payload: (Int) -> String
  ) throws -> Subject {
    try Subject(
      name, "preset \(name)",
      source: settings.completed(by: ["format": "json", "preset": SettingsTree(.text(name))]),
      messages({ _ in topic }, payload))
  }
}
