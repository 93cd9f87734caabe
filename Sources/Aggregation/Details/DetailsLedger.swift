import Register
import Storage
import Telemetry

/// Gathers the details of the factory at hand while its equipment is added up.
struct DetailsLedger {
  private let scope: DetailsScope
  private let period: Period
  private let steps: PeriodSteps
  /// Planned time without calendar and shutdowns: details are round the clock.
  private let clock: PeriodPlace
  private var places: [ProductionCalendar.Place: [StepFigures]] = [:]
  private var gateways: [String: GatewayWatch] = [:]
  /// Sessions of equipment that is not production equipment, such as gateways, by id.
  private var sessions: [String: [Range<Timestamp>]] = [:]
  /// Equipment of the scope on any day.
  private var members: Set<String> = []
  /// Sums added for the present equipment.
  private var candidate: Candidate?
  private struct Candidate {
    var equipment: RegisteredEquipment
    var connectivity = TimeFigures.Connectivity()
    /// Time in which its states count, and the horizon after a reading.
    var watched: [(range: Range<Timestamp>, horizons: Horizons)] = []
    /// Its open sessions.
    var sessions: [Range<Timestamp>] = []
    /// Number of times it raised each alarm, by the number of its code.
    var alarms: [Int: Int] = [:]
  }
  /// Machines that raised each alarm, by the number of its code.
  private var alarms: [Int: AlarmMachines] = [:]
  /// Codes behind the alarms' numbers.
  private var codes: AlarmBook?
  /// The worst so far, the worst first.
  private var worst: [EquipmentStates] = []
  /// Machines that were offline in the shown time so far; nil unless they are wanted.
  private var offline: OfflineMachines?
  /// Of one machine: its sessions, and the sums of its messages step by step.
  private var ownSessions: [Range<Timestamp>] = []
  private var counters: [StepCounters] = []

  /// Length of the end of a period of which single states are kept.
  private static let statesShown = Span.days(7)
  /// The end of the period, of which states are kept.
  private let shown: Range<Timestamp>
  /// Number of the worst that are kept.
  private static let worstShown = 8

  /// - Parameter keepsOffline: whether machines that were offline are wanted. For that the states of every machine
  ///   with time off are read.
  init(of scope: DetailsScope, period: Period, clock: PeriodPlace, keepsOffline: Bool = false) {
    offline = keepsOffline ? OfflineMachines() : nil
    self.scope = scope
    self.period = period
    self.clock = clock
    steps = PeriodSteps(period)
    shown = (scope.isOfOne ? period.from : max(period.from, period.until - Self.statesShown))..<period.until
  }

  /// Adds a piece of equipment for the days on which a row of the register holds; returns its time, summed step by
  /// step, and its energy for each step.
  ///
  /// - Parameter countsEnergy: whether its energy counts here; else its meter is shared.
  mutating func add(
    _ equipment: RegisteredEquipment, segment: Int, _ service: ClosedRange<CalendarDay>,
    _ evidence: PeriodEvidence?, _ account: TimeAccount, _ stretches: StretchLookup, countsEnergy: Bool
  ) throws -> (time: TimeFigures, energy: [Int64]) {
    let place = ProductionCalendar.Place(workshop: equipment.workshop, line: equipment.line)
    let isWatched = steps.isDaily && equipment.isProduction && !equipment.gateway.isEmpty
    // Read once for all steps, where they are needed anyway.
    let found =
      isWatched && evidence?.isHeard == true ? try stretches(period.from..<period.until) : nil
    var energies = steps.days.map { _ in Int64(0) }
    var sums = places[place] ?? steps.days.map { _ in StepFigures() }
    var whole = TimeFigures()
    for (index, days) in steps.days.enumerated() where days.overlaps(service) {
      let part = days.clamped(to: service)
      var counts = evidence.map { account.counts(of: $0, service: part) } ?? TimeFigures()
      if let evidence, let modulus = equipment.energyRollover {
        counts.rollOver(evidence, modulus: modulus, account, part)
      }
      energies[index] = counts.energy
      if scope.isOfOne, scope.covers(equipment), let evidence { count(evidence, on: part, in: index) }
      guard equipment.isProduction else { continue }
      if countsEnergy { sums[index].energy.add(saturating: counts.energy) }
      let time = try account.time(of: evidence, service: part) { try found ?? stretches($0) }
      sums[index].connectivity += time.roundTheClock
      whole += time
    }
    if scope.covers(equipment) { members.insert(equipment.key.equipment) }
    guard equipment.isProduction else {
      if steps.isDaily, let own = evidence?.sessions, !own.isEmpty {
        sessions[equipment.key.equipment] = own
      }
      return (whole, energies)
    }
    if !scope.isOfOne || scope.covers(equipment) { places[place] = sums }
    guard evidence?.isHeard == true else { return (whole, energies) }
    let watched = account.instants(of: service)
    var next = candidate ?? Candidate(equipment: equipment)
    next.equipment = equipment
    next.connectivity += whole.roundTheClock
    next.watched.append((watched.clamped(to: shown), account.horizons))
    next.sessions = evidence?.sessions ?? []
    if let evidence, !evidence.alarms.isEmpty, scope.covers(equipment) {
      codes = evidence.codes
      for alarm in evidence.alarms where watched.contains(alarm.at) {
        next.alarms[alarm.code, default: 0] += 1
      }
    }
    candidate = next
    if isWatched, let found {
      gateways[equipment.gateway, default: GatewayWatch()].add(
        equipment.key.equipment, found.vouched(horizons: account.horizons, in: watched), in: watched)
    }
    return (whole, energies)
  }

  /// To be called when an equipment was added for every row of the register: its states are read if it is one
  /// of the worst so far.
  mutating func settle(_ stretches: StretchLookup) throws {
    guard let candidate else { return }
    self.candidate = nil
    for (code, raised) in candidate.alarms {
      alarms[code, default: AlarmMachines()].add(raised, by: candidate.equipment.key.equipment)
    }
    guard scope.covers(candidate.equipment) else { return }
    guard candidate.connectivity.off > 0 || scope.isOfOne else { return }
    let connected = candidate.connectivity.connected
    // Equipment comes ascending by id: of those alike the first is kept.
    let place = worst.firstIndex { $0.connectivity.connected.isLarger(than: connected) } ?? worst.endIndex
    let isShown = place < Self.worstShown
    guard isShown || offline != nil else { return }
    var states = EquipmentStates(
      equipment: candidate.equipment.key.equipment, workshop: candidate.equipment.workshop,
      line: candidate.equipment.line, connectivity: candidate.connectivity, parts: [])
    let found = try stretches(shown)
    for (range, horizons) in candidate.watched {
      states.add(found, horizons: horizons, in: range, unobserved: clock.unobserved)
    }
    if let time = OfflineTime(states, sessions: candidate.sessions) {
      offline?.add(time)
    }
    if scope.isOfOne { ownSessions = candidate.sessions }
    guard isShown else { return }
    worst.insert(states, at: place)
    if worst.count > Self.worstShown { worst.removeLast() }
  }

  /// Adds the sums of some days of one machine to those of a step.
  private mutating func count(_ evidence: PeriodEvidence, on days: ClosedRange<CalendarDay>, in step: Int) {
    if counters.isEmpty { counters = steps.days.map { _ in StepCounters() } }
    for place in evidence.places(of: days) { counters[step].add(evidence.days[place].totals) }
  }

  /// Returns the factory's details and clears them. `shares` are the energy of shared meters.
  mutating func close(_ shares: [MeterLedger.Share]) -> PeriodDetails {
    var details = PeriodDetails(of: scope, steps: steps, window: shown)
    for share in shares where !scope.isOfOne {
      guard share.energy != nil else { continue }
      var sums = places[share.place] ?? steps.days.map { _ in StepFigures() }
      for index in share.steps.indices { sums[index].energy.add(saturating: share.steps[index]) }
      places[share.place] = sums
    }
    details.places = places.filter { scope.covers($0.key.workshop) }
    if steps.isDaily {
      details.incidents = gateways.sorted { $0.key < $1.key }
        .flatMap {
          $1.incidents(
            of: $0, sessions: sessions[$0] ?? [], unobserved: clock.unobserved, until: period.until)
        }
        .filter { !members.isDisjoint(with: $0.equipment) }
        .sorted { $0.from != $1.from ? $0.from < $1.from : $0.gateway < $1.gateway }
    }
    details.worst = worst
    details.offline = offline
    details.sessions = ownSessions
    details.counters = counters
    if let codes {
      details.alarms = Dictionary(uniqueKeysWithValues: alarms.map { (codes.codes[$0.key], $0.value) })
    }
    alarms.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    gateways.removeAll(keepingCapacity: true)
    sessions.removeAll(keepingCapacity: true)
    members.removeAll(keepingCapacity: true)
    worst.removeAll(keepingCapacity: true)
    if offline != nil { offline = OfflineMachines() }
    (ownSessions, counters) = ([], [])
    return details
  }
}

extension [StateInterval] {
  /// Time for which they vouch for their equipment within a range: ascending, with touching ranges joined.
  fileprivate func vouched(horizons: Horizons, in range: Range<Timestamp>) -> [Range<Timestamp>] {
    var ranges: [Range<Timestamp>] = []
    forEachVouched(horizons: horizons, in: range) { _, vouched in
      if let last = ranges.last, last.upperBound == vouched.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<vouched.upperBound
      } else {
        ranges.append(vouched)
      }
    }
    return ranges
  }
}

extension EquipmentStates {
  /// Adds what stretches say of a range.
  fileprivate mutating func add(
    _ stretches: [StateInterval], horizons: Horizons, in range: Range<Timestamp>, unobserved: TimeRanges
  ) {
    var reached = range.lowerBound
    stretches.forEachVouched(horizons: horizons, in: range) { index, vouched in
      addDark(reached..<vouched.lowerBound, unobserved)
      add(.init(from: vouched.lowerBound, until: vouched.upperBound, kind: .state(stretches[index].state)))
      reached = vouched.upperBound
    }
    addDark(reached..<max(reached, range.upperBound), unobserved)
  }

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
