extension RegisterRule.Kind {
  /// The part of a ledger that a rule is about: decides the form of its sentence.
  enum Subject { case file, sheet, rows, column, cells, warning }

  /// The rule in the sums of all sheets; of some rules the sentence needs a column.
  public var inSums: (english: String, chinese: String) {
    switch self {
    case .blankColumns: ("columns without heading and values are skipped", "无表头且无内容的列跳过")
    case .hiddenColumns: ("hidden columns are read as the others", "隐藏列与其他列同样读取")
    case .rowNumbers: ("row numbers are not stored", "序号不予保存")
    case .notAttribute: ("columns that are no attribute of the register are not stored", "非台账属性的列不予保存")
    case .ignoredColumn: ("columns are not stored, by --ignore-columns", "按 --ignore-columns 不予保存的列")
    case .duplicateColumn: ("columns are not stored, because the file has another one", "因另有同义列而不予保存的列")
    case .synonym: ("headings are read by a synonym", "按同义表头读取的列")
    case .bracketWords: ("headings have a unit or a hint in brackets", "表头括号内有单位或填写说明的列")
    default: (english, chinese)
    }
  }

  /// The rule's words for the sender of a file, who has no command to give options to.
  var forSender: (english: String, chinese: String) {
    switch self {
    case .factoryGiven: ("factory of all rows", "全部行的企业")
    case .withoutMerges:
      ("a text file has no merged cells; empty cells are read as empty", "文本文件没有合并单元格，空单元格按空读取")
    case .ignoredColumn: ("not stored", "不予保存")
    default: (english, chinese)
    }
  }

  /// Whether the rule counts rows of its own.
  public var countsRows: Bool { ![.file, .sheet, .column].contains(subject) }

  var subject: Subject {
    switch self {
    case .withoutMerges: .file
    case .otherSheets, .hiddenSheets, .factoryGiven: .sheet
    case .titleRows, .headingRows, .blankRows, .numberedRows, .totalRows, .footerRows, .repeatedHeadings,
      .hiddenRows:
      .rows
    case .blankColumns, .hiddenColumns, .rowNumbers, .notAttribute, .ignoredColumn, .duplicateColumn,
      .synonym, .bracketWords:
      .column
    case .numberID, .roundedID, .similarIDs, .otherFactory: .warning
    default: .cells
    }
  }

  /// The rule in a few words of English.
  public var english: String {
    switch self {
    case .otherSheets: "other sheets are not read"
    case .hiddenSheets: "hidden sheets are not read; name one with --sheet to read it"
    case .titleRows: "rows above the headings are not read"
    case .headingRows: "headings in several rows are read as one row"
    case .factoryGiven: "factory of all rows, by --factory-from"
    case .withoutMerges:
      "--fill-down has no effect: a text file has no merged cells; empty cells are read as empty"
    case .blankRows: "blank rows are skipped"
    case .numberedRows: "rows with nothing but a row number are skipped"
    case .blankColumns: "has no heading and no values, skipped"
    case .totalRows: "rows of totals are no equipment"
    case .footerRows: "rows of signatures and notes are no equipment"
    case .repeatedHeadings: "repeated headings are skipped"
    case .hiddenRows: "hidden rows are read as the others"
    case .hiddenColumns: "hidden, read as the others"
    case .rowNumbers: "row numbers, not stored"
    case .notAttribute: "no attribute of the register, not stored"
    case .ignoredColumn: "not stored, by --ignore-columns"
    case .duplicateColumn: "not stored, because the file also has the column"
    case .synonym: "read as"
    case .bracketWords: "the brackets have a unit or a hint; read as"
    case .unit: "values are converted to the column's unit"
    case .filledDown: "merged cells are filled with their first cell"
    case .coveredValue: "check: values hidden under merged cells are replaced by their first cell"
    case .factoryName: "factories are read by name"
    case .dateForm: "dates written in another form"
    case .dayNumber: "numbers of days are read as dates"
    case .timeOfDay: "times of day are left out"
    case .mark: "marks are read as yes or no"
    case .noneMark: "marks for 'none' are read as empty"
    case .word: "other words for a degree of automation"
    case .width: "full-width characters are read as the usual ones"
    case .invisible: "invisible characters or special spaces are removed"
    case .wholeNumber: "decimals of whole numbers are left out"
    case .shownNumber: "numbers are read as the sheet shows them"
    case .thousands: "separators of thousands are left out"
    case .numberID: "check: ids in number cells, where a spreadsheet drops zeros at the front"
    case .roundedID: "check: ids of 16 digits that end with 0, as a spreadsheet rounds them"
    case .similarIDs: "check: ids that differ only in letter case"
    case .otherFactory: "check: rows of another factory than --factory-from names"
    }
  }

  /// The rule in a few Chinese words.
  public var chinese: String {
    switch self {
    case .otherSheets: "其他工作表不读取"
    case .hiddenSheets: "隐藏的工作表不读取，如需读取请用 --sheet 指明"
    case .titleRows: "表头以上的行不读取"
    case .headingRows: "多行表头合并为一行读取"
    case .factoryGiven: "按 --factory-from 确定全部行的企业"
    case .withoutMerges: "--fill-down 不起作用：文本文件没有合并单元格，空单元格按空读取"
    case .blankRows: "空行跳过"
    case .numberedRows: "仅有序号的行跳过"
    case .blankColumns: "无表头且无内容，跳过"
    case .totalRows: "合计行不作为设备"
    case .footerRows: "签字、说明行不作为设备"
    case .repeatedHeadings: "重复的表头行跳过"
    case .hiddenRows: "隐藏行与其他行同样读取"
    case .hiddenColumns: "隐藏，与其他列同样读取"
    case .rowNumbers: "序号，不予保存"
    case .notAttribute: "不是台账属性，不予保存"
    case .ignoredColumn: "按 --ignore-columns 不予保存"
    case .duplicateColumn: "不予保存，因文件中另有列"
    case .synonym: "读作"
    case .bracketWords: "括号内为单位或填写说明；读作"
    case .unit: "数值已换算为本列单位"
    case .filledDown: "合并单元格按首格内容填充"
    case .coveredValue: "请核对：合并单元格遮住的内容改用首格内容"
    case .factoryName: "按企业名称确定企业"
    case .dateForm: "其他写法的日期"
    case .dayNumber: "日期序列号读作日期"
    case .timeOfDay: "舍去时刻"
    case .mark: "符号读作是或否"
    case .noneMark: "表示“无”的符号读作空"
    case .word: "自动化程度的其他说法"
    case .width: "全角字符读作半角"
    case .invisible: "去除不可见字符或特殊空格"
    case .wholeNumber: "舍去整数后的小数位"
    case .shownNumber: "数值按表格所显示的内容读取"
    case .thousands: "舍去千位分隔符"
    case .numberID: "请核对：编号存于数值单元格，开头的 0 会被表格软件去掉"
    case .roundedID: "请核对：编号为 16 位数字且末位为 0，可能已被表格软件舍入"
    case .similarIDs: "请核对：编号仅大小写不同"
    case .otherFactory: "请核对：企业与 --factory-from 指明的企业不同"
    }
  }
}
