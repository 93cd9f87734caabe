import Register
import Telemetry

/// Form of an answer, because its explanations depend on it.
public enum AnswerForm: Sendable {
  case workbook, html, text
}

extension RegisterAnswer {
  /// The summary as a document of one section.
  ///
  /// - Parameter extents: one for each file; nil for a file whose rows cannot be read.
  public func summary(_ extents: [Extent?], form: AnswerForm) -> ReportDocument {
    var blocks: [ReportDocument.Block] = [.fields(fields(extents) + warningFields())]
    blocks += unplaced(extents)
    blocks += kinds(extents, form: form)
    blocks += warnings()
    blocks += rules()
    blocks += instructions(extents, form: form)
    return ReportDocument(
      language: language, calendar: calendar, title: terms.pick("Result of the register check", "台账校验结果"),
      names: names.joined(separator: terms.pick(", ", "、")),
      period: terms.pick("Checked ", "校验时间：") + calendar.minute(checked) + " " + calendar.identifier,
      sections: [
        .init(name: .overview, title: terms.pick("Summary", "校验概要"), blocks: blocks)
      ])
  }

  /// Names of the files, each once.
  private var names: [String] {
    files.map(\.shownName).reduce(into: []) { names, name in
      if names.last != name { names.append(name) }
    }
  }

  /// The name of a file, with the sheet if several sheets of it were read.
  private func label(_ file: File) -> String {
    guard !file.sheet.isEmpty, files.count(where: { $0.name == file.name }) > 1 else { return file.shownName }
    return terms.pick(
      "\(file.shownName), sheet '\(file.sheet.inert)'", "\(file.shownName) 工作表“\(file.sheet.inert)”")
  }

  /// Rows below the headings and, if others are among them, the rows of equipment: `7 rows, 5 of them equipment`.
  private func extent(_ extent: Extent, of file: File) -> String {
    let all = terms.pick(counted(extent.rows), "\(terms.number(extent.rows)) 行数据")
    guard let equipment = file.equipment, equipment > 0, equipment < extent.rows else { return all }
    return all
      + terms.pick(", \(terms.number(equipment)) of them equipment", "，其中设备 \(terms.number(equipment)) 台")
  }

  private func fields(_ extents: [Extent?]) -> [ReportDocument.Field] {
    var fields: [ReportDocument.Field] = []
    for (file, extent) in zip(files, extents) {
      let rows = extent.map {
        self.extent($0, of: file)
          + ($0.end == nil ? "" : terms.pick("; the rest cannot be read", "，其余部分无法读取"))
      }
      fields.append(
        .init(
          label: terms.pick("File", "文件"),
          value: label(file) + terms.pick(": ", "：") + (rows ?? terms.pick("cannot be read", "无法读取"))))
    }
    fields.append(.init(label: terms.pick("Problems", "问题"), value: terms.number(problems?.count ?? 0)))
    let isValid = problems == nil
    fields.append(
      .init(
        label: terms.pick("Result", "结论"),
        value: isValid
          ? terms.pick("Valid: the files can be imported.", "校验通过，可以导入。")
          : terms.pick(
            "Not valid: nothing can be imported until every problem is corrected.", "校验未通过，更正全部问题后方可导入。"),
        style: isValid ? .strong : .warning))
    return fields
  }

  /// Problems without a line, those of files that cannot be read, and those after which a file cannot be read further.
  private func wholeFileProblems(_ extents: [Extent?]) -> [RegisterProblem] {
    let unread = Set(zip(files, extents).filter { $0.1 == nil }.map(\.0.name))
    let ends = extents.compactMap { $0?.end }
    // A problem that was kept has the heading of its column, too.
    func isSame(_ a: RegisterProblem, _ b: RegisterProblem) -> Bool {
      (a.file, a.sheet, a.line, a.message) == (b.file, b.sheet, b.line, b.message)
    }
    let kept = (problems?.problems ?? []).filter { problem in
      problem.line == nil || unread.contains(problem.file) || ends.contains { isSame($0, problem) }
    }
    return kept + ends.filter { end in !kept.contains { isSame($0, end) } }
  }

  private func unplaced(_ extents: [Extent?]) -> [ReportDocument.Block] {
    let shown = wholeFileProblems(extents)
    let messages = shown.map { problem in
      var place = problem.place
      place.file = File(name: problem.file) { () throws(RegisterProblem) in throw problem }.shownName
      return terms.pick(
        "\(place.english): \(problem.forSender.english)", "\(place.chinese)：\(problem.forSender.chinese)"
      ).inert
    }
    guard !messages.isEmpty else { return [] }
    return [.prose(terms.pick("Problems of a whole file", "整个文件的问题"), .strong)]
      + messages.map { .prose($0, .warning) }
  }

  private func kinds(_ extents: [Extent?], form: AnswerForm) -> [ReportDocument.Block] {
    guard let problems else { return [] }
    let unplaced = wholeFileProblems(extents)
    var counts = problems.more
    for problem in problems.problems { counts[problem.kind, default: 0] += 1 }
    var table = DocumentTable(
      terms.pick("Problems by kind", "问题分类"),
      [
        .init(terms.pick("Kind", "问题类别")), .init(terms.pick("Number", "数量"), numeric: true),
        .init(terms.pick("What to do", "处理办法"), shrinksTo: 24, wraps: true),
      ])
    for kind in RegisterProblem.Kind.allCases {
      guard let count = counts[kind] else { continue }
      // Places are marked only of problems that a row shows.
      let isMarked = kind != .form || unplaced.count(where: { $0.kind == kind }) < count
      table.rows.append(
        .cells([
          .text(terms.pick(kind.english, kind.chinese)), .number(count),
          .text(terms.remedy(isMarked ? kind : .other, form)),
        ]))
    }
    return [.prose(table.caption, .strong), .table(table)]
  }

  private func rules() -> [ReportDocument.Block] {
    let rules = files.flatMap { file in
      file.rules.map { rule in
        (files.count > 1 ? label(file) + terms.pick(": ", "：") : "")
          + terms.pick(rule.english, rule.chinese).inert
      }
    }
    guard !rules.isEmpty else { return [] }
    return [.prose(terms.pick("How cells were read", "读取时所作的转换"), .strong)]
      + rules.map { .prose($0, .plain) }
  }

  private func instructions(_ extents: [Extent?], form: AnswerForm) -> [ReportDocument.Block] {
    guard let problems else { return [] }
    var lines: [String] = []
    let readable = zip(files, extents).filter { $0.1 != nil }.map(\.0.name)
    // A text has only the rows with problems.
    let hasRows =
      form != .text || problems.placeCount > 0
      || problems.problems.contains { $0.line != nil && readable.contains($0.file) }
    if !readable.isEmpty, hasRows { lines.append(layout(form, sheets: readable.count)) }
    let further = problems.more.values.reduce(0, +)
    if further > 0 {
      let kept = terms.number(problems.problems.count)
      let other = terms.number(further)
      lines.append(
        terms.pick(
          "The first \(kept) problems have their messages. The other \(other) are marked with their kind only.",
          "前 \(kept) 处问题附有详细说明，其余 \(other) 处只标明类别。"))
      let unmarked = further - problems.placeCount
      if unmarked > 0 {
        lines.append(
          terms.pick(
            "\(terms.number(unmarked)) of them are only counted.", "其中 \(terms.number(unmarked)) 处只计数，未予标出。"))
      }
    }
    lines += extents.compactMap(\.self).flatMap { remarks($0, form) }
    lines.append(
      terms.pick(
        "Correct the original file and send it again; this answer is for reference.",
        "请在原文件中更正后重新报送；本答复仅供对照。"))
    return [.prose(terms.pick("How to correct", "更正说明"), .strong)] + lines.map { .prose($0, .plain) }
  }

  private func layout(_ form: AnswerForm, sheets: Int) -> String {
    switch form {
    case .workbook:
      terms.pick(
        (sheets == 1 ? "The next sheet is" : "The next \(sheets) sheets are")
          + " your own, row by row. Cells with problems are coloured and have comments; the column "
          + "'\(problemHeading)' at the right lists all problems of a row and can be filtered.",
        (sheets == 1 ? "下一工作表" : "后续 \(sheets) 个工作表")
          + "与贵单位所报表格逐行对应：有问题的单元格已标色并附批注，最右侧“\(problemHeading)”列列出本行全部问题，可据以筛选。")
    case .html:
      terms.pick(
        (sheets == 1 ? "The table below is" : "The \(sheets) tables below are")
          + " your own, row by row. Cells with problems are coloured; the last column lists all "
          + "problems of a row.",
        (sheets == 1 ? "下表" : "以下 \(sheets) 个表") + "与贵单位所报表格逐行对应：有问题的单元格已标色，最右列列出本行全部问题。")
    case .text: terms.pick("The rows with problems are listed below.", "有问题的行列示于后。")
    }
  }

  private func remarks(_ extent: Extent, _ form: AnswerForm) -> [String] {
    var remarks: [String] = []
    if extent.leftOut > 0, form == .workbook {
      let count = terms.number(extent.leftOut)
      remarks.append(
        terms.pick(
          "A sheet cannot hold all rows and columns: \(count) rows or cells are left out.",
          "工作表行列数有限，有 \(count) 行或单元格未列出。"))
    } else if extent.leftOut > 0 {
      let count = terms.number(extent.leftOut)
      let verb = extent.leftOut == 1 ? "is" : "are"
      remarks.append(terms.pick("\(counted(extent.leftOut)) \(verb) left out.", "另有 \(count) 行未列出。"))
    }
    if extent.separatesCells {
      remarks.append(
        terms.pick("Merged cells with problems or in long sheets are separated.", "含问题的合并单元格以及长表中的合并单元格已拆分。"))
    }
    return remarks
  }

  /// `1 row`, `2 rows`.
  private func counted(_ count: Int) -> String { terms.number(count) + (count == 1 ? " row" : " rows") }
}
