import Foundation
import Processes
import Testing
import TestSupport

@Suite("What publishers send", .serialized) struct ListenTests {
  let folder: TemporaryDirectory
  private let broker: MosquittoBroker

  init() throws {
    folder = try TemporaryDirectory("listen")
    broker = try MosquittoBroker()
  }

  /// Publishes with mosquitto_pub at QoS 1.
  private func publish(_ topic: String, _ payload: String, isRetained: Bool = true) throws {
    let result = try run(
      "mosquitto_pub",
      ["-h", "127.0.0.1", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload]
        + (isRetained ? ["-r"] : []))
    guard result.status == 0 else { throw SupportError("mosquitto_pub: \(result.errors)") }
  }

  /// Runs the executable in the folder, which has no configuration.
  func millwright(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable, arguments, directory: folder.path,
      environment: ["LANG": "en_US.UTF-8", "LC_ALL": ""])
  }

  private func listen(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable, ["listen", "--port", "\(broker.port)"] + arguments, directory: folder.path,
      environment: ["LANG": "en_US.UTF-8", "LC_ALL": ""])
  }

  /// The output without its first line, which has the time.
  func body(_ result: CommandResult) -> String {
    result.output.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init)
      ?? ""
  }

  @Test("Topics, events, near misses and sources to add, without configuration and store") func topics()
    throws
  {
    try publish("factory/F001/W01/E1/status", #"{"ts":\#(now()),"state":"running","good":7}"#)
    try publish("factory/F001/W01/E2/status", #"{"ts":\#(now()),"state":"RUN"}"#)
    try publish("/factory/F001/W01/E3/status", #"{"ts":\#(now()),"state":"idle"}"#)
    try publish(
      "neuron/F001/W02", #"{"timestamp":\#(now()),"node":"N1","group":"g","values":{"state":1},"errors":{}}"#)
    try publish("notes", "hello [world]")
    let result = try listen("--messages", "5", "--for", "10m")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors == "listening to # at 127.0.0.1:\(broker.port) for 10m; Ctrl-C ends it early\n")
    #expect(result.output.hasPrefix("5 messages on 5 topics"))
    #expect(
      body(result) == """

        /factory/F001/W01/E3/status  1 message  status  1 retained
            ✗ not read: the topic begins with a slash, unlike factory/{factory}/{workshop}/{equipment}/status; publish on factory/F001/W01/E3/status, or add source 1 below
        factory/F001/W01
          E1/status  1 message  status  1 retained
              → F001/W01/E1  running, good 7
              retained: a collector stores it and does not count it
          E2/status  1 message  json  1 retained
              ✗ 1 refused, unknown_state (state): state is an unknown word: "RUN". Send state as one of running, idle, setup, stopped, fault, maintenance, off. The nearest to 'RUN' is running.
        neuron/F001/W02  1 message  json, preset neuron  1 retained
            ✗ not read: no source has this topic; add source 2 below
        notes  1 message  unknown text  1 retained
            ✗ not read: no format is known for such payloads

        SOURCES TO ADD below 'sources:' in the configuration

        1  status: 1 topic, 1 message
          - format: status
            topic: "/factory/{factory}/{workshop}/{equipment}/status"
            → F001/W01/E3  idle

        2  json, preset neuron: 1 topic, 1 message
          - format: json
            preset: neuron
            topic: "neuron/{factory}/{workshop}"
            # check: the meaning of each value
            state: { map: { 0: idle, 1: running } }
            → F001/W02/N1  running

        """)
    let chinese = try listen("neuron/#", "--messages", "1", "--lang", "zh")
    #expect(
      body(chinese) == """

        neuron/F001/W02  1 条  json, preset neuron  1 条保留消息
            ✗ 未读取：没有数据来源包含该主题；添加下列数据来源 1

        可添加到配置 sources: 下的数据来源

        1  json, preset neuron：1 个主题，1 条消息
          - format: json
            preset: neuron
            topic: "neuron/{factory}/{workshop}"
            # 请核对：各取值的含义
            state: { map: { 0: idle, 1: running } }
            → F001/W02/N1  运行

        """)
  }

  @Test("Captured messages give the same, as text and as JSON") func captured() throws {
    try folder.write(
      "captured.txt",
      """
      plant/F001/E1/state 1
      word
      {"tst":"2026-11-22T08:00:00.000000+0800","topic":"plant/F001/E1/energy","payload":"12.5"}

      """)
    let result = try millwright("listen", "--from", "captured.txt")
    #expect(result.status == 0)
    #expect(
      body(result) == """
        1 line left out; line 2: not TOPIC PAYLOAD

        plant/F001/E1
          energy  1 message  values
              ✗ not read: no source has this topic; add source 1 below
          state  1 message  values
              ✗ not read: no source has this topic; add source 1 below

        SOURCES TO ADD below 'sources:' in the configuration

        1  values: 2 topics, 2 messages
          - format: values
            topic: "plant/{factory}/{equipment}/{field}"
            # check: the meaning of each value
            state: { at: state, map: { 0: idle, 1: running } }
            counters: { energy_kwh: energy }
            → F001/E1  running, 12.5 kWh

        """)
    let json = try millwright("listen", "--from", "captured.txt", "--format", "json")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "millwright.listen/1")
    #expect(document["messages"] as? Int == 2)
    #expect(document["lines_left_out"] as? Int == 1)
    let proposal = try #require((document["proposals"] as? [[String: Any]])?.first)
    #expect(proposal["is_fit"] as? Bool == true)
    #expect((proposal["yaml"] as? String)?.hasPrefix("  - format: values\n") == true)
    try folder.write("hex.txt", "factory/F001/W01/E1/connection 6f6e6c696e65\n")
    let hex = try millwright("listen", "--from", "hex.txt", "--hex")
    #expect(hex.output.contains("→ F001/W01/E1  online"))
    #expect(try millwright("listen", "--from", "none.txt").status == 66)
    try folder.write("other.txt", "word\n")
    let other = try millwright("listen", "--from", "other.txt")
    #expect(other.status == 65)
    #expect(other.errors == "other.txt:1: not TOPIC PAYLOAD\n")
  }

  @Test("A draft replaces no file unasked, and without a readable message there is none") func overwriting()
    throws
  {
    let file = try folder.write("draft.yaml", "mine\n")
    try folder.write("captured.txt", "plant/F001/E1/state 1\n")
    let refused = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml")
    #expect(refused.status == 73)
    #expect(refused.output.isEmpty)
    #expect(
      refused.errors == "draft.yaml: is there already; name another file, or add --overwrite to replace it\n")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine\n")
    let replaced = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml", "--overwrite")
    #expect(replaced.status == 0)
    #expect(replaced.errors == "draft written to draft.yaml: 1 comment in it to check or edit\n")
    #expect(
      try String(contentsOfFile: file, encoding: .utf8) == """
        # Drafted by 'millwright listen' from 1 message on 1 topic.
        # Edit what the comments ask for; Config/millwright.yaml explains every key.
        district:
          id: my-district
          name_zh: 示范园区
          name_en: "My District"
          timezone: Asia/Shanghai
        mqtt:
          host: 127.0.0.1
          port: 1883
        store: sqlite:store
        sources:
          # values: 1 topic, 1 message
          #   → F001/E1  running
          - format: values
            topic: "plant/{factory}/{equipment}/{field}"
            # check: the meaning of each value
            state: { at: state, map: { 0: idle, 1: running } }

        """)
    try folder.write("captured.txt", "notes hello [world]\n")
    #expect(try millwright("listen", "--from", "captured.txt", "--write", "other.yaml").status == 66)
    #expect(!FileManager.default.fileExists(atPath: folder.file("other.yaml")))
    #expect(try millwright("listen", "--from", "captured.txt", "--write", "none/draft.yaml").status == 73)
  }

  @Test("A draft names an unknown factory by one word, in sources that can be edited and removed alone")
  func unknownFactory() throws {
    try folder.write(
      "captured.txt",
      """
      machines/E1/data {"ts":"2026-11-22T08:00:00+08:00","state":"running"}
      presses/E2/link AVAILABLE
      presses/E2/link UNAVAILABLE

      """)
    let result = try millwright("listen", "--from", "captured.txt", "--write", "draft.yaml")
    #expect(result.status == 0, "\(result.errors)")
    let text = try String(contentsOfFile: folder.file("draft.yaml"), encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.filter { $0 == "    factory: FACTORY" }.count == 2)
    #expect(
      lines.filter { $0.contains("id of the factory") } == [
        "    # edit: the id of the factory", "    # edit: the id of the factory, as above",
      ])
    // One word is replaced, and both sources read their messages.
    try folder.write("draft.yaml", text.replacing("FACTORY", with: "F001"))
    let heard = try millwright("listen", "--from", "captured.txt", "--config", "draft.yaml")
    #expect(heard.status == 0, "\(heard.errors)")
    #expect(heard.output.contains("F001/E1") && heard.output.contains("F001/E2"), "\(heard.output)")
    // One source is edited, and the other still reads its messages.
    let first = try #require(text.range(of: "factory: FACTORY"))
    try folder.write("draft.yaml", text.replacingCharacters(in: first, with: "factory: F001"))
    let half = try millwright("listen", "--from", "captured.txt", "--config", "draft.yaml")
    #expect(half.status == 0, "\(half.errors)")
    #expect(half.output.contains("F001/E1") && half.output.contains("FACTORY/E2"), "\(half.output)")
  }

  @Test("A draft has the broker's settings and the sources of the present configuration") func present()
    throws
  {
    try folder.write("captured.txt", "plant/F001/E1/state 1\ngw/F001/E2 {\"t\":1795305600000,\"s\":\"R\"}\n")
    try folder.write("password", "secret\n")
    let config = try folder.write(
      "present.yaml",
      """
      district: { id: park, name_zh: 园区, name_en: "Park: one", timezone: UTC }
      mqtt: { port: 18830, protocol: 3.1.1, username: reader, password_file: password }
      sources:
        - { format: json, topic: "gw/{factory}/{equipment}", timestamp: /t, state: { at: /s, map: { R: running } } }
        - { format: sparkplug, host_id: scada, reorder_timeout: 7s }
      store: sqlite:store
      """)
    let result = try millwright(
      "listen", "--from", "captured.txt", "--config", config, "--write", "draft.yaml", "--host", "::1")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      try String(contentsOfFile: folder.file("draft.yaml"), encoding: .utf8) == """
        # Drafted by 'millwright listen' from 2 messages on 2 topics.
        # Edit what the comments ask for; Config/millwright.yaml explains every key.
        district:
          id: park
          name_zh: 园区
          name_en: "Park: one"
          timezone: UTC
        mqtt:
          host: "::1"
          port: 18830
          protocol: 3.1.1
          username: reader
          password_file: \(folder.file("password"))
        store: sqlite:store
        sources:
          - format: json
            topic: "gw/{factory}/{equipment}"
            state: { at: /s, map: { R: running } }
            timestamp: /t
          - format: sparkplug
            host_id: scada
            reorder_timeout: 7s
            counters: { energy_kwh: Energy/Total, good: Production/GoodCount, total: Production/TotalCount }
            device: "{equipment}"
            edge: "{workshop}"
            group: "{factory}"
            state: { at: Status/State }
            vouching: session
          # values: 1 topic, 1 message
          #   → F001/E1  running
          - format: values
            topic: "plant/{factory}/{equipment}/{field}"
            # check: the meaning of each value
            state: { at: state, map: { 0: idle, 1: running } }

        """)
  }

  @Test("SIGINT ends it early with what was heard") func interrupted() throws {
    try publish("plant/F001/E1/state", "1")
    let (output, errors) = (folder.file("output"), folder.file("errors"))
    let process = try start(
      Installation.executable, ["listen", "--port", "\(broker.port)", "--for", "10m"], directory: folder.path,
      environment: ["LANG": "en_US.UTF-8", "LC_ALL": ""], output: .appending(to: output),
      errors: .appending(to: errors))
    #expect(
      waitUntil(20) {
        (try? String(contentsOfFile: errors, encoding: .utf8))?.contains("listening to #") == true
      })
    process.send(SIGINT)
    #expect(process.wait(seconds: 20 * patience) == .exited(0))
    let heard = try String(contentsOfFile: output, encoding: .utf8)
    #expect(heard.contains(" at 127.0.0.1:\(broker.port)\n"))
  }

  @Test("A broker that is not there, and one that does not let us in, are named") func unreachable() throws {
    broker.kill()
    let absent = try listen()
    #expect(absent.status == 69)
    #expect(absent.errors.hasPrefix("cannot listen at 127.0.0.1:\(broker.port): "))
    #expect(try millwright("listen", "plant/#/state").status == 64)
    #expect(try millwright("listen", "--host", "broker.example").status == 78)
  }

  @Test("From six publishers to their factory's report, with one line edited") func sixPublishers() throws {
    try publishSix(isRetained: true)
    let drafted = try listen("--messages", "7", "--write", "millwright.yaml")
    #expect(drafted.status == 0, "\(drafted.errors)")
    let draft = folder.file("millwright.yaml")
    let text = try String(contentsOfFile: draft, encoding: .utf8)
    // The machine's number 2 is its own: only the user knows its meaning.
    let map = "preset: kepware"
    let place = try #require(text.range(of: map))
    let rest = text[place.upperBound...].replacing(
      "1: running }", with: "1: running, 2: fault }", maxReplacements: 1)
    try folder.write("millwright.yaml", String(text[..<place.upperBound]) + rest)

    let equipment = ["CNC01", "N1", "E1", "E2", "PRESS-1", "M1"]
    let rows = equipment.map { "\($0),F001,W01,automatic,yes,yes\n" }.joined()
    try folder.write(
      "equipment.csv", "equipment_id,factory_id,workshop,automation,digital,connectable\n" + rows)
    try folder.write("factories.csv", "factory_id,name_zh,name_en\nF001,测试厂,Test Plant\n")
    let imported = try millwright(
      "register", "import", "equipment.csv", "--factories", "factories.csv", "--yes", "--config", draft)
    #expect(imported.status == 0, "\(imported.errors)")

    let log = folder.file("log")
    let collector = try start(
      Installation.executable, ["collect", "--config", draft], directory: folder.path,
      output: .appending(to: log), errors: .appending(to: log))
    defer {
      collector.send(SIGKILL)
      collector.wait()
    }
    #expect(
      waitUntil(30) {
        (try? String(contentsOfFile: log, encoding: .utf8))?.contains("connected and subscribed") == true
      })
    try publishSix(isRetained: false)
    func report() throws -> Report {
      let result = try millwright("report", "factory", "F001", "--format", "json", "--config", draft)
      return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    }
    #expect(waitUntil(30) { (try? report().buckets["reporting"]) == 6 })
    #expect(try report().metrics["networked_ratio"] == .init(numerator: 6, denominator: 6, percent: "100.0"))
    let refused = try millwright("quarantine", "list", "--config", draft)
    #expect(refused.output.hasPrefix("0 messages in quarantine"), "\(refused.output)")
    collector.send(SIGTERM)
    #expect(collector.wait(seconds: 30 * patience) == .exited(0))
  }

  /// Publishes the messages of six publishers with a preset each, and of Telegraf also a metric of its own computer.
  private func publishSix(isRetained: Bool) throws {
    let (time, seconds) = (now(), now() / 1000)
    let instant = Date().formatted(.iso8601)
    let messages = [
      (
        "kepware/F001/iotgateway",
        #"{"timestamp":\#(time),"values":[{"id":"Line1.CNC01.state","v":2,"q":true,"t":\#(time)},"#
          + #"{"id":"Line1.CNC01.energy_kwh","v":1523.25,"q":true,"t":\#(time)}]}"#
      ),
      (
        "neuron/F001/W01",
        #"{"timestamp":\#(time),"node":"N1","group":"status","values":{"state":1,"parts_ok":12},"errors":{}}"#
      ),
      ("nodered/F001/E1", #"{"timestamp":\#(time),"state":"on","good":1}"#),
      (
        "telegraf/F001/gw1",
        #"{"fields":{"state":1,"total":7},"name":"machine","tags":{"equipment":"E2","host":"gw1"},"timestamp":\#(seconds)}"#
      ),
      (
        "telegraf/F001/gw1/cpu",
        #"{"fields":{"usage_idle":97.5},"name":"cpu","tags":{"cpu":"cpu-total","host":"gw1"},"timestamp":\#(seconds)}"#
      ),
      ("v1/gateway/telemetry", #"{"PRESS-1":[{"ts":\#(time),"values":{"state":"run","total":10}}]}"#),
      (
        "umati/v3/json/data/F001/machines/M1/MachineryItemState",
        #"{"Timestamp":"\#(instant)","DataSetWriterId":1,"Payload":{"MachineryItemState":"Executing"}}"#
      ),
    ]
    for (topic, payload) in messages { try publish(topic, payload, isRetained: isRetained) }
  }
}
