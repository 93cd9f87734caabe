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
}
