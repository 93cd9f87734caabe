import Register

/// How the files of an import were read, as text: each sheet with the rules that were applied to it.
struct LedgerPreviewText {
  let sheets: [LedgerSheet]
  /// The factories' workbook; nil for a text file and without one.
  let factories: LedgerSheet?
  /// Files of a folder that were not read, with the reason.
  let skipped: [LedgerFiles.Skipped]
  let say: CommandWording

  /// One line a sheet, below it one a rule; for several sheets also the sums of all.
  var lines: [String] {
    var lines: [String] = []
    for one in skipped {
      lines.append((one.name + say(": not read, \(one.english)", "：未读取，\(one.chinese)")).inert)
    }
    for sheet in sheets + [factories].compactMap(\.self) {
      lines.append(say(sheet.english, sheet.chinese).inert)
      lines += sheet.rules.map { ("  " + say($0.english, $0.chinese)).inert }
    }
    if sheets.count > 1 { lines += sums }
    return lines
  }

  private var sums: [String] {
    let equipment = sheets.reduce(0) { $0 + $1.equipment }
    let files = Set(sheets.map(\.file)).count
    var lines = [
      say(
        "in all: \(files.counted("file")), \(sheets.count.counted("sheet")), \(equipment) equipment",
        "合计：文件 \(files) 个，工作表 \(sheets.count) 个，设备 \(equipment) 台")
    ]
    for kind in RegisterRule.Kind.allCases {
      let using = sheets.filter { $0.rules.contains { $0.kind == kind } }
      guard !using.isEmpty else { continue }
      let rows = using.reduce(0) { $0 + $1.rules.reduce(0) { $0 + ($1.kind == kind ? $1.rows : 0) } }
      let words = kind.inSums
      lines.append(
        say("  \(words.english): \(using.count.counted("sheet"))", "  \(words.chinese)：工作表 \(using.count) 个")
          + (kind.countsRows ? say(", \(rows.counted("row"))", "，共 \(rows) 行") : ""))
    }
    return lines
  }
}
