import Decoding
import Telemetry
import Testing

/// Readings from a map written as YAML, and fields by name.
struct MapSite {
  let map: ReadingMap
  var memory = ReadingMemory()
  var faults = FieldFaults()
  var limits = DecodingLimits()
  static let received = Timestamp(milliseconds: 1_795_305_601_000)

  init(_ yaml: String) throws {
    var problems: [SettingsProblem] = []
    var section = try #require(SettingsSection(try PlainYAML.tree(yaml), name: "source", &problems))
    var reader = ReadingMapReader(fieldForm: "a name") { _ in true }
    let read = reader.map(from: &section, &problems)
    section.finish(&problems)
    try #require(problems.isEmpty, "\(problems)")
    map = try #require(read)
  }

  /// What the fields make: a summary of the reading, "nothing", or the refusal.
  mutating func take(_ fields: [String: FieldValue], received: Timestamp = received) -> String {
    faults = FieldFaults()
    var memory = self.memory
    defer { self.memory = memory }
    do throws(Rejection) {
      let map = self.map
      var faults = self.faults
      let reading = try withFieldValues(map.fields.count) { values throws(Rejection) -> Reading? in
        for (place, name) in map.fields.enumerated() { values[place] = fields[name] ?? .null }
        return try map.reading(
          values, receivedAt: received, limits: limits, memory: &memory, faults: &faults)
      }
      self.faults = faults
      guard let reading else { return "nothing" }
      var words = [reading.state.name]
      if reading.time != received { words.append("at \(reading.time.milliseconds - 1_795_305_600_000)") }
      if reading.mode != .unstated { words.append(reading.mode.name) }
      if let energy = reading.meters.energy { words.append("energy \(energy)") }
      if let good = reading.meters.good { words.append("good \(good)") }
      if reading.alarms != 0 { words.append("alarms") }
      for field in OptionalField.allCases {
        if let fault = faults[field] { words.append("\(field.name)!\(fault.name)") }
      }
      return words.joined(separator: " ")
    } catch {
      return "\(error.reason.name) \(error.detail)"
        + (error.fault == .unspecified ? "" : " \(error.fault.name)")
    }
  }
}

extension FieldValue {
  /// Text that lives as long as the program.
  fileprivate static func word(_ text: StaticString) -> FieldValue {
    .text(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}

@Suite("Readings from mapped fields") struct ReadingMapTests {
  @Test("Each field has the meaning that the source gives it") func fields() throws {
    var site = try MapSite(
      """
      timestamp: { at: t, unit: s }
      state: { at: s, map: { 1: running, 2: fault } }
      mode: { at: m, map: { auto: automatic } }
      counters: { energy_kwh: { at: wh, factor: 0.001 }, good: n }
      alarms: a
      quality: q
      """)
    #expect(site.map.fields == ["t", "s", "m", "wh", "n", "a", "q"])
    let time = FieldValue.integer(1_795_305_600)
    #expect(site.take(["t": time, "s": .integer(1)]) == "running at 0")
    #expect(
      site.take([
        "t": time, "s": .boolean(true), "wh": .integer(1234), "n": .integer(7), "a": .integer(3),
        "q": .boolean(true),
      ]) == "running at 0 energy 1234 good 7000 alarms")
    #expect(site.take(["t": time]) == "missing_field s")
    #expect(site.take(["s": .integer(1)]) == "missing_field t")
    #expect(site.take(["t": time, "s": .integer(3)]) == "unknown_state s unknown_word")
    #expect(site.take(["t": time, "s": .unreadable(.wrongType)]) == "unknown_state s wrong_type")
    #expect(
      site.take(["t": .integer(1_795_305_600_000), "s": .integer(1)]) == "invalid_timestamp t out_of_range")
    #expect(site.take(["t": .integer(1_795_305_600 + 302), "s": .integer(1)]) == "future t")
    #expect(site.take(["t": time, "s": .integer(1), "q": .integer(0)]) == "unknown_state q unknown_word")
    #expect(
      site.take(["t": time, "s": .integer(1), "m": .integer(1), "wh": .integer(-1), "n": .boolean(true)])
        == "running at 0 mode!unknown_word energy_kwh!negative good!wrong_type")
  }

  @Test("The first condition that holds decides the state") func conditions() throws {
    var site = try MapSite(
      """
      timestamp: receipt
      state:
        - { when: { alarm: 1 }, is: fault }
        - { when: { run: 1, mode: [auto, 2] }, is: running }
        - { when: { run: 1, door: ~ }, is: setup }
        - { is: idle }
      """)
    #expect(site.map.isTimed == false)
    #expect(site.take(["alarm": .boolean(true)]) == "fault")
    #expect(site.take(["alarm": .integer(0), "run": .integer(0)]) == "idle")
    #expect(site.take(["alarm": .integer(0), "run": .integer(1), "mode": .integer(2)]) == "running")
    #expect(site.take(["alarm": .integer(0), "run": .integer(1), "mode": .integer(3)]) == "setup")
    #expect(
      site.take(["alarm": .integer(0), "run": .integer(1), "mode": .integer(3), "door": .integer(0)])
        == "idle")
    #expect(site.take(["run": .integer(1)]) == "missing_field alarm")
    #expect(site.take(["alarm": .integer(0), "mode": .integer(2)]) == "missing_field run")
    #expect(site.take(["alarm": .integer(0), "run": .integer(1)]) == "missing_field mode")
  }

  @Test("A source that reports changes only keeps earlier values") func changes() throws {
    var site = try MapSite(
      """
      timestamp: { at: t, unit: s }
      state: [{ when: { alarm: 1 }, is: fault }, { when: { run: 1 }, is: running }, { is: idle }]
      mode: m
      counters: { good: n }
      alarms: a
      changes_only: true
      """)
    func at(_ second: Int64, _ fields: [String: FieldValue]) -> [String: FieldValue] {
      fields.merging(["t": .integer(1_795_305_600 + second)]) { $1 }
    }
    let manual = Array("manual".utf8)
    manual.withUnsafeBytes { manual in
      #expect(site.take(at(0, ["run": .integer(1)])) == "missing_field alarm")
      #expect(
        site.take(at(0, ["run": .integer(1), "alarm": .integer(0), "m": .text(manual)]))
          == "running at 0 manual")
      #expect(site.take(at(1, ["n": .integer(5)])) == "running manual good 5000")
      #expect(site.take(at(2, ["alarm": .integer(1), "a": .integer(17)])) == "fault at 2000 manual alarms")
      #expect(site.take(at(3, ["run": .integer(0)])) == "fault at 3000 manual alarms")
      // What is late, or refused, changes nothing that is kept.
      #expect(site.take(at(2, ["alarm": .integer(0), "a": .integer(0)])) == "idle at 2000 manual")
      #expect(site.take(at(400, ["alarm": .integer(0)])) == "future t")
      #expect(site.take(at(4, ["n": .integer(6)])) == "fault at 4000 manual good 6000 alarms")
      #expect(site.take(at(5, ["alarm": .integer(0), "a": .integer(0)])) == "idle at 5000 manual")
      #expect(site.take(at(6, [:])) == "nothing")
    }
  }

  @Test("A state by words is kept as well, and a session vouches") func words() throws {
    var site = try MapSite("timestamp: receipt\nstate: s\ncounters: { good: n }\nvouching: session")
    #expect(site.map.vouching == .session)
    #expect(site.take(["n": .integer(1)]) == "missing_field s")
    Array("setup".utf8).withUnsafeBytes { word in #expect(site.take(["s": .text(word)]) == "setup") }
    #expect(site.take(["n": .integer(1)]) == "setup at 1001 good 1000")
    #expect(MemoryLayout<ReadingMemory>.stride <= 32)
  }

  @Test("Changes received in one millisecond are in the order of receipt") func order() throws {
    var site = try MapSite("timestamp: receipt\nstate: s\ncounters: { good: n }\nchanges_only: true")
    let (running, idle) = (Array("running".utf8), Array("idle".utf8))
    running.withUnsafeBytes { #expect(site.take(["s": .text($0)]) == "running") }
    idle.withUnsafeBytes { #expect(site.take(["s": .text($0)]) == "idle at 1001") }
    #expect(site.take(["n": .integer(2)]) == "idle at 1002 good 2000")
    // After a clock was set back, readings are not moved to the time before.
    let back = MapSite.received - .minutes(2)
    running.withUnsafeBytes { #expect(site.take(["s": .text($0)], received: back) == "running") }
  }

  @Test("Values are kept that arrive before those that the state needs") func early() throws {
    var site = try MapSite(
      """
      timestamp: receipt
      state: [{ when: { alarm: 1 }, is: fault }, { when: { run: 1 }, is: running }, { is: idle }]
      mode: m
      alarms: a
      changes_only: true
      """)
    let manual = Array("manual".utf8)
    manual.withUnsafeBytes { #expect(site.take(["m": .text($0)]) == "missing_field alarm") }
    #expect(site.take(["a": .integer(17)]) == "missing_field alarm")
    #expect(site.take(["run": .integer(1)]) == "missing_field alarm")
    #expect(site.take(["alarm": .integer(0)]) == "running manual alarms")
  }

  @Test("Counters are multiplied exactly, and never overflow") func factors() throws {
    var site = try MapSite(
      "timestamp: receipt\nstate: { at: s, map: { 1: idle } }\ncounters: { good: { at: n, factor: 1000000 } }"
    )
    func good(_ value: Int64) -> String { site.take(["s": .integer(1), "n": .integer(value)]) }
    #expect(good(3) == "idle good 3000000000")
    #expect(good(9_223_372_036) == "idle good 9223372036000000000")
    #expect(good(9_223_372_037) == "idle good!out_of_range")
    #expect(good(.max / 1000) == "idle good!out_of_range")
    #expect(good(.max) == "idle good!out_of_range")
    var small = try MapSite(
      "timestamp: receipt\nstate: { at: s, map: { 1: idle } }\ncounters: { good: { at: n, factor: 0.0005 } }")
    #expect(small.take(["s": .integer(1), "n": .integer(1)]) == "idle good 1")
    #expect(small.take(["s": .integer(1), "n": .double(0.4)]) == "idle good 0")
  }

  @Test("The memories of equipment are stored by factory and restored") func memories() throws {
    func bytes<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
      Array(text.utf8).withUnsafeBytes(body)
    }
    var site = try MapSite("timestamp: receipt\nstate: { at: s, map: { 1: fault } }\nchanges_only: true")
    #expect(site.take(["s": .integer(1)]) == "fault")
    var memories = ReadingMemories()
    for (factory, equipment) in [("F2", "E1"), ("F1", "E1"), ("F1", "E2")] {
      bytes(factory) { factory in bytes(equipment) { memories[factory, $0] = site.memory } }
    }
    let states = memories.states()
    #expect(states.map(\.factory) == ["F1", "F2"])
    #expect(states.map(\.bytes.count) == [68, 34])
    var restored = ReadingMemories()
    for state in states { try restored.restore(state) }
    #expect(restored.states() == states)
    #expect(bytes("F1") { factory in bytes("E2") { restored[factory, $0] } } == site.memory)
    #expect(bytes("F2") { factory in bytes("E2") { restored[factory, $0] } } == ReadingMemory())
    let good = Array(states[1].bytes)
    for wrong in [Array(good.dropLast()), good.dropLast() + [9], good.dropLast(2) + [8, 0]] {
      #expect(throws: ReadingMemories.Malformed.self) {
        try restored.restore(DecoderState(factory: "F1", bytes: wrong))
      }
    }
    #expect(restored.states() == states)
  }

  @Test("Of changes received in one millisecond the last decides, however many there are") func burst() throws
  {
    var site = try MapSite(
      """
      timestamp: receipt
      state: s
      counters: { good: n }
      changes_only: true
      """)
    for _ in 0..<5000 { _ = site.take(["s": .word("running")]) }
    _ = site.take(["s": .word("idle")])
    #expect(site.take(["n": .integer(1)]).hasPrefix("idle"))
  }

  @Test("A change without a time of its own counts, although an earlier one stated a later time")
  func changeWithoutTime() throws {
    var site = try MapSite(
      """
      timestamp: { at: t, otherwise: receipt }
      state: s
      counters: { good: n }
      changes_only: true
      """)
    let ahead = FieldValue.integer(MapSite.received.milliseconds + 120_000)
    _ = site.take(["t": ahead, "s": .word("running")])
    #expect(site.take(["s": .word("idle")]) == "idle")
    #expect(site.take(["n": .integer(1)]) == "idle at 1001 good 1000")
  }

  @Test("The time of a change by its receipt is within the limits") func burstWithinLimits() throws {
    var site = try MapSite("timestamp: receipt\nstate: s\nchanges_only: true")
    site.limits.futureSkew = .milliseconds(1)
    #expect(site.take(["s": .word("running")]) == "running")
    #expect(site.take(["s": .word("running")]) == "running at 1001")
    #expect(site.take(["s": .word("running")]) == "running")
  }

  @Test("A value without a meaning ends the state before, unless it is older") func unknownEndsState() throws
  {
    var site = try MapSite(
      """
      timestamp: { at: t, unit: s }
      state: { at: s, map: { 1: running } }
      counters: { good: n }
      changes_only: true
      """)
    func time(_ second: Int64) -> FieldValue { .integer(1_795_305_600 + second) }
    #expect(site.take(["t": time(0), "s": .integer(1)]) == "running at 0")
    #expect(site.take(["t": time(-1), "s": .integer(99)]) == "unknown_state s unknown_word")
    #expect(site.take(["t": time(1), "n": .integer(5)]) == "running good 5000")
    #expect(site.take(["t": time(2), "s": .integer(99)]) == "unknown_state s unknown_word")
    #expect(site.take(["t": time(3), "n": .integer(6)]) == "missing_field s")
    var parts = try MapSite(
      """
      timestamp: receipt
      state: [{ when: { run: 1, door: 0 }, is: running }, { when: { run: 0 }, is: idle }]
      counters: { good: n }
      changes_only: true
      """)
    #expect(parts.take(["run": .integer(1), "door": .integer(0)]) == "running")
    #expect(parts.take(["run": .integer(7)]) == "unknown_state run unknown_word")
    #expect(parts.take(["n": .integer(5)]) == "missing_field run")
    #expect(parts.take(["run": .integer(1)]) == "running at 1001")
  }
}
