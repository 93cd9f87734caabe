import Storage
import Telemetry

/// The refused messages of one batch, on their way to the store: those of one content and one receipt are one.
struct Quarantine {
  /// By content and receipt.
  private var seen: Set<Key> = []
  private struct Key: Hashable {
    var hash: UInt64
    var received: Int64
  }

  /// Begins a batch.
  mutating func begin() { seen.removeAll(keepingCapacity: true) }

  /// Adds a refused message, which is `record` of `block` and came on `day`, to the rows.
  mutating func add(
    _ item: borrowing BatchItem, block: Int64, record: Int, day: CalendarDay, _ decoder: inout MessageDecoder,
    to rows: inout [Quarantined]
  ) {
    let key = Key(hash: item.hash, received: item.received.milliseconds)
    // Of one content and one receipt it is the same message, however often it came.
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

/// The optional fields that were left out since the views were written, by who sent them.
struct FieldErrors {
  private var places: [Key: Int] = [:]
  private struct Key: Hashable {
    var equipment: EquipmentNumber
    var day: CalendarDay
    var field: OptionalField
    var fault: Fault
  }

  /// Forgets everything, once it is written.
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
