import Register
import Storage
import Telemetry

/// A day on which a sender's readings belong to another energy meter than on the day of readings before.
///
/// Its energy of that day is left out: the first step is between two counters, and nothing tells it from what was
/// used. From the value at the day's end on, its readings belong to the new meter.
struct MeterChange: Equatable {
  var day: CalendarDay
  var from: String
  var to: String
}

/// The readings of a sender whose meter changes, taken apart by meter.
struct MeterRuns {
  private let trace: EnergyTrace
  /// The meter of the first readings; nil without readings.
  private let first: String?
  /// Ascending.
  let changes: [MeterChange]

  /// The readings of a trace, by the meter on the days on which they count.
  init(_ trace: EnergyTrace, _ meters: MeterHistory) {
    self.trace = trace
    first = trace.points.first.map { meters.meter(on: $0.day) }
    changes = zip(trace.points, trace.points.dropFirst()).compactMap { earlier, later in
      guard earlier.day < later.day else { return nil }
      let (from, to) = (meters.meter(on: earlier.day), meters.meter(on: later.day))
      return from == to ? nil : MeterChange(day: later.day, from: from, to: to)
    }
  }

  /// The readings that belong to a meter on days up to one on which it is read: none before the sender's first day with
  /// that meter.
  func trace(of meter: String, through last: CalendarDay) -> EnergyTrace {
    if let change = changes.last(where: { $0.day <= last }) {
      return change.to == meter ? trace.beginning(on: change.day) : EnergyTrace()
    }
    return first == meter ? trace : EnergyTrace()
  }
}

extension PeriodEvidence {
  /// Takes the sender's readings of an energy meter apart by the meters they belong to, and leaves out the energy of the
  /// days on which they change; nil where there is no trace.
  mutating func separate(_ meters: MeterHistory, in period: Period) throws -> MeterRuns? {
    guard hasEnergy, let trace = try energyTrace?(meters.change(until: period.firstDay)) else { return nil }
    let runs = MeterRuns(trace, meters)
    for change in runs.changes { leaveOutEnergy(of: change.day, period.calendar) }
    return runs
  }
}
