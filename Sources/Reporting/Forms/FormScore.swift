import Aggregation
import Telemetry

/// Points of a form, in thousandths: those that were computed, and those that nobody but the firm knows. Unknown points
/// are never added to the computed ones.
public struct FormScore: Equatable, Sendable {
  /// Sum of the computed points.
  public private(set) var computed: Int64 = 0
  /// The most that the computed cells can reach.
  public private(set) var computedMost: Int64 = 0
  /// The most of cells that rest on a figure that is missing, or in none of its bands.
  public private(set) var missingMost: Int64 = 0
  /// The most of cells that the firm fills in.
  public private(set) var firmMost: Int64 = 0

  /// Whether the form gives no points.
  public var isEmpty: Bool { computedMost == 0 && missingMost == 0 && firmMost == 0 }

  init(_ cells: [FilledForm.Cell]) {
    for cell in cells {
      guard let most = cell.cell.mostPoints else { continue }
      guard case .points = cell.cell.kind else {
        firmMost.add(saturating: most)
        continue
      }
      if case .points(let points?, _) = cell.value {
        computed.add(saturating: points)
        computedMost.add(saturating: most)
      } else {
        missingMost.add(saturating: most)
      }
    }
  }
}

extension Form.Cell {
  /// The most points that the cell can have, in thousandths; nil for a cell without points.
  var mostPoints: Int64? {
    switch kind {
    case .points(let policy, let metric):
      return policy.bands.filter { $0.metric == metric }.compactMap(\.points).max()
    case .choice(let options, let ticksSeveral, let most):
      let points = options.compactMap(\.points)
      guard !points.isEmpty else { return most }
      let reachable =
        ticksSeveral ? points.reduce(0) { $0.addingSaturated($1) } : points.max() ?? 0
      return most.map { min($0, reachable) } ?? reachable
    case .number(_, let scale): return scale?.most
    case .count, .ratio, .verdict, .text, .free: return nil
    }
  }
}
