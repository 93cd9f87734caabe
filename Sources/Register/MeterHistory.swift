import Telemetry

/// Which energy meter one equipment reads on each day: the meter its row names on that day, else its own.
///
/// Before the first day from which a row holds, the meter is that row's: rows say nothing of an earlier change.
public struct MeterHistory: Equatable, Sendable {
  /// From which day on it reads which meter; ascending, each another than the one before.
  private var steps: [(from: CalendarDay, meter: String)] = []

  /// The history that an equipment's rows make, up to a version.
  ///
  /// - Parameter rows: each with its import.
  public init(_ rows: [(import: RegisterImport, equipment: RegisteredEquipment)], knownVersion: Int) {
    let known = rows.filter { $0.import.version <= knownVersion }
    let meters = Dictionary(
      known.map {
        (
          $0.import.version,
          $0.equipment.energyMeter.isEmpty ? $0.equipment.key.equipment : $0.equipment.energyMeter
        )
      }
    ) { $1 }
    for day in Set(known.map(\.import.effectiveOn)).sorted() {
      let speaking = RegisterResolution(imports: known.map(\.import), day: day).preferred.first
      guard let meter = speaking.flatMap({ meters[$0.version] }), meter != steps.last?.meter else { continue }
      steps.append((day, meter))
    }
  }

  /// Whether it reads different meters on different days.
  public var changes: Bool { steps.count > 1 }

  /// The meter on a day; empty where there is no row.
  public func meter(on day: CalendarDay) -> String {
    (steps.last { $0.from <= day } ?? steps.first)?.meter ?? ""
  }

  /// The newest day up to one on which another meter begins to be read; nil where none does.
  public func change(until day: CalendarDay) -> CalendarDay? {
    steps.dropFirst().last { $0.from <= day }?.from
  }

  public static func == (a: MeterHistory, b: MeterHistory) -> Bool {
    a.steps.elementsEqual(b.steps) { $0 == $1 }
  }
}
