/// The axis of amounts in a chart: rounded ticks, in a unit that keeps their numbers short.
struct ValueAxis: Equatable {
  /// Ticks from 0 on, in thousandths of the unit that the amounts have. The last one is the end of the axis.
  let ticks: [Int64]
  /// The unit of the ticks' texts.
  let unit: String
  /// Number of the amounts' units in one unit of the texts: 1, or 1000 for MWh.
  let divisor: Int64

  /// Maximum number of intervals between ticks.
  private static let mostIntervals: Int128 = 5
  /// Units of energy, each a thousand times the one before it.
  private static let energy = ["kWh", "MWh", "GWh", "TWh"]
  /// From this number of units on, the next larger unit is used.
  private static let longest: Int64 = 10_000

  /// An axis that ends at or above `most`.
  ///
  /// - Parameters:
  ///   - most: the largest amount in thousandths of `unit`; less than one unit counts as one unit.
  ///   - unit: the unit of the amounts.
  init(most: Int64, unit: String) {
    let most = Int128(max(1000, most))
    var power: Int128 = 1
    var step: Int128 = 1
    search: while true {
      for factor: Int128 in [1, 2, 5] {
        step = power * factor
        if step * Self.mostIntervals >= most { break search }
      }
      power *= 10
    }
    let intervals = (most + step - 1) / step
    ticks = (0...intervals).map { Int64(clamping: $0 * step) }
    let end = ticks.last ?? 0
    var divisor: Int64 = 1
    var place = Self.energy.firstIndex(of: unit)
    while let current = place, current + 1 < Self.energy.count, end / 1000 / divisor >= Self.longest {
      divisor *= 1000
      place = current + 1
    }
    self.divisor = divisor
    self.unit = place.map { Self.energy[$0] } ?? unit
  }

  /// The end of the axis in thousandths of the amounts' unit; positive.
  var end: Int64 { max(1, ticks.last ?? 1) }

  /// A tick's number with grouped thousands.
  func text(_ tick: Int64, _ terms: Terms) -> String { terms.thousandths(tick / divisor) }
}
