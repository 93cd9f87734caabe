import Register

/// Problems of whole files, each with its remedy.
enum LedgerProblem {
  static func problem(_ file: String, _ message: String, _ chinese: String) -> RegisterProblem {
    RegisterProblem(.form, file: file, message: message, chinese: chinese)
  }

  /// A file of another format than the ones that are read. A Chinese name that begins with a Latin letter or a digit
  /// begins with a space.
  static func otherFormat(_ file: String, _ english: String, _ chinese: String) -> RegisterProblem {
    problem(
      file, "this is \(english); open it in Excel or WPS and save it as 'Excel Workbook (.xlsx)'",
      "这是\(chinese)；请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”")
  }

  static func unreadable(_ file: String) -> RegisterProblem {
    problem(
      file, "the file cannot be read; check that it exists and that you may read it",
      "无法读取该文件；请检查文件是否存在、是否有读取权限")
  }

  static func notRegular(_ file: String) -> RegisterProblem {
    problem(
      file, "this is a pipe or a device, not a file; save its content to a file and name that one",
      "这是管道或设备，不是文件；请将其内容保存为文件后再指定")
  }

  static func changed(_ file: String) -> RegisterProblem {
    problem(
      file, "the file was changed while it was read; close it in the program that writes it, then try again",
      "文件在读取过程中被修改；请在写入该文件的程序中将其关闭后重试")
  }

  static func empty(_ file: String) -> RegisterProblem {
    problem(file, "the file is empty; ask its sender for it again", "文件为空；请向报送单位重新索取")
  }

  static func incomplete(_ file: String) -> RegisterProblem {
    problem(
      file, "the workbook is damaged or incomplete; copy it again, or open it in Excel or WPS and save it",
      "工作簿已损坏或不完整；请重新复制该文件，或用 Excel 或 WPS 打开后另存")
  }

  static func missingPart(_ file: String, _ part: String) -> RegisterProblem {
    problem(
      file, "the workbook has no part '\(part)'; open it in Excel or WPS and save it",
      "工作簿缺少部件“\(part)”；请用 Excel 或 WPS 打开后另存")
  }

  static func damagedPart(_ file: String, _ part: String, _ why: (String, String)? = nil) -> RegisterProblem {
    problem(
      file,
      "the part '\(part)' of the workbook is damaged\(why.map { " (\($0.0))" } ?? ""); "
        + "open it in Excel or WPS and save it",
      "工作簿的部件“\(part)”已损坏\(why.map { "（\($0.1)）" } ?? "")；请用 Excel 或 WPS 打开后另存")
  }

  static func password(_ file: String) -> RegisterProblem {
    problem(
      file, "the workbook has a password; open it, remove the password and save it",
      "工作簿设有打开密码；请打开后取消密码并保存")
  }

  static func tooLarge(_ file: String) -> RegisterProblem {
    problem(
      file,
      "the workbook unpacks to far more than a ledger has; "
        + "copy the ledger's cells to a new workbook and save it",
      "工作簿解压后的大小远超正常台账；请将台账内容复制到新工作簿后保存")
  }

  /// A problem at a cell or, without a column, at a row of a sheet.
  static func at(
    _ file: String, sheet: String, row: Int, column: Int? = nil, _ message: String, _ chinese: String
  ) -> RegisterProblem {
    RegisterProblem(
      .form, file: file, sheet: sheet, line: row, column: column.map { ($0, "") }, message: message,
      chinese: chinese)
  }
}
