/// Energy of meters as defined (metrics.md, "Meters" and energy_intensity): by meter, whoever reads it.
extension Reference {
  /// Energy of each meter once, with the place it counts for, and the equipment whose own report has it.
  struct Share {
    var place: Scenario.Row
    /// Equipment whose own report has the energy.
    var equipment: [String]
    var energy: Int
  }

  /// For each stretch of days between imports, finds the readers of each meter; then merges, day by day, the values
  /// of all those in service.
  func energyShares() -> [Share] {
    let ids = Set(scenario.imports.flatMap { $0.rows.map(\.id) }).sorted()
    let shown = Dictionary(uniqueKeysWithValues: ids.map { ($0, shownEnergy(distinct($0))) })
    let changes = Dictionary(uniqueKeysWithValues: ids.map { ($0, daysOfChange($0, shown[$0] ?? [])) })
    var starts = Set(scenario.imports.map(\.effectiveOn)).filter { scenario.days.contains($0) }
    starts.insert(scenario.days.lowerBound)
    let sorted = starts.sorted()
    var shares: [Share] = []
    for (index, start) in sorted.enumerated() {
      let days = start...(index + 1 < sorted.count ? sorted[index + 1] - 1 : scenario.days.upperBound)
      let rows = ids.compactMap { id in
        days.compactMap { inService(id, on: $0) }.first.map { (id: id, row: $0) }
      }
      let byMeter = Dictionary(grouping: rows) { $0.row.energyMeter.isEmpty ? $0.id : $0.row.energyMeter }
      for (meter, members) in byMeter {
        let machines = members.filter { isProduction($0.row) }
        let senders = members.filter { sendsEnergy($0.id) }
        guard let first = machines.first, !senders.isEmpty else { continue }
        let owner = members.first { $0.id == meter }
        var equipment = machines.count == 1 ? machines.map(\.id) : []
        if let owner, !isProduction(owner.row) { equipment.append(owner.id) }
        let modulus =
          senders.count == 1
          ? senders[0].row.rollover : owner?.row.rollover ?? members.compactMap(\.row.rollover).first
        let energy = days.reduce(0) { sum, day in
          guard machines.contains(where: { inService($0.id, on: day) != nil }) else { return sum }
          let there = senders.filter { inService($0.id, on: day) != nil }
          let values = there.map { sender -> [Shown] in
            let values = shown[sender.id] ?? []
            // Until its first value of the meter of the day, all its values belong to another.
            if let last = values.last(where: { $0.day <= day })?.day,
              self.meter(sender.id, on: last) != self.meter(sender.id, on: day)
            {
              return []
            }
            let change = changes[sender.id]?.last { $0 <= day }
            // The day of change itself is left out.
            return change == day ? [] : Self.turningPoints(values, since: change)
          }
          return sum + Self.merged(values, on: day, modulus)
        }
        shares.append(Share(place: owner?.row ?? first.row, equipment: equipment, energy: energy))
      }
    }
    return shares
  }

  /// A value that a sender's meter showed, glitches and jitter left out.
  private struct Shown {
    var time: Int
    var value: Int
    /// The day on which it counts: after a reset, the day that confirmed it.
    var day: Int
    /// Set if the meter restarted here: the time of the reading before the fall, and whether the value itself counts.
    var reset: (lastAt: Int, countsValue: Bool)?
  }

  /// What a sender's meter showed before the end.
  private func shownEnergy(_ records: [Scenario.Record]) -> [Shown] {
    let readings = records.filter { status($0) != nil && $0.time < end }
    return ReferenceMeter(readings, of: \.energy).shown.map { shown in
      Shown(
        time: readings[shown.reading].time, value: shown.value,
        day: Scenario.day(at: readings[shown.countedWith].time),
        reset: shown.reset.map { (readings[$0.last].time, $0.countsValue) })
    }
  }

  /// A sender's first value ever, both sides of each reset, and the last value of each day. Since a day of
  /// change those before it belong to the other meter, and of that day only the last value counts, as any other
  /// value: a sender alone begins with it.
  private static func turningPoints(_ shown: [Shown], since change: Int?) -> [Shown] {
    let points = shown.indices.filter { index in
      let next = index + 1 < shown.count ? shown[index + 1] : nil
      return index == 0 || shown[index].reset != nil || next?.reset != nil || next?.day != shown[index].day
    }.map { shown[$0] }
    guard let change, var first = points.last(where: { $0.day == change }) else { return points }
    first.reset = nil
    return [first] + points.filter { $0.day > change }
  }

  /// Energy of some senders' meter on a day: merges their values by time, starting from those before the day.
  private static func merged(_ senders: [[Shown]], on day: Int, _ modulus: Int?) -> Int {
    func isBefore(_ a: Shown, _ b: Shown) -> Bool {
      (a.time, a.reset == nil ? 0 : 1, a.value) < (b.time, b.reset == nil ? 0 : 1, b.value)
    }
    let before = senders.map { $0.filter { $0.day < day } }
    var since = Int.min
    for reset in before.compactMap({ $0.last { $0.reset != nil } }).sorted(by: isBefore)
    where reset.reset?.lastAt ?? 0 >= since {
      since = reset.time
    }
    var greatest = before.compactMap(\.last).filter { $0.time >= since }.map(\.value).max()
    var sum = 0
    // The values of one sender keep their order, also at one instant.
    var queues = senders.map { $0.filter { $0.day == day } }.filter { !$0.isEmpty }
    var ordered: [Shown] = []
    while !queues.isEmpty {
      queues.sort { $0.lexicographicallyPrecedes($1, by: isBefore) }
      ordered.append(queues[0].removeFirst())
      queues.removeAll(where: \.isEmpty)
    }
    for shown in ordered where shown.time >= since {
      guard let last = greatest else {
        greatest = shown.value
        continue
      }
      if let reset = shown.reset, reset.lastAt >= since {
        since = shown.time
        greatest = shown.value
        if let modulus, last <= modulus, last * 10 >= modulus * 9, shown.value * 10 <= modulus {
          sum += modulus - last + shown.value
        } else if reset.countsValue {
          sum += shown.value
        }
      } else {
        sum += max(0, shown.value - last)
        greatest = max(last, shown.value)
      }
    }
    return sum
  }

  private func sendsEnergy(_ id: String) -> Bool {
    distinct(id).contains {
      status($0)?.energy != nil && $0.time < end
    }
  }

  // MARK: Days of change

  /// The meter that an equipment's energy is read from on a day, in service or not: the one that its row names,
  /// else its own. Before its first row takes effect, that row speaks.
  private func meter(_ id: String, on day: Int) -> String {
    let row = row(id, on: day) ?? firstEffective(id).flatMap { self.row(id, on: $0) }
    guard let row, !row.energyMeter.isEmpty else { return id }
    return row.energyMeter
  }

  /// Days on which values of a sender count and its meter is another than on the last such day before,
  /// ascending.
  private func daysOfChange(_ id: String, _ shown: [Shown]) -> [Int] {
    let days = Set(shown.map(\.day)).sorted()
    return zip(days, days.dropFirst()).filter { meter(id, on: $0) != meter(id, on: $1) }.map(\.1)
  }

  /// Readings that confirm, on a day of change, a fall from a value shown before that day: it is no reset, as
  /// the values are of two meters.
  func fallsToAnotherMeter(
    _ id: String, _ readings: [Scenario.Record], _ energy: ReferenceMeter
  ) -> Set<Int> {
    let changes = daysOfChange(id, shownEnergy(readings))
    let falls = energy.shown.filter { shown in
      guard let reset = shown.reset else { return false }
      let day = Scenario.day(at: readings[shown.countedWith].time)
      return changes.contains(day) && Scenario.day(at: readings[reset.last].time) < day
    }
    return Set(falls.map(\.countedWith))
  }
}
