import Telemetry

/// Watches the equipment behind one gateway for the moments in which all of it went dark.
struct GatewayWatch {
  /// Equipment by number, ascending by id as it is added.
  private var equipment: [String] = []
  /// Ranges in which readings vouch for any of them, with the equipment, in no order.
  private var vouched: [(range: Range<Timestamp>, equipment: Int)] = []
  private var watched: [Range<Timestamp>] = []

  /// Maximum time within which the equipment of an incident goes dark.
  private static let together = Span.minutes(15)
  /// Minimum duration of an incident.
  private static let shortest = Span.minutes(15)
  /// Minimum duration of an incident that the gateway's own session shows. A shorter one is a reconnection.
  private static let shortestDeath = Span.minutes(1)

  /// Adds an equipment: when it is vouched for, of the time in which it is watched.
  mutating func add(_ id: String, _ ranges: [Range<Timestamp>], in range: Range<Timestamp>) {
    let number: Int
    if equipment.last == id {
      number = equipment.count - 1
    } else {
      number = equipment.count
      equipment.append(id)
    }
    vouched += ranges.map { ($0, number) }
    watched.append(range)
  }

  /// The incidents of a gateway, ascending by time: the times between its own sessions, if it has some, and the times in
  /// which its equipment went dark together apart from those.
  ///
  /// - Parameter sessions: the gateway's own sessions, ascending.
  func incidents(
    of gateway: String, sessions: [Range<Timestamp>], unobserved: TimeRanges, until end: Timestamp
  ) -> [GatewayIncident] {
    let deaths = deaths(of: gateway, sessions, unobserved, until: end)
    guard !deaths.isEmpty else { return darkness(of: gateway, unobserved: unobserved, until: end) }
    let others = darkness(of: gateway, unobserved: unobserved, until: end).filter { dark in
      !deaths.contains {
        $0.from - Self.together <= dark.until ?? end && dark.from <= ($0.until ?? end) + Self.together
      }
    }
    return (deaths + others).sorted { $0.from < $1.from }
  }

  /// Times between the gateway's own sessions, each with the equipment that was on when the session ended. The loss of
  /// our own connection ends sessions too and is no incident.
  private func deaths(
    of gateway: String, _ sessions: [Range<Timestamp>], _ unobserved: TimeRanges, until end: Timestamp
  ) -> [GatewayIncident] {
    sessions.indices.compactMap { place in
      let from = sessions[place].upperBound
      let next = place + 1 < sessions.count ? sessions[place + 1].lowerBound : nil
      guard from < end, (next ?? end) - from >= Self.shortestDeath,
        unobserved.milliseconds(from: from - .milliseconds(1), until: from + .milliseconds(1)) == 0
      else { return nil }
      let lost = Set(
        vouched.lazy.filter { $0.range.lowerBound < from && from <= $0.range.upperBound }.map(\.equipment))
      guard !lost.isEmpty else { return nil }
      return GatewayIncident(
        gateway: gateway, from: from, until: next, equipment: lost.map { equipment[$0] }.sorted())
    }
  }

  /// Time in which nothing of it was heard though we listened, if at least two were on shortly before and went dark
  /// within minutes of one another.
  private func darkness(
    of gateway: String, unobserved: TimeRanges, until end: Timestamp
  ) -> [GatewayIncident] {
    guard equipment.count > 1 else { return [] }
    let sorted = vouched.sorted {
      $0.range.lowerBound != $1.range.lowerBound
        ? $0.range.lowerBound < $1.range.lowerBound : $0.equipment < $1.equipment
    }
    var incidents: [GatewayIncident] = []
    var reached: Timestamp?
    /// Ends of what began so far, as far as they may matter still.
    var ends: [(at: Timestamp, equipment: Int)] = []
    func close(at next: Timestamp?) {
      guard let from = reached else { return }
      let until = next ?? end
      guard until - from >= Self.shortest, unobserved.milliseconds(from: from, until: until) == 0 else {
        return
      }
      let lost = Set(ends.filter { $0.at > from - Self.together }.map(\.equipment))
      guard lost.count > 1 else { return }
      incidents.append(
        GatewayIncident(
          gateway: gateway, from: from, until: next, equipment: lost.map { equipment[$0] }.sorted()))
    }
    for (range, number) in sorted {
      if let dark = reached, range.lowerBound > dark { close(at: range.lowerBound) }
      let newest = max(reached ?? range.upperBound, range.upperBound)
      reached = newest
      ends.removeAll {
        $0.at <= newest - Self.together || $0.equipment == number && $0.at <= range.lowerBound
      }
      ends.append((range.upperBound, number))
    }
    if let dark = reached, dark < end { close(at: nil) }
    return incidents
  }
}
