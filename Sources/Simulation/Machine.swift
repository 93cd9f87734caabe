import Telemetry

/// The activity of a simulated machine over time: states, shifts, meters, restarts.
struct Machine {
  private let worksNights: Bool
  private let powersDown: Bool
  private let countersReset: Bool
  private let watts: Int64
  private let cycle: Int64
  private let scrapPermille: Int64

  private var draw: SplitMix
  private(set) var state = EquipmentState.idle
  /// The number in the name of its alarm while it has a fault.
  private(set) var alarm = 0
  private var stateUntil: Int64 = .min
  private var updatedAt: Int64

  /// Identifies the run since the last restart; `sequence` counts within it.
  private(set) var boot: UInt32
  private(set) var sequence: UInt64 = 0
  /// Energy, in thousandths of a kilowatt hour.
  private(set) var energy: Int64
  private(set) var good: Int64
  private(set) var total: Int64
  // Remainders of less than one watt hour, piece or scrapped piece.
  private var wattMilliseconds: Int64 = 0
  private var running: Int64 = 0
  private var scrap: Int64 = 0

  init(_ equipment: SimulatedEquipment, at time: Int64, draw: SplitMix) {
    worksNights = equipment.worksNights
    powersDown = equipment.powersDown
    countersReset = equipment.countersReset
    watts = equipment.watts
    cycle = equipment.cycle
    var draw = draw
    scrapPermille = Int64(draw.within(2...20))
    boot = UInt32(truncatingIfNeeded: draw.next())
    energy = Int64(draw.within(1_000_000...50_000_000))
    total = Int64(draw.within(1000...200_000))
    good = total - total * scrapPermille / 1000
    updatedAt = time
    self.draw = draw
  }

  /// Whether it is working, or at least switched on, at an instant.
  func isPowered(at time: Int64) -> Bool {
    !powersDown || worksNights || LocalTime(Timestamp(milliseconds: time)).isDayShift
  }

  /// Advances to `time` and counts a message.
  mutating func advance(to time: Int64) {
    meter(time - updatedAt)
    updatedAt = time
    if time >= stateUntil { change(at: time) }
    sequence += 1
  }

  /// Switches it off now and on again at `time`, with a new boot.
  mutating func restart(at time: Int64) {
    updatedAt = time
    stateUntil = .min
    reboot()
  }

  private mutating func reboot() {
    boot = UInt32(truncatingIfNeeded: draw.next())
    sequence = 0
    if countersReset { (good, total, running, scrap) = (0, 0, 0, 0) }
  }

  private mutating func meter(_ elapsed: Int64) {
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
    wattMilliseconds += watts * elapsed * percent / 100
    energy += wattMilliseconds / 3_600_000
    wattMilliseconds %= 3_600_000
    guard state == .running else { return }
    running += elapsed
    let pieces = running / cycle
    running %= cycle
    scrap += pieces * scrapPermille
    total += pieces
    good += pieces - scrap / 1000
    scrap %= 1000
  }

  private mutating func change(at time: Int64) {
    let local = LocalTime(Timestamp(milliseconds: time))
    if state == .fault, draw.chance(20) { reboot() }
    guard worksNights || local.isDayShift else {
      state = powersDown || draw.chance(85) ? .off : .idle
      stateUntil = time + local.untilShiftChange
      return
    }
    let (next, minutes): (EquipmentState, ClosedRange<Int>) =
      switch draw.below(100) {
      case ..<62: (.running, 15...90)
      case ..<80: (.idle, 2...15)
      case ..<88: (.setup, 5...20)
      case ..<94: (.stopped, 5...15)
      case ..<98: (.fault, 3...30)
      default: (.maintenance, 20...60)
      }
    state = next
    if next == .fault { alarm = draw.within(101...499) }
    stateUntil = time + min(Int64(draw.within(minutes)) * 60_000, local.untilShiftChange)
  }
}
