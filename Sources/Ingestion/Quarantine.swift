import Storage
import Telemetry

/// Collects the refused messages of one batch for the store. Messages with the same content and receipt count as one.
struct Quarantine {
  /// By content and receipt.
  private var seen: Set<Key> = []
  private struct Key: Hashable {
    var hash: UInt64
    var received: Int64
  }

  /// Begins a batch.
  mutating func begin() { seen.removeAll(keepingCapacity: true) }

  /// Adds a refused message, `record` of `block` received on `day`, to the rows.
  mutating func add(
    _ item: borrowing BatchItem, block: Int64, record: Int, day: CalendarDay, _ decoder: inout MessageDecoder,
    to rows: inout [Quarantined]
  ) {
    let key = Key(hash: item.hash, received: item.received.milliseconds)
    // Messages with the same content and receipt are one message.
    guard seen.insert(key).inserted else { return }
    let (sender, excerpt) = decoder.subject(of: item)
    var row = Quarantined(
      block: block, record: record, received: item.received, reason: item.rejection.reason,
      detail: item.rejection.detail.description, factory: sender.factory, equipment: sender.equipment,
      topic: Array(item.topic), preview: Array(item.payload.prefix(Quarantined.previewBytes)),
      payloadBytes: item.payload.count, skew: item.rejection.skew, content: item.hash)
    row.day = day
    row.fault = item.rejection.fault
    row.excerpt = excerpt
    rows.append(row)
  }
}

/// Optional fields left out since the views were last written, by sender, day, field and fault.
struct FieldErrors {
  private var places: [Key: Int] = [:]
  private struct Key: Hashable {
    var equipment: EquipmentNumber
    var day: CalendarDay
    var field: OptionalField
    var fault: Fault
  }

  /// Clears the counts once they are written.
  mutating func removeAll() { places.removeAll(keepingCapacity: true) }

  /// Adds the faults of a reading of `day` to the rows.
  mutating func add(
    _ item: borrowing BatchItem, day: CalendarDay, _ decoder: inout MessageDecoder,
    to rows: inout [FieldErrorCount]
  ) {
    for field in OptionalField.allCases {
      guard let fault = item.faults[field] else { continue }
      let key = Key(equipment: item.sender, day: day, field: field, fault: fault)
      if let place = places[key] {
        rows[place].messages += 1
        continue
      }
      places[key] = rows.count
      rows.append(
        FieldErrorCount(
          equipment: item.sender, day: day, field: field, fault: fault, messages: 1,
          excerpt: decoder.excerpt(of: field, fault, in: item.payload)))
    }
  }
}
