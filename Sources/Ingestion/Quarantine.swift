import Storage
import Telemetry

/// The refused messages of one batch, on their way to the store: those of one content and one receipt are one row, and
/// count as often as they came.
struct Quarantine {
  /// Places of their rows, by content and receipt.
  private var places: [Key: Int] = [:]
  private struct Key: Hashable {
    var hash: UInt64
    var received: Int64
  }

  /// Begins a batch.
  mutating func begin() { places.removeAll(keepingCapacity: true) }

  /// Adds a refused message, which is `record` of `block`, to the rows.
  mutating func add(
    _ item: borrowing BatchItem, block: Int64, record: Int, _ topics: borrowing TopicIndex,
    to rows: inout [Quarantined]
  ) {
    let key = Key(hash: item.hash, received: item.received.milliseconds)
    if let place = places[key] {
      rows[place].messages += 1
      return
    }
    places[key] = rows.count
    var factory = ""
    var equipment = ""
    if item.topicPlace >= 0 {
      let levels = topics[Int(item.topicPlace)].route.levels
      factory = levels.factory.text(in: item.topic)
      equipment = levels.equipment.text(in: item.topic)
    }
    rows.append(
      Quarantined(
        block: block, record: record, received: item.received, reason: item.rejection.reason,
        detail: item.rejection.detail.description, factory: factory, equipment: equipment,
        topic: Array(item.topic), preview: Array(item.payload.prefix(Quarantined.previewBytes)),
        payloadBytes: item.payload.count, skew: item.rejection.skew, content: item.hash))
  }
}
