import Telemetry

/// The energy meter of one equipment on each day: the meter that its row of the day names, else its own.
///
/// Before the first day from which a row holds, the meter is that row's: rows say nothing of an earlier change.
public struct MeterHistory: Equatable, Sendable {
  /// From a day on, the meter.
  struct Step: Equatable {
    var from: CalendarDay
    var meter: String
  }
  /// Ascending, each of another meter than the one before.
  private var steps: [Step] = []

  /// The history that an equipment's rows make.
  ///
  /// - Parameter rows: the meter in each import that has a row of it, in any order.
  public init(_ rows: some Sequence<(import: RegisterImport, meter: String)>) {
    // Of several imports for one day the newest speaks.
    let speaking = rows.sorted {
      ($0.import.effectiveOn, $0.import.version) < ($1.import.effectiveOn, $1.import.version)
    }
    for row in speaking {
      if steps.last?.from == row.import.effectiveOn { steps.removeLast() }
      guard row.meter != steps.last?.meter else { continue }
      steps.append(Step(from: row.import.effectiveOn, meter: row.meter))
    }
  }

  /// Whether it reads different meters on different days.
  public var changes: Bool { steps.count > 1 }

  /// The meter on a day; empty where there is no row.
  public func meter(on day: CalendarDay) -> String {
    (steps.last { $0.from <= day } ?? steps.first)?.meter ?? ""
  }

  /// The newest day up to one on which another meter begins to be read; nil where there is none.
  public func change(until day: CalendarDay) -> CalendarDay? {
    steps.dropFirst().last { $0.from <= day }?.from
  }
}

extension RegisteredEquipment {
  /// Id of the energy meter it reads: the one its row names, else its own.
  public var meter: String { energyMeter.isEmpty ? key.equipment : energyMeter }
}
