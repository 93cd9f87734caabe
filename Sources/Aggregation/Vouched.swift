import Telemetry

/// The pieces of time that one equipment's readings vouch for under a horizon, with the state they say.
struct Vouched {
  private var pieces: [(from: Timestamp, until: Timestamp, state: EquipmentState)] = []

  /// Of stretches in order: each vouches for [from, min(next from, last + T, cut)).
  init(_ stretches: [StateInterval], horizon: Span) {
    pieces.reserveCapacity(stretches.count)
    for (index, stretch) in stretches.enumerated() {
      var until = stretch.last + horizon
      if index + 1 < stretches.count { until = min(until, stretches[index + 1].from) }
      if let cut = stretch.cut { until = min(until, cut) }
      if stretch.from < until { pieces.append((stretch.from, until, stretch.state)) }
    }
  }

  /// Calls `body` with every piece, cut to `range`.
  func forEach(
    within range: Range<Timestamp>, _ body: (Timestamp, Timestamp, EquipmentState) -> Void
  ) {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].until <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    while low < pieces.count, pieces[low].from < range.upperBound {
      body(
        max(pieces[low].from, range.lowerBound), min(pieces[low].until, range.upperBound), pieces[low].state)
      low += 1
    }
  }
}
