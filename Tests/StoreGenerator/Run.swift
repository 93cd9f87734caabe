import Telemetry

/// Readings of one state: the first at a change or as the device's clock ticks, the rest as it ticks.
struct Run {
  /// Event time of the first reading, milliseconds UTC.
  var first: Int64
  /// No reading at or after.
  var until: Int64
  /// Milliseconds between two ticks, and the remainder at which they fall.
  var interval: Int64
  var phase: Int64
  /// From event time to sending.
  var delay: Int64
  var state: EquipmentState
  var mode: OperatingMode
  /// Of the first reading; each further one counts up.
  var sequence: UInt64
  /// The name of the run since the last restart, a number that is written in hexadecimal.
  var boot: UInt32
  /// The number in the alarm's name; 0 for none.
  var alarm = 0
  var meters: RunMeters

  /// The first tick after an instant.
  func tick(after instant: Int64) -> Int64 { Self.tick(after: instant, interval, phase) }

  static func tick(after instant: Int64, _ interval: Int64, _ phase: Int64) -> Int64 {
    instant + interval - (instant - phase) % interval
  }

  /// How many readings it has.
  var count: Int {
    let second = tick(after: first)
    return second < until ? 2 + Int((until - 1 - second) / interval) : 1
  }

  /// Calls `body` with the event time and the sequence number of every reading.
  func forEachReading(_ body: (Int64, UInt64) throws -> Void) rethrows {
    var time = first
    var number = sequence
    while time < until {
      try body(time, number)
      time = tick(after: time)
      number += 1
    }
  }
}

/// What the meters show during a run, as a function of the time since its first reading.
struct RunMeters {
  /// Thousandths of a kWh at the first reading; nil without a meter.
  var energy: Int64?
  /// Thousandths of a kWh in an hour.
  var power: Int64
  /// Pieces at the first reading; nil where they are not counted.
  var pieces: Int64?
  /// Milliseconds a piece takes; 0 while none is made.
  var cycle: Int64
  /// Scrapped pieces in a thousand.
  var scrap: Int64
  /// Good pieces at the first reading.
  var good: Int64 = 0

  func energy(after elapsed: Int64) -> Int64? { energy.map { $0 + power * elapsed / 3_600_000 } }

  func made(in elapsed: Int64) -> Int64 { cycle > 0 ? elapsed / cycle : 0 }

  func pieces(after elapsed: Int64) -> Int64? { pieces.map { $0 + made(in: elapsed) } }

  func good(after elapsed: Int64) -> Int64? {
    let made = made(in: elapsed)
    return pieces.map { _ in good + made - made * scrap / 1000 }
  }

  /// What a message carries, in thousandths.
  func values(after elapsed: Int64) -> Meters {
    Meters(
      energy: energy(after: elapsed), good: good(after: elapsed).map { $0 * 1000 },
      total: pieces(after: elapsed).map { $0 * 1000 })
  }
}

/// What a machine does, in order of event time.
enum MachineEvent {
  case run(Run)
  case presence(Presence, at: Int64)
}
