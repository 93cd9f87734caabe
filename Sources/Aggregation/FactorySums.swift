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
    /// How often each alarm was raised, by its code's number.
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
  /// What holds for every line of a factory that has no calendar.
  let unplanned: PeriodPlace
  /// The factory's.
  var calendar: ProductionCalendar?
  var lines: [Line] = []
  private var numbers: [ProductionCalendar.Place: Int] = [:]
  /// The line asked for last: equipment is numbered along its lines.
  private var last = 0
  var meters: MeterLedger
  /// Whose energy counted where, of the factory closed last.
  private(set) var shares: [MeterLedger.Share] = []
  /// What the alarms' numbers stand for.
  var codes: AlarmBook?
  var equipment: [String: TimeFigures] = [:]
  private var conduct: [String: Conduct] = [:]

  init(segments: Int, period: Period, unobserved: TimeRanges) {
    self.period = period
    self.unobserved = unobserved
    unplanned = PeriodPlace(.init(), of: nil, period: period, unobserved: unobserved)
    meters = MeterLedger(segments: segments)
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

  /// Keeps how an equipment behaved, which is the same whatever row of the register holds.
  mutating func keep(_ conduct: @autoclosure () -> Conduct, of equipment: RegisteredEquipment) {
    guard self.conduct[equipment.key.equipment] == nil else { return }
    self.conduct[equipment.key.equipment] = conduct()
  }

  /// Counts by code instead of by its number.
  private func named(_ counts: [Int]) -> [String: Int] {
    guard let codes else { return [:] }
    var named: [String: Int] = [:]
    named.reserveCapacity(counts.count { $0 > 0 })
    for code in counts.indices where counts[code] > 0 { named[codes.codes[code]] = counts[code] }
    return named
  }

  /// The factory's figures; forgets it.
  mutating func close(keepsEquipment: Bool) -> PeriodFigures.Factory {
    shares = meters.settle()
    for share in shares {
      let line = line(share.place)
      lines[line].hasProduction = true
      lines[line].figures.energy += share.energy
      lines[line].figures.hasEnergy = true
      if keepsEquipment {
        equipment[share.equipment, default: TimeFigures()].energy += share.energy
        equipment[share.equipment]?.hasEnergy = true
      }
    }
    var closed = PeriodFigures.Factory()
    closed.equipment = equipment
    closed.conduct = conduct
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
    return closed
  }
}
