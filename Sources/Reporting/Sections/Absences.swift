import Aggregation

/// Reasons for missing figures, printed below each table that has such figures.
extension DocumentWriter {
  /// Reasons for the scope as a whole.
  func absences(_ metrics: [Metric]) -> [ReportDocument.Block] {
    var reasons = Reasons()
    for metric in metrics {
      if let absence = report.figures.absence(of: metric) { reasons.add(terms.name(metric), absence) }
    }
    return prose(reasons)
  }

  /// Reasons by group; a group is named once if all of its missing figures have one reason.
  func absences(
    of groups: [(name: String, figures: Figures)], _ metrics: [Metric]
  ) -> [ReportDocument.Block] {
    var reasons = Reasons()
    for (name, figures) in groups {
      let missing = metrics.compactMap { metric in figures.absence(of: metric).map { (metric, $0) } }
      guard let first = missing.first else { continue }
      if missing.allSatisfy({ $0.1 == first.1 }) {
        reasons.add(name, first.1)
      } else {
        for (metric, absence) in missing { reasons.add("\(name) (\(terms.short(metric)))", absence) }
      }
    }
    return prose(reasons)
  }

  /// Missing figures by reason, in order of occurrence.
  struct Reasons {
    private(set) var groups: [(reason: Absence, names: [String])] = []

    mutating func add(_ name: String, _ reason: Absence) {
      if let place = groups.firstIndex(where: { $0.reason == reason }) {
        if !groups[place].names.contains(name) { groups[place].names.append(name) }
      } else {
        groups.append((reason, [name]))
      }
    }
  }

  /// One line for each reason.
  func prose(_ reasons: Reasons) -> [ReportDocument.Block] {
    reasons.groups.map { reason, names in
      var list = names.prefix(Self.rowsShown).joined(separator: pick(", ", "、"))
      if names.count > Self.rowsShown {
        list += pick(" and \(names.count - Self.rowsShown) more", "等 \(names.count) 项")
      }
      return .prose(
        terms.notApplicable
          + pick(" (\(terms.text(reason))): \(list).", "（\(terms.text(reason))）：\(list)。"), .faint)
    }
  }
}
