import Aggregation
import Register
import Storage
import Telemetry

/// The definitions of the figures once more, equipment by equipment and set by set, without any of the means
/// the product computes them with. Slow, and meant to be read against the definitions.
struct ReferenceRule {
  let district: RandomDistrict

  private var t: Int64 { RandomDistrict.asOf.milliseconds }
  private let minute: Int64 = 60_000
  private let day: Int64 = 86_400_000

  func figures(where belongs: (_ factory: String, _ workshop: String, _ line: String) -> Bool) -> Figures {
    let entries = district.register.entries.filter {
      belongs($0.equipment.key.factory, $0.equipment.workshop, $0.equipment.line)
    }
    let production = entries.filter { $0.equipment.category != "gateway" }
    let base = production.filter { $0.service == .inService }.map(\.equipment)
    let networked = base.filter(isNetworked)
    var figures = Figures()
    figures.equipment = base.count
    figures.automated = base.filter { $0.automation == .automatic || $0.intelligent }.count
    figures.intelligent = base.filter(\.intelligent).count
    figures.digital = base.filter(\.digital).count
    figures.connectable = base.filter { $0.digital && $0.connectable }.count
    figures.networked = networked.count
    figures.networkedDigital = networked.filter(\.digital).count
    figures.networkedConnectable = networked.filter { $0.digital && $0.connectable }.count
    figures.online = networked.filter { isVouched($0) || hasSession($0) }.count
    figures.reporting = networked.filter(isVouched).count
    figures.buckets.reporting = base.filter(isVouched).count
    figures.buckets.silent = base.filter { !isVouched($0) && hasSession($0) }.count
    let unheard = base.filter { !isVouched($0) && !hasSession($0) && !everHeard($0.key) }
    figures.buckets.offline =
      base.count - unheard.count - figures.buckets.reporting - figures.buckets.silent
    figures.buckets.neverSeen = unheard.filter { $0.digital && $0.connectable }.count
    figures.buckets.notConnectable = unheard.filter { !$0.digital || !$0.connectable }.count
    figures.buckets.retired = production.filter { $0.service == .retired }.count
    figures.buckets.notYetInService = production.filter { $0.service == .notYet }.count
    figures.buckets.auxiliary = entries.count - production.count
    let known = Set(district.register.entries.map(\.equipment.key))
    figures.buckets.unregistered =
      district.evidence.equipment
      .filter { !known.contains($0.key) && everHeard($0.key) }
      .filter { belongs($0.key.factory, $0.topicWorkshop, "") }
      .count
    return figures
  }

  private func evidence(_ key: EquipmentKey) -> EquipmentEvidence? {
    district.evidence.equipment.first { $0.key == key }
  }
  private func reading(_ key: EquipmentKey) -> Int64? {
    evidence(key)?.readings.map(\.last.milliseconds).flatMap { $0 <= t ? $0 : nil }
  }
  private func online(_ key: EquipmentKey) -> Int64? {
    evidence(key)?.lastOnline.map(\.milliseconds).flatMap { $0 <= t ? $0 : nil }
  }
  private func everHeard(_ key: EquipmentKey) -> Bool {
    reading(key) != nil || online(key) != nil || evidence(key)?.sessionOpen == true
  }
  private func isNetworked(_ equipment: RegisteredEquipment) -> Bool {
    [reading(equipment.key), online(equipment.key)].contains { $0.map { $0 > t - 30 * day } ?? false }
  }
  private func isVouched(_ equipment: RegisteredEquipment) -> Bool {
    guard let x = reading(equipment.key), evidence(equipment.key)?.readings?.cut == nil else { return false }
    let declared = equipment.reportInterval?.milliseconds ?? 0
    return t < x + Swift.min(day, Swift.max(3 * declared, 15 * minute))
  }
  private func hasSession(_ equipment: RegisteredEquipment) -> Bool {
    evidence(equipment.key)?.sessionOpen ?? false
  }
}
