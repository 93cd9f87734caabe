import Aggregation

/// Equipment that a figure for forms leaves out, and limits that apply to it: the same sentences below the figures of
/// section 2 and beside a form's cell.
extension DocumentWriter {
  /// A sentence without its stop.
  struct Caveat {
    let text: String
    var isWarning = false
  }

  /// Sentences about a figure; empty for a figure that leaves out nothing.
  func caveats(_ metric: Metric) -> [Caveat] {
    switch metric {
    case .oee: effectiveness()
    case .automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue: withoutValue(metric)
    default: []
    }
  }

  /// The factors of overall equipment effectiveness, and the machines behind it.
  private func effectiveness() -> [Caveat] {
    let sums = report.figures.time.effectiveness
    guard sums.declared > 0 else { return [] }
    let (measured, machines) = (terms.number(sums.measured), terms.number(report.figures.time.machines))
    let factors = [sums.availability, sums.effectiveness, sums.quality].map(terms.percent)
    // Without a measured machine no factor has a value.
    let values =
      sums.measured == 0
      ? ""
      : pick(
        ". Availability \(factors[0]), effectiveness \(factors[1]), quality \(factors[2])",
        "。可用率 \(factors[0])，有效性 \(factors[1])，合格率 \(factors[2])")
    var caveats = [
      Caveat(
        text: pick(
          "\(measured) of \(machines) machines have an ideal cycle, a production calendar and counters; \(terms.number(sums.declared)) declare an ideal cycle",
          "\(machines) 台设备中有 \(measured) 台同时具备标准节拍、生产日历和产量计数，申报标准节拍的有 \(terms.number(sums.declared)) 台")
          + values)
    ]
    if sums.limited > 0 {
      let limited = terms.number(sums.limited)
      caveats.append(
        Caveat(
          text: pick(
            "the pieces of \(limited) of these machines would have taken longer than the machines ran; "
              + "their effectiveness counts as 100 %. Correct ideal_cycle_s in the register",
            "其中 \(limited) 台按标准节拍计算的生产时间超过实际运行时间，有效性按 100% 计；请核实台账中的标准节拍"),
          isWarning: true))
    }
    return caveats
  }

  /// Equipment without an asset value.
  private func withoutValue(_ metric: Metric) -> [Caveat] {
    guard let missing = report.figures.leftOut(of: metric), missing > 0 else { return [] }
    let valued = report.figures.forms.valued
    return [
      Caveat(
        text: pick(
          "Ratios by asset value are of \(terms.many(valued, "machine", "machines", "")); "
            + "\(terms.many(missing, "machine declares", "machines declare", "")) no net asset value",
          "按资产净值计算的占比仅含 \(terms.number(valued)) 台设备；另有 \(terms.number(missing)) 台未申报资产净值"))
    ]
  }
}
