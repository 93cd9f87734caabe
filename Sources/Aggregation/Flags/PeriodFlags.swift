import Register
import Storage
import Telemetry

/// One piece of production equipment over a period, under all register rows that held, and its flags for figures that
/// may be better than reality.
struct EquipmentPeriod {
  /// As in its newest row.
  private(set) var equipment: RegisteredEquipment
  /// The first instant of its service in the period.
  private let begins: Timestamp
  private var figures = TimeFigures()
  private var energy: Int64 = 0
  private var hasEnergy = false
  /// Milliseconds of its service under planned shutdowns.
  private var shutdown: Int64 = 0
  private let evidence: PeriodEvidence?

  init(_ equipment: RegisteredEquipment, from begins: Timestamp, _ evidence: PeriodEvidence?) {
    self.equipment = equipment
    self.begins = begins
    self.evidence = evidence
  }

  /// Adds the figures of the time during which one row held.
  mutating func add(
    _ equipment: RegisteredEquipment, _ figures: TimeFigures, energy: Int64?, shutdown: Int64
  ) {
    self.equipment = equipment
    self.figures += figures
    self.energy.add(saturating: energy ?? 0)
    hasEnergy = hasEnergy || energy != nil
    self.shutdown.add(saturating: shutdown)
  }

  /// Counts of the period, by which copied counters are found; nil unless it counted both energy and pieces, since
  /// other counts may agree by chance.
  var counters: Counters? {
    guard energy > 0, figures.good > 0 || figures.countedTotal > 0 else { return nil }
    return Counters(energy: energy, good: figures.good, total: figures.countedTotal)
  }
  struct Counters: Hashable {
    var energy: Int64
    var good: Int64
    var total: Int64
  }

  /// Flags that depend on this equipment only.
  func flags(_ place: PeriodPlace, _ period: Period) throws -> [AuditFlag] {
    [
      heardFirst(place), try interval(period.calendar), backFilled(place, period), darkInShutdown, mode,
      manual, noPause(period),
      constant, counts,
    ].compactMap { $0 }
  }

  // MARK: -

  private func heardFirst(_ place: PeriodPlace) -> AuditFlag? {
    let first = min(
      evidence?.firstReading ?? .distantFuture, evidence?.sessions.first?.lowerBound ?? .distantFuture)
    guard first > begins, first < .distantFuture else { return nil }
    let blind = place.unobserved.milliseconds(from: begins, until: first)
    let dark = (first - begins).milliseconds - blind
    guard dark >= Span.days(1).milliseconds else { return nil }
    return AuditFlag(
      .heardFirst, of: equipment, ["first": .instant(first), "dark_ms": .span(.milliseconds(dark))])
  }

  private func interval(_ calendar: LocalCalendar) throws -> AuditFlag? {
    guard let declared = equipment.reportInterval, declared > .zero, figures.readings >= 10,
      figures.vouchedByReadings > 0
    else { return nil }
    // A reading vouches up to a horizon that is three times the declared interval or more: the average cannot be above
    // it, so the usual time between readings decides wherever the average is not near the declared interval.
    let average = figures.vouchedByReadings / Int64(figures.readings)
    guard declared.milliseconds / 2 >= average || average / 2 >= declared.milliseconds else { return nil }
    let measured = try evidence?.usualInterval(calendar)?.milliseconds ?? average
    guard measured > 0, declared.milliseconds / 3 >= measured || measured / 3 >= declared.milliseconds else {
      return nil
    }
    return AuditFlag(
      .intervalMismatch, of: equipment,
      ["declared_ms": .span(declared), "measured_ms": .span(.milliseconds(measured))])
  }

  private func backFilled(_ place: PeriodPlace, _ period: Period) -> AuditFlag? {
    guard let days = evidence?.days else { return nil }
    let late = days.reduce(0) { $0 + Int($1.totals.late) }
    let readings = days.reduce(0) { $0 + Int($1.totals.readings) }
    let length = (period.until - begins).milliseconds
    guard length > 0, late > 0 else { return nil }
    // Excuse late readings that we caused by not listening: their number is estimated from the readings per unit of
    // time.
    let blind = place.unobserved.milliseconds(from: begins, until: period.until)
    let excused = (Double(readings) * Double(blind) / Double(length)).rounded(.up)
    guard (Double(late) - excused) * 20 > Double(readings) else { return nil }
    return AuditFlag(.backFilled, of: equipment, ["late": .number(late), "readings": .number(readings)])
  }

  private var darkInShutdown: AuditFlag? {
    guard shutdown > 0, figures.roundTheClock.on == 0 else { return nil }
    return AuditFlag(.darkInShutdown, of: equipment, ["shutdown_ms": .span(.milliseconds(shutdown))])
  }

  private var isClaimedAutomatic: Bool { equipment.automation == .automatic || equipment.intelligent }

  private var mode: AuditFlag? {
    guard isClaimedAutomatic, figures.running > 0,
      figures.automaticRunning == 0, figures.manualRunning == 0
    else { return nil }
    return AuditFlag(.modeNeverStated, of: equipment, ["running_ms": .span(.milliseconds(figures.running))])
  }

  private var manual: AuditFlag? {
    // Running without a stated mode is running all the same.
    guard isClaimedAutomatic, figures.manualRunning > figures.running - figures.manualRunning else {
      return nil
    }
    return AuditFlag(
      .manualOperation, of: equipment,
      [
        "manual_ms": .span(.milliseconds(figures.manualRunning)),
        "running_ms": .span(.milliseconds(figures.running)),
      ])
  }

  /// Flag for seven or more days in succession that it was running throughout.
  private func noPause(_ period: Period) -> AuditFlag? {
    var longest = 0
    var run = 0
    var next: CalendarDay?
    for day in evidence?.days ?? [] {
      let length = (period.calendar.start(of: day.day + 1) - period.calendar.start(of: day.day)).milliseconds
      guard Int64(day.totals.states[.running]) >= length else {
        run = 0
        continue
      }
      run = next == day.day ? run + 1 : 1
      next = day.day + 1
      longest = max(longest, run)
    }
    guard longest >= 7 else { return nil }
    return AuditFlag(.noPause, of: equipment, ["days": .number(longest)])
  }

  /// Flag for seven or more counting days in succession with exactly the same counts; days without counts are
  /// skipped.
  private var constant: AuditFlag? {
    var longest = 0
    var run = 0
    var last: Counters?
    let leftOut = evidence?.daysLeftOut ?? []
    for day in evidence?.days ?? [] where !leftOut.contains(day.day) {
      let counts = Counters(energy: day.totals.energy, good: day.totals.good, total: day.totals.total)
      guard counts.energy > 0 || counts.good > 0 || counts.total > 0 else { continue }
      run = counts == last ? run + 1 : 1
      last = counts
      longest = max(longest, run)
    }
    guard longest >= 7 else { return nil }
    return AuditFlag(.constantDeltas, of: equipment, ["days": .number(longest)])
  }

  private var counts: AuditFlag? {
    guard let evidence, figures.running >= Span.hours(1).milliseconds else { return nil }
    let pieces = max(figures.good, figures.countedTotal)
    if hasEnergy, energy > 0, evidence.hasGood || evidence.hasTotal, pieces == 0 {
      return AuditFlag(
        .energyWithoutPieces, of: equipment, ["energy_kwh": .text(Thousandths.text(energy))])
    }
    // Time that was left out is no standstill.
    if hasEnergy, energy == 0, pieces > 0, evidence.daysLeftOut.isEmpty {
      return AuditFlag(
        .piecesWithoutEnergy, of: equipment, ["pieces": .text(Thousandths.text(pieces))])
    }
    return nil
  }
}

/// The flags of one factory's period: of each equipment, and of several together.
struct FactoryFlags {
  private(set) var flags: [AuditFlag] = []
  /// Number of flags by kind; counted even if the flags themselves are not kept.
  private(set) var counts: [AuditFlag.Kind: Int] = [:]
  private let keepsFlags: Bool
  /// Id of the first equipment with each set of counts.
  private var counters: [EquipmentPeriod.Counters: String] = [:]
  /// Meter id of each piece of production equipment (the meter it names, else its own), and meters that sent energy.
  private var meters: [String] = []
  private var metered: Set<String> = []

  init(keepsFlags: Bool) { self.keepsFlags = keepsFlags }

  mutating func add(_ flag: AuditFlag) {
    counts[flag.kind, default: 0] += 1
    if keepsFlags { flags.append(flag) }
  }

  /// Notes that equipment, production or not, sent energy of a meter.
  mutating func noteMeter(_ meter: String) { metered.insert(meter) }

  /// Adds a piece of equipment whose whole period has been read.
  mutating func add(_ one: EquipmentPeriod, _ place: PeriodPlace, _ period: Period) throws {
    for flag in try one.flags(place, period) { add(flag) }
    let id = one.equipment.key.equipment
    meters.append(one.equipment.meter)
    guard let found = one.counters else { return }
    if let other = counters[found] {
      add(
        AuditFlag(
          .sameCounters, of: one.equipment,
          [
            "with": .text("\(one.equipment.key.factory)/\(other)"),
            "energy_kwh": .text(Thousandths.text(found.energy)),
          ]))
    } else {
      counters[found] = id
    }
  }

  /// Adds the flags that concern the factory as a whole.
  mutating func close(_ factory: String) {
    let found = meters.count { metered.contains($0) }
    guard found > 0, found * 2 < meters.count else { return }
    add(
      AuditFlag(
        .fewMeters, of: factory, .init(),
        ["metered": .number(found), "machines": .number(meters.count)]))
  }
}
