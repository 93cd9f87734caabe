import Storage
import Telemetry

/// Conclusions from the times in which the shard was connected.
enum Observations {
  /// Observations clipped to a period, joined where they touch.
  static func observed(
    _ observations: [ObservedStretch], in period: Range<Timestamp>
  ) -> [(from: Timestamp, until: Timestamp)] {
    var stretches: [(from: Timestamp, until: Timestamp)] = []
    for observation in observations.sorted(by: { $0.from < $1.from }) {
      let from = max(observation.from, period.lowerBound)
      let until = min(observation.through, period.upperBound)
      guard from < until else { continue }
      if let last = stretches.last, from <= last.until {
        stretches[stretches.count - 1].until = max(last.until, until)
      } else {
        stretches.append((from, until))
      }
    }
    return stretches
  }

  /// Cuts each stretch where the next one, in the order of connections, begins: what a clock that was set
  /// back afterwards had shown was not observed.
  static func untangled(_ observations: [ObservedStretch]) -> [ObservedStretch] {
    var result = observations
    for index in result.indices.dropLast() {
      result[index].through = min(result[index].through, result[index + 1].from)
    }
    return result
  }

  /// Observations without the time in which nothing was heard though senders had been speaking. Each silence is cut
  /// out of the stretches from the one in which it began to the one in which it was noted last.
  static func hearing(_ observations: [ObservedStretch], _ silences: [Silence]) -> [ObservedStretch] {
    guard !silences.isEmpty else { return observations }
    var cuts: [Int64: [Range<Timestamp>]] = [:]
    for silence in silences where silence.since < silence.until {
      let noted = observations.lastIndex { $0.number <= silence.stretch }
      guard let noted else { continue }
      let begun = observations[...noted].lastIndex { $0.from <= silence.since } ?? 0
      for index in begun...noted {
        cuts[observations[index].number, default: []].append(silence.since..<silence.until)
      }
    }
    return observations.flatMap { stretch in
      guard let cut = cuts[stretch.number] else { return [stretch] }
      var parts: [ObservedStretch] = []
      var reached = stretch.from
      func add(until: Timestamp) {
        guard reached < until else { return }
        var part = stretch
        (part.from, part.through) = (reached, until)
        parts.append(part)
      }
      for silence in cut.sorted(by: { $0.lowerBound < $1.lowerBound }) where silence.upperBound > reached {
        add(until: min(silence.lowerBound, stretch.through))
        reached = silence.upperBound
      }
      add(until: stretch.through)
      return parts
    }
  }

  /// Whether nobody listens at `instant`, and none has since in the same session: then a device may have
  /// gone without being heard, and no session vouches for it.
  static func isDeaf(at instant: Timestamp, _ observations: [ObservedStretch]) -> Bool {
    guard let index = observations.lastIndex(where: { $0.from <= instant }) else { return false }
    // Views lag a little behind a collector that listens.
    guard instant - observations[index].through > .minutes(1) else { return false }
    // Messages that the broker queued for a resumed session tell what happened meanwhile.
    return !observations[(index + 1)...].contains(where: \.resumed)
  }

  /// A connection on which the broker had lost the shard's session: sessions of equipment that were open
  /// before it ended with the connection before, as far as is known.
  struct SessionLoss {
    /// Time at which the connection before was last observed.
    var since: Timestamp
    /// The connection that found the session lost.
    var noticed: Timestamp
  }

  static func sessionLosses(_ observations: [ObservedStretch]) -> [SessionLoss] {
    zip(observations, observations.dropFirst()).compactMap { before, after in
      after.resumed ? nil : SessionLoss(since: before.through, noticed: after.from)
    }
  }
}
