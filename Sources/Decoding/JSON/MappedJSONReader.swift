import CSimdjson
import Telemetry

/// Makes the events of one message from the entries found in it.
struct MappedJSONReader {
  let program: JSONProgram
  let limits: DecodingLimits
  let message: ReceivedMessage
  var plan: JSONPlan { @inline(__always) _read { yield program.plan } }
  /// The reason why the first record that cannot be read is not.
  private(set) var refusal: Rejection?
  private var hasEvents = false
  /// Number of records read so far.
  private var records = 0
  /// Place of the record with ``refusal``, and the number of records that cannot be read.
  private var refusedRecord = 1
  private var refusals = 0
  /// Places of those records.
  private var refusedPlaces: [Int] = []
  /// The equipment of the present record, once it is known, and of the record with ``refusal``.
  private var sender = EventBuffer.Sender.ofTopic
  private var refusedSender = EventBuffer.Sender.ofTopic
  /// Names from keys on the path to the current record.
  var equipment = UnsafeRawBufferPointer(start: nil, count: 0)
  var workshop = UnsafeRawBufferPointer(start: nil, count: 0)

  init(program: JSONProgram, limits: DecodingLimits, message: ReceivedMessage) {
    self.program = program
    self.limits = limits
    self.message = message
  }

  /// Texts of the alarms of arrays, by digest.
  private var alarmTexts: [UInt64: [String]] = [:]

  typealias Entries = Slice<UnsafeBufferPointer<CSimdjsonFound>>
  typealias Values = UnsafeMutableBufferPointer<FieldValue>

  /// Appends the events of all documents of the message; throws the first refusal if there is no event.
  @inline(__always)
  mutating func read(
    _ found: UnsafeBufferPointer<CSimdjsonFound>, _ memories: inout ReadingMemories,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    // Values of the current record, and of the document around it.
    let count = program.map.fields.count
    let outcome = withUnsafeTemporaryAllocation(of: FieldValue.self, capacity: max(1, count * 2)) {
      values -> Result<Void, Rejection> in
      let record = Values(rebasing: values[..<count])
      let root = Values(rebasing: values[count..<count * 2])
      var start = found.startIndex
      while start < found.endIndex {
        var end = start + 1
        while end < found.endIndex, found[end].mark != CSIMDJSON_FOUND_DOCUMENT { end += 1 }
        let document = found[start + 1..<end]
        start = end
        do throws(Rejection) {
          if program.hasTags {
            try readTags(document, root, &memories, &events)
          } else {
            try readRecords(document, record, root, &memories, &events)
          }
        } catch {
          return .failure(error)
        }
      }
      return .success(())
    }
    try outcome.get()
    guard let refusal else { return }
    if !hasEvents { throw refusal }
    events.note(
      badRecord: refusal, at: refusedRecord, equipment: events.equipment(of: refusedSender), count: refusals,
      places: refusedPlaces)
  }

  // MARK: Records

  @inline(__always)
  private mutating func readRecords(
    _ document: Entries, _ values: Values, _ root: Values, _ memories: inout ReadingMemories,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    let hasRecords = program.hasRecords
    if hasRecords { readRoot(document, root) }
    var isRead = false
    var at = document.startIndex
    while at < document.endIndex {
      let entry = document[at]
      at += 1
      switch entry.mark {
      case CSIMDJSON_FOUND_NAME: note(entry)
      case CSIMDJSON_FOUND_RECORD:
        if hasRecords { _ = values.update(fromContentsOf: root) } else { values.update(repeating: .null) }
        while at < document.endIndex, document[at].mark != CSIMDJSON_FOUND_END {
          let entry = document[at]
          at += 1
          guard entry.mark == CSIMDJSON_FOUND_VALUE, program.targets.indices.contains(Int(entry.place)) else {
            continue
          }
          let value = self.value(of: entry, document, &at)
          let target = program.targets[Int(entry.place)]
          if target.field >= 0 { values[Int(target.field)] = value }
          if target.hasMore { for field in plan.wants[Int(entry.place)].fields { values[field] = value } }
        }
        isRead = true
        try addRecord(values, &memories, &events)
      case CSIMDJSON_FOUND_VALUE where entry.place == JSONPlan.Mark.record:
        // A list without records is none to complain of.
        if entry.value.kind != CSIMDJSON_NULL { isRead = true }
      default: break
      }
    }
    if isRead || !hasRecords {
      if !isRead { refuse(Rejection(.malformed, "root", .wrongType)) }
      return
    }
    guard plan.canBeRecord else { return refuse(Rejection(.missingField, .path(plan.recordPath))) }
    try readFallback(document, values, root, &memories, &events)
  }

  /// Fills the values of fields that stand at the root of the document.
  mutating func readRoot(_ document: Entries, _ root: Values, isFallback: Bool = false) {
    if !isFallback { root.update(repeating: .null) }
    var isInRecord = false
    var at = document.startIndex
    while at < document.endIndex {
      let entry = document[at]
      at += 1
      switch entry.mark {
      case CSIMDJSON_FOUND_RECORD: isInRecord = true
      case CSIMDJSON_FOUND_END: isInRecord = false
      case CSIMDJSON_FOUND_VALUE where !isInRecord && plan.wants.indices.contains(Int(entry.place)):
        let want = plan.wants[Int(entry.place)]
        let value = self.value(of: entry, document, &at)
        for field in isFallback ? want.fallbacks : want.fields { root[field] = value }
      default: break
      }
    }
  }

  /// Reads a document in which the records are missing as a record.
  @inline(never)
  private mutating func readFallback(
    _ document: Entries, _ values: Values, _ root: Values, _ memories: inout ReadingMemories,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    _ = values.update(fromContentsOf: root)
    readRoot(document, values, isFallback: true)
    try addRecord(values, &memories, &events)
  }

  /// The value of an entry. For an array of alarms, the entries of its elements follow, and `at` moves beyond them.
  @inline(__always)
  private mutating func value(of entry: CSimdjsonFound, _ document: Entries, _ at: inout Int) -> FieldValue {
    if entry.value.kind == CSIMDJSON_ARRAY, program.targets[Int(entry.place)].hasElements {
      return alarms(document, &at)
    }
    return entry.value.fieldValue
  }

  @inline(never)
  private mutating func alarms(_ document: Entries, _ at: inout Int) -> FieldValue {
    var digest = AlarmDigest()
    var texts: [String] = []
    var fault: Fault?
    while at < document.endIndex, document[at].mark == CSIMDJSON_FOUND_ELEMENT {
      let value = document[at].value.fieldValue
      if let wrong = digest.add(value) { fault = fault ?? wrong }
      if texts.count < StatusDecoder.mostAlarms, let text = AlarmDigest.text(of: value) { texts.append(text) }
      at += 1
    }
    if fault != nil { return .unreadable(.notTexts) }
    if !texts.isEmpty { alarmTexts[digest.value] = texts }
    return .alarms(digest)
  }

  private mutating func note(_ entry: CSimdjsonFound) {
    let text = UnsafeRawBufferPointer(start: entry.value.text, count: entry.value.length)
    if entry.place == SenderPart.equipment.number { equipment = text }
    if entry.place == SenderPart.workshop.number { workshop = text }
  }

  /// Keeps a reason to refuse the message; the first decides.
  mutating func refuse(_ rejection: Rejection) {
    refusals += 1
    refusedPlaces.append(max(1, records))
    if refusal != nil { return }
    refusal = rejection
    refusedRecord = max(1, records)
    refusedSender = sender
  }

  /// Begins the next record of the message.
  mutating func beginRecord(_ events: inout EventBuffer) {
    records += 1
    events.begin(record: records)
    sender = .ofTopic
  }

  /// Adds the reading of a record. Throws only what refuses the message as a whole.
  @inline(__always)
  private mutating func addRecord(
    _ values: Values, _ memories: inout ReadingMemories, _ events: inout EventBuffer
  ) throws(Rejection) {
    beginRecord(&events)
    if program.hasFilters, !isWanted(values) { return }
    do throws(Rejection) {
      let sender = try sender(values, &events)
      try add(values, of: sender.reference, hash: sender.hash, &memories, &events)
    } catch {
      if error.reason == .tooLarge { throw error }
      refuse(error)
    }
  }

  /// Whether a record has the values that the source wants.
  private func isWanted(_ values: Values) -> Bool {
    plan.only.allSatisfy { $0.words.place(of: values[$0.field]) != nil }
  }

  /// Adds the reading that values make. `hash` is that of the equipment's name, for its memory.
  @inline(__always)
  mutating func add(
    _ values: Values, of sender: EventBuffer.Sender, hash: UInt64,
    _ memories: inout ReadingMemories, _ events: inout EventBuffer
  ) throws(Rejection) {
    self.sender = sender
    if program.isByException { return try addChanges(values, of: sender, hash: hash, &memories, &events) }
    var faults = FieldFaults()
    var memory = ReadingMemory()
    guard
      let reading = try program.map.reading(
        values, receivedAt: message.received, limits: limits, memory: &memory, faults: &faults)
    else { return }
    try events.append(reading, faults: faults, of: sender, isTimed: program.map.isTimed(values))
    hasEvents = true
    if reading.alarms != 0 { noteAlarms(values, reading, &events) }
  }

  /// Notes the codes of a reading's alarms, if the message has them.
  @inline(never)
  private func noteAlarms(_ values: Values, _ reading: Reading, _ events: inout EventBuffer) {
    guard let field = program.map.alarms else { return }
    if let texts = alarmTexts[reading.alarms] { return events.note(alarms: reading.alarms, codes: texts) }
    if let text = AlarmDigest.text(of: values[field]) {
      events.note(alarms: reading.alarms, codes: CollectionOfOne(text))
    }
  }

  @inline(never)
  private mutating func addChanges(
    _ values: Values, of sender: EventBuffer.Sender, hash: UInt64, _ memories: inout ReadingMemories,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    let levels = message.levels
    let named = levels.factory.isEmpty ? plan.factory : Array(levels.factory.bytes(in: message.topic))
    var memory = named.withUnsafeBytes { memories[$0, hash: hash] }
    let known = memory
    // Values of a message that makes no reading yet count for the next.
    defer { if memory != known { named.withUnsafeBytes { memories[$0, hash: hash] = memory } } }
    var faults = FieldFaults()
    guard
      let reading = try program.map.reading(
        values, receivedAt: message.received, limits: limits, memory: &memory, faults: &faults)
    else {
      hasEvents = true
      return
    }
    try events.append(reading, faults: faults, of: sender, isTimed: program.map.isTimed(values))
    hasEvents = true
    if reading.alarms != 0 { noteAlarms(values, reading, &events) }
  }
}
