import Aggregation
import Register
import Storage
import Telemetry

/// A factory's days as ``PeriodLedger`` adds them up, planned round the clock or not at all.
struct LedgerDays {
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  static let first = CalendarDay(number: 20_780)

  /// What a machine did on a day: milliseconds running (it was idle for the rest), thousandths of good and of all pieces,
  /// and of a kWh.
  struct Day {
    var running: Int32
    var good: Int64
    var total: Int64
    var energy: Int64 = 0
  }

  /// What one machine did, and what its rows declare.
  struct Machine {
    var id: String
    var line = "L1"
    var cycle: Span?
    var countsOutput: Bool?
    /// The energy meter that it names; and what it measures itself, if it is a meter.
    var meter = ""
    var meterKind: MeterKind?
    /// From the first day on; it is in service for so many days. nil: nothing came on that day.
    var days: [Day?] = []
    var countsPieces = true
    var isHeard = true
    var sendsEnergy = false
  }

  var machines: [Machine]
  var hasCalendar = true
  /// Number of days from the first on that are planned; nil for all.
  var plannedDays: Int?
  /// Places of days on which nobody listened.
  var unobserved: Set<Int> = []
  /// The place of a day from which the same rows hold by another import.
  var secondImport: Int?

  private var count: Int { machines.map(\.days.count).max() ?? 1 }
  private var period: Period {
    Period(
      from: Self.first, to: Self.first + (count - 1), calendar: Self.calendar,
      now: Self.calendar.start(of: Self.first + 99))
  }

  /// The factory's sums.
  func sums() throws -> PeriodFigures.Factory {
    let period = period
    var history = RegisterHistory()
    for day in [Self.first - 300] + [secondImport].compactMap({ $0.map { Self.first + $0 } }) {
      history.append(RegisterRows(equipment: rows), effectiveOn: day, importedAt: .init(milliseconds: 0))
    }
    let stretches = (0..<count).filter { !unobserved.contains($0) }.map { place in
      let day = Self.first + place
      return (from: Self.calendar.start(of: day), until: Self.calendar.start(of: day + 1))
    }
    let shift = CalendarEntry(
      factory: "F1", place: .init(),
      kind: .shift(
        days: Self.first - 9...Self.first + (plannedDays.map { $0 - 1 } ?? 99), weekdays: Set(1...7),
        start: 0, end: 1440))
    let calendar = ProductionCalendar([shift], enteredAt: .init(milliseconds: 0), known: [])
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: stretches),
      register: RegisterPeriod(
        days: period.days, effectiveDays: secondImport.map { [Self.first + $0] } ?? []
      ) { history.snapshot(day: $0) },
      calendars: ProductionCalendars(version: 1, factories: hasCalendar ? ["F1": calendar] : [:]),
      rules: PresenceRules(), keepsEquipment: true)
    for machine in machines where machine.isHeard { try ledger.add(evidence(of: machine)) { _ in [] } }
    return try ledger.finish().factories["F1"] ?? PeriodFigures.Factory()
  }

  /// The figures of the factory's sums.
  func figures() throws -> Figures {
    var figures = Figures()
    figures.equipment = machines.count
    figures.time = try sums().total
    return figures
  }

  private var rows: [RegisteredEquipment] {
    machines.map { machine in
      RegisteredEquipment(
        key: EquipmentKey(factory: "F1", equipment: machine.id), workshop: "W1", line: machine.line,
        category: machine.meterKind == nil ? "" : "meter", commissionedOn: Self.first - 9,
        decommissionedOn: machine.days.count < count ? Self.first + machine.days.count : nil,
        energyMeter: machine.meter, idealCycle: machine.cycle, meterKind: machine.meterKind,
        countsOutput: machine.countsOutput)
    }
  }

  private func evidence(of machine: Machine) -> PeriodEvidence {
    let days = machine.days.enumerated().compactMap { place, day in
      day.map { day -> (day: CalendarDay, totals: DayTotals) in
        var totals = DayTotals()
        totals.states[.running] = day.running
        totals.states[.idle] = 86_400_000 - day.running
        (totals.good, totals.total, totals.energy) = (day.good, day.total, day.energy)
        totals.readings = 1440
        for minute in 0..<1440 { totals.minutes.insert(minute) }
        return (Self.first + place, totals)
      }
    }
    return PeriodEvidence(
      key: EquipmentKey(factory: "F1", equipment: machine.id),
      firstReading: Self.calendar.start(of: Self.first - 9), days: days, hasEnergy: machine.sendsEnergy,
      hasGood: machine.countsPieces, hasTotal: machine.countsPieces)
  }
}
