import Register
import Storage
import Telemetry

/// Gathers the details of the factory at hand while its equipment is added up.
struct DetailsLedger {
  private let period: Period
  private let steps: PeriodSteps
  /// What holds where no calendar and no shutdown does: details are round the clock.
  private let clock: PeriodPlace
  /// The stretch of time whose single states are looked at.
  private let window: Range<Timestamp>
  /// By equipment and segment of the register: thousandths of a kWh, one number for each step.
  private var energy: [Meter: [Int64]] = [:]
  private struct Meter: Hashable {
    var equipment: String
    var segment: Int
  }
  private var places: [ProductionCalendar.Place: [StepFigures]] = [:]
  private var gateways: [String: GatewayWatch] = [:]
  private var states: [String: EquipmentStates] = [:]

  /// How much of the end of a period single states are kept of.
  private static let statesShown = Span.days(7)
  /// How many of the worst are kept.
  private static let worstShown = 8

  init(period: Period, clock: PeriodPlace) {
    self.period = period
    self.clock = clock
    steps = PeriodSteps(period)
    // Gateways are watched throughout a period that is looked at day by day, else in its last days.
    let first = steps.isDaily ? period.firstDay : max(period.firstDay, period.lastDay - 6)
    window = period.calendar.start(of: first)..<max(period.calendar.start(of: first), period.until)
  }

  /// Adds an equipment for the days on which a row of the register holds; returns its time, which is added up
  /// step by step.
  mutating func add(
    _ equipment: RegisteredEquipment, segment: Int, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?, _ account: TimeAccount, _ stretches: StretchLookup
  ) throws -> TimeFigures {
    let place = ProductionCalendar.Place(workshop: equipment.workshop, line: equipment.line)
    // Read once for all steps.
    let found =
      equipment.isProduction && evidence?.firstReading != nil ? try stretches(window) : []
    let lookup: StretchLookup = { range in
      range.lowerBound >= window.lowerBound ? found : try stretches(range)
    }
    var energies = steps.days.map { _ in Int64(0) }
    var sums = places[place] ?? steps.days.map { _ in StepFigures() }
    var whole = TimeFigures()
    for (index, days) in steps.days.enumerated() where days.overlaps(service) {
      let part = days.clamped(to: service)
      var counts = evidence.map { account.counts(of: $0, service: part) } ?? TimeFigures()
      if let evidence, let modulus = equipment.energyRollover {
        counts.rollOver(evidence.meterResets, modulus: modulus, account, part)
      }
      energies[index] = counts.energy
      guard equipment.isProduction, let evidence else { continue }
      let time = try account.time(of: evidence, service: part, stretches: lookup)
      sums[index].connectivity += time.roundTheClock
      whole += time
    }
    energy[Meter(equipment: equipment.key.equipment, segment: segment)] = energies
    guard equipment.isProduction else { return whole }
    places[place] = sums
    guard let first = evidence?.firstReading else { return whole }
    let span = account.instants(of: service)
    let watched =
      max(
        span.lowerBound, first, window.lowerBound)..<max(
        span.lowerBound, first, window.lowerBound, min(span.upperBound, window.upperBound))
    keepStates(of: equipment, found, account.horizon, in: watched, whole.roundTheClock)
    if !equipment.gateway.isEmpty {
      gateways[equipment.gateway, default: GatewayWatch()].add(
        equipment.key.equipment, vouched(found, account.horizon, in: watched), in: watched)
    }
    return whole
  }

  /// The factory's details; forgets them. `shares` say whose energy counts where.
  mutating func close(_ shares: [MeterLedger.Share]) -> PeriodDetails {
    var details = PeriodDetails(steps: steps, window: shown)
    for share in shares {
      let counted = energy[Meter(equipment: share.equipment, segment: share.segment)] ?? []
      var sums = places[share.place] ?? steps.days.map { _ in StepFigures() }
      for index in counted.indices { sums[index].energy += counted[index] }
      places[share.place] = sums
    }
    details.places = places
    details.incidents = gateways.sorted { $0.key < $1.key }
      .flatMap { $1.incidents(of: $0, unobserved: clock.unobserved, until: window.upperBound) }
      .sorted { $0.from != $1.from ? $0.from < $1.from : $0.gateway < $1.gateway }
    let worst = states.values.sorted { a, b in
      let (x, y) = (
        Count(Int(a.connectivity.on), of: a.counted), Count(Int(b.connectivity.on), of: b.counted)
      )
      return x != y && (x.isLarger(than: y) || y.isLarger(than: x))
        ? y.isLarger(than: x) : a.equipment < b.equipment
    }
    details.worst = worst.filter { $0.counted > 0 && $0.connectivity.off > 0 }.prefix(Self.worstShown).map {
      $0
    }
    energy.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    gateways.removeAll(keepingCapacity: true)
    states.removeAll(keepingCapacity: true)
    return details
  }

  // MARK: -

  /// Of which single states are shown.
  private var shown: Range<Timestamp> {
    max(window.lowerBound, window.upperBound - Self.statesShown)..<window.upperBound
  }

  /// When stretches vouch for an equipment within a range: ascending, those that touch made one.
  private func vouched(
    _ stretches: [StateInterval], _ horizon: Span, in range: Range<Timestamp>
  ) -> [Range<Timestamp>] {
    var ranges: [Range<Timestamp>] = []
    for index in stretches.indices {
      let vouched = vouched(stretches, index, horizon, in: range)
      guard !vouched.isEmpty else { continue }
      if let last = ranges.last, last.upperBound == vouched.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<vouched.upperBound
      } else {
        ranges.append(vouched)
      }
    }
    return ranges
  }

  private func vouched(
    _ stretches: [StateInterval], _ index: Int, _ horizon: Span, in range: Range<Timestamp>
  ) -> Range<Timestamp> {
    let next = index + 1 < stretches.count ? stretches[index + 1].from : .distantFuture
    let until = min(
      stretches[index].last + horizon, stretches[index].cut ?? .distantFuture, next, range.upperBound)
    let from = max(stretches[index].from, range.lowerBound)
    return from..<max(from, until)
  }

  private mutating func keepStates(
    of equipment: RegisteredEquipment, _ stretches: [StateInterval], _ horizon: Span,
    in watched: Range<Timestamp>, _ connectivity: TimeFigures.Connectivity
  ) {
    let range = watched.clamped(to: shown)
    var kept =
      states[equipment.key.equipment]
      ?? EquipmentStates(
        equipment: equipment.key.equipment, workshop: equipment.workshop, line: equipment.line,
        connectivity: .init(), parts: [])
    kept.connectivity += connectivity
    (kept.workshop, kept.line) = (equipment.workshop, equipment.line)
    var reached = range.lowerBound
    for index in stretches.indices {
      let vouched = vouched(stretches, index, horizon, in: range)
      guard !vouched.isEmpty else { continue }
      kept.addDark(reached..<vouched.lowerBound, clock.unobserved)
      kept.add(
        .init(from: vouched.lowerBound, until: vouched.upperBound, kind: .state(stretches[index].state)))
      reached = vouched.upperBound
    }
    kept.addDark(reached..<max(reached, range.upperBound), clock.unobserved)
    states[equipment.key.equipment] = kept
  }
}

extension EquipmentStates {
  /// On and off.
  fileprivate var counted: Int { Int(connectivity.on + connectivity.off) }

  fileprivate mutating func add(_ part: Part) {
    guard part.from < part.until else { return }
    if let last = parts.last, last.kind == part.kind, last.until == part.from {
      parts[parts.count - 1].until = part.until
    } else {
      parts.append(part)
    }
  }

  /// Adds time that nothing vouches for: unobserved, or else off.
  fileprivate mutating func addDark(_ range: Range<Timestamp>, _ unobserved: TimeRanges) {
    var reached = range.lowerBound
    for blind in unobserved.ranges.lazy.map({ $0.clamped(to: range) }) where !blind.isEmpty {
      add(Part(from: reached, until: blind.lowerBound, kind: .off))
      add(Part(from: blind.lowerBound, until: blind.upperBound, kind: .unobserved))
      reached = blind.upperBound
    }
    add(Part(from: reached, until: range.upperBound, kind: .off))
  }
}
