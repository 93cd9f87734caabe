import CXLSXWriter
import Foundation
import Register
import Reporting

/// What the cells of a form's column may hold, and the texts of a spreadsheet program about it.
struct CellRule {
  private let form: ColumnGuide.Form
  private let values: [String]
  private let texts: [String]
  private let isRequired: Bool

  /// The rule of a column.
  ///
  /// - Parameter choices: the only values; nil for the column's own words or bounds.
  init<Column: GuidedColumn>(_ column: Column, choices: [String]?, _ language: Language) {
    let guide = column.guide
    let words = GuideWords(language)
    form = choices.map { .words($0) } ?? guide.form
    isRequired = column.isRequired
    if case .words(let words) = form {
      values = words.map { language == .chinese && choices == nil ? column.chinese($0) : $0 }
    } else {
      values = []
    }
    let allowed = choices?.joined(separator: ", ") ?? words.allowed(column)
    // Excel's limits are 32 characters of a title, and 255 of a message.
    texts = [
      String(words.heading(column).prefix(32)),
      String((words.pick(guide.meaning) + "\n" + allowed).prefix(255)),
      words.pick(("Not a value of this column", "填写内容不符合要求")), String(allowed.prefix(255)),
    ]
  }

  /// Restricts the cells of a column from a row on.
  func apply(
    to sheet: UnsafeMutablePointer<lxw_worksheet>, column: Int, from first: lxw_row_t, to last: lxw_row_t
  ) throws(WorkbookError) {
    var copies: [UnsafeMutablePointer<CChar>] = []
    defer { for copy in copies { free(copy) } }
    func copied(_ text: String) throws(WorkbookError) -> UnsafePointer<CChar> {
      guard let copy = strdup(text) else { throw WorkbookError(description: "out of memory") }
      copies.append(copy)
      return UnsafePointer(copy)
    }
    var rule = xlsx_rule()
    bound(&rule)
    rule.ignores_blank = isRequired ? 0 : 1
    rule.input_title = try copied(texts[0])
    rule.input_message = try copied(texts[1])
    rule.error_title = try copied(texts[2])
    rule.error_message = try copied(texts[3])
    var list: [UnsafePointer<CChar>?] = []
    for value in values { list.append(try copied(value)) }
    list.append(nil)
    let error = list.withUnsafeMutableBufferPointer { list in
      if !values.isEmpty { rule.values = list.baseAddress }
      return xlsx_restrict(sheet, first, lxw_col_t(column), last, lxw_col_t(column), &rule)
    }
    guard error == LXW_NO_ERROR else { throw Workbook.failure(error) }
  }

  private func bound(_ rule: inout xlsx_rule) {
    func set(_ kind: lxw_validation_types, _ lower: Double, _ upper: Double) {
      rule.kind = UInt8(kind.rawValue)
      (rule.lower, rule.upper) = (lower, upper)
    }
    switch form {
    case .id: set(LXW_VALIDATION_TYPE_LENGTH, 1, 64)
    case .text(let longest): set(LXW_VALIDATION_TYPE_LENGTH, 0, Double(longest))
    case .words: rule.kind = UInt8(LXW_VALIDATION_TYPE_LIST.rawValue)
    case .whole(let bounds):
      set(LXW_VALIDATION_TYPE_INTEGER, Double(bounds.lowerBound), Double(bounds.upperBound))
    case .decimal(let bounds, _): set(LXW_VALIDATION_TYPE_DECIMAL, bounds.lowerBound, bounds.upperBound)
    case .day:
      rule.kind = UInt8(LXW_VALIDATION_TYPE_DATE.rawValue)
      rule.first = lxw_datetime(year: 1900, month: 3, day: 1, hour: 0, min: 0, sec: 0)
      rule.last = lxw_datetime(year: 2199, month: 12, day: 31, hour: 0, min: 0, sec: 0)
    }
  }
}
