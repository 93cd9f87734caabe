import Storage
import Telemetry

/// Notes connections and the observed time.
extension LiveViews {
  /// Notes a new or resumed connection with its subscription.
  mutating func connected(at: Timestamp, sessionPresent: Bool, block: Int64) {
    observing.connected(at: at, sessionPresent: sessionPresent)
    noteObservation()
    cursor = block
  }

  /// Notes that the connection existed up to `instant`.
  mutating func observed(through instant: Timestamp, ended: Bool = false, block: Int64) {
    cursor = block
    observed(through: instant, ended: ended)
  }

  /// Notes that the connection existed up to `instant`, by a record folded already.
  mutating func observed(through instant: Timestamp, ended: Bool = false) {
    let before = observing
    observing.observed(through: instant, ended: ended)
    guard observing != before else { return }
    noteObservation()
  }

  /// Notes a silence from `since` to `instant` although senders had been active, by a record folded already.
  mutating func unheard(since: Timestamp, until instant: Timestamp) {
    guard let observation, since < instant else { return }
    let silence = Silence(since: since, until: instant, stretch: observation.number)
    if changes.silences.last?.since == since { changes.silences.removeLast() }
    changes.silences.append(silence)
  }

  /// Notes a change of the broker's count of dropped messages, by a record whose block is folded.
  mutating func dropped(_ drops: BrokerDropCount) {
    brokerDrops = drops
    changes.brokerDrops.append(drops)
  }

  private mutating func noteObservation() {
    guard let observation else { return }
    if let last = changes.observations.indices.last, changes.observations[last].number == observation.number {
      changes.observations[last] = observation
    } else {
      changes.observations.append(observation)
    }
  }
}
