import Register
import Telemetry

/// Flags of the district and of its factories.
extension DistrictAssessment {
  /// Flags for a factory's equipment and calendar; `among` limits them to some of its equipment.
  public func flags(
    of factory: FactoryAssessment, among equipment: [Assessment], calendar: ProductionCalendar?
  ) -> [AuditFlag] {
    let keys = Set(equipment.map(\.key))
    let conduct = period.factories[factory.factory.id]?.conduct ?? [:]
    let local = observation.period.calendar
    var flags = equipment.flatMap {
      AuditFlag.of(
        $0, asOf: asOf, calendar: local,
        over: conduct[$0.key.equipment], refused: evidence.refusedClocks[$0.key])
    }
    flags += registerFlags.filter {
      keys.contains(EquipmentKey(factory: $0.factory, equipment: $0.equipment))
    }
    // Flags of the factory as a whole appear only if all its equipment is in scope.
    let isWhole = equipment.count == factory.equipment.count
    flags += (period.factories[factory.factory.id]?.flags ?? []).filter { flag in
      flag.equipment.isEmpty
        ? isWhole : keys.contains(EquipmentKey(factory: flag.factory, equipment: flag.equipment))
    }
    let known = Dictionary(equipment.map { ($0.key, $0) }) { first, _ in first }
    flags += AuditFlag.ofMessages(evidence) { known[$0] }
    flags += AuditFlag.sharedSerials(register.entries).filter {
      keys.contains(EquipmentKey(factory: $0.factory, equipment: $0.equipment))
    }
    if let calendar {
      flags += lateShutdowns(of: factory.factory.id, calendar, among: equipment)
    }
    return flags.sorted(by: <)
  }

  /// Number of the district's flags by kind.
  public var flagCounts: [FlagCount] { flagTally.byKind() }

  /// Number of the district's flags by factory and kind: those of its factories' lists, and equipment that has the
  /// serial number of equipment in another factory.
  public var flagTally: FlagTally {
    let local = observation.period.calendar
    var tally = FlagTally()
    for summary in factories {
      let factory = summary.factory.id
      let sums = period.factories[factory]
      for verdict in verdicts[summary.verdicts] where verdict.entry != nil {
        let one = assessment(verdict)
        for flag in AuditFlag.of(
          one, asOf: asOf, calendar: local, over: sums?.conduct[one.key.equipment],
          refused: evidence.refusedClocks[one.key])
        {
          tally.add(flag)
        }
      }
      for (kind, number) in sums?.flagCounts ?? [:] { tally.add(kind, number, of: factory) }
      guard let calendar = calendars.factories[factory] else { continue }
      let late = lateShutdowns(of: factory, calendar, among: verdicts[summary.verdicts].lazy.map(assessment))
      tally.add(.lateShutdown, late.count, of: factory)
    }
    let others =
      AuditFlag.ofMessages(evidence) { self.verdict(of: $0).map(assessment) }
      + AuditFlag.sharedSerials(register.entries) + registerFlags
    for flag in others { tally.add(flag) }
    return tally
  }

  /// Flags for a factory's shutdowns that were entered late and concern any of some equipment.
  private func lateShutdowns(
    of factory: String, _ calendar: ProductionCalendar, among equipment: some Sequence<Assessment>
  ) -> [AuditFlag] {
    let late = AuditFlag.lateShutdowns(of: factory, calendar, observation.period)
    guard !late.isEmpty else { return [] }
    let places = Set(equipment.map { ProductionCalendar.Place(workshop: $0.workshop, line: $0.line) })
    return late.filter { flag in places.contains { flag.place.covers($0) } }
  }
}
