/// What a group of equipment adds up to, and the figures drawn from it.
struct Sums {
  /// On, off and unobserved: shutdowns left out, and round the clock; by readings alone; of what was never heard.
  var open = (on: 0, off: 0, unobserved: 0)
  var all = (on: 0, off: 0, unobserved: 0)
  var reading = (on: 0, off: 0, unobserved: 0)
  var never = (off: 0, unobserved: 0)
  /// Neither observed nor vouched for by a reading.
  var stateUnobserved = 0
  var shutdown = 0
  var inService = 0
  var running = 0
  var hasCalendar = false
  var planned = 0
  var plannedUnobserved = 0
  var plannedRunning = 0
  var plannedBusy = 0
  /// Without shutdowns, and with them.
  var upload = [(expected: 0, received: 0), (expected: 0, received: 0)]
  var machines = 0
  var machinesHeard = 0
  var machinesHeardHalf = 0
  var machinesUndeclared = 0
  var energy: Int?
  /// Pieces, in thousandths.
  var good = 0
  var countedGood = 0
  var countedTotal = 0
  var readings = 0
  var missing = 0
  var ties = 0
  var resets = 0
  var glitches = 0
  var goodAboveTotal = 0
  var alarms: [String: Int] = [:]

  mutating func add(_ length: Int, reading: Bool, session: Bool, observed: Bool, down: Bool) {
    func add(_ on: Bool, to split: inout (on: Int, off: Int, unobserved: Int)) {
      if on {
        split.on += length
      } else if observed {
        split.off += length
      } else {
        split.unobserved += length
      }
    }
    add(reading || session, to: &all)
    if !reading, !observed { stateUnobserved += length }
    guard !down else { return }
    add(reading || session, to: &open)
    add(reading, to: &self.reading)
  }

  mutating func addNeverHeard(_ length: Int, observed: Bool) {
    if observed { never.off += length } else { never.unobserved += length }
  }

  mutating func addEnergy(_ amount: Int) { energy = (energy ?? 0) + amount }

  mutating func add(_ other: Sums) {
    open = (open.on + other.open.on, open.off + other.open.off, open.unobserved + other.open.unobserved)
    all = (all.on + other.all.on, all.off + other.all.off, all.unobserved + other.all.unobserved)
    reading = (
      reading.on + other.reading.on, reading.off + other.reading.off,
      reading.unobserved + other.reading.unobserved
    )
    never = (never.off + other.never.off, never.unobserved + other.never.unobserved)
    stateUnobserved += other.stateUnobserved
    shutdown += other.shutdown
    inService += other.inService
    running += other.running
    hasCalendar = hasCalendar || other.hasCalendar
    planned += other.planned
    plannedUnobserved += other.plannedUnobserved
    plannedRunning += other.plannedRunning
    plannedBusy += other.plannedBusy
    for index in upload.indices {
      upload[index].expected += other.upload[index].expected
      upload[index].received += other.upload[index].received
    }
    machines += other.machines
    machinesHeard += other.machinesHeard
    machinesHeardHalf += other.machinesHeardHalf
    machinesUndeclared += other.machinesUndeclared
    good += other.good
    countedGood += other.countedGood
    countedTotal += other.countedTotal
    readings += other.readings
    missing += other.missing
    ties += other.ties
    resets += other.resets
    glitches += other.glitches
    goodAboveTotal += other.goodAboveTotal
    alarms.merge(other.alarms, uniquingKeysWith: +)
  }

  /// Every figure as text: `numerator/denominator`, with the bounds behind it where there are any.
  func write(to figures: inout [String: String], at path: String) {
    func bounded(_ on: Int, _ off: Int, _ unobserved: Int) -> String {
      let sum = on + off + unobserved
      return "\(on)/\(on + off) \(on)/\(sum) \(on + unobserved)/\(sum)"
    }
    figures["\(path)/time_weighted_connectivity"] = bounded(open.on, open.off, open.unobserved)
    figures["\(path)/time_weighted_connectivity_24x7"] = bounded(all.on, all.off, all.unobserved)
    figures["\(path)/time_weighted_reporting"] = bounded(reading.on, reading.off, reading.unobserved)
    figures["\(path)/networked_time_ratio"] = bounded(
      open.on, open.off + never.off, open.unobserved + never.unobserved)
    figures["\(path)/shutdown"] = "\(shutdown)"
    figures["\(path)/machines"] =
      machines == 0 ? "0" : "\(machinesHeard) \(machinesHeardHalf) \(machinesUndeclared) of \(machines)"
    figures["\(path)/calendar_running_ratio"] =
      "\(running)/\(inService - stateUnobserved) \(running)/\(inService) \(running + stateUnobserved)/\(inService)"
    figures["\(path)/availability"] =
      hasCalendar
      ? bounded(plannedRunning, planned - plannedRunning, plannedUnobserved) : "0/0"
    figures["\(path)/utilization_efficiency"] = hasCalendar ? "\(plannedRunning)/\(plannedBusy)" : "0/0"
    figures["\(path)/upload_ratio"] = "\(upload[0].received)/\(upload[0].expected)"
    figures["\(path)/upload_ratio_24x7"] = "\(upload[1].received)/\(upload[1].expected)"
    figures["\(path)/quality_ratio"] = "\(countedGood)/\(countedTotal)"
    figures["\(path)/energy"] = energy.map(String.init) ?? "none"
    figures["\(path)/good"] = "\(good)"
    figures["\(path)/readings"] = "\(readings)"
    figures["\(path)/missing"] = "\(missing)"
    figures["\(path)/equal_times"] = "\(ties)"
    figures["\(path)/meter_resets"] = "\(resets)"
    figures["\(path)/meter_glitches"] = "\(glitches)"
    figures["\(path)/good_above_total"] = "\(goodAboveTotal)"
    figures["\(path)/alarms"] = alarms.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }
}
