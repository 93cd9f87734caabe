import Storage
import Telemetry

/// When the collector did not listen, and what became of the messages meanwhile.
struct Outages: Sendable {
  struct Outage: Sendable {
    var from: Int64
    var until: Int64
    /// Whether the broker had lost the session, and with it what was sent meanwhile.
    var isLost: Bool
    /// How long the broker takes to hand over what it kept.
    var drain: Int64 { (until - from) / 1000 }
  }

  /// Ascending, at least a day apart.
  let all: [Outage]
  private let first: Int64
  private let last: Int64

  /// About one in every four weeks: mostly minutes, now and then a night.
  init(_ plan: GeneratorPlan) {
    var draw = plan.draw(0, of: 1)
    var outages: [Outage] = []
    var day = draw.within(3...20)
    while day < plan.days - 2 {
      let start = plan.calendar.start(of: plan.firstDay + day).milliseconds
      let from = start + Int64(draw.within(0...86_399)) * 1000 + 137
      let minutes = draw.happens(250) ? draw.within(300...1500) : draw.within(3...90)
      outages.append(
        Outage(from: from, until: from + Int64(minutes) * 60_000, isLost: draw.happens(500)))
      day += draw.within(14...42)
    }
    all = outages
    first = plan.calendar.start(of: plan.firstDay).milliseconds
    last = plan.end.milliseconds - 1
  }

  /// When the shard was connected.
  var observations: [ObservedStretch] {
    var stretches: [ObservedStretch] = []
    var from = first
    var resumed = false
    for outage in all {
      stretches.append(
        ObservedStretch(
          number: Int64(stretches.count + 1), from: Timestamp(milliseconds: from),
          through: Timestamp(milliseconds: outage.from), resumed: resumed, ended: true))
      from = outage.until
      resumed = !outage.isLost
    }
    stretches.append(
      ObservedStretch(
        number: Int64(stretches.count + 1), from: Timestamp(milliseconds: from),
        through: Timestamp(milliseconds: last), resumed: resumed))
    return stretches
  }

  /// When what is sent at an instant is received; nil when it is lost.
  func receipt(of sent: Int64) -> Int64? {
    for outage in all where sent >= outage.from && sent < outage.until + 2 * outage.drain {
      if sent < outage.until {
        return outage.isLost ? nil : outage.until + (sent - outage.from) / 1000
      }
      // What comes while the broker empties its queue waits behind it.
      return outage.isLost ? sent : outage.until + outage.drain + (sent - outage.until) / 2
    }
    return sent
  }

  /// When an online or offline is received, which is its time; nil near an outage: one that the broker kept
  /// would be later than readings sent after it, and their days would wait for repair.
  func presenceReceipt(of sent: Int64) -> Int64? {
    disturb(sent..<sent + 1) ? nil : sent
  }

  /// Whether receipts of a range may differ from when things were sent.
  func disturb(_ range: Range<Int64>) -> Bool {
    all.contains { range.lowerBound < $0.until + 2 * $0.drain && $0.from < range.upperBound }
  }
}
