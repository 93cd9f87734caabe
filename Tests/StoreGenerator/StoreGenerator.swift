import Journal
import Register
import SQLiteStore
import Storage
import Telemetry
import TestSupport

/// Makes a store as a year of collecting leaves it: register, journal of connections, views. Messages are in
/// it only by what the fold made of them; the journal holds none. Its days are closed and compacted, all but the last,
/// and all are kept.
///
/// Everything goes through the product's own stores and its own fold. Rows come by stretches of days, as a
/// collector writes them, so that an equipment's pages lie scattered as they do after a year.
public struct StoreGenerator {
  public let plan: GeneratorPlan
  private let factories: [GeneratedFactory]
  private let outages: Outages
  /// By the number a sender gets: senders are heard in no order of keys.
  private let members: [GeneratedFactory.Member]

  public init(_ plan: GeneratorPlan) {
    self.plan = plan
    factories = (1...plan.factories).map { GeneratedFactory($0, of: plan) }
    outages = Outages(plan)
    var draw = plan.draw(0, of: 4)
    members = factories.flatMap(\.members).shuffled(using: &draw)
  }

  /// Whether a production calendar holds for a factory, counting from 1.
  public static func hasCalendar(factory number: Int) -> Bool { GeneratedRegister.hasCalendar(number) }

  /// Makes the store in `directory`, which must not hold one.
  ///
  /// - Parameters:
  ///   - daysAtOnce: how many days of an equipment are written together.
  ///   - isPlain: folds reading by reading.
  ///   - progress: told how many of the days are written.
  public func write(
    to directory: StoreDirectory, daysAtOnce: Int = 30, isPlain: Bool = false,
    progress: (_ days: Int) -> Void = { _ in }
  ) throws {
    try GeneratedRegister(plan, factories).write(to: directory)
    let store = shard(directory)
    _ = try store.claim()
    defer { store.release() }
    let head = try writeJournal(store)
    var machines = makeMachines()
    var timelines = ContiguousArray(repeating: Timeline(), count: members.count)
    var fold = try RunFold(plan, outages, isPlain: isPlain)
    let senders = members.map { Sender(key: $0.key, workshop: $0.workshop) }
    var first = ViewChanges()
    first.newSenders = senders[...]
    first.observations = outages.observations
    first.quarantined = Refusals(plan, members).quarantined(block: head)
    try store.update(ViewUpdate(changes: first, senders: senders, timelines: timelines, cursor: 0))
    for begin in stride(from: 0, to: plan.days, by: daysAtOnce) {
      let days = begin..<min(plan.days, begin + daysAtOnce)
      for batch in stride(from: 0, to: members.count, by: Self.senders) {
        let numbers = batch..<min(members.count, batch + Self.senders)
        for number in numbers { live(number, days, &machines[number], &timelines[number], &fold) }
        var changes = ViewChanges()
        swap(&changes.timelineChanges, &fold.changes)
        for index in changes.timelineChanges.closedDays.indices
        where changes.timelineChanges.closedDays[index].closing != nil {
          let member = Int(changes.timelineChanges.closedDays[index].equipment)
          changes.timelineChanges.closedDays[index].workshop = members[member].workshop
        }
        if days.upperBound == plan.days {
          changes.changedEquipment = ContiguousArray(numbers.map(Int32.init))
        }
        try store.update(ViewUpdate(changes: changes, senders: senders, timelines: timelines, cursor: head))
        try store.packGroups()
        swap(&changes.timelineChanges, &fold.changes)
        fold.changes.removeAll()
      }
      progress(days.upperBound)
    }
    try closeDays(of: store)
  }

  /// What a sender did on some days, in order.
  private func live(
    _ number: Int, _ days: Range<Int>, _ machine: inout Machine, _ timeline: inout Timeline,
    _ fold: inout RunFold
  ) {
    forEachEvent(of: number, days, &machine) { event in
      fold.fold(event, delay: members[number].traits.delay, of: EquipmentNumber(number), into: &timeline)
    }
  }

  private func forEachEvent(
    of number: Int, _ days: Range<Int>, _ machine: inout Machine, _ body: (MachineEvent) throws -> Void
  ) rethrows {
    let holidays = Holidays.all(plan)
    var events: [MachineEvent] = []
    for offset in days where members[number].days.contains(offset) {
      let day = plan.firstDay + offset
      events.removeAll(keepingCapacity: true)
      machine.live(
        day, from: plan.calendar.start(of: day).milliseconds,
        to: plan.calendar.start(of: day + 1).milliseconds,
        isHoliday: holidays.contains { $0.contains(day) }, into: &events)
      for event in events { try body(event) }
    }
  }

  private func makeMachines() -> [Machine] {
    members.indices.map { Machine(members[$0].traits, draw: plan.draw($0, of: 5)) }
  }

  /// How many senders are written in one transaction.
  private static let senders = 2000

  /// The connections, and that the collector was there at each day's end; returns the newest block.
  private func writeJournal(_ store: SQLiteShardStore) throws -> Int64 {
    var builder = try BlockBuilder()
    var head: Int64 = 0
    func note(_ kind: JournalRecord.Kind, _ flags: JournalRecord.Flags, at instant: Timestamp) throws {
      builder.append(kind, flags: flags, received: instant)
      head = try store.append(&builder, factoryID: { _ in "" })
    }
    for observation in outages.observations {
      try note(.connected, observation.resumed ? .sessionPresent : [], at: observation.from)
      var day = plan.calendar.day(at: observation.from) + 1
      while plan.calendar.start(of: day) < observation.through {
        try note(.observedThrough, [], at: plan.calendar.start(of: day))
        day = day + 1
      }
      if observation.ended {
        try note(.disconnected, [], at: observation.through)
      } else {
        try note(.observedThrough, [], at: observation.through)
      }
    }
    return head
  }
}

extension StoreGenerator {
  /// Every message of the plan, in the order received: topic, payload, receipt in milliseconds UTC. For small
  /// plans.
  public func messages() -> [(topic: String, payload: String, received: Int64)] {
    var machines = makeMachines()
    var messages = Refusals(plan, members).messages()
    for (number, member) in members.enumerated() {
      let topic = "factory/\(member.key.factory)/\(member.workshop)/\(member.key.equipment)"
      forEachEvent(of: number, 0..<plan.days, &machines[number]) { event in
        switch event {
        case .presence(let presence, let at):
          guard let received = outages.presenceReceipt(of: at + member.traits.delay) else { return }
          messages.append((topic + "/connection", presence == .online ? "online" : "offline", received))
        case .run(let run):
          run.forEachReading { time, sequence in
            guard let received = outages.receipt(of: time + run.delay) else { return }
            messages.append((topic + "/status", Self.payload(of: run, at: time, sequence), received))
          }
        }
      }
    }
    return messages.enumerated().sorted {
      ($0.element.received, $0.offset) < ($1.element.received, $1.offset)
    }
    .map(\.element)
  }

  /// When the shard was connected.
  public var observations: [ObservedStretch] { outages.observations }

  private static func payload(of run: Run, at time: Int64, _ sequence: UInt64) -> String {
    var text =
      #"{"ts":\#(time),"state":"\#(run.state.name)","seq":\#(sequence),"boot":"\#(String(run.boot, radix: 16))""#
    if run.mode != .unstated { text += #","mode":"\#(run.mode.name)""# }
    let meters = run.meters.values(after: time - run.first)
    if let energy = meters.energy { text += #","energy_kwh":\#(Thousandths.text(energy))"# }
    if let good = meters.good { text += #","good":\#(Thousandths.text(good))"# }
    if let total = meters.total { text += #","total":\#(Thousandths.text(total))"# }
    if run.alarm != 0 { text += #","alarms":["\#(MessageDigests.name(of: run.alarm))"]"# }
    return text + "}"
  }
}
