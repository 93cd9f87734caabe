import Register
import Storage
import Telemetry

/// Adds up a period: takes what each sender did, in the order of keys, beside the register through the
/// period, which is in the same order. Nothing is kept of an equipment once it has been added.
public struct PeriodLedger {
  let period: Period
  let register: RegisterPeriod
  let calendars: ProductionCalendars
  let rules: PresenceRules
  private let keepsEquipment: Bool
  private let countsEquipmentAlarms: Bool
  /// nil where details are not wanted.
  private var details: DetailsLedger?
  /// For each segment of the register, the next entry; and the same of the register before the period.
  var next: [Int]
  var nextBefore = 0
  var factory = ""
  /// The current production equipment over the register rows so far, and the line of the newest of them.
  private var equipment: EquipmentPeriod?
  private var line: Int?
  var open: FactorySums
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
  ///   - keepsOffline: whether the machines of it that were offline are wanted too.
  public init(
    observation: Observation, register: RegisterPeriod, calendars: ProductionCalendars, rules: PresenceRules,
    keepsEquipment: Bool, countsEquipmentAlarms: Bool = true, details scope: DetailsScope? = nil,
    keepsOffline: Bool = false
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
    details = scope.map {
      DetailsLedger(of: $0, period: period, clock: open.unplanned, keepsOffline: keepsOffline)
    }
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
    if sum.hasEnergy { open.flags.noteMeter(equipment.meter) }
    noteDelivery(of: equipment, sum, service, evidence)
    if isShared { noteShared(&sum, of: equipment, segment: segment, line, service, steps, evidence, runs) }
    // Energy of a shared meter belongs to no single machine.
    let energy = sum.hasEnergy ? sum.energy : nil
    guard equipment.isProduction else { return }
    flagMeterChanges(of: equipment, runs, service)
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
    if keepsEquipment { keep(sum, of: equipment, evidence, in: instants) }
  }

  /// Gives the energy of a shared meter to its `MeterLedger`, with which it counts once.
  private mutating func noteShared(
    _ sum: inout TimeFigures, of equipment: RegisteredEquipment, segment: Int, _ line: Int,
    _ service: ClosedRange<CalendarDay>, _ steps: [Int64], _ evidence: PeriodEvidence?, _ runs: MeterRuns?
  ) {
    let meter = equipment.meter
    open.meters.note(
      .init(
        id: equipment.key.equipment, place: open.lines[line].place, isProduction: equipment.isProduction,
        days: service,
        energy: sum.hasEnergy ? sum.energy : nil, steps: steps,
        trace: runs.map { runs in { _ in runs.trace(of: meter, through: service.upperBound) } }
          ?? evidence?.energyTrace,
        modulus: equipment.energyRollover),
      of: meter, segment: segment)
    sum.energy = 0
    sum.hasEnergy = false
  }

  /// Flags changes of the meter on service days.
  private mutating func flagMeterChanges(
    of equipment: RegisteredEquipment, _ runs: MeterRuns?, _ service: ClosedRange<CalendarDay>
  ) {
    for change in runs?.changes ?? [] where service.contains(change.day) {
      open.flags.add(
        AuditFlag(
          .meterChanged, of: equipment,
          ["on": .day(change.day), "from": .text(change.from), "to": .text(change.to)]))
    }
  }

  /// Keeps the equipment's own figures of service days, with its alarms if these are wanted.
  private mutating func keep(
    _ sum: TimeFigures, of equipment: RegisteredEquipment, _ evidence: PeriodEvidence?,
    in instants: Range<Timestamp>
  ) {
    var sum = sum
    if let evidence, countsEquipmentAlarms { sum.alarms = Self.alarms(of: evidence, in: instants) }
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

  mutating func close() throws {
    var closed = try open.close(factory)
    closed.details = details?.close(open.shares)
    if !factory.isEmpty { figures.factories[factory] = closed }
  }
}
