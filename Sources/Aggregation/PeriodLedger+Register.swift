import Register
import Telemetry

/// Walks through the register beside the senders.
extension PeriodLedger {
  /// Whether every segment of the register goes on with a key, or has no more.
  func isNext(_ key: EquipmentKey) -> Bool {
    next.indices.allSatisfy { number in
      next[number] == register.segments[number].snapshot.entries.count
        || register.segments[number].snapshot.entries[next[number]].equipment.key == key
    }
  }

  /// The first key of the register that was not settled yet.
  var nextKey: EquipmentKey? {
    var first: EquipmentKey?
    for number in next.indices where next[number] < register.segments[number].snapshot.entries.count {
      let key = register.segments[number].snapshot.entries[next[number]].equipment.key
      if first.map({ key < $0 }) ?? true { first = key }
    }
    return first
  }

  /// The horizons of an equipment's readings, by its row in each segment of the register.
  mutating func horizons(of key: EquipmentKey) -> Horizons {
    func horizon(_ snapshot: RegisterSnapshot, _ place: Int) -> Span {
      guard place < snapshot.entries.count, snapshot.entries[place].equipment.key == key,
        !snapshot.entries[place].registeredLater
      else { return rules.horizon(declaredInterval: nil) }
      return rules.horizon(declaredInterval: snapshot.entries[place].equipment.reportInterval)
    }
    var horizons: Horizons?
    if let before = register.before {
      while nextBefore < before.entries.count, before.entries[nextBefore].equipment.key < key {
        nextBefore += 1
      }
      horizons = Horizons(horizon(before, nextBefore))
    }
    for number in next.indices {
      let segment = register.segments[number]
      let horizon = horizon(segment.snapshot, next[number])
      if horizons == nil { horizons = Horizons(horizon) }
      horizons?.change(at: period.calendar.start(of: segment.days.lowerBound), to: horizon)
    }
    return horizons ?? Horizons(rules.horizon(declaredInterval: nil))
  }

  /// Closes the factory before, and notes the shared meters and the declared output of the next one.
  mutating func begin(_ factory: String) throws {
    try close()
    self.factory = factory
    open.calendar = calendars.factories[factory]
    open.sharedMeters = []
    open.output = OutputDeclarations()
    for number in register.segments.indices {
      let segment = register.segments[number]
      var first = next[number]
      while first > 0, segment.snapshot.entries[first - 1].equipment.key.factory == factory { first -= 1 }
      let entries = segment.snapshot.entries[first...].prefix { $0.equipment.key.factory == factory }
      var meters: Set<String> = []
      open.output.begin()
      for entry in entries where segment.service(of: entry) != nil {
        let equipment = entry.equipment
        open.output.note(equipment)
        guard !equipment.energyMeter.isEmpty, equipment.energyMeter != equipment.key.equipment,
          equipment.isProduction
        else { continue }
        meters.insert(equipment.energyMeter)
      }
      open.sharedMeters.append(meters)
    }
  }

  /// Whether a piece of equipment reads a meter that other equipment names.
  func readsSharedMeter(_ equipment: RegisteredEquipment, segment: Int) -> Bool {
    guard !open.sharedMeters[segment].isEmpty else { return false }
    return open.sharedMeters[segment].contains(equipment.meter)
  }
}
