import Decoding
import Telemetry

/// Puts the events of a batch in the order in which they are folded.
extension LiveViews {
  /// Removes readings of one instant that repeat an earlier one: the others are moved forward in `order`, over them.
  /// Returns the end of the others. Repeated readings have the same place in messages with the same content. Only
  /// messages of the Sparkplug host application's session can come twice in a window: others are recognised as they
  /// are remembered.
  mutating func dropRepeated(_ batch: borrowing Batch, _ tie: Range<Int>) -> Int {
    var seen: Set<RepeatKey> = []
    var end = tie.lowerBound
    for position in tie {
      let event = Int(order[position])
      let message = Int(batch.events[event].message)
      let key = RepeatKey(
        digest: batch.messages[message].digest, place: batch.recordPlace(of: event))
      guard seen.insert(key).inserted else {
        // Those of a message that was counted before were not added.
        if batch.messages[message].counted == .distantFuture {
          fieldErrors.remove(
            batch.events[event], day: fold.day(at: batch.events[event].time), from: &changes.fieldErrors)
        }
        continue
      }
      order[end] = order[position]
      end += 1
    }
    return end
  }

  private struct RepeatKey: Hashable {
    var digest: UInt64
    var place: RecordPlace
  }

  /// Whether the event at place `b` of `order` is a reading of the same sender and instant as that at place `a`.
  func isTied(_ batch: borrowing Batch, _ a: Int, _ b: Int) -> Bool {
    let first = Int(order[a])
    let second = Int(order[b])
    return batch.events[second].kind == .reading
      && batch.events[second].sender == batch.events[first].sender
      && batch.events[second].time == batch.events[first].time
  }

  /// Sorts the events by sender, event time, rank (online, readings, offline), payload and place in the batch.
  mutating func sortByEventTime(_ batch: borrowing Batch) {
    let sorted = withExtendedLifetime(copy batch) { batch in
      order.sorted { a, b in
        let x = batch.events[Int(a)]
        let y = batch.events[Int(b)]
        if x.sender != y.sender { return x.sender < y.sender }
        if x.time != y.time { return x.time < y.time }
        if x.kind.rank != y.kind.rank { return x.kind.rank < y.kind.rank }
        let p = batch.messages[Int(x.message)].payload
        let q = batch.messages[Int(y.message)].payload
        return p.lexicographicallyPrecedes(q) || (p.elementsEqual(q) && a < b)
      }
    }
    order = ContiguousArray(sorted)
  }
}
