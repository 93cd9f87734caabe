import Register
import Testing

@Suite("Naming files") struct NamingFileTests {
  private func read(_ text: String) throws(RegisterProblems) -> [NamingRow] {
    try NamingFile.read(RegisterFile(name: "naming.csv", bytes: Array(text.utf8)))
  }

  private static let rows = [
    NamingRow(
      .published(factory: "重庆 一厂", workshop: "", line: "", equipment: "车床:1"), factory: "F001",
      equipment: "E1", line: 2),
    NamingRow(
      .published(factory: "重庆 一厂", workshop: "二车间", line: "A 线", equipment: "车床:1"), factory: "F001",
      equipment: "E2", line: 3),
    NamingRow(
      .published(factory: "重庆 二厂", workshop: "", line: "", equipment: ""), factory: "F002", equipment: "",
      line: 4),
    NamingRow(.sparkplug(group: "G 1", edge: "Gw", device: "D,1"), factory: "F001", equipment: "E3", line: 5),
    NamingRow(.sparkplug(group: "G 1", edge: "Gw", device: ""), factory: "F001", equipment: "", line: 6),
    NamingRow(.sparkplug(group: "G 2", edge: "", device: ""), factory: "F002", equipment: "", line: 7),
    NamingRow(.serial("SN 7"), factory: "F002", equipment: "E4", line: 8),
  ]

  @Test("Rows give the ids of published names, of Sparkplug names and of serial numbers") func english()
    throws
  {
    #expect(
      try read(
        """
        factory_id,equipment_id,published_factory,published_equipment,published_workshop,published_line,group,edge,device,serial
        F001,E1,重庆 一厂,车床:1
        F001,E2,重庆 一厂,车床:1,二车间,A 线
        F002,,重庆 二厂
        F001,E3,,,,,G 1,Gw,"D,1"
        F001,,,,,,G 1,Gw
        F002,,,,,,G 2
        F002,E4,,,,,,,,SN 7
        """) == Self.rows)
  }

  @Test("Headings can be Chinese, in any order, and the file in GB 18030") func chinese() throws {
    #expect(
      try read(
        """
        序列号,组标识,节点标识,设备标识,上报企业,上报车间,上报产线,上报设备,企业编号,资产编号
        ,,,,重庆 一厂,,,车床:1,F001,E1
        ,,,,重庆 一厂,二车间,A 线,车床:1,F001,E2
        ,,,,重庆 二厂,,,,F002,
        ,G 1,Gw,"D,1",,,,,F001,E3
        ,G 1,Gw,,,,,,F001,
        ,G 2,,,,,,,F002,
        SN 7,,,,,,,,F002,E4
        """) == Self.rows)
    // 企业编号,资产编号,上报企业,上报设备 and F001,E1,一厂,车床1 in GB 18030.
    let bytes: [UInt8] =
      [0xC6, 0xF3, 0xD2, 0xB5, 0xB1, 0xE0, 0xBA, 0xC5, 0x2C, 0xD7, 0xCA, 0xB2, 0xFA, 0xB1, 0xE0, 0xBA, 0xC5]
      + [0x2C, 0xC9, 0xCF, 0xB1, 0xA8, 0xC6, 0xF3, 0xD2, 0xB5, 0x2C, 0xC9, 0xCF, 0xB1, 0xA8, 0xC9, 0xE8]
      + [0xB1, 0xB8, 0x0A] + Array("F001,E1,".utf8) + [0xD2, 0xBB, 0xB3, 0xA7, 0x2C, 0xB3, 0xB5, 0xB4, 0xB2]
      + Array("1\n".utf8)
    let expected = [
      NamingRow(
        .published(factory: "一厂", workshop: "", line: "", equipment: "车床1"), factory: "F001",
        equipment: "E1", line: 2)
    ]
    #expect(try NamingFile.read(RegisterFile(name: "naming.csv", bytes: bytes)) == expected)
    #expect(
      try NamingFile.read(RegisterFile(name: "naming.csv", bytes: bytes, encoding: .gb18030)) == expected)
  }

  @Test("Everything wrong with a file is named by line and column, in both languages") func problems() {
    let error = #expect(throws: RegisterProblems.self) {
      try read(
        """
        factory_id,equipment_id,published_factory,published_equipment,published_workshop,group,edge,device,serial
        F 1,E1,一厂,车床1
        F001,?,一厂,车床2
        F001,E3,一厂,车床3
        F002,E4,一厂,车床3
        F001,,一厂,车床4
        F001,E5,一厂
        F001,E6,,车床6
        F001,E7,一厂,,W1
        F001,E8,一厂,车床8,,G
        F001,E9
        F001,E10,,,,,Gw,D1
        F001,E11,,,,G,,D1
        F001,E12,,,,G,Gw,D1
        F002,E13,,,,G,Gw,D2
        F001,E14,一厂,"a
        b"
        """)
    }
    #expect(
      error?.lines() == [
        "naming.csv:2:factory_id (column 1): 'F 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "naming.csv:3:equipment_id (column 2): '?' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "naming.csv:5:published_equipment (column 4): line 4 has the same name",
        "naming.csv:6:equipment_id (column 2): a value is required",
        "naming.csv:7:equipment_id (column 2): the name of a factory or a group has no equipment: leave this empty",
        "naming.csv:8:published_equipment (column 4): needs a value in published_factory beside it",
        "naming.csv:9:published_workshop (column 5): needs a value in published_equipment beside it",
        "naming.csv:10:group (column 6): a row has one name: published_…, or group, edge and device, or serial",
        "naming.csv:11:factory_id (column 1): the row has no name: fill in published_equipment, device or serial",
        "naming.csv:12:edge (column 7): needs a value in group beside it",
        "naming.csv:13:device (column 8): needs a value in edge beside it",
        "naming.csv:15:factory_id (column 1): line 14 has the same edge node in factory 'F001'; an edge node belongs "
          + "to one factory",
        "naming.csv:16:published_equipment (column 4): a name has no control characters or line ends",
      ])
    let chinese = error?.lines(inChinese: true)
    #expect(chinese?[0] == "naming.csv 第 2 行“factory_id”（第 1 列）：“F 1”不是有效编号：应为 1 至 64 个字母、数字或 _ . -")
    #expect(chinese?[2] == "naming.csv 第 5 行“published_equipment”（第 4 列）：与第 4 行的名称重复")
    #expect(chinese?[5] == "naming.csv 第 8 行“published_equipment”（第 4 列）：须同时填写“上报企业”")
    #expect(
      chinese?[11] == "naming.csv 第 15 行“factory_id”（第 1 列）：第 14 行将同一边缘节点归属企业“F001”；一个边缘节点只能归属一家企业")
  }

  @Test("Unknown headings get a suggestion, and factory_id is required") func headings() {
    let error = #expect(throws: RegisterProblems.self) { try read("published_equipmnt,上报设备名称\nx,y\n") }
    #expect(
      error?.lines() == [
        "naming.csv:1:published_equipmnt (column 1): unknown heading (did you mean 'published_equipment'?)",
        "naming.csv:1:上报设备名称 (column 2): unknown heading (did you mean '上报设备'?)",
        "naming.csv:1: there is no column 'factory_id' ('企业编号')",
      ])
    #expect(
      error?.lines(inChinese: true).first
        == "naming.csv 第 1 行“published_equipmnt”（第 1 列）：无法识别的表头（是否应为“published_equipment”？）")
  }
}
