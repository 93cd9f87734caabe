import Aggregation
import Register
import Telemetry

/// The equipment, the period, the register version, and whether the data suffice.
extension DocumentWriter {
  func overview() -> [ReportDocument.Block] {
    var fields: [ReportDocument.Field] = []
    func add(_ label: String, _ value: String, _ style: ReportDocument.Style = .plain) {
      fields.append(.init(label: label, value: value, style: style))
    }
    let calendar = report.calendar
    let data = report.observation.isSufficient ? ReportDocument.Style.plain : .warning
    add(pick("Data", "数据质量"), sentences.sufficiency(report.observation), data)
    if !report.observation.isSufficient, let why = sentences.blindness(report.observation) { add("", why) }
    if report.repairsPending > 0 {
      add(
        "",
        terms.many(
          report.repairsPending, "equipment-day waits to be recomputed after late messages.",
          "equipment-days wait to be recomputed after late messages.", "个设备日因迟到消息待重算。"), .warning)
    }
    if let silence = sentences.silence(report.silences) { add("", silence, .warning) }
    if let drops = report.brokerDrops, drops > 0 { add("", sentences.brokerDrops(drops), .warning) }
    if let retained = report.retained, retained > 0 { add("", sentences.retained(retained)) }
    if let kept = report.retainFlagKept, kept > 0 { add("", sentences.retainFlagKept(kept), .warning) }
    if report.scope != .factory(report.factory?.id ?? ""), let factory = report.factory {
      add(
        terms.factory,
        [factory.id, names(factory.nameEnglish, factory.nameChinese)].filter { !$0.isEmpty }
          .joined(separator: "  "))
    }
    add(
      pick("As of", "统计时点"),
      "\(calendar.second(report.asOf)) \(calendar.offsetText(report.asOf)) (\(calendar.identifier))")
    add(pick("Period", "统计周期"), period)
    if let asked = report.observation.period.askedAsOf {
      let instant = calendar.second(asked)
      add(
        "",
        pick(
          "Asked for as of \(instant), which is still to come: this is as of now.",
          "原定统计时点 \(instant) 尚未到来，现以当前时刻为统计时点。"),
        .warning)
    }
    if let asked = report.observation.period.askedLastDay {
      add(
        "",
        pick("Asked for up to \(asked): the days to come are left out.", "原定至 \(asked)：未到日期不计入。"),
        .warning)
    }
    if report.leftOut > 0 {
      add(
        "",
        pick(
          "Readings, pieces and energy of the last day are left out for "
            + terms.many(report.leftOut, "machine", "machines", "")
            + ": the journal no longer has the messages of that day.",
          "日志已不再保存最后一日的消息，\(terms.number(report.leftOut)) 台设备该日的数据条数、产量和电量未计入。"),
        .warning)
    }
    let known = calendar.second(report.knownAt)
    add(
      pick("Register", "台账版本"),
      report.registerVersion == 0
        ? pick("nothing imported as of \(known)", "截至 \(known) 尚未导入")
        : pick(
          "version \(report.registerVersion), as known on \(known)",
          "第 \(report.registerVersion) 版，截至 \(known)"))
    if let flags = districtFlags() { add(pick("To be explained", "待企业说明"), flags, .warning) }
    let kind = terms.kind(report.scope)
    if !report.isRegistered {
      add("", pick("The register does not know this \(kind.lowercased()).", "台账中无此\(kind)。"), .warning)
    } else if report.figures.equipment == 0, report.scope.kind != "equipment" {
      add(
        "", pick("The register lists no production equipment in service here.", "台账中无在役生产设备。"),
        .warning)
    }
    return [.fields(fields)]
  }
}
