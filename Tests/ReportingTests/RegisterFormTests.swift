import Foundation
import Register
import Reporting
import Spreadsheets
import Telemetry
import TestSupport
import Testing

/// The form of register files as a workbook, as openpyxl reads it.
@Suite("Register form") struct RegisterFormTests {
  private static let created = Timestamp("2026-11-22T00:00:00Z") ?? Timestamp(milliseconds: 0)

  private static func template(_ language: Language, factory: String? = nil) throws -> ReadWorkbook {
    try ForeignReaders.workbook(
      RegisterFormRenderer(language: language).equipmentTemplate(factory: factory, created: created))
  }

  private static func texts(_ row: [ReadWorkbook.Cell?]) -> [String] {
    row.map { cell in
      switch cell?.value {
      case nil: ""
      case .text(let text): text
      case .number(let number): number == number.rounded() ? String(Int(number)) : String(number)
      }
    }
  }

  /// The rows of a sheet as CSV, dates as a spreadsheet program writes them in their format.
  private static func csv(_ sheet: ReadWorkbook.Sheet) -> [UInt8] {
    var writer = CSVWriter()
    for row in sheet.rows { writer.append(texts(row).map { $0.replacing("T00:00:00", with: "") }) }
    return writer.bytes
  }

  @Test("The headings are those of a file, with a star where a value is required") func headings() throws {
    let chinese = try Self.template(.chinese)
    #expect(chinese.sheets.map(\.name) == ["设备台账", "填写示例", "填写说明"])
    #expect(
      Self.texts(chinese.sheets[0].rows[0])
        == EquipmentColumn.allCases.map { $0.chinese + ($0.isRequired ? "*" : "") })
    #expect(chinese.sheets[0].rows.count == 1)
    let english = try Self.template(.english)
    #expect(english.sheets.map(\.name) == ["Equipment", "Examples", "Explanations"])
    #expect(
      Self.texts(english.sheets[0].rows[0])
        == EquipmentColumn.allCases.map { $0.rawValue + ($0.isRequired ? "*" : "") })
    #expect(english.sheets[0].freeze == "A2")
    #expect(english.created == "2026-11-22T00:00:00")
  }

  @Test("Every column has a rule: lists of words, bounds of numbers, dates and lengths") func rules() throws {
    let sheet = try Self.template(.chinese).sheets[0]
    #expect(sheet.validations.count == EquipmentColumn.allCases.count)
    let rules = Dictionary(uniqueKeysWithValues: zip(EquipmentColumn.allCases, sheet.validations))
    let id = rules[.equipmentID]
    #expect(id?.cells == "A2:A1048576" && id?.type == "textLength" && id?.first == "1" && id?.second == "64")
    #expect(id?.blank == false && rules[.workshop]?.blank == true)
    #expect(rules[.automation]?.type == "list" && rules[.automation]?.first == "\"手动,半自动,自动,未分类\"")
    #expect(rules[.digital]?.first == "\"是,否\"")
    #expect(rules[.digital]?.prompt == "是否为数字化设备。\n是、否" && rules[.digital]?.error == "是、否")
    let date = rules[.commissionedOn]
    #expect(date?.type == "date" && date?.first == "61" && date?.second == "109574")
    let interval = rules[.reportInterval]
    #expect(interval?.type == "whole" && interval?.first == "1" && interval?.second == "2678400")
    #expect(rules[.energyRollover]?.type == "decimal" && rules[.energyRollover]?.first == "0.001")
    #expect(try Self.template(.english).sheets[0].validations.contains { $0.first == "\"yes,no\"" })
    let one = try Self.template(.chinese, factory: "F009")
    #expect(one.sheets[0].validations[1].first == "\"F009\"")
    #expect(Self.texts(one.sheets[1].rows[2]) == ["企业编号*", "F009", "F009", "F009"])
  }

  /// The examples as rows of a form.
  private static func examples(_ sheet: ReadWorkbook.Sheet) -> [UInt8] {
    let columns = sheet.rows.dropFirst().map(texts)
    var writer = CSVWriter()
    for place in 0...3 { writer.append(columns.map { $0[place].replacing("T00:00:00", with: "") }) }
    return writer.bytes
  }

  @Test("The examples can be imported as they stand", arguments: Language.allCases)
  func examples(language: Language) throws {
    let sheet = try Self.template(language).sheets[1]
    let rows = try RegisterRows.read(
      equipment: RegisterFile(name: "e.csv", bytes: Self.examples(sheet)), factories: nil, stored: ["F001"])
    #expect(rows.equipment.count == 3)
    #expect(rows.equipment.map(\.key.equipment) == ["0001", "0002", "M01"])
    #expect(rows.equipment[0].serial == "00123456789012345678")
    #expect(rows.equipment[0].commissionedOn == CalendarDay("2020-03-05"))
    #expect(rows.equipment[2].energyRollover == 999_999_990)
    let factories = try ForeignReaders.workbook(
      RegisterFormRenderer(language: language).factoriesTemplate(created: Self.created))
    let read = try RegisterRows.read(
      equipment: RegisterFile(name: "e.csv", bytes: Self.examples(sheet)),
      factories: RegisterFile(name: "f.csv", bytes: Self.examples(factories.sheets[1])))
    #expect(read.factories.map(\.id) == ["F001", "F002", "F003"])
    #expect(read.factories[0].retrofitCompletedOn == CalendarDay("2024-06-30"))
  }

  @Test("Every column is explained in both languages") func explanations() throws {
    for language in Language.allCases {
      let sheet = try Self.template(language).sheets[2]
      let rows = sheet.rows.map(Self.texts)
      #expect(rows.count == EquipmentColumn.allCases.count + 1)
      for (row, column) in zip(rows.dropFirst(), EquipmentColumn.allCases) {
        #expect(row[0].contains(column.chinese) && row[0].contains(column.rawValue))
        for cell in row { #expect(!cell.isEmpty, "\(column)") }
        #expect(
          row[2].contains(column.guide.meaning.english) && row[2].contains(column.guide.meaning.chinese))
      }
    }
    let rows = try Self.template(.chinese).sheets[2].rows.map(Self.texts)
    #expect(
      rows[0] == [
        "列\nColumn", "必填\nRequired", "含义\nMeaning", "允许值\nAllowed values", "示例\nExample",
        "影响的指标\nFigures that depend on it",
      ])
    #expect(
      rows[9] == [
        "数字化\ndigital", "否\nno", "是否为数字化设备。\nWhether the machine is controlled or measured digitally.",
        "是、否\nyes, no", "是\nyes", "生产设备数字化率\ndigital equipment",
      ])
    // Whoever ticks every machine of a serial line counts each piece of it several times.
    #expect(
      rows.last?[2] == "设备的计数是否为所在产线的产量。产线有此类设备的，单位产品能耗只计此类设备的产量。\n"
        + "Whether the machine's counters count the output of its line. Where a line has such a machine, only such "
        + "machines' pieces count for the energy per piece.")
    #expect(rows.last?[5] == "单位产品能耗、数据点采集率\nenergy per good piece, data points delivered")
    // Ids are levels of topics, none of which is the first or the last.
    #expect(
      rows[1][2]
        == "设备资产编号，企业内唯一，亦用于上报主题，如 factory/F001/W01/0001/status。\nId of the machine, unique in its factory. "
        + "Its topics have it too, such as factory/F001/W01/0001/status.")
    #expect(
      rows[3][2]
        == "设备所在车间的编号，亦用于上报主题，如 factory/F001/W01/0001/status。\nId of the workshop in which the machine stands. "
        + "Its topics have it too, such as factory/F001/W01/0001/status.")
    let factories = try ForeignReaders.workbook(
      RegisterFormRenderer(language: .english).factoriesTemplate(created: Self.created))
    #expect(
      Self.texts(factories.sheets[2].rows[1])[2]
        == "Id of the factory. Its topics have it too, such as factory/F001/W01/0001/status.\n"
        + "企业编号，亦用于上报主题，如 factory/F001/W01/0001/status。")
  }

  private static let filled = RegisteredEquipment(
    key: EquipmentKey(factory: "001", equipment: "-01"), workshop: "W1", name: "=HYPERLINK(\"x\")",
    category: "车床", automation: .semiAutomatic, digital: true, reportInterval: .seconds(60),
    commissionedOn: CalendarDay("2024-03-05"), serial: "123456789012345678", energyRollover: 999_999_500)

  @Test("A filled form has dates and numbers as such, ids and texts as texts, and can be imported")
  func filledForm() throws {
    let renderer = RegisterFormRenderer(language: .chinese)
    let book = try ForeignReaders.workbook(renderer.equipment([Self.filled], created: Self.created))
    #expect(book.sheets.map(\.name) == ["设备台账", "填写说明"])
    let sheet = book.sheets[0]
    let cells = Dictionary(uniqueKeysWithValues: zip(EquipmentColumn.allCases, sheet.rows[1]))
    func cell(_ column: EquipmentColumn) -> String? {
      guard let cell = cells[column] ?? nil else { return nil }
      return "\(cell.type) \(cell.format) \(cell.value)"
    }
    #expect(cell(.equipmentID) == "s @ text(\"-01\")")
    #expect(cell(.factoryID) == "s @ text(\"001\")")
    #expect(cell(.name) == "s @ text(\"=HYPERLINK(\\\"x\\\")\")")
    #expect(cell(.serial) == "s @ text(\"123456789012345678\")")
    #expect(cell(.automation) == "s @ text(\"半自动\")")
    #expect(cell(.reportInterval) == "n 0 number(60.0)")
    #expect(cell(.commissionedOn) == "d yyyy\\-mm\\-dd text(\"2024-03-05T00:00:00\")")
    #expect(cell(.energyRollover) == "n 0.0 number(999999.5)")
    #expect(sheet.validations.count == EquipmentColumn.allCases.count)
    let rows = try RegisterRows.read(
      equipment: RegisterFile(name: "e.csv", bytes: Self.csv(sheet)), factories: nil, stored: ["001"])
    #expect(rows.equipment == [Self.filled])
    #expect(
      try renderer.equipment([Self.filled], created: Self.created)
        == renderer.equipment([Self.filled], created: Self.created))
  }

  @Test("A long form is written row by row, with the same cells") func longForm() throws {
    let rows = (1...50).map { number in
      RegisteredEquipment(
        key: EquipmentKey(factory: "F1", equipment: "E\(number)"), digital: number % 2 == 0,
        commissionedOn: CalendarDay("2024-03-05"))
    }
    let books = try ForeignReaders.workbooks(
      [20, 100].map { longest in
        try RegisterFormRenderer(language: .english, longestHeld: longest)
          .equipment(rows, created: Self.created)
      })
    #expect(
      books[0].sheets.map { $0.rows.map(Self.texts) } == books[1].sheets.map { $0.rows.map(Self.texts) })
    #expect(Self.texts(books[0].sheets[0].rows[50]).prefix(2) == ["E50", "F1"])
    #expect(books[0].sheets[0].rows.count == 51)
  }
}
