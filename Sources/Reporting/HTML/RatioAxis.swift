import Aggregation
import Telemetry

/// The axis of ratios in a chart of a course: whole tens of percent around the ratios, at least 20 points long, so that a
/// change of a few points can be seen.
struct RatioAxis: Equatable {
  /// The ends in percent: 0 to 100.
  let low: Int
  let high: Int

  private static let shortest = 20

  /// An axis for ratios; from 0 % to 20 % without any.
  init(_ counts: [Count]) {
    let permille = counts.compactMap(\.permille).map { max(0, min(1000, $0)) }
    var low = (permille.min() ?? 0) / 100 * 10
    var high = ((permille.max() ?? 0) + 99) / 100 * 10
    while high - low < Self.shortest {
      if high < 100 { high += 10 } else { low -= 10 }
    }
    (self.low, self.high) = (low, high)
  }

  /// The ends, and the middle if it is a whole ten; ascending.
  var ticks: [Int] { (high - low) % 20 == 0 ? [low, (low + high) / 2, high] : [low, high] }

  /// The height of a ratio on an axis of a length, floored; 0 without a denominator.
  func height(_ count: Count, of length: Int) -> Int {
    guard count.denominator > 0 else { return 0 }
    let above = Int128(count.numerator) * 100 - Int128(low) * Int128(count.denominator)
    let share = above * Int128(length) / (Int128(high - low) * Int128(count.denominator))
    return max(0, min(length, Int(clamping: share)))
  }
}
