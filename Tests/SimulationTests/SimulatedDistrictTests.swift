import Simulation
import Telemetry
import Testing

/// 2026-11-22T08:00:00+08:00.
private let start = Timestamp(milliseconds: 1_795_305_600_000)
private let district = SimulatedDistrict(.init(seed: 1, start: start))
private let small = SimulatedDistrict(.init(seed: 1, factories: 12, equipment: 20, start: start))
/// The same with fewer messages, for whole days.
private let calm = SimulatedDistrict(
  .init(seed: 1, factories: 12, equipment: 20, interval: .minutes(3), start: start))

/// FNV-1a, 64 bits: enough to pin bytes.
private func digest(_ bytes: some Sequence<UInt8>, _ hash: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  bytes.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

private func digest(_ district: SimulatedDistrict, messages count: Int) -> UInt64 {
  var messages = district.messages()
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for _ in 0..<count {
    guard let message = messages.next() else { break }
    hash = digest("\(message.publishAt.milliseconds) \(message.topic) \(message.isRetained) ".utf8, hash)
    hash = digest(message.payload, hash)
  }
  return hash
}

@Suite struct SimulatedRegisterTests {
  @Test func theSameSeedGivesTheSameRegister() {
    let again = SimulatedDistrict(.init(seed: 1, start: start))
    #expect(again.equipmentCSV() == district.equipmentCSV())
    #expect(again.factoriesCSV() == district.factoriesCSV())
    #expect(SimulatedDistrict(.init(seed: 2, start: start)).equipmentCSV() != district.equipmentCSV())
  }

  @Test func theRegisterIsPinned() {
    #expect(digest(district.factoriesCSV().utf8) == 9_855_006_820_478_603_729)
    #expect(digest(district.equipmentCSV().utf8) == 7_384_332_189_381_210_586)
  }

  @Test func productionEquipmentInServiceAddsUpToTheAverageAskedFor() {
    for (district, expected) in [(district, 179 * 50), (small, 12 * 20)] {
      let inService = district.factories.flatMap(\.equipment).filter {
        $0.isRegistered && $0.isProduction && $0.decommissionedOn == nil
      }
      #expect(inService.count == expected)
    }
  }

  @Test func realityIsThere() {
    let all = district.factories.flatMap(\.equipment)
    let registered = all.filter(\.isRegistered)
    #expect(district.factories.count == 180)
    #expect(district.factories.count { $0.retrofit == .exemplary } == 1)
    #expect(district.factories.count { $0.retrofit == .full } == 53)
    #expect(district.factories.count { $0.retrofit == .half } == 71)
    #expect(district.factories.count { $0.retrofit == .quarter && $0.isRegistered } == 35)
    #expect(district.factories.count { $0.retrofit == .untouched } == 18)
    #expect(district.factories.count { $0.retrofit == .empty } == 1)
    #expect(district.factories.count { !$0.isRegistered } == 1)
    #expect(district.factories.count(where: \.dropsOff) == 3)
    #expect(registered.count { $0.category == "meter" } == 178)
    #expect(registered.count { $0.category == "gateway" } == 160)
    #expect(registered.count { $0.decommissionedOn != nil } == 130)
    #expect(registered.count { $0.behaviour == .reports } == 4262)
    #expect(registered.count { $0.behaviour == .mute } == 85)
    #expect(
      registered.count { $0.connectable && $0.behaviour == .neverSends && $0.decommissionedOn == nil } == 300)
    #expect(all.count { !$0.isRegistered } == 5)
    #expect(all.filter { $0.clockError != .zero }.map(\.clockError) == [.hours(8), .minutes(-3)])
    #expect(all.count { $0.brokenPercent > 0 } == 3)
    #expect(all.count { $0.duplicatedPercent > 0 } == 206)
  }

  @Test func theFirstPlantIsWhollyAutomaticAndNetworked() throws {
    for district in [
      district, small, SimulatedDistrict(.init(seed: 9, factories: 1, equipment: 3, start: start)),
    ] {
      let plant = try #require(district.factories.first)
      let machines = plant.equipment.filter(\.isProduction)
      #expect(plant.id == "F001" && plant.retrofitCompletedOn != nil && !machines.isEmpty)
      #expect(machines.allSatisfy { $0.automation == "automatic" || $0.intelligent })
      #expect(machines.allSatisfy { $0.digital && $0.connectable && $0.behaviour == .reports })
      #expect(machines.allSatisfy { $0.isRegistered && $0.decommissionedOn == nil && $0.clockError == .zero })
      #expect(machines.allSatisfy { $0.brokenPercent == 0 && $0.retrofittedOn != nil })
    }
  }

  @Test func theLastFactoryIsRegisteredWithoutEquipment() {
    #expect(district.factories[178].id == "F179" && district.factories[178].equipment.isEmpty)
    #expect(district.factoriesCSV().contains("\nF179,模拟新材料厂 179,Synthetic New Materials Plant 179,"))
    #expect(!district.equipmentCSV().contains(",F179,"))
  }

  @Test func rowsAreRectangularAndIdsUnique() {
    for (csv, columns) in [(district.equipmentCSV(), 17), (district.factoriesCSV(), 6)] {
      let rows = csv.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
      #expect(rows.allSatisfy { $0.count == columns })
      #expect(!csv.contains("\""))
    }
    let keys = district.factories.flatMap(\.equipment).map(\.key)
    #expect(Set(keys).count == keys.count)
    #expect(keys.allSatisfy { EquipmentKey.isID($0.equipment.utf8) && EquipmentKey.isID($0.factory.utf8) })
  }

  @Test func datesFollowOneAnother() {
    let today = CalendarDay("2026-11-22")
    for one in district.factories.flatMap(\.equipment) {
      if let retrofitted = one.retrofittedOn {
        #expect(one.commissionedOn < retrofitted && retrofitted <= today ?? retrofitted)
      }
      if let retired = one.decommissionedOn {
        #expect(one.commissionedOn < retired && retired < today ?? retired)
        #expect(one.retrofittedOn ?? one.commissionedOn < retired)
      }
    }
  }
}

@Suite struct SimulatedMessagesTests {
  @Test func theSameSeedGivesTheSameMessagesByteForByte() {
    let again = SimulatedDistrict(.init(seed: 1, start: start))
    #expect(digest(again, messages: 50_000) == digest(district, messages: 50_000))
    #expect(
      digest(SimulatedDistrict(.init(seed: 2, start: start)), messages: 1000)
        != digest(district, messages: 1000))
  }

  @Test func theMessagesArePinned() {
    #expect(digest(district, messages: 50_000) == 579_722_240_629_272_670)
  }

  @Test func takingThemInPiecesChangesNothing() {
    var whole = small.messages()
    var pieces = small.messages()
    var end = start
    while end < start + .minutes(30) {
      end = end + .milliseconds(777)
      while let piece = pieces.next(until: end) {
        #expect(piece.publishAt <= end)
        #expect(piece == whole.next())
      }
      #expect((pieces.nextAt ?? .distantFuture) > end)
    }
  }

  @Test func publishingNeverGoesBackInTime() {
    var messages = district.messages()
    var last = start
    var count = 0
    var backwards = 0
    while let message = messages.next(until: start + .minutes(10)) {
      if message.publishAt < last { backwards += 1 }
      last = message.publishAt
      count += 1
    }
    #expect(backwards == 0)
    #expect(count == 89_835)
  }

  @Test func everySenderIsTheRegistersOrMeantNotToBe() {
    let rows = district.equipmentCSV().split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    let registered = Set(rows.map { "factory/\($0[1])/\($0[2])/\($0[0])" })
    var messages = district.messages()
    var unknown: Set<Substring> = []
    while let message = messages.next(until: start + .minutes(1)) {
      let sender = message.topic.prefix(upTo: message.topic.lastIndex(of: "/") ?? message.topic.endIndex)
      if !registered.contains(String(sender)) { unknown.insert(sender) }
    }
    #expect(unknown.count == 5)
    #expect(unknown.isSuperset(of: ["factory/X001/W01/E001", "factory/X001/W01/E002"]))
  }

  @Test func theFirstPlantIsHeardOfInEveryQuarterOfAnHourDayAndNight() {
    var heard: [String: (last: Timestamp, gap: Span)] = [:]
    var messages = calm.messages()
    let end = start + .hours(24)
    while let message = messages.next(until: end) {
      guard message.topic.hasPrefix("factory/F001/"), message.kind == .status else { continue }
      #expect(field("ts", message).flatMap { Timestamp($0) } == message.publishAt)
      let before = heard[message.topic] ?? (start, .zero)
      heard[message.topic] = (message.publishAt, max(before.gap, message.publishAt - before.last))
    }
    #expect(heard.count == calm.factories[0].equipment.count(where: \.isProduction))
    #expect(heard.values.allSatisfy { $0.gap <= .minutes(3) && end - $0.last <= .minutes(3) })
  }

  @Test func intactPayloadsAreWellFormedAndBrokenOnesAreNot() {
    var messages = small.messages()
    var broken = 0
    while let message = messages.next(until: start + .hours(2)) {
      switch message.kind {
      case .presence:
        #expect(message.isRetained)
        #expect(["online", "offline"].contains(text(message)))
      case .status:
        #expect(!message.isRetained)
        // A fixed form, so that a pattern decides.
        if !isStatus(message) { Issue.record("\(message.topic): \(text(message))") }
      case .broken:
        broken += 1
        #expect(!isStatus(message))
      }
    }
    #expect(broken == 63)
  }

  @Test func timesRiseAndMetersNeverFallWithinABoot() {
    struct Last { var time: Timestamp, boot: String, sequence: Int, energy: Double, good: Int, total: Int }
    var last: [String: Last] = [:]
    var boots = 0
    var messages = calm.messages()
    var previous: SimulatedMessage?
    while let message = messages.next(until: start + .hours(48)) {
      defer { previous = message }
      guard message.kind == .status, message != previous else { continue }
      guard let time = field("ts", message).flatMap({ Timestamp($0) }), let boot = field("boot", message),
        let sequence = field("seq", message).flatMap(Int.init),
        let energy = field("energy_kwh", message).flatMap(Double.init),
        let good = field("good", message).flatMap(Int.init),
        let total = field("total", message).flatMap(Int.init)
      else {
        Issue.record("\(text(message))")
        continue
      }
      if let before = last[message.topic] {
        var holds = time > before.time && energy >= before.energy && good <= total
        if before.boot == boot {
          holds = holds && sequence > before.sequence && good >= before.good && total >= before.total
        } else {
          boots += 1
          holds = holds && sequence == 1
        }
        if !holds { Issue.record("after \(before): \(text(message))") }
      }
      last[message.topic] = Last(
        time: time, boot: boot, sequence: sequence, energy: energy, good: good, total: total)
    }
    #expect(boots == 74)
  }

  @Test func aFactoryThatDroppedOffReturnsWithItsBacklogInOrder() throws {
    let factory = try #require(small.factories.first { $0.dropsOff })
    let (away, back) = (start + .minutes(4), start + .minutes(7))
    var words: [String: [String]] = [:]
    var backlog: [Timestamp] = []
    var messages = small.messages()
    while let message = messages.next(until: start + .minutes(8)) {
      guard message.topic.hasPrefix("factory/\(factory.id)/"), message.publishAt >= away else { continue }
      if message.kind == .presence { words[message.topic, default: []].append(text(message)) }
      guard message.publishAt <= back else { continue }
      if message.kind == .status {
        #expect(message.publishAt == back)
        backlog.append(try #require(field("ts", message).flatMap { Timestamp($0) }))
      }
    }
    let reporting = factory.equipment.count { $0.behaviour == .reports && $0.isRegistered }
    #expect(backlog.count == reporting * 6)
    #expect(backlog == backlog.sorted() && backlog.allSatisfy { $0 >= away && $0 <= back })
    #expect(words.count == reporting)
    #expect(words.values.allSatisfy { $0 == ["offline", "online"] })
  }

  @Test func theClockThatIsOffIsOffByAsMuchAsSaid() throws {
    for one in small.factories.flatMap(\.equipment) where one.clockError != .zero {
      let topic = "factory/\(one.key.factory)/\(one.workshop)/\(one.key.equipment)/status"
      var messages = small.messages()
      var count = 0
      while let message = messages.next(until: start + .minutes(5)) {
        guard message.topic == topic else { continue }
        let time = try #require(field("ts", message).flatMap { Timestamp($0) })
        #expect(time - message.publishAt == one.clockError)
        count += 1
      }
      #expect(count == 10)
    }
  }

  @Test func statesFollowTheShifts() throws {
    var day: [String: Int] = [:]
    var night: [String: Int] = [:]
    var messages = calm.messages()
    while let message = messages.next(until: start + .hours(24)) {
      guard message.kind == .status, let state = field("state", message) else { continue }
      if message.publishAt < start + .hours(12) {
        day[state, default: 0] += 1
      } else {
        night[state, default: 0] += 1
      }
    }
    #expect(Set(day.keys) == ["running", "idle", "setup", "stopped", "fault", "maintenance"])
    #expect(day["running", default: 0] > day.values.reduce(0, +) / 2)
    #expect(night["off", default: 0] > night["running", default: 0])
  }

  // MARK: Reading payloads

  private func text(_ message: SimulatedMessage) -> String {
    String(decoding: message.payload, as: UTF8.self)
  }

  /// A field's text; enough for payloads without nested objects.
  private func field(_ name: String, _ message: SimulatedMessage) -> String? {
    let text = text(message)
    guard let at = text.firstRange(of: "\"\(name)\":")?.upperBound else { return nil }
    return text[at...].prefix { $0 != "," && $0 != "}" }.filter { $0 != "\"" }
  }

  private func isStatus(_ message: SimulatedMessage) -> Bool {
    let text = text(message)
    let names = ["ts", "state", "seq", "boot", "energy_kwh", "good", "total"]
    let states = EquipmentState.allCases.map(\.name)
    return text.hasPrefix("{\"ts\":\"") && text.hasSuffix("}") && !text.contains("\"factory\"")
      && names.allSatisfy { field($0, message) != nil } && states.contains(field("state", message) ?? "")
      && field("ts", message).flatMap { Timestamp($0) } != nil
  }
}
