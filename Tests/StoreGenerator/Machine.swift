import Telemetry
import TestSupport

/// How a machine is made and used: what stays the same through the year.
struct MachineTraits {
  /// When it works.
  enum Hours: Equatable {
    /// Minutes of the working day, from midnight.
    case shift(start: Int, end: Int)
    case roundTheClock
  }
  /// Milliseconds between two messages.
  var interval: Int64 = 60_000
  /// Milliseconds from event time to sending: how slow the way is, and how far the clock is behind.
  var delay: Int64 = 100
  var hours = Hours.roundTheClock
  var worksSaturdays = true
  /// Switched off outside its hours, so that nothing comes; else it goes on reporting.
  var powersDown = false
  var countersReset = false
  /// Whether its connection is bad.
  var flaps = false
  var hasMode = true
  var worksByHand = false
  var hasEnergy = true
  var hasPieces = true
  var watts: Int64 = 5000
  /// Milliseconds for a piece.
  var cycle: Int64 = 60_000
  /// Scrapped pieces in a thousand.
  var scrap: Int64 = 10
  /// A meter: no states to speak of, on for ever.
  var isMeter = false
}

/// A machine as days go by: shifts, states, restarts, meters.
struct Machine {
  let traits: MachineTraits
  private var draw: SeededGenerator
  private let phase: Int64
  private var boot: UInt32
  private var sequence: UInt64 = 0
  private var energy: Int64
  private var pieces: Int64
  private var good: Int64
  private var wasOn = false

  init(_ traits: MachineTraits, draw: SeededGenerator) {
    self.traits = traits
    var draw = draw
    phase = Int64(draw.next(UInt64(traits.interval)))
    boot = UInt32(truncatingIfNeeded: draw.next())
    energy = Int64(draw.within(1_000_000...50_000_000))
    pieces = Int64(draw.within(1000...200_000))
    good = pieces - pieces * traits.scrap / 1000
    self.draw = draw
  }

  /// Appends what happens on a local day that lasts from `start` to `end`.
  mutating func live(
    _ day: CalendarDay, from start: Int64, to end: Int64, isHoliday: Bool, into events: inout [MachineEvent]
  ) {
    if traits.isMeter {
      rest(from: start, until: end, .running, into: &events)
      return
    }
    guard let work = workingHours(day, start, end, isHoliday) else {
      if !traits.powersDown { rest(from: start, until: end, .off, into: &events) }
      return
    }
    if traits.powersDown {
      if work.lowerBound > start || !wasOn { switchOn(at: work.lowerBound, into: &events) }
    } else {
      rest(from: start, until: work.lowerBound, .off, into: &events)
    }
    var now = work.lowerBound
    while now < work.upperBound { now = doSomething(from: now, until: work.upperBound, into: &events) }
    wasOn = work.upperBound == end
    guard work.upperBound < end else { return }
    if traits.powersDown {
      events.append(.presence(.offline, at: work.upperBound))
    } else {
      rest(from: work.upperBound, until: end, .off, into: &events)
    }
  }

  // MARK: -

  private mutating func workingHours(
    _ day: CalendarDay, _ start: Int64, _ end: Int64, _ isHoliday: Bool
  ) -> Range<Int64>? {
    switch traits.hours {
    case .roundTheClock: return start..<end
    case .shift(let from, let until):
      let free = isHoliday || day.weekday == 7 || (day.weekday == 6 && !traits.worksSaturdays)
      guard !free, !draw.happens(15) else { return nil }
      let begins = start + Int64(from * 60 + draw.within(-900...900)) * 1000 + Int64(draw.within(0...999))
      let ends = start + Int64(until * 60 + draw.within(-1200...1200)) * 1000 + Int64(draw.within(0...999))
      return begins..<min(ends, end)
    }
  }

  /// One state, a machine at work goes through; returns when it ends.
  private mutating func doSomething(from now: Int64, until end: Int64, into events: inout [MachineEvent])
    -> Int64
  {
    let (state, minutes): (EquipmentState, ClosedRange<Int>) =
      switch draw.within(0...99) {
      case ..<62: (.running, 15...90)
      case ..<80: (.idle, 2...15)
      case ..<88: (.setup, 5...20)
      case ..<94: (.stopped, 5...15)
      case ..<98: (.fault, 3...30)
      default: (.maintenance, 20...60)
      }
    if state == .fault, draw.happens(200) { restart() }
    let until = min(end, now + Int64(draw.within(minutes)) * 60_000 + Int64(draw.within(0...59_999)))
    let alarm = state == .fault ? draw.within(101...499) : 0
    run(from: now, until: until, state, alarm: alarm, into: &events)
    guard traits.flaps, draw.happens(300), until < end else { return until }
    // Gone for a while, and heard again at the next tick.
    let back = min(end, until + Int64(draw.within(120...4000)) * 1000)
    events.append(.presence(.offline, at: until))
    if back < end { events.append(.presence(.online, at: back)) }
    return back < end ? back + 1000 : end
  }

  /// Outside of work: it only ticks on.
  private mutating func rest(
    from start: Int64, until end: Int64, _ state: EquipmentState, into events: inout [MachineEvent]
  ) {
    let first = Run.tick(after: start - 1, traits.interval, phase)
    if first < end { run(from: first, until: end, state, alarm: 0, into: &events) }
  }

  private mutating func run(
    from first: Int64, until end: Int64, _ state: EquipmentState, alarm: Int,
    into events: inout [MachineEvent]
  ) {
    guard first < end else { return }
    let percent: Int64 =
      switch state {
      case .running: 100
      case .setup: 40
      case .idle: 25
      case .fault: 12
      case .maintenance: 10
      case .stopped: 8
      case .off: 1
      }
    let meters = RunMeters(
      energy: traits.hasEnergy ? energy : nil, power: traits.watts * percent / 100,
      pieces: traits.hasPieces ? pieces : nil, cycle: state == .running ? traits.cycle : 0,
      scrap: traits.scrap,
      good: good)
    let mode: OperatingMode = !traits.hasMode ? .unstated : traits.worksByHand ? .manual : .automatic
    let run = Run(
      first: first, until: end, interval: traits.interval, phase: phase, delay: traits.delay, state: state,
      mode: mode, sequence: sequence, boot: boot, alarm: alarm, meters: meters)
    events.append(.run(run))
    sequence += UInt64(run.count)
    energy = meters.energy(after: end - first) ?? energy
    pieces = meters.pieces(after: end - first) ?? pieces
    good = meters.good(after: end - first) ?? good
  }

  private mutating func switchOn(at instant: Int64, into events: inout [MachineEvent]) {
    restart()
    events.append(.presence(.online, at: instant - 2000))
  }

  private mutating func restart() {
    boot = UInt32(truncatingIfNeeded: draw.next())
    sequence = 0
    if traits.countersReset { (pieces, good) = (0, 0) }
  }
}
