import Storage
import Telemetry

/// Counts messages flagged retained by factory and day until they are written to the store.
struct RetainFlagCounts {
  private var places: [Key: Int] = [:]
  private struct Key: Hashable {
    var factory: String
    var day: CalendarDay
  }

  /// Clears the counts once they are written.
  mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Adds a message flagged retained that was received on `day` to the rows.
  mutating func add(
    _ message: borrowing BatchMessage, day: CalendarDay, _ intake: borrowing Intake,
    to rows: inout [RetainFlagCount]
  ) {
    let key = Key(factory: intake.factoryID(of: message), day: day)
    let place = places[key] ?? rows.count
    if place == rows.count {
      places[key] = place
      rows.append(RetainFlagCount(factory: key.factory, day: day, retained: 0, live: 0))
    }
    if message.flags.contains(.retained) { rows[place].retained += 1 } else { rows[place].live += 1 }
  }
}

extension BatchMessage {
  /// Whether the message is flagged retained, is no redelivery, and does not only clear a retained message.
  var isFlaggedRetained: Bool {
    !flags.isDisjoint(with: [.retained, .retainFlagKept]) && !flags.contains(.redelivered) && !payload.isEmpty
  }
}
