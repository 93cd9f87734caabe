import Aggregation
import Register
import Telemetry

/// The document's title, and the line below it.
extension DocumentWriter {
  /// `Equipment networking and automation, August 2024 – Western (Chongqing) Science City`.
  var title: String {
    let period = report.observation.period
    let instant = terms.asOf(report.asOf, of: period)
    let time =
      period.isOfInstant
      ? pick("as of \(instant)", "（截至 \(instant)）")
      : pick(terms.days(period), "（\(terms.days(period))）")
    return pick(
      "Equipment networking and automation, \(time) – \(subject)",
      subject.joinedChinese("设备联网与自动化\(terms.reportWord(period))").joinedChinese(time)
    ).inert
  }

  /// `Factory F001 (蓝海齿轮厂)`: the level and the ids, and the name in the other language if there is one.
  var identity: String {
    let other = terms.names(report.nameEnglish, report.nameChinese).dropFirst().first
    return [terms.kind(report.scope), displayedPath].filter { !$0.isEmpty }.joined(separator: " ")
      + (other.map { pick(" (\($0))", "（\($0)）") } ?? "").inert
  }

  /// The name of the subject as a title has it: a part of a factory with the factory's name.
  private var subject: String {
    let own = terms.names(report.nameEnglish, report.nameChinese).first
    switch report.scope {
    case .district, .factory: return own ?? report.id
    case .workshop(_, let id):
      return within(
        id.isEmpty
          ? pick("Equipment without a workshop", "（未分车间）") : pick("Workshop \(id)", "\(id) \(terms.workshop)")
      )
    case .line(_, let workshop, let id):
      return within(
        id.isEmpty
          ? pick(
            "Equipment without a line" + (workshop.isEmpty ? "" : " in \(workshop)"), "\(workshop)（未分产线）")
          : pick("Line \(place(workshop, id))", "\(place(workshop, id)) \(terms.line)"))
    case .equipment(let key):
      guard let own else { return within(key.equipment) }
      return within(pick("\(key.equipment) \(own)", "\(own)（\(key.equipment)）"))
    }
  }

  /// A part with the name of its factory.
  private func within(_ part: String) -> String {
    let factory = report.factory
    let name = terms.names(factory?.nameEnglish ?? "", factory?.nameChinese ?? "").first
    let whole = name ?? report.scope.factory ?? ""
    return pick("\(part), \(whole)", whole.joinedChinese(part))
  }
}
