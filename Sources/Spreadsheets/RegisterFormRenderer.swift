import CXLSXWriter
import Foundation
import Register
import Reporting
import Telemetry

/// Writes the form of a register file as an Excel workbook: empty with examples and explanations as a template, or
/// filled. The first sheet is the form. Equal content gives equal bytes.
public struct RegisterFormRenderer: Sendable {
  public var language: Language
  /// Folder for temporary files, which only this user can read.
  public var temporaryFolder: URL
  /// Maximum number of rows that are held in memory; the rows of longer forms are written to disk one by one.
  private let longestHeld: Int

  /// A renderer.
  public init(
    language: Language = .english, temporaryFolder: URL = FileManager.default.temporaryDirectory,
    longestHeld: Int = 20_000
  ) {
    self.language = language
    self.temporaryFolder = temporaryFolder
    self.longestHeld = longestHeld
  }

  /// The template of an equipment file. The workbook's dates are `created`.
  ///
  /// - Parameter factory: the only factory that the form offers; nil for any.
  public func equipmentTemplate(factory: String? = nil, created: Timestamp) throws(WorkbookError) -> Data {
    try template(EquipmentColumn.self, title: Self.equipment, created) { column in
      column == .factoryID ? factory.map { [$0] } : nil
    }
  }

  /// The template of a factories file.
  public func factoriesTemplate(created: Timestamp) throws(WorkbookError) -> Data {
    try template(FactoryColumn.self, title: Self.factories, created) { _ in nil }
  }

  /// The form filled with equipment.
  public func equipment(_ rows: [RegisteredEquipment], created: Timestamp) throws(WorkbookError) -> Data {
    try filled(EquipmentColumn.self, rows, title: Self.equipment, created) { $0.text(of: $1) }
  }

  /// The form filled with factories.
  public func factories(_ rows: [RegisteredFactory], created: Timestamp) throws(WorkbookError) -> Data {
    try filled(FactoryColumn.self, rows, title: Self.factories, created) { $0.text(of: $1) }
  }

  private static let equipment = ("Equipment", "设备台账")
  private static let factories = ("Factories", "企业名录")

  private func template<Column: GuidedColumn>(
    _: Column.Type, title: (String, String), _ created: Timestamp, choices: (Column) -> [String]?
  ) throws(WorkbookError) -> Data {
    let words = GuideWords(language)
    return try Workbook.bytes(in: temporaryFolder) { workbook throws(WorkbookError) in
      workbook.setProperties(title: words.pick(title), created: created)
      let form = try FormSheetWriter<Column>(words.pick(title), in: workbook, words)
      for column in Column.allCases { try form.restrict(column, choices: choices(column)) }
      try form.finish()
      try ExampleSheetWriter<Column>(in: workbook, words).write(choices: choices)
      try ExplanationSheetWriter<Column>(in: workbook, words).write()
    }
  }

  private func filled<Column: GuidedColumn, Row>(
    _: Column.Type, _ rows: [Row], title: (String, String), _ created: Timestamp,
    text: (Column, Row) -> String
  ) throws(WorkbookError) -> Data {
    let words = GuideWords(language)
    let isStreamed = rows.count > longestHeld
    return try Workbook.bytes(in: temporaryFolder, isStreamed: isStreamed) { workbook throws(WorkbookError) in
      workbook.setProperties(title: words.pick(title), created: created)
      var form = try FormSheetWriter<Column>(words.pick(title), in: workbook, words)
      for column in Column.allCases { try form.restrict(column, choices: nil) }
      for row in rows {
        try form.write(
          Column.allCases.map { column in
            let value = text(column, row)
            return language == .chinese ? column.chinese(value) : value
          })
      }
      try form.finish()
      try ExplanationSheetWriter<Column>(in: workbook, words).write()
    }
  }
}
