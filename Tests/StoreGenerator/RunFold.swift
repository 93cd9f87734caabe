import Decoding
import Telemetry

/// Folds what machines do into timelines as the collector folds their messages.
///
/// A device repeats itself most of the time. Readings of one run and one day after the first change a
/// timeline in a way that can be said in one step, and are taken in one step: a year of a district is some
/// ten billion readings. Tests hold it against the collector, which is given every message.
struct RunFold: ~Copyable {
  private let outages: Outages
  private let calendar: LocalCalendar
  private var fold: TimelineFold
  private var digests: MessageDigests
  /// Takes each reading by itself.
  private let isPlain: Bool
  var changes = TimelineChanges()

  init(_ plan: GeneratorPlan, _ outages: Outages, isPlain: Bool = false) throws {
    self.outages = outages
    self.isPlain = isPlain
    calendar = plan.calendar
    fold = TimelineFold(horizonMinimum: plan.horizonMinimum, calendar: plan.calendar)
    digests = try MessageDigests()
  }

  mutating func fold(
    _ event: MachineEvent, delay: Int64, of number: EquipmentNumber, into timeline: inout Timeline
  ) {
    switch event {
    case .presence(let presence, let at):
      guard let received = outages.presenceReceipt(of: at + delay) else { return }
      let instant = Timestamp(milliseconds: received)
      fold.fold(presence, at: instant, received: instant, of: number, into: &timeline, changes: &changes)
    case .run(let run): fold(run, of: number, into: &timeline)
    }
  }

  private mutating func fold(_ run: Run, of number: EquipmentNumber, into timeline: inout Timeline) {
    let boot = digests.boot(run.boot)
    let alarm = digests.alarm(run.alarm)
    let before = changes.alarmChanges.count
    let isSteady =
      !isPlain && run.interval <= fold.horizonMinimum.milliseconds
      && !outages.disturb(run.first + run.delay..<run.until + run.delay)
    var time = run.first
    var sequence = run.sequence
    while time < run.until {
      if let received = outages.receipt(of: time + run.delay) {
        fold.fold(
          Reading(
            time: Timestamp(milliseconds: time), received: Timestamp(milliseconds: received),
            state: run.state,
            mode: run.mode, sequence: sequence, boot: boot,
            meters: run.meters.values(after: time - run.first),
            alarms: alarm), of: number, into: &timeline, changes: &changes)
      }
      // Readings after a fall or a restart are folded one by one, until it is settled.
      if isSteady, timeline.cut == .distantFuture, timeline.meterMarks.subtracting(.countsBoth).isEmpty {
        takeRest(of: run, &time, &sequence, into: &timeline)
      }
      time = run.tick(after: time)
      sequence += 1
    }
    for change in before..<changes.alarmChanges.count where changes.alarmChanges[change].digest != 0 {
      changes.alarmChanges[change].codes = [MessageDigests.name(of: run.alarm)]
    }
  }

  /// Takes what is left of a run on the day of the reading at `time`, which was just folded, and moves on to
  /// its last reading.
  private func takeRest(
    of run: Run, _ time: inout Int64, _ sequence: inout UInt64, into timeline: inout Timeline
  ) {
    let start = calendar.start(of: timeline.day).milliseconds
    let end = min(run.until, calendar.start(of: timeline.day + 1).milliseconds)
    let next = run.tick(after: time)
    guard next < end else { return }
    let more = (end - 1 - next) / run.interval
    let last = next + more * run.interval
    let span = Int32(last - time)
    timeline.totals.states[run.state] += span
    if run.state == .running, run.mode == .automatic { timeline.totals.automaticRunning += span }
    if run.state == .running, run.mode == .manual { timeline.totals.manualRunning += span }
    timeline.totals.readings += Int32(more + 1)
    for tick in stride(from: next, through: last, by: Int(run.interval)) {
      timeline.totals.minutes.insert(Int((tick - start) / 60_000))
    }
    let meters = run.meters.values(after: last - run.first)
    func rise(_ to: Int64?, _ meter: inout Int64?, _ sum: inout Int64) {
      if let to, let from = meter { sum += to - from }
      meter = to ?? meter
    }
    rise(meters.energy, &timeline.meters.energy, &timeline.totals.energy)
    rise(meters.good, &timeline.meters.good, &timeline.totals.good)
    rise(meters.total, &timeline.meters.total, &timeline.totals.total)
    if meters.energy != nil { timeline.energyAt = Timestamp(milliseconds: last) }
    timeline.newest = Timestamp(milliseconds: last)
    // Each arrives as long after the previous one as it was made after it.
    timeline.newestReceived = Timestamp(milliseconds: last + run.delay)
    timeline.clock = run.delay
    timeline.totals.live += Int32(more + 1)
    timeline.totals.skew = min(timeline.totals.skew ?? run.delay, run.delay)
    Self.countSteps(Int(more + 1), of: &timeline)
    time = last
    sequence += UInt64(more + 1)
    timeline.sequence = sequence
  }

  /// Counts steps of one, halving the counts before they overflow.
  private static func countSteps(_ steps: Int, of timeline: inout Timeline) {
    var left = steps
    while left > 0 {
      if max(timeline.sequenceSteps, timeline.sequenceLeaps) == .max {
        timeline.sequenceSteps /= 2
        timeline.sequenceLeaps /= 2
      }
      let taken = min(left, Int(UInt16.max - max(timeline.sequenceSteps, timeline.sequenceLeaps)))
      timeline.sequenceSteps += UInt16(taken)
      left -= taken
    }
  }
}

/// The digests that the decoder makes of boots and alarms.
struct MessageDigests: ~Copyable {
  private var decoder: StatusDecoder
  private var alarms: [Int: UInt64] = [:]
  private var lastBoot: (boot: UInt32, digest: UInt64)?

  init() throws { decoder = try StatusDecoder() }

  static func name(of alarm: Int) -> String { "E\(alarm)" }

  mutating func boot(_ boot: UInt32) -> UInt64? {
    if let lastBoot, lastBoot.boot == boot { return lastBoot.digest }
    guard let digest = decode(#""boot":"\#(String(boot, radix: 16))""#)?.boot else { return nil }
    lastBoot = (boot, digest)
    return digest
  }

  mutating func alarm(_ alarm: Int) -> UInt64 {
    guard alarm != 0 else { return 0 }
    if let known = alarms[alarm] { return known }
    let digest = decode(#""alarms":["\#(Self.name(of: alarm))"]"#)?.alarms ?? 0
    alarms[alarm] = digest
    return digest
  }

  private mutating func decode(_ member: String) -> Reading? {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let payload = Array(#"{"ts":0,"state":"idle",\#(member)}"#.utf8)
    return payload.withUnsafeBytes {
      try? decoder.decode(
        payload: $0, topic: none, levels: TopicLevels(),
        receivedAt: Timestamp(milliseconds: 0))
    }
  }
}
