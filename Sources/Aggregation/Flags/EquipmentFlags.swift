import Register
import Storage
import Telemetry

extension AuditFlag {
  /// A flag of one equipment, at the place the register gives it.
  package init(_ kind: Kind, of equipment: RegisteredEquipment, _ evidence: KeyValuePairs<String, Fact>) {
    self.init(
      kind: kind, factory: equipment.key.factory, equipment: equipment.key.equipment,
      place: .init(workshop: equipment.workshop, line: equipment.line),
      evidence: evidence.map { Evidence(key: $0.key, fact: $0.value) })
    if kind == .claimWithoutEvidence { claims = Self.claims(of: equipment) }
  }

  /// Columns in which a row claims something that only data could prove.
  private static func claims(of equipment: RegisteredEquipment) -> Set<String> {
    let claims = [
      ("automation", equipment.automation == .automatic), ("intelligent", equipment.intelligent),
      ("digital", equipment.digital), ("connectable", equipment.digital && equipment.connectable),
      ("cnc", equipment.cnc == true),
    ]
    return Set(claims.filter(\.1).map(\.0))
  }

  /// A flag of a place in a factory, or of the whole of it.
  package init(
    _ kind: Kind, of factory: String, _ place: ProductionCalendar.Place,
    _ evidence: KeyValuePairs<String, Fact>
  ) {
    self.init(
      kind: kind, factory: factory, equipment: "", place: place,
      evidence: evidence.map { Evidence(key: $0.key, fact: $0.value) })
  }

  /// Flags of one piece of production equipment at the as-of, and of its sender's conduct; none for other equipment.
  /// `refused` is the clock's deviation in messages of the period that were refused for it; it is used when live
  /// readings show none.
  static func of(
    _ assessment: Assessment, asOf: Timestamp, calendar: LocalCalendar, over conduct: Conduct?,
    refused: RefusedClock?
  ) -> [AuditFlag] {
    guard let entry = assessment.entry, entry.equipment.isProduction else { return [] }
    let equipment = entry.equipment
    var flags: [AuditFlag] = []
    if case .counted = assessment.standing {
      let isAutomatic = equipment.automation == .automatic
      let last = assessment.lastReading
      let isConnectable = equipment.digital && equipment.connectable
      if isAutomatic || isConnectable || equipment.cnc == true, last.map({ $0 <= asOf - window }) ?? true {
        var flag = AuditFlag(
          .claimWithoutEvidence, of: equipment,
          ["automatic": .truth(isAutomatic), "last_reading": last.map { .instant($0) } ?? .missing])
        if !isAutomatic, !isConnectable { flag.evidence.append(.init(key: "cnc", fact: .truth(true))) }
        flags.append(flag)
      }
    }
    if let out = equipment.decommissionedOn, assessment.standing == .retired,
      calendar.start(of: out) > asOf - window
    {
      flags.append(AuditFlag(.recentlyRetired, of: equipment, ["on": .day(out)]))
    }
    if let (skew, cause) = conduct?.skew.map({ ($0, conduct?.cause(of: $0) ?? .notSet) })
      ?? refused.map({ ($0.skew, ClockCause.of(refused: $0.skew, received: $0.received)) })
    {
      flags.append(
        AuditFlag(.clockSkew, of: equipment, ["behind_ms": .span(skew), "cause": .text(cause.rawValue)]))
    }
    guard let conduct else { return flags }
    if conduct.hasForeignCounter {
      flags.append(
        AuditFlag(
          .foreignCounter, of: equipment,
          ["jumps": .number(conduct.sequenceJumps), "readings": .number(conduct.readings)]))
    }
    if conduct.bootReturns > 0 {
      flags.append(AuditFlag(.interleavedBoots, of: equipment, ["times": .number(conduct.bootReturns)]))
    }
    if conduct.ties > 0 {
      flags.append(AuditFlag(.equalTimes, of: equipment, ["times": .number(conduct.ties)]))
    }
    return flags + meters(of: equipment, conduct)
  }

  /// Flags of one piece of equipment's meters.
  private static func meters(of equipment: RegisteredEquipment, _ conduct: Conduct) -> [AuditFlag] {
    var flags: [AuditFlag] = []
    for meter in MeterReset.Meter.allCases {
      guard let resets = conduct.resets[meter] else { continue }
      flags.append(
        AuditFlag(
          .meterReset, of: equipment,
          ["meter": .text(meter.key), "last": .instant(resets.last), "times": .number(resets.times)]))
    }
    if conduct.goodAboveTotal > 0 {
      flags.append(
        AuditFlag(.goodAboveTotal, of: equipment, ["steps": .number(conduct.goodAboveTotal)]))
    }
    if conduct.isSaturated { flags.append(AuditFlag(.saturatedMeter, of: equipment, [:])) }
    return flags
  }

  /// Equipment in service that share a serial number: every key but the first is flagged with the first.
  static func sharedSerials(_ entries: [RegisterSnapshot.Entry]) -> [AuditFlag] {
    var first: [String: EquipmentKey] = [:]
    var flags: [AuditFlag] = []
    for entry in entries where !entry.equipment.serial.isEmpty && entry.service == .inService {
      let equipment = entry.equipment
      guard let other = first[equipment.serial] else {
        first[equipment.serial] = equipment.key
        continue
      }
      flags.append(
        AuditFlag(
          .sharedSerial, of: equipment,
          ["serial": .text(equipment.serial), "with": .text(other.description)]))
    }
    return flags
  }

  /// Shutdowns of a factory that were entered after they began and reach into the period.
  static func lateShutdowns(of factory: String, _ calendar: ProductionCalendar, _ period: Period)
    -> [AuditFlag]
  {
    calendar.shutdowns.filter {
      $0.isLate && $0.range.lowerBound < period.until && $0.range.upperBound > period.from
    }.map {
      AuditFlag(
        .lateShutdown, of: factory, $0.place,
        [
          "from": .instant($0.range.lowerBound), "to": .instant($0.range.upperBound),
          "entered_at": .instant($0.enteredAt),
        ])
    }
  }
}

extension MeterReset.Meter {
  /// The meter's key in a status message.
  fileprivate var key: String {
    switch self {
    case .energy: "energy_kwh"
    case .good: "good"
    case .total: "total"
    }
  }
}
