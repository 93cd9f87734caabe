import Decoding
import Storage
import Telemetry

/// Collects the refused messages of one batch for the store. Messages with the same content and receipt count as one.
struct Quarantine {
  /// Places of the rows by content and receipt.
  private var seen: Set<Key> = []
  private struct Key: Hashable {
    var digest: UInt64
    var received: Int64
  }

  /// Begins a batch.
  mutating func begin() { seen.removeAll(keepingCapacity: true) }

  /// Adds the refused message at `place` of a batch that the journal has as `block`, received on `day`, to the rows; or
  /// an accepted one, with the first of its records that make no event.
  mutating func add(
    _ batch: borrowing Batch, _ place: Int, block: Int64, day: CalendarDay, _ intake: inout Intake,
    to rows: inout [Quarantined]
  ) {
    let message = batch.messages[place]
    let bad = message.fate == .accepted ? batch.badRecords(of: place) : nil
    let rejection = bad?.rejection ?? batch.rejection(of: message)
    let key = Key(digest: message.digest, received: message.received.milliseconds)
    // Messages with the same content and receipt are one message.
    guard seen.insert(key).inserted else { return }
    let (sender, excerpt) = intake.subject(of: message, rejection)
    var row = Quarantined(
      block: block, record: place, received: message.received, reason: rejection.reason,
      detail: rejection.detail.description, factory: sender.factory, equipment: sender.equipment,
      topic: Array(message.topic), preview: Array(message.payload.prefix(Quarantined.previewBytes)),
      payloadBytes: message.payload.count, skew: rejection.skew, content: message.digest)
    row.day = day
    row.fault = rejection.fault
    row.excerpt = bad?.excerpt ?? excerpt
    if let bad, EquipmentKey.isID(bad.equipment.utf8) { row.equipment = bad.equipment }
    rows.append(row)
  }
}

/// Counts the optional fields left out since the views were last written, by sender, day, field and fault.
struct FieldErrors {
  private var places: [Key: Int] = [:]
  private struct Key: Hashable {
    var equipment: EquipmentNumber
    var day: CalendarDay
    var field: OptionalField
    var fault: Fault
  }

  /// Takes back the faults of a repeated reading, which were added with those of the first.
  mutating func remove(_ event: borrowing Event, day: CalendarDay, from rows: inout [FieldErrorCount]) {
    for field in OptionalField.allCases {
      guard let fault = event.faults[field],
        let place = places[Key(equipment: event.sender, day: day, field: field, fault: fault)]
      else { continue }
      rows[place].messages = max(1, rows[place].messages - 1)
    }
  }

  /// Clears the counts once they are written.
  mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Adds the faults of a reading of `day` in a message to the rows.
  mutating func add(
    _ event: borrowing Event, in message: borrowing BatchMessage, day: CalendarDay, _ intake: inout Intake,
    to rows: inout [FieldErrorCount]
  ) {
    for field in OptionalField.allCases {
      guard let fault = event.faults[field] else { continue }
      let key = Key(equipment: event.sender, day: day, field: field, fault: fault)
      if let place = places[key] {
        rows[place].messages += 1
        continue
      }
      places[key] = rows.count
      rows.append(
        FieldErrorCount(
          equipment: event.sender, day: day, field: field, fault: fault, messages: 1,
          excerpt: intake.excerpt(of: field, fault, in: message)))
    }
  }
}
