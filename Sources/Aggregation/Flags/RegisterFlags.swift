import Register
import Telemetry

/// Flags for changes of the register that make figures of a period look better.
package enum RegisterFlags {
  /// The register of some factories at the moments that are compared, on the period's last day except for `first`.
  package struct Versions {
    /// As known now, on the first days of the period.
    var first: RegisterSnapshot
    /// As known when the period began, and when it ended; nil if nothing had been imported then, or if it is the
    /// version known now.
    var begun: RegisterSnapshot?
    var filed: RegisterSnapshot?
    /// As known now.
    var now: RegisterSnapshot

    /// Snapshots to compare.
    package init(
      first: RegisterSnapshot, begun: RegisterSnapshot?, filed: RegisterSnapshot?, now: RegisterSnapshot
    ) {
      self.first = first
      self.begun = begun
      self.filed = filed
      self.now = now
    }
  }

  /// Flags equipment and meters that left their base within the period or by an import since it began, rows improved by
  /// an import after the period, and report intervals raised by an import since the period began.
  ///
  /// - Parameter entered: returns the import time of the row that now holds for a piece of equipment; nil if unknown.
  package static func flags(
    _ versions: Versions, entered: (EquipmentKey) throws -> Timestamp?
  ) rethrows -> [AuditFlag] {
    var flags: [AuditFlag] = []
    let first = index(versions.first)
    let begun = versions.begun.map(index)
    let filed = versions.filed.map(index)
    for entry in versions.now.entries {
      let key = entry.equipment.key
      let earlier = [first[key], begun?[key]].compactMap(\.self)
      let wasInBase = earlier.contains(where: isInBase)
      func fact(_ change: String) throws -> KeyValuePairs<String, AuditFlag.Fact> {
        ["change": .text(change), "entered_at": try entered(key).map { .instant($0) } ?? .missing]
      }
      if wasInBase, !isInBase(entry) {
        flags.append(AuditFlag(.removedFromBase, of: entry.equipment, try fact(removal(entry))))
        continue
      }
      if entry.service != .inService, earlier.contains(where: isMeter) {
        let change = entry.service == .retired ? "meter_decommissioned_on" : "meter_commissioned_on"
        flags.append(AuditFlag(.removedFromBase, of: entry.equipment, try fact(change)))
        continue
      }
      let improved = improvements(of: entry, filed: filed?[key], begun: begun?[key])
      if !improved.isEmpty {
        flags.append(
          AuditFlag(.registerImproved, of: entry.equipment, try fact(improved.joined(separator: ", "))))
      }
    }
    return flags
  }

  /// The columns in which a row is better than it was: than at the period's end, and for the report interval than when
  /// the period began.
  private static func improvements(
    of entry: RegisterSnapshot.Entry, filed: RegisterSnapshot.Entry?, begun: RegisterSnapshot.Entry?
  ) -> [String] {
    let one = entry.equipment
    let improved = filed.map { one.improvements(over: $0.equipment).map(\.rawValue) } ?? []
    // Of a meter outside the base only its kind counts.
    guard isInBase(entry) else { return improved.filter { $0 == EquipmentColumn.meterKind.rawValue } }
    let raisesInterval = begun.map { one.raisesInterval(over: $0.equipment) } ?? false
    return improved + (raisesInterval ? ["report_interval"] : [])
  }

  private static func index(_ snapshot: RegisterSnapshot) -> [EquipmentKey: RegisterSnapshot.Entry] {
    Dictionary(snapshot.entries.map { ($0.equipment.key, $0) }) { $1 }
  }

  private static func isInBase(_ entry: RegisterSnapshot.Entry) -> Bool {
    entry.equipment.isProduction && entry.service == .inService
  }

  /// Whether an entry registers a meter in service that is no production equipment.
  private static func isMeter(_ entry: RegisterSnapshot.Entry) -> Bool {
    !entry.equipment.isProduction && entry.equipment.meterKind != nil && entry.service == .inService
  }

  private static func removal(_ entry: RegisterSnapshot.Entry) -> String {
    if !entry.equipment.isProduction { return "category" }
    return entry.service == .retired ? "decommissioned_on" : "commissioned_on"
  }
}

extension RegisterPeriod {
  /// Workshops of equipment that changes its workshop within the period, with the days on which each holds.
  var movedWorkshops: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]] {
    guard segments.count > 1 else { return [:] }
    var found: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]] = [:]
    for segment in segments {
      for entry in segment.snapshot.entries {
        found[entry.equipment.key, default: []].append((segment.days, entry.equipment.workshop))
      }
    }
    return found.filter { _, parts in parts.contains { $0.workshop != parts[0].workshop } }
  }
}
