import Register

/// Which meter's energy counts where, so that one that several machines share counts once.
///
/// A machine's meter is the one its register row names, else its own. The meter's own sender is believed
/// first, when it ever sent energy; else the first machine by id that names it and did.
struct MeterLedger {
  /// Energy of one meter, and the line and equipment it was measured for.
  struct Share {
    var place: ProductionCalendar.Place
    var equipment: String
    var segment: Int
    /// Thousandths of a kWh.
    var energy: Int64
  }

  private struct Segment {
    /// Meters that machines name, with the first such machine that sent energy.
    var named: [String: Share?] = [:]
    /// Everyone who sent energy, by equipment id.
    var senders: [String: Share] = [:]
  }
  private var segments: [Segment]

  init(segments: Int) { self.segments = Array(repeating: Segment(), count: segments) }

  /// Notes one equipment of the factory at hand. `energy` is nil when it never sent any.
  mutating func note(
    _ equipment: RegisteredEquipment, _ place: ProductionCalendar.Place, segment: Int, energy: Int64?
  ) {
    let id = equipment.key.equipment
    let share = energy.map { Share(place: place, equipment: id, segment: segment, energy: $0) }
    if let share { segments[segment].senders[id] = share }
    guard equipment.isProduction else { return }
    let meter = equipment.energyMeter.isEmpty ? id : equipment.energyMeter
    let first = segments[segment].named[meter] ?? nil
    segments[segment].named[meter] = .some(first ?? share)
  }

  /// What counts of the factory at hand; forgets it.
  mutating func settle() -> [Share] {
    var shares: [Share] = []
    for index in segments.indices {
      for (meter, first) in segments[index].named {
        if let share = segments[index].senders[meter] ?? first { shares.append(share) }
      }
      segments[index].named.removeAll(keepingCapacity: true)
      segments[index].senders.removeAll(keepingCapacity: true)
    }
    return shares
  }
}
