import Register
import Storage
import Telemetry

/// Judges register and evidence.
extension DistrictAssessment {
  /// Merges register and evidence into one verdict per equipment or sender.
  static func judge(
    _ entries: [RegisterSnapshot.Entry], _ evidence: StoreEvidence, _ rules: PresenceRules,
    _ horizon: (RegisterSnapshot.Entry, EquipmentEvidence?) -> Span
  ) -> [Verdict] {
    let heard = evidence.equipment
    var verdicts: [Verdict] = []
    verdicts.reserveCapacity(entries.count)
    var next = 0
    func passUnregistered() {
      let presence = rules.presence(of: heard[next], at: evidence.asOf, horizon: rules.horizonMinimum)
      if presence.speaks {
        verdicts.append(Verdict(entry: nil, evidence: next, standing: .unregistered, presence: presence))
      }
      next += 1
    }
    for (index, entry) in entries.enumerated() {
      while next < heard.count, heard[next].key < entry.equipment.key { passUnregistered() }
      var verdict = Verdict(
        entry: index, evidence: nil, standing: .auxiliary, presence: PresenceRules.Presence())
      if next < heard.count, heard[next].key == entry.equipment.key {
        verdict.evidence = next
        verdict.presence = rules.presence(
          of: heard[next], at: evidence.asOf, horizon: horizon(entry, heard[next]))
        next += 1
      }
      verdict.standing = Verdict.standing(of: entry, verdict.presence)
      verdicts.append(verdict)
    }
    while next < heard.count { passUnregistered() }
    return verdicts
  }

  /// The horizon of an equipment's newest reading, by the interval declared on the reading's day.
  static func horizon(
    _ rules: PresenceRules, _ earlier: [EquipmentKey: Span?], _ period: Period
  ) -> (RegisterSnapshot.Entry, EquipmentEvidence?) -> Span {
    let today = period.calendar.start(of: period.lastDay)
    return { entry, evidence in
      // A row that holds from a later day on declares nothing yet.
      guard !entry.registeredLater else { return rules.horizon(declaredInterval: nil) }
      guard !earlier.isEmpty, let last = evidence?.readings?.last, last < today,
        let interval = earlier[entry.equipment.key]
      else { return rules.horizon(declaredInterval: entry.equipment.reportInterval) }
      return rules.horizon(declaredInterval: interval)
    }
  }

  /// Adds verdicts up by factory, and lists factories without any beside them.
  static func summarise(
    _ verdicts: [Verdict], _ register: RegisterSnapshot, _ evidence: StoreEvidence, _ sums: PeriodFigures,
    isUnobserved: Bool
  ) -> [FactorySummary] {
    var summaries: [FactorySummary] = []
    var listed = register.factories[...]
    func passEmpty(before id: String?, at position: Int) {
      while let factory = listed.first, id.map({ factory.id < $0 }) ?? true {
        listed.removeFirst()
        summaries.append(
          FactorySummary(
            factory: factory, isRegistered: true, figures: Figures(isUnobserved: isUnobserved),
            verdicts: position..<position))
      }
    }
    var start = 0
    while start < verdicts.count {
      let id = key(of: verdicts[start], register, evidence).factory
      passEmpty(before: id, at: start)
      var figures = Figures(isUnobserved: isUnobserved)
      let delivered = sums.factories[id]?.delivered ?? DeliveredPoints()
      var known = false
      var end = start
      while end < verdicts.count, key(of: verdicts[end], register, evidence).factory == id {
        let entry = verdicts[end].entry.map { register.entries[$0] }
        known = known || entry != nil
        figures.add(verdicts[end], entry, delivered)
        end += 1
      }
      figures.time = sums.factories[id]?.total ?? TimeFigures()
      var factory = RegisteredFactory(id: id)
      if let row = listed.first, row.id == id {
        factory = row
        known = true
        listed.removeFirst()
      }
      summaries.append(
        FactorySummary(factory: factory, isRegistered: known, figures: figures, verdicts: start..<end))
      start = end
    }
    passEmpty(before: nil, at: verdicts.count)
    return summaries
  }

  /// The equipment or sender of a verdict.
  static func key(
    of verdict: Verdict, _ register: RegisterSnapshot, _ evidence: StoreEvidence
  ) -> EquipmentKey {
    if let entry = verdict.entry { return register.entries[entry].equipment.key }
    // A verdict without an entry was made from evidence.
    return verdict.evidence.map { evidence.equipment[$0].key } ?? EquipmentKey(factory: "", equipment: "")
  }
}
