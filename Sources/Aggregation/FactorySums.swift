import Register
import Storage
import Telemetry

/// The sums of the factory at hand, line by line.
struct FactorySums {
  /// One line's.
  struct Line {
    let place: ProductionCalendar.Place
    let hours: PeriodPlace
    var figures = TimeFigures()
    /// Whether any production equipment was of it.
    var hasProduction = false
    /// Number of times each alarm was raised, by its code's number.
    private(set) var alarms: [Int] = []

    init(place: ProductionCalendar.Place, hours: PeriodPlace) {
      self.place = place
      self.hours = hours
    }

    /// Counts an alarm.
    mutating func count(_ code: Int) {
      if code >= alarms.count {
        alarms.append(contentsOf: repeatElement(0, count: code + 1 - alarms.count))
      }
      alarms[code] += 1
    }
  }

  private let period: Period
  private let unobserved: TimeRanges
  /// Planned time of every line of a factory that has no calendar.
  let unplanned: PeriodPlace
  /// The factory's.
  var calendar: ProductionCalendar?
  var lines: [Line] = []
  private var numbers: [ProductionCalendar.Place: Int] = [:]
  /// The line asked for last: equipment is numbered along its lines.
  private var last = 0
  var meters: MeterLedger
  /// Attribution of energy to equipment, of the factory closed last.
  private(set) var shares: [MeterLedger.Share] = []
  /// Declarations about counters of output and meters.
  var output = OutputDeclarations()
  var delivered = DeliveredPoints()
  /// For each segment, the meters that equipment of the factory names instead of its own.
  var sharedMeters: [Set<String>] = []
  /// By equipment id, for equipment whose meter other machines read as well.
  private var shared: [String: SharedMeter] = [:]
  /// Production equipment that reads a meter of its own in its newest row so far, where meters are shared.
  private var alone: Set<String> = []
  /// Codes behind the alarms' numbers.
  var codes: AlarmBook?
  var equipment: [String: TimeFigures] = [:]
  private var conduct: [String: Conduct] = [:]
  /// The equipment whose conduct was judged last.
  private var judged: String?
  var flags: FactoryFlags
  private let keepsEquipment: Bool

  init(
    segments: Int, period: Period, unobserved: TimeRanges, steps: [ClosedRange<CalendarDay>],
    keepsEquipment: Bool
  ) {
    self.keepsEquipment = keepsEquipment
    flags = FactoryFlags(keepsFlags: keepsEquipment)
    self.period = period
    self.unobserved = unobserved
    unplanned = PeriodPlace(.init(), of: nil, period: period, unobserved: unobserved)
    meters = MeterLedger(segments: segments, steps: steps)
  }

  /// The number of a line.
  mutating func line(_ place: ProductionCalendar.Place) -> Int {
    if last < lines.count, lines[last].place == place { return last }
    if let known = numbers[place] {
      last = known
      return known
    }
    last = lines.count
    numbers[place] = last
    let hours = calendar.map { PeriodPlace(place, of: $0, period: period, unobserved: unobserved) }
    lines.append(Line(place: place, hours: hours ?? unplanned))
    return last
  }

  /// Keeps how an equipment behaved, judged by the first of its rows; only conspicuous conduct, unless equipment's own
  /// figures are kept. The rows of one piece of equipment follow one another.
  mutating func keepConduct(of equipment: RegisteredEquipment, _ evidence: PeriodEvidence) throws {
    let id = equipment.key.equipment
    guard id != judged else { return }
    judged = id
    let conduct = try Conduct(evidence, rollover: equipment.energyRollover)
    if keepsEquipment || conduct.isConspicuous { self.conduct[id] = conduct }
  }

  /// Counts by code instead of by its number.
  private func named(_ counts: [Int]) -> [String: Int] {
    guard let codes else { return [:] }
    var named: [String: Int] = [:]
    named.reserveCapacity(counts.count { $0 > 0 })
    for code in counts.indices where counts[code] > 0 { named[codes.codes[code]] = counts[code] }
    return named
  }

  /// Notes whether production equipment shares its meter in a row. The newest row decides whether its share counts it
  /// among the machines with energy.
  mutating func note(_ id: String, sharesMeter: Bool) {
    guard sharedMeters.contains(where: { !$0.isEmpty }) else { return }
    if sharesMeter { alone.remove(id) } else { alone.insert(id) }
  }

  /// Adds the energy of shared meters.
  private mutating func settleMeters() throws {
    shares = try meters.settle()
    /// A machine is counted in its last segment.
    var newest: [String: Int] = [:]
    for share in shares { for machine in share.machines { newest[machine.id] = share.segment } }
    for share in shares {
      if let energy = share.energy {
        let line = line(share.place)
        lines[line].hasProduction = true
        lines[line].figures.energy.add(saturating: energy)
        lines[line].figures.hasEnergy = true
        for machine in share.machines
        where newest[machine.id] == share.segment && !alone.contains(machine.id) {
          lines[self.line(machine.place)].figures.machinesWithEnergy += 1
          if keepsEquipment { equipment[machine.id, default: TimeFigures()].machinesWithEnergy += 1 }
        }
      }
      if keepsEquipment { keep(share) }
    }
  }

  /// Keeps the energy of the meter for reports on its machines: as the equipment's own if no other machine reads it,
  /// else as a shared meter with the ids of the others.
  private mutating func keep(_ share: MeterLedger.Share) {
    var alone = share.hasOwner ? [share.meter] : []
    if share.machines.count == 1 { alone += share.machines.map(\.id) }
    if let energy = share.energy {
      for id in alone {
        equipment[id, default: TimeFigures()].energy.add(saturating: energy)
        equipment[id]?.hasEnergy = true
      }
    }
    guard share.machines.count > 1 else { return }
    let ids = share.machines.map(\.id)
    for id in ids {
      var others = ids.filter { $0 != id }
      var energy = share.energy
      if let earlier = shared[id], earlier.meter == share.meter {
        others = Set(others + earlier.with).sorted()
        energy = energy.map { $0.addingSaturated(earlier.energy ?? 0) } ?? earlier.energy
      }
      shared[id] = SharedMeter(meter: share.meter, with: others, energy: energy)
    }
  }

  /// Returns the factory's figures and clears them for the next factory.
  mutating func close(_ factory: String) throws -> PeriodFigures.Factory {
    flags.close(factory)
    try settleMeters()
    var closed = PeriodFigures.Factory()
    closed.equipment = equipment
    closed.conduct = conduct
    closed.sharedMeters = shared
    closed.delivered = delivered
    delivered = DeliveredPoints()
    closed.flags = flags.flags
    closed.flagCounts = flags.counts
    flags = FactoryFlags(keepsFlags: keepsEquipment)
    var alarms: [Int] = []
    for line in lines where line.hasProduction {
      closed.total += line.figures
      var figures = line.figures
      if keepsEquipment { figures.alarms = named(line.alarms) }
      closed.places[line.place] = figures
      if alarms.count < line.alarms.count {
        alarms.append(contentsOf: repeatElement(0, count: line.alarms.count - alarms.count))
      }
      for code in line.alarms.indices { alarms[code] += line.alarms[code] }
    }
    closed.total.alarms = named(alarms)
    lines.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    equipment.removeAll(keepingCapacity: true)
    conduct.removeAll(keepingCapacity: true)
    judged = nil
    shared.removeAll(keepingCapacity: true)
    alone.removeAll(keepingCapacity: true)
    return closed
  }
}
