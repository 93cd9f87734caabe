import Foundation
import SQLiteStore
import Telemetry
import TestSupport
import Testing

/// The commands of the quarantine, on a store with refused messages of a known day.
@Suite("Quarantine commands") struct QuarantineTests {
  private let desk: RegisterDesk
  /// 2026-11-22T08:00:00+08:00.
  private let morning = Timestamp(milliseconds: 1_795_305_600_000)

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      "equipment_id,factory_id\nE1,F001\nE2,F001\nE1,F002\nE5,F003\n",
      factories: "factory_id\nF001\nF002\nF003\n", effective: "2024-01-01")
    let now = morning.milliseconds
    let messages = [
      ("F001/W01/E1", #"{"ts":\#(now + 1),"state":"runing"}"#),
      ("F001/W01/E1", #"{"ts":\#(now + 2),"state":"runing"}"#),
      ("F001/W01/E1", #"{"ts":\#(now + 3),"state":"runing"}"#),
      ("F001/W01/E1", #"{"ts":\#(now / 1000),"state":"running"}"#),
      ("F001/W01/E2", "{"), ("F001/W01/E2", "{ "),
      ("F002/W01/E1", #"{"ts":\#(now)}"#),
      ("F001/W01/CNC/01", #"{"ts":\#(now),"state":"running"}"#),
      ("F004/W01/E1", #"{"ts":\#(now),"state":"running"}"#),
    ]
    try StoredMessage.collect(
      messages.map { StoredMessage(place: $0.0, payload: $0.1, received: morning + .milliseconds(20)) },
      into: StoreDirectory(desk.folder.file("store")))
  }

  /// What a listing prints, without the places of messages.
  private func list(_ arguments: String...) throws -> String {
    let result = try run(
      Installation.executable,
      ["quarantine", "list"] + arguments + ["--config", desk.folder.file("store.yaml")],
      environment: ["LANG": "en_US.UTF-8"])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    return result.output.replacing(#/show \d+/\d+/#, with: "show BLOCK/RECORD")
  }

  @Test("It groups by machine and reason, the most frequent first, with what to do") func groups() throws {
    #expect(
      try list() == """
        8 messages in quarantine
        malformed           2  malformed
        unknown_state       3  unknown state
        missing_field       1  missing field
        too_late            1  too late
        unmatched_topic     1  unmatched topic

        F001/E1  unknown_state (state)  × 3  newest 2026-11-22 08:00:00
          state is an unknown word: "runing"
          → Send state as one of running, idle, setup, stopped, fault, maintenance, off. The nearest to 'runing' is running.
          millwright quarantine show BLOCK/RECORD

        F001/E2  malformed (json)  × 2  newest 2026-11-22 08:00:00
          the message ends in the middle
          → Enlarge the device's send buffer: the end of the message is missing.
          millwright quarantine show BLOCK/RECORD

        F001/CNC/01  unmatched_topic  × 1  newest 2026-11-22 08:00:00
          its topic fits no source
          → Publish on factory/F001/W01/CNC-01/status.
          millwright quarantine show BLOCK/RECORD

        F001/E1  too_late (ts)  × 1  newest 2026-11-22 08:00:00
          ts is in seconds: 1795305600
          → Multiply ts by 1000: it is in milliseconds.
          millwright quarantine show BLOCK/RECORD

        F002/E1  missing_field (state)  × 1  newest 2026-11-22 08:00:00
          state is missing
          → Send state as one of running, idle, setup, stopped, fault, maintenance, off.
          millwright quarantine show BLOCK/RECORD

        """)
  }

  @Test("--equipment lists one machine's, and --lang zh prints it in Chinese") func equipment() throws {
    let expected = """
      拒收消息共 4 条
      unknown_state       3  未知状态
      too_late            1  时间戳过早

      F001/E1  unknown_state (state)  × 3  最近 2026-11-22 08:00:00
        state 取值未知："runing"
        → state 请取以下之一：running、idle、setup、stopped、fault、maintenance、off。与“runing”最接近的是 running。
        millwright quarantine show BLOCK/RECORD

      F001/E1  too_late (ts)  × 1  最近 2026-11-22 08:00:00
        ts 以秒为单位：1795305600
        → ts 单位为毫秒，请乘以 1000。
        millwright quarantine show BLOCK/RECORD

      """
    #expect(try list("--equipment", "F001/E1", "--lang", "zh") == expected)
    #expect(try list("--factory", "F001", "--equipment", "E1", "--lang", "zh") == expected)
    let other = try list("--equipment", "F001/CNC/01")
    #expect(
      other.hasPrefix("1 message in quarantine\nunmatched_topic     1  unmatched topic\n\nF001/CNC/01  "))
  }

  @Test("A limit says how many are left, in both languages") func limited() throws {
    #expect(try list("--limit", "1").hasSuffix("\n\nand 4 more: see --limit, --factory, --reason\n"))
    let chinese = try list("--limit", "1", "--lang", "zh", "--factory", "F001")
    #expect(chinese.hasSuffix("\n\n另有 3 项：见 --limit、--factory、--reason\n"))
  }

  @Test("The place that a listing prints shows the message") func show() throws {
    let listed = try desk.output("quarantine", "list", "--factory", "F002")
    let place = try #require(listed.firstMatch(of: #/quarantine show (\d+/\d+)/#)?.output.1)
    #expect(
      try desk.output("quarantine", "show", String(place)) == """
        received  2026-11-22T08:00:00.020+08:00
        reason    missing_field (state)
        problem   state is missing
        remedy    Send state as one of running, idle, setup, stopped, fault, maintenance, off.
        topic     factory/F002/W01/E1/status
        payload   20 bytes
        {"ts":1795305600000}

        """)
  }

  @Test("Whoever is registered, was heard or was refused has none; an id that nobody knows is an error")
  func unknown() throws {
    // Registered and never heard, and heard without being registered.
    for factory in ["F003", "F004"] {
      #expect(try list("--factory", factory) == "0 messages in quarantine\n")
      #expect(try list("--factory", factory, "--lang", "zh") == "拒收消息共 0 条\n")
    }
    for known in ["F001/E2", "F001/CNC/01", "F003/E5", "F004/E1"] {
      #expect(try list("--equipment", known, "--reason", "future") == "0 messages in quarantine\n")
    }
    for (arguments, english, chinese) in [
      (
        ["--factory", "F777"], "no factory 'F777' in the register, and no sender of that name was heard",
        "台账中没有企业“F777”，也未收到过其消息"
      ),
      (
        ["--factory", "f001"],
        "no factory 'f001' in the register, and no sender of that name was heard (did you mean 'F001'?)",
        "台账中没有企业“f001”，也未收到过其消息（是否应为“F001”？）"
      ),
      (
        ["--equipment", "F003/E55"],
        "no equipment 'F003/E55' in the register, and no sender of that name was heard (did you mean 'F003/E5'?)",
        "台账中没有设备“F003/E55”，也未收到过其消息（是否应为“F003/E5”？）"
      ),
    ] {
      for (language, sentence) in [("en", english), ("zh", chinese)] {
        let result = try run(
          Installation.executable,
          ["quarantine", "list", "--lang", language, "--config", desk.folder.file("store.yaml")] + arguments)
        #expect(result.status == 66 && result.output == "", "\(arguments)")
        #expect(result.errors == sentence + "\n", "\(arguments)")
      }
    }
  }
}
