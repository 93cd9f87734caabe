import Register

extension Terms {
  /// The remedy for problems of a kind, for the sender. A text has no colours; it lists the rows with problems.
  func remedy(_ kind: RegisterProblem.Kind, _ form: AnswerForm) -> String {
    switch kind {
    case .form where form == .text: pick("Correct the listed places.", "请更正所列各处的格式。")
    case .missingValue where form == .text: pick("Fill in the listed cells.", "请补填所列单元格。")
    case .encoding:
      pick("Save the file again as 'CSV UTF-8' or as an .xlsx workbook.", "请将文件另存为“CSV UTF-8”或 .xlsx 工作簿。")
    case .form: pick("Correct the marked places.", "请更正标色处的格式。")
    case .heading: pick("Use the headings of the template.", "请采用模板中的表头。")
    case .strayValue: pick("Give the column a heading, or clear it.", "请为该列补填表头，或清除该列内容。")
    case .missingValue: pick("Fill in the marked cells.", "请补填标色单元格。")
    case .identifier:
      pick("Use 1 to 64 letters, digits or _ . - for an id.", "编号应由 1 至 64 个字母、数字或 _ . - 组成。")
    case .unknownFactory:
      pick("Check the factory id. A new factory is registered first.", "请核对企业编号；新企业须先行登记。")
    case .duplicate: pick("Keep one row per machine.", "同一设备只保留一行。")
    case .word: pick("Use one of the words that the message lists.", "请从提示所列内容中选填。")
    case .number: pick("Enter a number within the stated bounds.", "请填写规定范围内的数值。")
    case .date: pick("Write dates as 2024-03-05.", "日期请按 2024-03-05 的格式填写。")
    case .length: pick("Shorten the text.", "请缩短内容。")
    case .order: pick("Correct the earlier or the later date.", "请更正起止日期。")
    case .other: pick("See the message.", "请按提示更正。")
    }
  }
}
