import Aggregation
import Telemetry

/// A filled form as JSON.
enum FormJSON {
  static func value(_ filled: FilledForm, _ calendar: LocalCalendar) -> JSON {
    let form = filled.form
    return .object([
      ("name", .string(form.name)), ("title_zh", .string(form.title.chinese)),
      ("title_en", .string(form.title.english)), ("issuing_body_zh", .string(form.issuingBody.chinese)),
      ("issuing_body_en", .string(form.issuingBody.english)), ("date", .string(form.date.description)),
      ("valid_from", .text(form.validFrom?.description)),
      ("valid_until", .text(form.validUntil?.description)),
      ("in_force", .boolean(filled.isInForce)), ("source", .string(form.source.english)),
      ("source_zh", .string(form.source.chinese)), ("certainty", .string(form.certainty.rawValue)),
      ("note_zh", .string(form.note.chinese)), ("note_en", .string(form.note.english)),
      ("sections", .array(filled.sections.map(section))), ("points", filled.score.map(score) ?? .null),
      ("factories", .array(filled.factories.map(row))),
      ("flags", .array(filled.flags.prefix(MessageJSON.mostListed).map { FlagJSON.value($0, calendar) })),
      (
        "flags_by_factory",
        .array(
          filled.flagCounts.map {
            .object([
              ("factory", .string($0.factory)), ("flag", .string($0.kind.rawValue)),
              ("flags", .integer($0.flags)),
            ])
          })
      ),
      ("equipment", .array(filled.lists.map { list($0, calendar) })),
    ])
  }

  private static func section(_ section: FilledForm.Section) -> JSON {
    .object([
      ("title_zh", .string(section.title.chinese)), ("title_en", .string(section.title.english)),
      (
        "items",
        .array(
          section.items.map { item in
            .object([
              ("number", .string(item.item.number)), ("title_zh", .string(item.item.title.chinese)),
              ("title_en", .string(item.item.title.english)),
              ("certainty", .string(item.item.certainty.rawValue)),
              ("note_zh", .text(item.item.note?.chinese)), ("note_en", .text(item.item.note?.english)),
              ("cells", .array(item.cells.map(cell))), ("flags", .array(item.figures.map(flags))),
            ])
          })
      ),
    ])
  }

  /// Flags that concern a figure of an item, by kind.
  private static func flags(_ figure: FilledForm.Figure) -> JSON {
    .object([
      ("metric", .string(figure.figure.key)), ("absent", .text(figure.absence?.rawValue)),
      ("counts", .array(figure.flagCounts.map(FlagJSON.value))),
    ])
  }

  private static func cell(_ cell: FilledForm.Cell) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("number", .string(cell.number)), ("kind", .string(cell.cell.kind.word)),
      ("label_zh", .text(cell.cell.label?.chinese)), ("label_en", .text(cell.cell.label?.english)),
      ("certainty", .string(cell.cell.certainty.rawValue)), ("metric", .text(cell.cell.figure?.key)),
    ]
    if case .count(_, let part) = cell.cell.kind { members.append(("part", .string(part.rawValue))) }
    members += value(cell)
    members.append(("points_most", points(cell.cell.mostPoints)))
    return .object(members)
  }

  private static func value(_ cell: FilledForm.Cell) -> [(key: String, value: JSON)] {
    switch cell.value {
    case .count(let count): [("value", .number(count))]
    case .ratio(let bounded): [("value", FigureJSON.ratio(bounded?.value ?? Count(0, of: 0)))]
    case .quantity(let quantity): [("value", .text(quantity))]
    case .points(let found, let band): [("value", points(found)), ("band", .text(band?.name))]
    case .verdict(let isMet, let rule, let band):
      [
        ("value", isMet.map { .boolean($0) } ?? .null), ("band", .text(band?.name)),
        ("at_least_percent", .text(rule.map { Thousandths.text($0.atLeast) })),
      ]
    case .ofForm: [("value", .null)] + ofForm(cell.cell.kind)
    }
  }

  private static func ofForm(_ kind: Form.Kind) -> [(key: String, value: JSON)] {
    switch kind {
    case .text(let text): [("text_zh", .string(text.chinese)), ("text_en", .string(text.english))]
    case .choice(let options, let several, _):
      [
        ("ticks", .string(several ? "several" : "one")),
        (
          "options",
          .array(
            options.map {
              .object([
                ("text_zh", .text($0.text?.chinese)), ("text_en", .text($0.text?.english)),
                ("points", points($0.points)),
              ])
            })
        ),
      ]
    case .number(let unit, let scale):
      [
        ("unit_zh", .text(unit?.chinese)), ("unit_en", .text(unit?.english)),
        ("points_each", points(scale?.each)),
      ]
    default: []
    }
  }

  /// Points as a decimal number in text form; null for none.
  private static func points(_ thousandths: Int64?) -> JSON {
    .text(thousandths.map { Thousandths.text($0) })
  }

  private static func score(_ score: FormScore) -> JSON {
    .object([
      ("computed", points(score.computed)), ("computed_most", points(score.computedMost)),
      ("missing_most", points(score.missingMost)), ("firm_most", points(score.firmMost)),
    ])
  }

  private static func row(_ row: FormRow) -> JSON {
    .object([
      ("id", .string(row.factory.id)), ("name_zh", .string(row.factory.nameChinese)),
      ("name_en", .string(row.factory.nameEnglish)), ("cells", .array(row.cells.map(cell))),
      ("points", score(row.score)),
    ])
  }

  private static func list(_ list: CountedEquipment, _ calendar: LocalCalendar) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("metric", .string(list.metric.key)),
      (
        "numbers",
        .object(CountedEquipment.Part.allCases.map { ($0.rawValue, .integer(list.numbers[$0] ?? 0)) })
      ),
    ]
    if let steps = list.steps {
      members.append(
        (
          "steps",
          .object([("numerator", .integer(steps.numerator)), ("denominator", .integer(steps.denominator))])
        ))
    }
    members += [
      ("counted_and_heard", .integer(list.heardOfCounted)),
      (
        "rows",
        .array(
          CountedEquipment.Part.allCases.flatMap { part in
            (list.rows[part] ?? []).map { row($0, part, calendar) }
          }.prefix(MessageJSON.mostListed).map { $0 })
      ),
    ]
    return .object(members)
  }

  private static func row(
    _ row: CountedEquipment.Row, _ part: CountedEquipment.Part, _ calendar: LocalCalendar
  ) -> JSON {
    let one = row.assessment
    return .object([
      ("part", .string(part.rawValue)), ("factory", .string(one.key.factory)),
      ("equipment", .string(one.key.equipment)), ("name", .string(one.name)),
      ("workshop", .string(one.workshop)), ("line", .string(one.line)),
      ("category", .text(one.entry?.equipment.category)),
      ("numerator", .integer(row.count.numerator)), ("denominator", .integer(row.count.denominator)),
      ("last_heard", .text(one.lastHeard.map(calendar.rfc3339))),
    ])
  }
}

extension Form.Kind {
  /// The word in files and in JSON.
  var word: String {
    switch self {
    case .count: "count"
    case .ratio: "ratio"
    case .points: "points"
    case .verdict: "verdict"
    case .text: "text"
    case .choice: "choice"
    case .number: "number"
    case .free: "free"
    }
  }
}
