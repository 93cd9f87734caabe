import Aggregation
import Telemetry

/// Energy by line and step by step.
extension DocumentWriter {
  /// Energy by line, and day by day.
  func energy() -> [ReportDocument.Block] {
    guard let details = report.details, report.figures.time.hasEnergy else { return [] }
    let lines = details.places.map { place, steps in
      (place: place, energy: sum(steps.map(\.energy)))
    }
    .filter { $0.energy > 0 }
    .sorted { a, b in (a.place.workshop, a.place.line) < (b.place.workshop, b.place.line) }
    guard !lines.isEmpty else { return [] }
    let total = sum(lines.map(\.energy))
    var table = DocumentTable(
      pick("Energy by line", "分产线用电量"),
      [
        .init(terms.workshop, shrinksTo: 6), .init(terms.line, shrinksTo: 6), .init("kWh", numeric: true),
        .init(pick("Share", "占比"), numeric: true),
      ], drawn: 3)
    for line in lines {
      table.rows.append(
        .cells([
          .text(line.place.workshop.isEmpty ? terms.none : line.place.workshop),
          .text(line.place.line.isEmpty ? terms.none : line.place.line), .thousandths(line.energy),
          .ratio(Count(Int(line.energy), of: Int(total))),
        ]))
    }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .empty, .thousandths(total), .empty]))
    let unit = unit(of: details.steps)
    var blocks: [ReportDocument.Block] = [.table(table)]
    if lines.contains(where: { $0.place.workshop.isEmpty || $0.place.line.isEmpty }) {
      let unplaced = pick(
        "\(terms.none): equipment of which the register gives no workshop or line.",
        "\(terms.none)：台账未填车间或产线的设备。")
      blocks.append(.prose(unplaced, .faint))
    }
    blocks.append(
      .chart(
        Chart(
          title: pick("Energy by \(unit)", "逐\(unit)用电量"),
          description: pick(
            "A column for each \(unit), the workshops one on another.", "每\(unit)一柱，按车间堆叠。"),
          content: .columns(
            days: details.steps.days.map(\.lowerBound), unit: "kWh", series: series(details)))))
    return blocks
  }

  /// Energy by workshop, or by line within one; at most six, with the smaller ones summed.
  private func series(_ details: PeriodDetails) -> [(label: String, values: [Int64])] {
    let sums = groups(of: details).mapValues { $0.map(\.energy) }
    let sorted = sums.filter { $0.value.contains { $0 != 0 } }.sorted { a, b in
      let (x, y) = (sum(a.value), sum(b.value))
      return x != y ? x > y : a.key < b.key
    }
    var series = sorted.prefix(sorted.count > 6 ? 5 : 6)
      .map { (label: $0.key.isEmpty ? terms.none : $0.key, values: $0.value) }
    let rest = sorted.dropFirst(series.count)
    if let first = rest.first {
      let values = rest.dropFirst().reduce(first.value) { zip($0, $1.value).map { $0.addingSaturated($1) } }
      series.append((pick("others", "其他"), values))
    }
    return series
  }

  private func sum(_ values: [Int64]) -> Int64 { values.reduce(0) { $0.addingSaturated($1) } }
}
