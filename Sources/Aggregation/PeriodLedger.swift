import Register
import Storage
import Telemetry

/// Sums over a period, by factory and line.
public struct PeriodFigures: Sendable {
  /// One factory's.
  public struct Factory: Sendable {
    public var total = TimeFigures()
    /// By the line an equipment belonged to on each day; they add up to the total, alarms only where
    /// equipment's own figures are kept.
    public var places: [ProductionCalendar.Place: TimeFigures] = [:]
    /// By equipment id, where asked for; energy is with whoever's meter was counted.
    public var equipment: [String: TimeFigures] = [:]
    /// By equipment id, of those that sent anything in the period; where equipment's own figures are kept.
    public var conduct: [String: Conduct] = [:]
    /// Where asked for.
    public var details: PeriodDetails?

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
  private let keepsEquipment: Bool
  private let countsEquipmentAlarms: Bool
  /// nil where details are not wanted.
  private var details: DetailsLedger?
  /// For each segment of the register, the next entry.
  private var next: [Int]
  private var factory = ""
  private var open: FactorySums
  private var figures = PeriodFigures()

  /// A ledger for a period.
  ///
  /// - Parameters:
  ///   - observation: when the collector listened in the period.
  ///   - keepsEquipment: whether each equipment's own figures are wanted.
  ///   - countsEquipmentAlarms: whether its alarms are among them; they cost as much as a tenth of a report.
  ///   - scope: of what of each factory the period is wanted step by step, with what stood out; nil for nothing.
  public init(
    observation: Observation, register: RegisterPeriod, calendars: ProductionCalendars, rules: PresenceRules,
    keepsEquipment: Bool, countsEquipmentAlarms: Bool = true, details scope: DetailsScope? = nil
  ) {
    period = observation.period
    self.register = register
    self.calendars = calendars
    self.rules = rules
    self.keepsEquipment = keepsEquipment
    self.countsEquipmentAlarms = countsEquipmentAlarms
    next = register.segments.map { _ in 0 }
    open = FactorySums(
      segments: register.segments.count, period: period,
      unobserved: TimeRanges(merging: observation.unobserved.map { $0.from..<$0.until }))
    details = scope.map { DetailsLedger(of: $0, period: period, clock: open.unplanned) }
  }

  /// Whether days are told apart by nothing of the register or of observation, where a factory has no calendar.
  public func areAlike(_ days: ClosedRange<CalendarDay>) -> Bool {
    register.segments.contains { $0.days.contains(days.lowerBound) && $0.days.contains(days.upperBound) }
      && open.unplanned.areAlike(
        Int(
          days.lowerBound.number - period.firstDay.number)...Int(
            days.upperBound.number - period.firstDay.number))
  }

  /// Whether a sender's days that are alike may be added as one: when the ledger keeps nothing of them but
  /// sums, and whatever row of the register holds does so throughout its segment, in a factory without a
  /// calendar, and declares no meter to roll over. To be asked just before the sender is added.
  public mutating func takesDaysAsOne(_ key: EquipmentKey, firstReading: Timestamp?) throws -> Bool {
    guard !keepsEquipment, calendars.factories[key.factory] == nil,
      firstReading.map({ $0 <= period.from }) ?? true
    else { return false }
    try advance(to: key)
    return next.indices.allSatisfy { number in
      let segment = register.segments[number]
      guard next[number] < segment.snapshot.entries.count else { return true }
      let entry = segment.snapshot.entries[next[number]]
      guard entry.equipment.key == key, let service = segment.service(of: entry) else { return true }
      let interval = entry.equipment.reportInterval
      return entry.equipment.energyRollover == nil && service == segment.days
        && rules.horizon(declaredInterval: interval) == rules.horizonMinimum
        && (interval.map { PeriodEvidence.countsSlots(of: TimeAccount.slotLength($0)) } ?? true)
    }
  }

  /// Adds a sender; its key must be after all added before.
  public mutating func add(_ evidence: PeriodEvidence, stretches: StretchLookup) throws {
    try advance(to: evidence.key)
    try settle(evidence.key, evidence, stretches)
  }

  /// Settles every equipment of the register before a key.
  private mutating func advance(to key: EquipmentKey) throws {
    // Mostly it is the equipment that the register goes on with.
    while !isNext(key), let earlier = nextKey, earlier < key { try settle(earlier, nil) { _ in [] } }
  }

  /// The sums, once every sender was added.
  public mutating func finish() throws -> PeriodFigures {
    while let key = nextKey { try settle(key, nil) { _ in [] } }
    close()
    return figures
  }

  // MARK: -

  /// Whether every segment of the register goes on with a key, or has no more.
  private func isNext(_ key: EquipmentKey) -> Bool {
    next.indices.allSatisfy { number in
      next[number] == register.segments[number].snapshot.entries.count
        || register.segments[number].snapshot.entries[next[number]].equipment.key == key
    }
  }

  /// The first key of the register that was not settled yet.
  private var nextKey: EquipmentKey? {
    var first: EquipmentKey?
    for number in next.indices where next[number] < register.segments[number].snapshot.entries.count {
      let key = register.segments[number].snapshot.entries[next[number]].equipment.key
      if first.map({ key < $0 }) ?? true { first = key }
    }
    return first
  }

  private mutating func settle(
    _ key: EquipmentKey, _ evidence: PeriodEvidence?, _ stretches: StretchLookup
  ) throws {
    for number in next.indices {
      let place = next[number]
      guard place < register.segments[number].snapshot.entries.count,
        register.segments[number].snapshot.entries[place].equipment.key == key
      else { continue }
      next[number] += 1
      let entry = register.segments[number].snapshot.entries[place]
      guard let service = register.segments[number].service(of: entry) else { continue }
      if factory != key.factory { begin(key.factory) }
      try add(entry.equipment, segment: number, service, evidence, stretches)
    }
    try details?.settle(stretches)
  }

  private mutating func add(
    _ equipment: RegisteredEquipment, segment: Int, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?, _ stretches: StretchLookup
  ) throws {
    let line = open.line(.init(workshop: equipment.workshop, line: equipment.line))
    let horizon = rules.horizon(declaredInterval: equipment.reportInterval)
    let account = TimeAccount(
      place: open.lines[line].hours, lost: Self.lost(of: evidence, horizon, open.lines[line].hours),
      period: period,
      horizon: horizon, horizonMinimum: rules.horizonMinimum)
    var sum = evidence.map { account.counts(of: $0, service: service) } ?? TimeFigures()
    if let evidence, let modulus = equipment.energyRollover {
      sum.rollOver(evidence.meterResets, modulus: modulus, account, service)
    }
    open.meters.note(
      equipment, open.lines[line].place, segment: segment, energy: sum.hasEnergy ? sum.energy : nil)
    let time = try details?.add(equipment, segment: segment, service, evidence, account, stretches)
    guard equipment.isProduction else { return }
    // Energy is whoever's meter is counted.
    sum.energy = 0
    sum.hasEnergy = false
    open.lines[line].hasProduction = true
    if let evidence {
      sum += try time ?? account.time(of: evidence, service: service, stretches: stretches)
      add(evidence, in: account.instants(of: service), line)
    }
    if let interval = equipment.reportInterval, interval > .zero {
      let length = TimeAccount.slotLength(interval)
      if let evidence {
        (sum.slotsExpected, sum.slotsReceived) = try account.slots(of: length, evidence, service: service)
      } else {
        sum.slotsExpected = account.slotsExpected(of: length, service: service)
      }
    }
    open.lines[line].figures += sum
    guard keepsEquipment else { return }
    if let evidence { open.keep(Conduct(evidence.days), of: equipment) }
    if let evidence, countsEquipmentAlarms {
      sum.alarms = Self.alarms(of: evidence, in: account.instants(of: service))
    }
    open.equipment[equipment.key.equipment, default: TimeFigures()] += sum
  }

  /// What is unknown of an equipment beside what was not observed of its line.
  private static func lost(of evidence: PeriodEvidence?, _ horizon: Span, _ line: PeriodPlace) -> LostTime? {
    guard let evidence, !evidence.gaps.isEmpty else { return nil }
    return LostTime(evidence.gaps.map { $0.unvouched(horizon: horizon) }, beside: line)
  }

  /// Counts the alarms of service days for a line, by number.
  private mutating func add(_ evidence: PeriodEvidence, in instants: Range<Timestamp>, _ line: Int) {
    guard !evidence.alarms.isEmpty else { return }
    open.codes = evidence.codes
    for alarm in evidence.alarms where instants.contains(alarm.at) { open.lines[line].count(alarm.code) }
  }

  private static func alarms(of evidence: PeriodEvidence, in instants: Range<Timestamp>) -> [String: Int] {
    evidence.alarms.reduce(into: [:]) { counts, alarm in
      if instants.contains(alarm.at) { counts[evidence.codes.codes[alarm.code], default: 0] += 1 }
    }
  }

  private mutating func begin(_ factory: String) {
    close()
    self.factory = factory
    open.calendar = calendars.factories[factory]
  }

  private mutating func close() {
    var closed = open.close(keepsEquipment: keepsEquipment)
    closed.details = details?.close(open.shares)
    if !factory.isEmpty { figures.factories[factory] = closed }
  }
}

extension TimeFigures {
  /// Turns falls of a meter that is declared to roll over at `modulus` into what it counted.
  mutating func rollOver(
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
