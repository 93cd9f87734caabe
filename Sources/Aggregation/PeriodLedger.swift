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
    /// By equipment id, if requested; without the energy of a meter that other machines read as well.
    public var equipment: [String: TimeFigures] = [:]
    /// By equipment id, of production equipment that was ever heard; only of those that it makes conspicuous, unless
    /// equipment's own figures are kept.
    public var conduct: [String: Conduct] = [:]
    /// By equipment id, for equipment whose energy meter other machines read as well, if equipment's own figures are
    /// kept.
    public var sharedMeters: [String: SharedMeter] = [:]
    /// Flags for figures of the period that may be better than reality, of equipment and of the factory, if
    /// equipment's own figures are kept. The counts by kind are always kept.
    public var flags: [AuditFlag] = []
    public var flagCounts: [AuditFlag.Kind: Int] = [:]
    /// Registered meters and counters whose values rose.
    public var delivered = DeliveredPoints()
    /// Details of the period, if requested.
    public var details: PeriodDetails?

    /// An empty factory.
    public init() {}
  }

  public var factories: [String: Factory] = [:]
  /// All factories added up.
  public var total: TimeFigures { factories.values.reduce(into: TimeFigures()) { $0 += $1.total } }

  /// An empty ledger.
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
  /// For each segment of the register, the next entry; and the same of the register before the period.
  private var next: [Int]
  private var nextBefore = 0
  private var factory = ""
  /// The current production equipment over the register rows so far, and the line of the newest of them.
  private var equipment: EquipmentPeriod?
  private var line: Int?
  private var open: FactorySums
  /// The current machine: its line, and whether it has an energy meter of its own.
  private var machine: (id: String, line: Int, hasEnergy: Bool)?
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
      unobserved: TimeRanges(merging: observation.unobserved.map { $0.from..<$0.until }),
      steps: scope == nil ? [] : PeriodSteps(period).days, keepsEquipment: keepsEquipment)
    details = scope.map { DetailsLedger(of: $0, period: period, clock: open.unplanned) }
  }

  /// Adds a sender; its key must be after all added before.
  public mutating func add(_ evidence: PeriodEvidence, stretches: StretchLookup) throws {
    try advance(to: evidence.key)
    guard let meters = register.meters[evidence.key] else {
      return try settle(evidence.key, evidence, nil, stretches)
    }
    var separated = evidence
    let runs = try separated.separate(meters, in: period)
    try settle(evidence.key, separated, runs, stretches)
  }

  /// Settles every equipment of the register before a key.
  private mutating func advance(to key: EquipmentKey) throws {
    // Mostly it is the equipment that the register goes on with.
    while !isNext(key), let earlier = nextKey, earlier < key { try settle(earlier, nil, nil) { _ in [] } }
  }

  /// The sums, once every sender was added.
  public mutating func finish() throws -> PeriodFigures {
    while let key = nextKey { try settle(key, nil, nil) { _ in [] } }
    try close()
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

  /// The horizons of an equipment's readings, by its row in each segment of the register.
  private mutating func horizons(of key: EquipmentKey) -> Horizons {
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

  /// Sums of one equipment over all its register rows in the period.
  private struct Gathering {
    let horizons: Horizons
    var upload = UploadAccount()
    /// Report interval in its last row as production equipment; nil if it declares none.
    var interval: Span?
    /// Days on which it was heard.
    var heardDays = 0
    var effectiveness = EffectivenessAccount()
    /// Whether its pieces are, in its last row, output of its line.
    var countsOutput = true
  }

  private mutating func settle(
    _ key: EquipmentKey, _ evidence: PeriodEvidence?, _ runs: MeterRuns?,
    _ stretches: StretchLookup
  ) throws {
    var horizons = horizons(of: key)
    if let evidence, evidence.everVouchedBySession {
      horizons.holdStates(in: evidence.held)
    }
    var gathering = Gathering(horizons: horizons)
    for number in next.indices {
      let place = next[number]
      guard place < register.segments[number].snapshot.entries.count,
        register.segments[number].snapshot.entries[place].equipment.key == key
      else { continue }
      next[number] += 1
      let entry = register.segments[number].snapshot.entries[place]
      guard let service = register.segments[number].service(of: entry) else { continue }
      if factory != key.factory { try begin(key.factory) }
      try add(entry.equipment, segment: number, service, evidence, runs, stretches, &gathering)
    }
    countMachine(gathering, evidence)
    try details?.settle(stretches)
    if let one = equipment, let line { try open.flags.add(one, open.lines[line].hours, period) }
    (equipment, line) = (nil, nil)
  }

  /// Counts the machine that was added, in its last line.
  private mutating func countMachine(_ gathering: Gathering, _ evidence: PeriodEvidence?) {
    guard let machine else { return }
    self.machine = nil
    let days = Int(period.lastDay.number - period.firstDay.number) + 1
    var figures = TimeFigures()
    figures.machines = 1
    figures.machinesHeard = evidence?.isHeard == true ? 1 : 0
    figures.machinesHeardHalf = gathering.heardDays * 2 >= days ? 1 : 0
    figures.machinesUndeclared = gathering.interval == nil ? 1 : 0
    figures.machinesWithEnergy = machine.hasEnergy ? 1 : 0
    figures.machinesNotCounting = gathering.countsOutput ? 0 : 1
    open.lines[machine.line].figures += figures
    gathering.effectiveness.close(last: machine.line) { line, sums in
      open.lines[line].figures.effectiveness += sums
      figures.effectiveness += sums
    }
    if keepsEquipment { open.equipment[machine.id, default: TimeFigures()] += figures }
  }

  private mutating func add(
    _ equipment: RegisteredEquipment, segment: Int, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?, _ runs: MeterRuns?, _ stretches: StretchLookup,
    _ gathering: inout Gathering
  ) throws {
    let line = open.line(.init(workshop: equipment.workshop, line: equipment.line))
    let account = TimeAccount(
      place: open.lines[line].hours,
      lost: Self.lost(of: evidence, gathering.horizons, open.lines[line].hours),
      period: period, horizons: gathering.horizons, horizonMinimum: rules.horizonMinimum)
    var sum = evidence.map { account.counts(of: $0, service: service) } ?? TimeFigures()
    if let evidence, let modulus = equipment.energyRollover {
      sum.rollOver(evidence, modulus: modulus, account, service)
    }
    let isShared = readsSharedMeter(equipment, segment: segment)
    let (time, steps) =
      try details?.add(
        equipment, segment: segment, service, evidence, account, stretches, countsEnergy: !isShared)
      ?? (nil, [])
    let meter = equipment.meter
    if sum.hasEnergy { open.flags.noteMeter(meter) }
    noteDelivery(of: equipment, sum, service, evidence)
    if isShared {
      open.meters.note(
        .init(
          id: equipment.key.equipment, place: open.lines[line].place, isProduction: equipment.isProduction,
          days: service,
          energy: sum.hasEnergy ? sum.energy : nil, steps: steps,
          trace: runs.map { runs in { _ in runs.trace(of: meter, through: service.upperBound) } }
            ?? evidence?.energyTrace,
          modulus: equipment.energyRollover),
        of: meter, segment: segment)
      // A shared meter counts once, with its `MeterLedger`.
      sum.energy = 0
      sum.hasEnergy = false
    }
    // Energy of a shared meter belongs to no single machine.
    let energy = sum.hasEnergy ? sum.energy : nil
    guard equipment.isProduction else { return }
    for change in runs?.changes ?? [] where service.contains(change.day) {
      open.flags.add(
        AuditFlag(
          .meterChanged, of: equipment,
          ["on": .day(change.day), "from": .text(change.from), "to": .text(change.to)]))
    }
    machine = (equipment.key.equipment, line, sum.hasEnergy)
    open.note(equipment.key.equipment, sharesMeter: isShared)
    open.lines[line].hasProduction = true
    sum += try time ?? account.time(of: evidence, service: service, stretches: stretches)
    if let evidence { add(evidence, in: account.instants(of: service), line) }
    let interval = rules.dueInterval(declared: equipment.reportInterval)
    try gathering.upload.add(evidence, interval: interval, service: service, account, to: &sum)
    gathering.interval = equipment.reportInterval
    gathering.heardDays += evidence?.heardDays(in: service) ?? 0
    gathering.effectiveness.add(
      equipment.idealCycle, sum, line: line, isHeard: evidence?.isHeard ?? false,
      countsPieces: evidence.map { $0.hasGood && $0.hasTotal } ?? false)
    gathering.countsOutput = open.output.counts(equipment, segment: segment)
    if !gathering.countsOutput { sum.goodNotOutput = sum.good }
    open.lines[line].figures += sum
    // A machine's own report is of its own pieces.
    sum.goodNotOutput = 0
    let instants = account.instants(of: service)
    var one = self.equipment ?? EquipmentPeriod(equipment, from: instants.lowerBound, evidence)
    one.add(
      equipment, sum, energy: energy,
      shutdown: account.place.shutdowns.milliseconds(from: instants.lowerBound, until: instants.upperBound))
    (self.equipment, self.line) = (one, line)
    if let evidence { try open.keepConduct(of: equipment, evidence) }
    guard keepsEquipment else { return }
    if let evidence, countsEquipmentAlarms {
      sum.alarms = Self.alarms(of: evidence, in: account.instants(of: service))
    }
    open.equipment[equipment.key.equipment, default: TimeFigures()] += sum
  }

  /// Notes registered meters and counters that this equipment shows to deliver: energy and pieces of the service days.
  private mutating func noteDelivery(
    of equipment: RegisteredEquipment, _ sum: TimeFigures, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?
  ) {
    guard let evidence else { return }
    if sum.energy > 0, open.output.meters.contains(equipment.meter) {
      open.delivered.meters.insert(equipment.meter)
    }
    let id = equipment.key.equipment
    if equipment.isProduction, open.output.counters.contains(id),
      sum.good > 0 || evidence.days[evidence.places(of: service)].contains(where: { $0.totals.total > 0 })
    {
      open.delivered.counters.insert(id)
    }
  }

  /// Unknown time of an equipment, beyond the unobserved time of its line.
  private static func lost(
    of evidence: PeriodEvidence?, _ horizons: Horizons, _ line: PeriodPlace
  ) -> LostTime? {
    guard let evidence, !evidence.gaps.isEmpty else { return nil }
    return LostTime(evidence.gaps.map { $0.unvouched(horizon: horizons.at($0.last)) }, beside: line)
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

  private mutating func begin(_ factory: String) throws {
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
  private func readsSharedMeter(_ equipment: RegisteredEquipment, segment: Int) -> Bool {
    guard !open.sharedMeters[segment].isEmpty else { return false }
    return open.sharedMeters[segment].contains(equipment.meter)
  }

  private mutating func close() throws {
    var closed = try open.close(factory)
    closed.details = details?.close(open.shares)
    if !factory.isEmpty { figures.factories[factory] = closed }
  }
}

extension TimeFigures {
  /// Corrects resets of a meter that is declared to roll over at `modulus`: counts them no longer as resets, and adds
  /// the energy up to the rollover on days whose energy counts.
  mutating func rollOver(
    _ evidence: PeriodEvidence, modulus: Int64, _ account: TimeAccount, _ service: ClosedRange<CalendarDay>
  ) {
    for reset in evidence.meterResets where reset.isRollover(at: modulus) {
      let day = account.period.calendar.day(at: reset.at)
      guard service.contains(day) else { continue }
      meterResets -= 1
      guard !evidence.daysLeftOut.contains(day) else { continue }
      let counted = MeterRollover.counted(from: reset.last, to: reset.value, modulus: modulus)
      energy.add(saturating: reset.countsValue ? counted.subtractingSaturated(reset.value) : counted)
    }
  }
}

extension MeterReset {
  /// Whether it is a rollover of an energy meter that is declared to restart from 0 at `modulus`.
  func isRollover(at modulus: Int64) -> Bool {
    meter == .energy && MeterRollover.isRollover(from: last, to: value, modulus: modulus)
  }
}
