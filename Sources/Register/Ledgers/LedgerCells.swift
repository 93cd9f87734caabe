/// Purpose of a cell: decides how its content is read.
enum CellUse {
  /// Free text, such as a name.
  case text
  /// Text that identifies something, such as a serial number: damage by a spreadsheet is refused.
  case identifier
  /// An id of `A–Z a–z 0–9 _ . -`.
  case id
  case date, flag, word, number

  /// Whether it identifies something.
  var identifies: Bool { self == .id || self == .identifier }
}

extension RowReader {
  /// Whether a column of text identifies something.
  static func isIdentifying(_ column: Column) -> Bool {
    switch column.rawValue {
    case "serial", "energy_meter", "gateway": true
    default: false
    }
  }

  /// The id of the factory whose name is in a cell, empty after a problem; nil if the cell has no name of a factory.
  mutating func factory(named cell: SheetCell, _ column: Column) -> String? {
    let ids = factories(named: cell)
    guard let id = ids.first else { return nil }
    guard ids.count == 1 else {
      refuse(
        column, .unknownFactory,
        "several factories have this name: \(ids.joined(separator: ", ")); write the id",
        "多家企业使用此名称：\(ids.joined(separator: "、"))；请填写企业编号")
      return ""
    }
    apply(.factoryName, column, cell.shown, id)
    return id
  }

  /// The text of a ledger's cell, with every rule that was applied to it; empty for an empty cell, and after a problem.
  mutating func ledgerText(_ raw: SheetCell, _ column: Column, as use: CellUse) -> String {
    switch raw {
    case .empty: return ""
    case .text(let text): return cleaned(text, column, use)
    case .number(let digits): return number(digits, column, use)
    case .formatted(let digits, let shown): return formatted(digits, shown, column, use)
    case .truth(let value): return truth(value, column, use)
    case .error(let name):
      refuseError(name, column)
      return ""
    case .day(let day):
      guard use.identifies || use == .number || use == .text else { return day.description }
      refuse(
        column, use == .number ? .number : use == .text ? .other : .identifier,
        "the spreadsheet made a date of this cell (\(day)); format the column as text and type the value again",
        "表格软件已将此单元格变为日期（\(day)）；请将该列设为文本格式后重新录入")
      return ""
    }
  }

  private mutating func cleaned(_ raw: String, _ column: Column, _ use: CellUse) -> String {
    let clean = CellText(raw, use == .text || use == .identifier ? .text : .folded)
    let text = clean.text
    if let removed = clean.removed {
      // A space that only looks like one is not what was meant in an id.
      if use == .id, text.contains(" ") {
        refuse(
          column, .identifier, "'\(Self.shown(text))' contains \(CellText.named(removed)); remove it",
          "“\(Self.shown(text))”含有 \(CellText.named(removed))；请删除")
        return ""
      }
      apply(
        .invisible, column, "\(raw.count <= 60 ? raw : Self.shown(raw)) (\(CellText.named(removed)))", text)
    }
    if clean.isFolded { apply(.width, column, raw, text) }
    if text.isEmpty || isError(text, column) { return "" }
    if isNone(text, use, column) {
      apply(.noneMark, column, text, "")
      return ""
    }
    switch use {
    case .id, .identifier: return isDamaged(text, column, isNumber: false) ? "" : text
    case .number: return converted(withoutSeparators(text, column), column)
    default: return text
    }
  }

  /// The text of a number that the sheet shows with zeros or words: in a column of texts, what the sheet shows.
  private mutating func formatted(
    _ digits: String, _ shown: String, _ column: Column, _ use: CellUse
  ) -> String {
    guard use.identifies || use == .text else { return number(digits, column, use) }
    if use.identifies, isDamaged(digits, column, isNumber: true) { return "" }
    apply(.shownNumber, column, digits, shown)
    return shown
  }

  /// The text of a truth value, which is none of a column of texts or numbers.
  private mutating func truth(_ value: Bool, _ column: Column, _ use: CellUse) -> String {
    let name = value ? "TRUE" : "FALSE"
    guard use != .flag, use != .word else { return name }
    refuse(
      column, use == .number ? .number : use == .date ? .date : use == .text ? .other : .identifier,
      "the cell has the truth value \(name); format the column as text and type the value again",
      "单元格内容为逻辑值 \(name)；请将该列设为文本格式后重新录入")
    return ""
  }

  private mutating func number(_ digits: String, _ column: Column, _ use: CellUse) -> String {
    switch use {
    case .id, .identifier:
      if isDamaged(digits, column, isNumber: true) { return "" }
      let text = whole(digits, column)
      if use == .id { apply(.numberID, column, text, "") }
      return text
    case .date, .flag, .word: return whole(digits, column)
    case .number: return converted(whole(digits, column), column)
    case .text: return digits
    }
  }

  /// `12` for `12.0`; other numbers as they are.
  private mutating func whole(_ digits: String, _ column: Column) -> String {
    guard digits.utf8.contains(0x2E), let point = digits.firstIndex(of: "."),
      !digits.contains(where: { $0 == "E" || $0 == "e" }),
      digits[digits.index(after: point)...].allSatisfy({ $0 == "0" })
    else { return digits }
    let whole = String(digits[..<point])
    apply(.wholeNumber, column, digits, whole)
    return whole
  }

  /// `1234.5` for `1,234.5`; other texts as they are.
  private mutating func withoutSeparators(_ text: String, _ column: Column) -> String {
    guard text.utf8.contains(0x2C) else { return text }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let last = parts.last.map { $0.prefix { $0 != "." } } ?? ""
    func isGroup(_ part: Substring) -> Bool {
      part.utf8.count == 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard parts.count > 1, (1...3).contains(parts[0].utf8.count),
      parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      parts.dropFirst().dropLast().allSatisfy(isGroup),
      isGroup(last)
    else { return text }
    let plain = parts.joined()
    apply(.thousands, column, text, plain)
    return plain
  }

  /// A number in the unit of its column; empty after a problem. A text that is no number stays as it is.
  private mutating func converted(_ text: String, _ column: Column) -> String {
    guard let factor = factor(column), DecimalText.isNumber(text) else { return text }
    guard let value = DecimalText.converted(text, times: factor.size, over: factor.divisor) else {
      // The number must not stand in another unit than its heading says.
      let most = DecimalText.mostDecimals
      refuse(
        column, .number,
        "'\(Self.shown(text))' cannot be converted to the column's unit; write at most 18 digits, "
          + "\(most) of them after the point",
        "“\(Self.shown(text))”无法换算为本列单位；请填写不超过 18 位数字、小数不超过 \(most) 位的数值")
      return ""
    }
    apply(.unit, column, text, value)
    return value
  }

  // MARK: Damage by spreadsheets

  private mutating func refuseError(_ name: String, _ column: Column) {
    guard !name.isEmpty else {
      refuse(
        column, .form, "the file has no result of the formula; open it in Excel or WPS and save it",
        "文件中没有公式的计算结果；请用 Excel 或 WPS 打开后保存")
      return
    }
    refuse(
      column, .other, "the formula of this cell failed (\(Self.shown(name))); type its value",
      "此单元格的公式出错（\(Self.shown(name))）；请填写具体内容")
  }

  /// Whether a text is the name of a formula's error, as spreadsheets save it to a text file; refuses it.
  private mutating func isError(_ text: String, _ column: Column) -> Bool {
    guard text.utf8.first == 0x23 else { return false }
    let errors = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"]
    guard errors.contains(text.uppercased()) else { return false }
    refuseError(text, column)
    return true
  }

  /// Whether an id lost digits in a spreadsheet, because it was kept as a number; refuses it.
  private mutating func isDamaged(_ text: String, _ column: Column, isNumber: Bool) -> Bool {
    guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return false }
    if Self.isScientific(text, anySign: isNumber) {
      refuse(
        column, .identifier,
        "'\(Self.shown(text))' is a number in scientific notation, whose digits are lost; format the column as text and "
          + "type the id again", "“\(Self.shown(text))”为科学计数法，原编号的数字已丢失；请将该列设为文本格式后重新录入")
      return true
    }
    let whole = text.prefix { $0 != "." }.utf8
    guard whole.count >= 16, whole.allSatisfy({ (0x30...0x39).contains($0) }),
      isNumber || whole.dropFirst(15).allSatisfy({ $0 == 0x30 })
    else { return false }
    if !isNumber, isWorkbook || whole.count == 16 {
      // A text of a workbook is as it was typed; one more digit is often 0.
      if !isWorkbook { apply(.roundedID, column, text, "") }
      return false
    }
    refuse(
      column, .identifier,
      "'\(Self.shown(text))' was rounded to 15 digits by a spreadsheet; format the column as text and type the id again"
        + (isNumber ? "" : ", or save the file as a workbook if the id does end with zeros"),
      "“\(Self.shown(text))”已被表格软件舍入为 15 位有效数字；请将该列设为文本格式后重新录入"
        + (isNumber ? "" : "；若编号确以零结尾，请将文件另存为工作簿"))
    return true
  }

  /// Whether a text is a number such as `1.23457E+11`. In a text an exponent has a plus sign: `1E5` may be an id.
  private static func isScientific(_ text: String, anySign: Bool) -> Bool {
    guard let mark = text.utf8.firstIndex(where: { $0 == 0x45 || $0 == 0x65 }) else { return false }
    let mantissa = text.utf8[..<mark]
    var exponent = text.utf8[text.utf8.index(after: mark)...]
    let sign = exponent.first
    if sign == 0x2B || sign == 0x2D { exponent = exponent.dropFirst() }
    guard anySign || sign == 0x2B else { return false }
    return mantissa.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E } && !exponent.isEmpty
      && exponent.allSatisfy { (0x30...0x39).contains($0) }
  }

  // MARK: Marks

  /// Whether a text is a mark for "none" in a cell of this use: free text is stored as it stands, and 无 in a column of
  /// yes and no is no.
  private func isNone(_ text: String, _ use: CellUse, _ column: Column) -> Bool {
    guard text.utf8.count <= 12, use != .text, !column.isRequired else { return false }
    // Nearly all texts begin otherwise. The bytes are / \ - N n and the first ones of wide dashes and of 无, 暂, 没.
    switch text.utf8.first ?? 0 {
    case 0x2F, 0x5C, 0x2D, 0x4E, 0x6E, 0xE2, 0xE6, 0xEF: break
    default: return false
    }
    switch text {
    case "/", "／", "\\", "-", "—", "——", "－", "--", "–", "―": return true
    case "无", "暂无", "没有", "N/A", "n/a", "NA", "none": return use != .flag && use != .word
    default: return false
    }
  }

  /// The meaning of a mark in a column of yes and no; nil for other texts.
  mutating func mark(_ text: String, _ column: Column) -> Bool? {
    guard isLedger else { return nil }
    let found: Bool
    switch text {
    case "√", "✓", "✔", "☑", "Y", "y", "有", "对": found = true
    case "×", "✗", "✘", "✕", "N", "n", "无", "没有": found = false
    case "X", "x", "O", "o", "○", "●":
      refuse(
        column, .word, "'\(text)' may mean yes or no; write one of them", "“\(text)”可能表示是，也可能表示否；请填写是或否")
      return false
    default: return nil
    }
    apply(.mark, column, text, found ? "yes" : "no")
    return found
  }
}
