import Foundation
import SQLiteStore
import Telemetry
import TestSupport
import Testing

/// `millwright register map`, on a store with names that are not in the register.
@Suite("Proposals for the naming file") struct RegisterMapTests {
  private let desk: RegisterDesk
  private static let headings =
    "factory_id,equipment_id,published_factory,published_equipment,published_workshop,published_line,group,edge,device,serial"

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      """
      equipment_id,factory_id,serial
      E1,F001,
      E2,F001,SN-77
      LATHE-12,F001,
      CNC-3,F001,
      CNC3,F001,
      HEARD,F001,
      """, factories: "factory_id\nF001\n", effective: "2024-01-01")
    /// 2026-11-22T08:00:00+08:00.
    let morning = Timestamp(milliseconds: 1_795_305_600_000)
    let places = [
      "F001/W01/HEARD", "F001/W01/e01", "F001/W01/sn77", "F001/W01/Ｌathe 12", "F001/W01/cnc 3",
      "F001/W01/数控 9",
    ]
    try StoredMessage.collect(
      places.map {
        StoredMessage(
          place: $0, payload: #"{"ts":\#(morning.milliseconds),"state":"running"}"#,
          received: morning + .milliseconds(20))
      }, into: StoreDirectory(desk.folder.file("store")))
  }

  @Test("Clear pairs come with their lines, others without") func text() throws {
    #expect(
      try desk.lines("register", "map", "--suggest") == [
        "5 names are not in the register; 5 registered equipment never heard", "Proposals",
        "F001 / e01 → F001/E1 same without leading zeros", "F001 / sn77 → F001/E2 is its serial number",
        "F001 / Ｌathe 12 → F001/LATHE-12 same without separators",
        "Lines for the naming file, if they are right", Self.headings, "F001,E1,F001,e01",
        "F001,E2,F001,sn77",
        "F001,LATHE-12,F001,Ｌathe 12", "Not clear: look at each",
        "F001 / cnc 3 ? F001/CNC-3, F001/CNC3 same without separators", "Without a proposal", "F001 / 数控 9",
      ])
    #expect(
      try desk.lines("register", "map", "--suggest", "--lang", "zh").prefix(3) == [
        "未登记的名称 5 个；已登记但从未上报的设备 5 台", "建议对应关系", "F001 / e01 → F001/E1 仅前导零不同",
      ])
  }

  @Test("The lines are a naming file, and what it maps is not proposed again") func csv() throws {
    let proposals = try desk.output("register", "map", "--suggest", "--format", "csv")
    #expect(
      proposals == """
        \(Self.headings)
        F001,E1,F001,e01
        F001,E2,F001,sn77
        F001,LATHE-12,F001,Ｌathe 12

        """)
    let marked = try desk.output("register", "map", "--suggest", "--format", "csv", "--bom")
    #expect(marked == "\u{FEFF}" + proposals)
    try desk.folder.write("naming.csv", marked)
    #expect(
      try desk.output("register", "map", "--check", desk.folder.file("naming.csv"))
        == "\(desk.folder.file("naming.csv")): 3 names, valid\n")
    try desk.configure("naming: naming.csv")
    #expect(try desk.output("register", "map", "--suggest", "--format", "csv") == Self.headings + "\n")
  }

  @Test("JSON has the pairs with reasons, and lines for clear ones only") func json() throws {
    let text = try desk.output("register", "map", "--suggest", "--format", "json")
    #expect(
      text
        == #"{"ambiguous":[{"equipment":["F001/CNC-3","F001/CNC3"],"name":{"published_equipment":"cnc 3","#
        + #""published_factory":"F001"},"reason":"separators"}],"never_heard":5,"#
        + #""others":[{"published_equipment":"数控 9","published_factory":"F001"}],"proposals":["#
        + #"{"equipment":["F001/E1"],"line":"F001,E1,F001,e01","name":{"published_equipment":"e01","#
        + #""published_factory":"F001"},"reason":"leading_zeros"},"#
        + #"{"equipment":["F001/E2"],"line":"F001,E2,F001,sn77","name":{"published_equipment":"sn77","#
        + #""published_factory":"F001"},"reason":"serial"},"#
        + #"{"equipment":["F001/LATHE-12"],"line":"F001,LATHE-12,F001,Ｌathe 12","name":{"published_equipment":"#
        + #""Ｌathe 12","published_factory":"F001"},"reason":"separators"}],"schema":"millwright.naming/1"}"#
        + "\n")
  }

  @Test("Usage, a wrong file and a missing one have their exit codes") func failures() throws {
    #expect(try desk.millwright("register", "map").status == 64)
    #expect(try desk.millwright("register", "map", "--check", "/no/such.csv").status == 66)
    try desk.folder.write("naming.csv", "factory_id,equipment_id,serial\nF 1,E1,S\n")
    let wrong = try desk.millwright(
      "register", "map", "--check", desk.folder.file("naming.csv"), "--lang", "zh")
    #expect(wrong.status == 1)
    #expect(
      wrong.errors
        == "\(desk.folder.file("naming.csv")) 第 2 行“factory_id”（第 1 列）：“F 1”不是有效编号：应为 1 至 64 个字母、数字或 _ . -\n")
    try desk.configure("naming: naming.csv")
    #expect(try desk.millwright("register", "map", "--suggest").status == 78)
  }
}
