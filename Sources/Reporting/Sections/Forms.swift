import Aggregation
import Telemetry

/// Forms: their items in order, each with the cells to fill in.
extension DocumentWriter {
  func form(_ filled: FilledForm) -> [ReportDocument.Block] {
    // A report with its own overview says the same there.
    let isAlone = !(wanted?.contains(.overview) ?? true)
    var fields: [ReportDocument.Field] = []
    if isAlone, case .fields(let overview)? = overview().first { fields = overview }
    var blocks: [ReportDocument.Block] = [.fields(fields + about(filled))]
    for section in filled.sections where !section.items.isEmpty {
      let title = pick(section.title)
      blocks += [.prose(title, .strong), .table(table(section, title))]
    }
    if let score = filled.score, !score.isEmpty {
      blocks.append(.prose(pick("Points", "得分"), .strong))
      blocks.append(.prose(total(score), .plain))
    }
    return blocks + [.prose(legend, .faint)] + signatures()
  }

  /// The form's publisher, dates, source and note, and the store that the figures come from.
  private func about(_ filled: FilledForm) -> [ReportDocument.Field] {
    let form = filled.form
    var fields: [ReportDocument.Field] = [
      .init(label: pick("Issued by", "发布单位"), value: pick(form.issuingBody)),
      .init(label: pick("In force", "有效期"), value: validity(form)),
      .init(
        label: pick("Source", "来源"),
        value: pick(
          "\(pick(form.source)); retrieved \(form.date); \(terms.name(form.certainty))",
          "\(pick(form.source))；摘录日期 \(form.date)；\(terms.name(form.certainty))")),
      .init(label: pick("Note", "说明"), value: pick(form.note)),
    ]
    if !filled.isInForce {
      fields.insert(
        .init(
          label: "",
          value: pick("The form is not in force on the last day of the period.", "统计周期末日不在该表有效期内。"),
          style: .warning), at: 2)
    }
    return fields + [.init(label: pick("Evidence", "依据"), value: evidence)]
  }

  private func validity(_ form: Form) -> String {
    switch (form.validFrom, form.validUntil) {
    case (let from?, let until?): pick("\(from) to \(until)", "\(from) 至 \(until)")
    case (let from?, nil): pick("from \(from)", "自 \(from) 起")
    case (nil, let until?): pick("until \(until)", "至 \(until)")
    case (nil, nil): pick("dates not known", "起止日期不详")
    }
  }

  /// The journal that the figures come from, and the command that files their evidence.
  private var evidence: String {
    let provenance = report.provenance
    let head = provenance.journalHead.map { String($0.prefix(16)) } ?? pick("empty", "空")
    var text = pick(
      "Millwright \(provenance.version), journal \(head)", "Millwright \(provenance.version)，日志块 \(head)")
    if let root = provenance.dayRoot, let day = provenance.dayRootOf {
      text += pick(", root up to \(day) ", "，截至 \(day) 的根值 ") + root.prefix(16)
    }
    if case .factory(let id) = report.scope {
      let period = report.observation.period
      text += pick("; to file it: ", "；存档命令：")
      text +=
        "millwright evidence create factory \(id.inert) --from \(period.firstDay) --to \(period.lastDay) "
        + "--output \(id.inert).zip"
    }
    return text
  }

  private var legend: String {
    pick(
      "Boxes and blanks are for the firm: nothing is computed for them. A figure that is declared comes from the "
        + "register and is not proved by data.",
      "方框与空格由企业填写，本系统不作计算。“台账申报”的数据由企业申报，未经平台实测证明。")
  }

  /// Computed points, apart from those that nobody but the firm knows.
  private func total(_ score: FormScore) -> String {
    var parts = [
      pick(
        "\(terms.points(ofThousandths: score.computed)) of \(terms.points(ofThousandths: score.computedMost)) "
          + "points computed",
        "已计算 \(terms.points(ofThousandths: score.computed)) 分（满分 "
          + "\(terms.points(ofThousandths: score.computedMost)) 分）")
    ]
    if score.missingMost > 0 {
      let most = terms.points(ofThousandths: score.missingMost)
      parts.append(pick("\(most) not computed", "未计算出的项目满分 \(most) 分"))
    }
    let most = terms.points(ofThousandths: score.firmMost)
    parts.append(pick("\(most) for the firm to fill", "由企业填写的项目满分 \(most) 分"))
    return parts.joined(separator: pick(", ", "，")) + pick(".", "。")
  }

  // MARK: Items

  /// A table of a form, without rows.
  func formTable(_ title: String) -> DocumentTable {
    DocumentTable(
      title,
      [
        .init(pick("Item", "项目"), shrinksTo: 24, wraps: true), .init(pick("Value", "填报值"), numeric: true),
        .init(pick("Points", "得分"), numeric: true),
        .init(pick("Source and remarks", "数据来源与核对"), shrinksTo: 24, wraps: true),
      ])
  }

  private func table(_ section: FilledForm.Section, _ title: String) -> DocumentTable {
    var table = formTable(title)
    for item in section.items {
      table.rows.append(.group("\(item.item.number) \(pick(item.item.title))"))
      table.rows += notes(item.item)
      var shown: [FilledForm.Figure] = []
      for (place, cell) in item.cells.enumerated() {
        table.rows += rows(cell, in: item)
        if let figure = cell.cell.figure, item.cells.lastIndex(where: { $0.cell.figure == figure }) == place {
          guard let found = item.figures.first(where: { $0.figure == figure }) else { continue }
          table.rows += flags(found, besides: shown)
          shown.append(found)
        }
      }
    }
    return table
  }

  /// How sure the item's wording is, and the note of the form's file.
  private func notes(_ item: Form.Item) -> [DocumentTable.Row] {
    func row(_ label: String, _ text: String) -> DocumentTable.Row {
      .cells([.text(label), .empty, .empty, .text(text)])
    }
    return [row(pick("Wording of the item", "条文依据"), terms.name(item.certainty).capitalizedFirst)]
      + (item.note.map { [row(pick("Note", "说明"), pick($0))] } ?? [])
  }

  private func rows(_ cell: FilledForm.Cell, in item: FilledForm.Item) -> [DocumentTable.Row] {
    let label = "\(cell.number) \(name(of: cell.cell))"
    let figure = item.figures.first { $0.figure == cell.cell.figure }
    var remarks = remarks(cell, figure)
    // Once for each figure of the item, whichever part of it the first cell shows.
    if case .ratio(let metric)? = cell.cell.figure,
      item.cells.first(where: { $0.cell.figure == cell.cell.figure })?.number == cell.number
    {
      remarks += caveats(metric).map(\.text.capitalizedFirst)
    }
    if let absence = figure?.absence, absence != .notObserved {
      remarks.append(terms.text(absence).capitalizedFirst)
    }
    if cell.cell.certainty != item.item.certainty {
      remarks.append(terms.remark(cell.cell.certainty))
    }
    let remark = remarks.joined(separator: pick(". ", "。"))
    let isDistrict = report.scope == .district
    switch cell.cell.kind {
    case .count, .ratio, .verdict:
      return [.cells([.text(label), value(cell, figure), .empty, .text(remark)])]
    case .points:
      return [.cells([.text(label), value(cell, figure), points(cell), .text(remark)])]
    case .text: return [.cells([.text(label), .empty, .empty, .text(remark)])]
    case .number(_, let scale):
      let blank: Cell = isDistrict ? .empty : .blank
      return [.cells([.text(label), blank, scale == nil ? .empty : blank, .text(remark)])]
    case .free: return [.cells([.text(label), isDistrict ? .empty : .blank, .empty, .text(remark)])]
    case .choice(let options, _, _):
      let head = DocumentTable.Row.cells([.text(label), .empty, .empty, .text(remark)])
      guard !isDistrict else { return [head] }
      return [head]
        + options.map { option in
          let text = option.text.map(pick) ?? pick("(as in the issuer's text)", "（内容见发布单位原文）")
          return .cells([
            .text("☐ " + text), .empty,
            option.points.map { .decimal(terms.points(ofThousandths: $0)) } ?? .empty, .empty,
          ])
        }
    }
  }

  /// The words beside a cell.
  func name(of cell: Form.Cell) -> String {
    if let label = cell.label { return pick(label) }
    switch cell.kind {
    case .points: return pick("Points", "得分")
    case .verdict: return pick("Threshold", "是否达标")
    case .choice: return pick("Tick what applies", "请勾选")
    case .text: return pick("Note", "说明")
    case .count, .ratio, .number, .free: return cell.figure.map(terms.name) ?? ""
    }
  }

  /// The value of a cell that rests on a figure.
  func value(_ cell: FilledForm.Cell, _ figure: FilledForm.Figure?) -> Cell {
    switch (cell.value, cell.cell.kind) {
    case (.count(let count?), .count(let metric, _)): amount(count, metric)
    case (.ratio(let bounded?), _): .ratio(bounded.value)
    case (.quantity(let quantity?), _): .decimal(quantity)
    case (.points(_, let band?), _): .text(band.interval + " %")
    case (.points(nil, nil), _) where report.scope == .district && figure?.absence == nil: .empty
    case (.verdict(_, _, let band?), _): .text(pick("level ", "等级 ") + band.name)
    case (.verdict(let isMet?, _, _), _):
      .status(Cell.Status(isMet: isMet), isMet ? pick("met", "达标") : pick("not met", "未达标"))
    case _ where cell.isOutside: .text(outsideValue(cell))
    default: .text(figure?.absence == .notObserved ? terms.notObserved : terms.notApplicable)
    }
  }

  private func amount(_ count: Int, _ metric: Metric) -> Cell {
    switch amount(Count(count, of: max(1, count)), metric) {
    case .fraction(_, .hours): .decimal("\(count / 3_600_000).\(count / 360_000 % 10)")
    case .fraction(_, .pieces): .thousandths(Int64(count))
    case .fraction(_, .yuan): .thousandths(Int64(clamping: Int128(count) * 10))
    default: .number(count)
    }
  }

  func points(_ cell: FilledForm.Cell) -> Cell {
    if case .points(let points?, _) = cell.value {
      .decimal(terms.points(ofThousandths: points))
    } else {
      .empty
    }
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
