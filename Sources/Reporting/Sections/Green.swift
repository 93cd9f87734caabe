import Aggregation
import Telemetry

/// Energy, and energy per good piece.
extension DocumentWriter {
  func green() -> [ReportDocument.Block] {
    let time = report.figures.time
    guard time.hasEnergy || time.good > 0 else { return sharedMeter() }
    if report.figures.isWithoutOutput {
      return [.prose(pick("Energy and output: not observed.", "用能与产出：无观测。"), .faint)] + sharedMeter()
    }
    var table = DocumentTable(
      pick("Energy and output", "用能与产出"),
      [
        .init(pick("Figure", "指标"), shrinksTo: 16, wraps: true), .init(pick("Amount", "数值"), numeric: true),
        .init(pick("Unit", "单位")),
      ])
    if time.hasEnergy {
      table.rows.append(
        .cells([.text(pick("Energy", "用电量"))] + amount(ofEnergy: time.energy)))
    }
    if time.good > 0 {
      table.rows.append(
        .cells([.text(pick("Good pieces", "合格品")), .thousandths(time.output), .text(pick("pieces", "件"))]))
    }
    if time.hasEnergy {
      table.rows.append(
        .cells([
          .text(pick("Energy per good piece", "单位产品能耗")),
          time.energyIntensity.map { .decimal($0) } ?? .text(terms.notApplicable),
          .text(pick("kWh per piece", "kWh/件")),
        ]))
    }
    var blocks: [ReportDocument.Block] = [.table(table)]
    if time.hasEnergy, time.machinesWithEnergy < time.machines || time.good > 0 {
      blocks.append(.prose(sources(time), .faint))
    }
    if let changes = report.flagCounts.first(where: { $0.kind == .meterChanged })?.flags {
      blocks.append(
        .prose(
          pick(
            "Without the energy of \(changes) machine \(changes == 1 ? "day" : "days") on which a machine changed its meter; the "
              + "pieces of these days count.",
            "有 \(changes) 个设备日因更换电表未计用电量，但已计产量。"), .faint))
    }
    if time.hasEnergy, time.output == 0 {
      blocks.append(
        .prose(
          pick(
            "No good pieces were counted: the energy is a baseload, and no energy per piece follows from it.",
            "无合格品计数：用电量为基础负荷，无法得出单位产品能耗。"), .faint))
    }
    return blocks + sharedMeter()
  }

  /// Number of machines whose meters are in the energy, of all machines.
  func metered(_ time: TimeFigures) -> String {
    let (metered, machines) = (terms.number(time.machinesWithEnergy), terms.number(time.machines))
    return pick(
      "Energy: by the meters of \(metered) of \(machines) machines", "用电量：\(machines) 台设备中 \(metered) 台有计量")
  }

  /// The machines whose meters and counters are in the sums.
  private func sources(_ time: TimeFigures) -> String {
    let energy = metered(time) + pick(".", "。")
    guard time.good > 0 else { return energy }
    let left = time.machinesNotCounting
    let except =
      left == 0
      ? ""
      : pick(
        ", except \(terms.many(left, "machine that does", "machines that do", "")) not count the output of a line",
        "，不含 \(terms.number(left)) 台不计产线产量的设备")
    return energy
      + pick(" Good pieces: of all machines that count pieces\(except).", "合格品：有产量计数的设备合计\(except)。")
  }

  /// For one machine, the meter that it shares and the other machines on it.
  private func sharedMeter() -> [ReportDocument.Block] {
    guard let shared = report.sharedMeter else { return [] }
    let shown = shared.with.prefix(Self.rowsShown).joined(separator: pick(", ", "、"))
    let more = shared.with.count - Self.rowsShown
    let others =
      more > 0 ? shown + pick(" and \(more) more", " 等 \(shared.with.count) 台") : shown + pick("", " ")
    let energy = shared.energy.map { Thousandths.text($0) + " kWh" } ?? terms.notApplicable
    return [
      .prose(
        pick(
          "Energy meter \(shared.meter) is shared with \(others). All of them together: \(energy), counted once, at the factory.",
          "电表 \(shared.meter) 与 \(others)共用，合计 \(energy)，仅在企业层面计一次。"), .faint)
    ]
  }

  /// Energy with its unit. Chinese statements give 10,000 kWh and more in 万 kWh, floored to 100 kWh.
  private func amount(ofEnergy energy: Int64) -> [Cell] {
    guard terms.language == .chinese, energy >= 10_000_000 else {
      return [.thousandths(energy), .text("kWh")]
    }
    return [.thousandths(energy / 100_000 * 10), .text("万 kWh")]
  }
}
