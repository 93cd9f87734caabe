import Telemetry

/// A map with what the reading of each observation needs.
struct MTConnectProgram: Sendable {
  let map: ReadingMap
  let fields: MTConnectFields
  let limits: DecodingLimits
  /// The levels of conditions that fields stand for, by field.
  let levels: [Int: (faults: Bool, warnings: Bool)]
  /// Number of the field with the time.
  let time: Int
  /// Fields that decide the state, each with its words.
  let stateFields: [(field: Int, words: WordList)]

  /// `map` must have a time.
  init(_ map: ReadingMap, limits: DecodingLimits) {
    self.map = map
    self.limits = limits
    fields = MTConnectFields(map)
    levels = map.fields.enumerated().reduce(into: [:]) { levels, field in
      switch field.element {
      case MTConnectDecoder.ConditionField.any: levels[field.offset] = (true, true)
      case MTConnectDecoder.ConditionField.fault: levels[field.offset] = (true, false)
      case MTConnectDecoder.ConditionField.warning: levels[field.offset] = (false, true)
      default: break
      }
    }
    time = map.time?.field ?? 0
    stateFields =
      switch map.state {
      case .words(let words): [(words.field, words.list)]
      case .conditions(let conditions): conditions.fields.map { ($0.field, $0.words) }
      case .always: []
      }
  }

  /// The rank of a word that decides the state: of several paths, the one with the lowest decides.
  func rank(_ word: UInt8) -> Int {
    guard word != MTConnectMemory.otherWord else { return Int.max }
    guard case .words(let words) = map.state, words.meanings.indices.contains(Int(word)) else {
      return Int(word)
    }
    return switch words.meanings[Int(word)] {
    case .running: 0
    case .setup: 1
    case .fault: 2
    case .maintenance: 3
    case .stopped: 4
    case .idle: 5
    case .off: 6
    }
  }
}

/// Makes the events of one device in one document.
struct MTConnectReader: ~Copyable {
  private let program: MTConnectProgram
  private let sender: EventBuffer.Sender
  private let received: Timestamp
  private(set) var memory: MTConnectMemory
  private var texts = TextArena()

  private static let unavailable: StaticString = "UNAVAILABLE"

  init(
    _ program: MTConnectProgram, _ memory: MTConnectMemory, _ sender: EventBuffer.Sender,
    _ received: Timestamp
  ) {
    self.program = program
    self.memory = memory
    self.sender = sender
    self.received = received
  }

  /// Appends the events. If it throws, the next document of the device begins anew.
  mutating func read(
    _ observations: [MTConnectObservation], of document: MTConnectDocument, _ events: inout EventBuffer
  ) throws(Rejection) {
    do throws(Rejection) {
      try readAll(observations, of: document, &events)
    } catch {
      memory = MTConnectMemory(after: memory.reading.time)
      throw error
    }
  }

  private mutating func readAll(
    _ observations: [MTConnectObservation], of document: MTConnectDocument, _ events: inout EventBuffer
  ) throws(Rejection) {
    let isSnapshot =
      !memory.isHeard || document.instance.map { $0 != memory.instance } ?? false
    if isSnapshot {
      memory = MTConnectMemory(after: memory.reading.time)
      memory.instance = document.instance ?? 0
    }
    let newest = memory.reading.time
    let highest = memory.sequence
    var timed: [(time: Timestamp, observation: MTConnectObservation)] = []
    for observation in observations {
      guard let time = observation.time ?? document.creation else {
        throw Rejection(.missingField, "timestamp")
      }
      if !isSnapshot {
        guard observation.sequence.map({ $0 > highest }) ?? (time > newest) else { continue }
      }
      memory.sequence = max(memory.sequence, observation.sequence ?? 0)
      timed.append((time, observation))
    }
    let order = timed.indices.sorted { a, b in
      let (first, second) = (timed[a], timed[b])
      if first.time != second.time { return first.time < second.time }
      let (x, y) = (first.observation.sequence ?? 0, second.observation.sequence ?? 0)
      return x != y ? x < y : a < b
    }
    if isSnapshot {
      if let last = order.last {
        let time = document.creation ?? timed[last].time
        try append(order.map { timed[$0].observation }, at: time, &events)
      }
      // Until the state is known, the next document is a snapshot too.
      memory.isHeard = memory.reading.state != nil || !memory.isAvailable
      return
    }
    var start = 0
    while start < order.count {
      let time = timed[order[start]].time
      var end = start + 1
      while end < order.count, timed[order[end]].time == time { end += 1 }
      try append(order[start..<end].map { timed[$0].observation }, at: time, &events)
      start = end
    }
    try confirm(document, &events)
  }

  // MARK: Events

  /// Appends the events of observations at one time, in their order.
  private mutating func append(
    _ observations: [MTConnectObservation], at time: Timestamp, _ events: inout EventBuffer
  ) throws(Rejection) {
    // A reading is after the one before, so that the last one decides the state.
    let instant = max(time, memory.reading.time + .milliseconds(1))
    var presence: Presence?
    try withFieldValues(program.map.fields.count) { values throws(Rejection) in
      var hasValues = false
      var losesState = false
      for observation in observations {
        if observation.isAvailability, let available = Self.isAvailable(observation.value) {
          presence = available ? .online : .offline
          memory.isAvailable = available
        }
        if let level = observation.level {
          let changes = memory.apply(
            level, of: observation.item, key: observation.key, code: observation.code)
          if changes { hasValues = true }
        } else if let field = observation.field {
          if !note(observation, field, values) { losesState = true }
        }
      }
      resolvePaths(values)
      // A state that is unavailable is no fault of the message.
      if losesState, program.stateFields.allSatisfy({ values[$0.field].isNull }) { return }
      for field in values.indices where !values[field].isNull { hasValues = true }
      guard hasValues else { return }
      let codes = fillConditions(values)
      values[program.time] = .integer(instant.milliseconds)
      var faults = FieldFaults()
      let reading = try program.map.reading(
        values, receivedAt: received, limits: program.limits, memory: &memory.reading, faults: &faults)
      guard let reading else { return }
      try events.append(reading, faults: faults, of: sender)
      note(codes, of: reading, values, &events)
    }
    guard let presence, presence == .offline || program.map.vouching == .session else { return }
    try program.limits.check(time, receivedAt: received)
    try events.append(presence, at: time, receivedAt: received, of: sender, isTimed: true)
  }

  /// Appends a reading with the last state at the time of a document that has all observations until then.
  private mutating func confirm(
    _ document: MTConnectDocument, _ events: inout EventBuffer
  ) throws(Rejection) {
    guard let creation = document.creation, document.isComplete, memory.isAvailable,
      creation > memory.reading.time
    else { return }
    let reading = try withFieldValues(program.map.fields.count) { values throws(Rejection) -> Reading? in
      values[program.time] = .integer(creation.milliseconds)
      return try program.map.confirmation(
        values, receivedAt: received, limits: program.limits, memory: &memory.reading)
    }
    guard let reading else { return }
    try events.append(reading, of: sender)
    if let alarms = program.map.alarms, let levels = program.levels[alarms], reading.alarms != 0 {
      events.note(
        alarms: reading.alarms, codes: memory.codes(faults: levels.faults, warnings: levels.warnings))
    }
  }

  private static func isAvailable(_ value: FieldValue) -> Bool? {
    guard case .text(let text) = value else { return nil }
    if text.equals("AVAILABLE") { return true }
    return text.equals(unavailable) ? false : nil
  }

  // MARK: Fields

  /// Sets the value of an observation; returns false if a word that decides the state is no longer available.
  private mutating func note(
    _ observation: MTConnectObservation, _ field: Int, _ values: UnsafeMutableBufferPointer<FieldValue>
  ) -> Bool {
    let value = observation.value
    var isUnavailable = value.isNull
    if case .text(let text) = value, text.equals(Self.unavailable) { isUnavailable = true }
    if let words = program.stateFields.first(where: { $0.field == field })?.words {
      let word = words.place(of: value).map { UInt8(clamping: $0) }
      if word == nil, isUnavailable {
        memory.set(nil, of: observation.item, field: UInt8(clamping: field))
        // Replaced if another path has a word.
        memory.reading.forgetState()
        return false
      }
      memory.set(word ?? MTConnectMemory.otherWord, of: observation.item, field: UInt8(clamping: field))
      values[field] = value
      return true
    }
    guard memory.gives(observation.item, field) else { return true }
    if isUnavailable {
      let mode = program.map.mode
      guard mode?.field == field else { return true }
      if mode?.meaning(value) == nil {
        memory.reading.mode = .unstated
        return true
      }
    }
    values[field] = value
    return true
  }

  /// Replaces the words that decide the state by those of the paths with the lowest rank.
  private mutating func resolvePaths(_ values: UnsafeMutableBufferPointer<FieldValue>) {
    for (field, words) in program.stateFields where program.levels[field] == nil {
      let found = memory.paths.filter { $0.field == field }.min {
        program.rank($0.word) < program.rank($1.word)
      }
      guard let found, words.words.indices.contains(Int(found.word)) else { continue }
      if values[field].isNull, memory.reading.state != nil { continue }
      values[field] = .text(texts.bytes(of: words.words[Int(found.word)].text))
    }
  }

  /// Sets the values that active conditions give; returns the codes of the alarms.
  private func fillConditions(_ values: UnsafeMutableBufferPointer<FieldValue>) -> [String] {
    for (field, levels) in program.levels {
      let codes = memory.codes(faults: levels.faults, warnings: levels.warnings)
      values[field] = .integer(codes.isEmpty ? 0 : 1)
    }
    guard let alarms = program.map.alarms, let levels = program.levels[alarms] else { return [] }
    var codes = memory.codes(faults: levels.faults, warnings: levels.warnings)
    var digest = AlarmDigest()
    for place in codes.indices {
      codes[place].withUTF8 { _ = digest.add(.text(UnsafeRawBufferPointer($0))) }
    }
    values[alarms] = .alarms(digest)
    return codes
  }

  /// Notes the codes of a reading's alarms.
  private func note(
    _ codes: [String], of reading: Reading, _ values: UnsafeMutableBufferPointer<FieldValue>,
    _ events: inout EventBuffer
  ) {
    guard reading.alarms != 0, let field = program.map.alarms else { return }
    if program.levels[field] != nil { return events.note(alarms: reading.alarms, codes: codes) }
    if let text = AlarmDigest.text(of: values[field]) {
      events.note(alarms: reading.alarms, codes: CollectionOfOne(text))
    }
  }
}
