import Register
import Testing

@Suite("Names of factories that are nearly those of the register") struct FactoryNameTests {
  @Test("a short or longer form of one factory's name is refused with that name, and never applied")
  func similarNames() {
    func complaints(_ file: String, _ names: [String]) -> [String] {
      var desk = Desk()
      desk.add(file, [("台账", Desk.numbered([["资产编号", "设备名称"], ["E1", "车床"]]), [])])
      desk.options.factorySource = .file
      desk.factories = names.enumerated().map {
        RegisteredFactory(id: "F00\($0.offset + 1)", nameChinese: $0.element)
      }
      return desk.complaints()
    }
    let names = ["渝北精密机械厂", "高新电子有限公司"]
    for short in ["高新电子", "高新电子有限公司设备台账"] {
      #expect(
        complaints("in/\(short).xlsx", names) == [
          "in/\(short).xlsx:台账: '\(short)' is neither the id nor the exact name of a factory in the register; name its "
            + "file with --factories (did you mean '高新电子有限公司', F002?)",
          "in/\(short).xlsx 工作表“台账”：“\(short)”作为企业编号或完整名称均未见于台账；请用 --factories 指明企业文件"
            + "（是否应为“高新电子有限公司”，即 F002？）",
        ])
    }
    for unclear in [names + ["高新电子二厂"], ["渝北精密机械厂"]] {
      #expect(
        complaints("高新电子.xlsx", unclear).first
          == "高新电子.xlsx:台账: '高新电子' is neither the id nor the exact name of a factory in the register; name its file "
          + "with --factories")
    }
    #expect(
      Desk([["资产编号", "单位名称"], ["E1", "精密机械厂"]]).complaints() == [
        "ledger.xlsx:台账:B2 (单位名称): '精密机械厂' is not an id: 1 to 64 of A–Z a–z 0–9 _ . - (did you mean "
          + "'渝北精密机械厂（示例）', F001?)",
        "ledger.xlsx 工作表“台账”B2“单位名称”：“精密机械厂”不是有效编号：应为 1 至 64 个字母、数字或 _ . -（是否应为“渝北精密机械厂（示例）”，即 F001？）",
      ])
  }

  @Test("the sender of a ledger is not told the names of factories") func sender() {
    do {
      _ = try Desk([["资产编号", "单位名称"], ["E1", "精密机械厂"]]).read()
      Issue.record("a part of a name was accepted")
    } catch {
      #expect(
        error.problems.map(\.forSender.english) == ["'精密机械厂' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"])
      #expect(error.problems.map(\.forSender.chinese) == ["“精密机械厂”不是有效编号：应为 1 至 64 个字母、数字或 _ . -"])
    }
  }
}
