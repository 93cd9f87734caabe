import Register
import Storage
import Telemetry

/// Sums over a period, by factory and line.
public struct PeriodFigures: Sendable {
  /// One factory's.
  public struct Factory: Sendable {
    public var total = TimeFigures()
    /// By the line an equipment belonged to on each day; they add up to the total.
    public var places: [ProductionCalendar.Place: TimeFigures] = [:]
    /// By equipment id, where asked for; energy is with whoever's meter was counted.
    public var equipment: [String: TimeFigures] = [:]
    /// By equipment id, of those that sent anything in the period; where equipment's own figures are kept.
    public var conduct: [String: Conduct] = [:]

    /// Nothing yet.
    public init() {}
  }

  public var factories: [String: Factory] = [:]
  /// All factories added up.
  public var total: TimeFigures { factories.values.reduce(into: TimeFigures()) { $0 += $1.total } }

  /// Nothing yet.
  public init() {}
}

/// Adds up a period: takes what each sender did, in the order of keys, beside the register through the
/// period, which is in the same order. Nothing is kept of an equipment once it has been added.
public struct PeriodLedger {
  private let period: Period
  private let register: RegisterPeriod
  private let calendars: ProductionCalendars
  private let rules: PresenceRules
  private let unobserved: TimeRanges
  private let keepsEquipment: Bool
  /// For each segment of the register, the next entry.
  private var next: [Int]
  private var factory = ""
  private var open = PeriodFigures.Factory()
  private var meters: MeterLedger
  private var places: [ProductionCalendar.Place: PeriodPlace] = [:]
  private var figures = PeriodFigures()

  /// A ledger for a period.
  ///
  /// - Parameters:
  ///   - observation: when the collector listened in the period.
  ///   - keepsEquipment: whether each equipment's own figures are wanted.
  public init(
    observation: Observation, register: RegisterPeriod, calendars: ProductionCalendars, rules: PresenceRules,
    keepsEquipment: Bool
  ) {
    period = observation.period
    unobserved = TimeRanges(merging: observation.unobserved.map { $0.from..<$0.until })
    self.register = register
    self.calendars = calendars
    self.rules = rules
    self.keepsEquipment = keepsEquipment
    next = register.segments.map { _ in 0 }
    meters = MeterLedger(segments: register.segments.count)
  }

  /// Adds a sender; its key must be after all added before.
  public mutating func add(_ evidence: PeriodEvidence, stretches: StretchLookup) throws {
    while let key = nextKey, key < evidence.key { try settle(key, nil) { _ in [] } }
    try settle(evidence.key, evidence, stretches)
  }

  /// The sums, once every sender was added.
  public mutating func finish() throws -> PeriodFigures {
    while let key = nextKey { try settle(key, nil) { _ in [] } }
    close()
    return figures
  }

  // MARK: -

  /// The first key of the register that was not settled yet.
  private var nextKey: EquipmentKey? {
    var first: EquipmentKey?
    for (segment, index) in zip(register.segments, next) where index < segment.snapshot.entries.count {
      let key = segment.snapshot.entries[index].equipment.key
      if first.map({ key < $0 }) ?? true { first = key }
    }
    return first
  }

  private mutating func settle(
    _ key: EquipmentKey, _ evidence: PeriodEvidence?, _ stretches: StretchLookup
  ) throws {
    var found: [StateInterval]?
    let range = period.from..<period.until
    for (number, segment) in register.segments.enumerated() {
      let entries = segment.snapshot.entries
      guard next[number] < entries.count, entries[next[number]].equipment.key == key else { continue }
      let entry = entries[next[number]]
      next[number] += 1
      guard let service = segment.service(of: entry) else { continue }
      if factory != key.factory { begin(key.factory) }
      try add(entry.equipment, segment: number, service, evidence) {
        if let found { return found }
        let looked = try stretches(range)
        found = looked
        return looked
      }
    }
  }

  private mutating func add(
    _ equipment: RegisteredEquipment, segment: Int, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?, stretches: () throws -> [StateInterval]
  ) throws {
    let place = ProductionCalendar.Place(workshop: equipment.workshop, line: equipment.line)
    let horizon = rules.horizon(declaredInterval: equipment.reportInterval)
    let account = TimeAccount(
      place: hours(of: place, lacking: evidence?.gaps ?? [], horizon), period: period, horizon: horizon,
      horizonMinimum: rules.horizonMinimum)
    var counts = evidence.map { account.counts(of: $0, service: service) } ?? TimeFigures()
    if let evidence, let modulus = equipment.energyRollover {
      counts.rollOver(evidence.meterResets, modulus: modulus, account, service)
    }
    meters.note(equipment, place, segment: segment, energy: counts.hasEnergy ? counts.energy : nil)
    guard equipment.isProduction else { return }
    if keepsEquipment, let evidence, open.conduct[equipment.key.equipment] == nil {
      open.conduct[equipment.key.equipment] = Conduct(evidence.days)
    }
    var sum = counts
    sum.energy = 0
    sum.hasEnergy = false
    if let evidence {
      sum += try account.time(of: evidence, service: service, stretches: stretches)
      let calendar = period.calendar
      for alarm in evidence.alarms where service.contains(calendar.day(at: alarm.at)) {
        sum.alarms[alarm.code, default: 0] += 1
      }
    }
    if let interval = equipment.reportInterval, interval > .zero {
      let length = Int((interval.milliseconds + 59_999) / 60_000)
      (sum.slotsExpected, sum.slotsReceived) = account.slots(of: length, evidence, service: service)
    }
    open.total += sum
    open.places[place, default: TimeFigures()] += sum
    if keepsEquipment { open.equipment[equipment.key.equipment, default: TimeFigures()] += sum }
  }

  private mutating func hours(of place: ProductionCalendar.Place) -> PeriodPlace {
    if let known = places[place] { return known }
    let hours = PeriodPlace(
      place, of: calendars.factories[factory], period: period, unobserved: unobserved)
    places[place] = hours
    return hours
  }

  /// The line's hours; without what sequence gaps of one of its equipment leave unknown.
  private mutating func hours(
    of place: ProductionCalendar.Place, lacking gaps: [PeriodEvidence.SequenceGap], _ horizon: Span
  ) -> PeriodPlace {
    let line = hours(of: place)
    let lost = gaps.map { $0.unvouched(horizon: horizon) }.filter { !$0.isEmpty }
    return lost.isEmpty ? line : PeriodPlace(line, without: lost, period: period)
  }

  private mutating func begin(_ factory: String) {
    close()
    self.factory = factory
  }

  private mutating func close() {
    for share in meters.settle() {
      open.total.energy += share.energy
      open.total.hasEnergy = true
      open.places[share.place, default: TimeFigures()].energy += share.energy
      open.places[share.place]?.hasEnergy = true
      if keepsEquipment {
        open.equipment[share.equipment, default: TimeFigures()].energy += share.energy
        open.equipment[share.equipment]?.hasEnergy = true
      }
    }
    if !factory.isEmpty { figures.factories[factory] = open }
    open = PeriodFigures.Factory()
    places.removeAll(keepingCapacity: true)
  }
}

extension TimeFigures {
  /// Turns falls of a meter that is declared to roll over at `modulus` into what it counted.
  fileprivate mutating func rollOver(
    _ resets: [MeterReset], modulus: Int64, _ account: TimeAccount, _ service: ClosedRange<CalendarDay>
  ) {
    for reset in resets where reset.meter == .energy && !reset.rebooted && reset.last < modulus {
      let day = account.period.calendar.day(at: reset.at)
      guard service.contains(day), day <= account.period.lastCountedDay else { continue }
      energy += reset.value + modulus - reset.last
      meterResets -= 1
    }
  }
}
