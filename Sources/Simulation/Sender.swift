import Telemetry

/// One simulated sender: its next message and the time of it.
///
/// Each message is planned when the previous one is published. A district therefore needs one entry per sender and no
/// buffer, even for the backlog of a factory whose connection was interrupted.
/// entry a sender and no buffer, not even for the backlog of a factory that was away.
struct Sender {
  private enum Step { case online, status, offline }

  /// Milliseconds without a sign of life after which a broker publishes a lost client's will.
  private static let willDelay: Int64 = 45_000

  private let statusTopic: String
  private let connectionTopic: String
  private let reports: Bool
  private let statesMode: Bool
  private let runByHand: Bool
  private let powersDown: Bool
  private let clockError: Span
  private let brokenPercent: Int
  private let duplicatedPercent: Int
  private let interval: Int64
  private let start: Int64
  private let dropOff: SimulatedFactory.DropOff?

  private var draw: SplitMix
  private var machine: Machine
  private var step = Step.online
  private var connected = false
  /// Time of the next status, by true time.
  private var due: Int64
  /// Time of the next connection.
  private var connectsAt: Int64
  /// Time at which it will disconnect by itself.
  private var leavesAt: Int64?

  /// Time of the next message.
  private(set) var publishAt: Int64
  /// Order of messages that are published at the same instant: a backlog by its messages' times.
  private(set) var order: Int64

  init(
    _ equipment: SimulatedEquipment, dropOff: SimulatedFactory.DropOff?, settings: SimulatedDistrict.Settings,
    stream: UInt64
  ) {
    let prefix = "factory/\(equipment.key.factory)/\(equipment.workshop)/\(equipment.key.equipment)"
    statusTopic = prefix + "/status"
    connectionTopic = prefix + "/connection"
    reports = equipment.behaviour == .reports
    statesMode = equipment.automation == "automatic" || equipment.intelligent
    runByHand = equipment.runByHand
    powersDown = equipment.powersDown
    clockError = equipment.clockError
    brokenPercent = equipment.brokenPercent
    duplicatedPercent = equipment.duplicatedPercent
    interval = settings.interval.milliseconds
    start = settings.start.milliseconds
    self.dropOff = dropOff

    var draw = SplitMix(seed: settings.seed, stream: stream)
    let first = start + Int64(draw.below(Int(clamping: interval)))
    machine = Machine(equipment, at: first, draw: SplitMix(seed: settings.seed, stream: ~stream))
    self.draw = draw
    due = first
    if !machine.isPowered(at: first) { due = Self.morning(after: first, &self.draw) }
    connectsAt = due
    publishAt = due
    order = due
  }

  /// Publishes the planned message and plans the next one. Returns the message, whether it is published a second
  /// time, and whether another follows.
  mutating func publish(
    _ payload: inout StatusPayload
  ) -> (message: SimulatedMessage, again: Bool, continues: Bool) {
    let at = Timestamp(milliseconds: publishAt)
    switch step {
    case .online:
      connected = true
      if reports { plan() }
      return (presence("online", at), false, reports)
    case .offline:
      connected = false
      leavesAt = nil
      plan()
      return (presence("offline", at), false, true)
    case .status:
      let message = status(at, &payload)
      let again = duplicatedPercent > 0 && draw.chance(duplicatedPercent)
      due += interval
      if powersDown, machine.state == .off { powerDown(after: publishAt) }
      plan()
      return (message, again, true)
    }
  }

  private mutating func powerDown(after time: Int64) {
    leavesAt = time + 1000
    due = Self.morning(after: time, &draw)
    connectsAt = due
    machine.restart(at: due)
  }

  private mutating func plan() {
    if let leavesAt {
      (step, publishAt, order) = (.offline, leavesAt, leavesAt)
    } else if let away = absence(at: due) {
      if connected, away.lowerBound + Self.willDelay < away.upperBound {
        (step, publishAt) = (.offline, away.lowerBound + Self.willDelay)
        (order, connectsAt) = (publishAt, away.upperBound)
      } else {
        (step, publishAt, order) = (.status, away.upperBound, due)
      }
    } else if connected {
      (step, publishAt, order) = (.status, due, due)
    } else {
      // The backlog is sent first, in order.
      (step, publishAt, order) = (.online, connectsAt, connectsAt)
    }
  }

  /// The interruption of its factory's connection that covers an instant.
  private func absence(at time: Int64) -> Range<Int64>? {
    guard let dropOff else { return nil }
    let since = time - start - dropOff.first
    guard since >= 0, since % dropOff.period < dropOff.length else { return nil }
    let begin = time - since % dropOff.period
    return begin..<(begin + dropOff.length)
  }

  /// Time at which a machine that was switched off for the night is switched on.
  private static func morning(after time: Int64, _ draw: inout SplitMix) -> Int64 {
    var next = time
    repeat {
      next += LocalTime(Timestamp(milliseconds: next)).untilShiftChange
    } while !LocalTime(Timestamp(milliseconds: next)).isDayShift
    return next + Int64(draw.below(600_000))
  }

  // MARK: Payloads

  private func presence(_ word: StaticString, _ at: Timestamp) -> SimulatedMessage {
    var payload = StatusPayload()
    payload.text(word)
    return SimulatedMessage(
      publishAt: at, topic: connectionTopic, payload: payload.finished(), isRetained: true, kind: .presence)
  }

  /// Kinds of malformed payloads.
  private enum Damage: Int, CaseIterable { case truncated, unknownState, missingTime, otherFactory }

  private mutating func status(_ at: Timestamp, _ payload: inout StatusPayload) -> SimulatedMessage {
    machine.advance(to: due)
    let isBroken = brokenPercent > 0 && draw.chance(brokenPercent)
    let damage = isBroken ? Damage(rawValue: draw.below(Damage.allCases.count)) : nil
    var bytes = write(damage, &payload)
    if damage == .truncated { bytes.removeLast(bytes.count / 3) }
    return SimulatedMessage(
      publishAt: at, topic: statusTopic, payload: bytes, isRetained: false, kind: isBroken ? .broken : .status
    )
  }

  private func write(_ damage: Damage?, _ payload: inout StatusPayload) -> [UInt8] {
    payload.begin()
    payload.text("{")
    if damage != .missingTime {
      payload.text("\"ts\":\"")
      payload.time(Timestamp(milliseconds: due) + clockError)
      payload.text("\",")
    }
    payload.text("\"state\":\"")
    if damage == .unknownState { payload.text("wandering") } else { payload.text(machine.state.name) }
    if statesMode {
      let byHand = runByHand || machine.state == .setup || machine.state == .maintenance
      payload.text(byHand ? "\",\"mode\":\"manual" : "\",\"mode\":\"automatic")
    }
    payload.text("\",\"seq\":")
    payload.number(machine.sequence)
    payload.text(",\"boot\":\"")
    payload.hexadecimal(machine.boot)
    payload.text("\",\"energy_kwh\":")
    payload.thousandths(machine.energy)
    payload.text(",\"good\":")
    payload.number(UInt64(machine.good))
    payload.text(",\"total\":")
    payload.number(UInt64(machine.total))
    if machine.state == .fault {
      payload.text(",\"alarms\":[\"E")
      payload.number(UInt64(machine.alarm))
      payload.text("\"]")
    }
    if damage == .otherFactory { payload.text(",\"factory\":\"F000\"") }
    payload.text("}")
    return payload.finished()
  }
}
