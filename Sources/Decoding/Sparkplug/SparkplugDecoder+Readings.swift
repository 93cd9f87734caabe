import Telemetry

/// Readings of births and data.
extension SparkplugDecoder {
  /// Values of one reading, as far as they are read.
  private struct Draft {
    /// Bits of the fields that are present.
    var present: UInt64 = 0
    /// Bits of those that are null or of bad quality.
    var bad: UInt64 = 0
    /// The newest time of a value.
    var time: UInt64?
  }

  /// The circumstances of a walk through the metrics of a message.
  private struct Walk {
    var device: Int
    var subject: Int
    var isBirth: Bool
    /// Time that the payload states.
    var timestamp: UInt64?
    var memory: ReadingMemory
    var bad: UInt64
    var lastTime: Timestamp
    /// Only for a walk through historical values.
    var past: Past?
    /// Whether the message has values of the other kind, live or historical.
    var hasOthers = false

    var isHistorical: Bool { past != nil }
  }

  /// The values of the past and of the present with which historical values of a message are read.
  private struct Past {
    /// The live values before the message.
    var before: SparkplugHistory.Live
    /// The values known for the time of the present reading.
    var known = ReadingMemory()
  }

  /// Appends the readings of a device's message: one of its live values, or several if a field has several values,
  /// and before it one for each time of its historical values.
  mutating func decodeReadings(
    of device: Int, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage, isBirth: Bool,
    into events: inout EventBuffer
  ) throws(Rejection) {
    guard let subject = subject(of: device) else {
      return try check(payload, of: device)
    }
    var walk = Walk(
      device: device, subject: subject, isBirth: isBirth, timestamp: payload.timestamp,
      memory: devices[subject].memory, bad: devices[subject].bad, lastTime: devices[subject].lastTime)
    try self.walk(&walk, payload, message, &events)
    guard walk.hasOthers else { return keep(walk) }
    // Historical values are read against what held at their time, and change nothing of the live values.
    var past = walk
    past.past = Past(
      before: SparkplugHistory.Live(
        values: devices[subject].memory, since: devices[subject].history.since))
    past.bad = devices[subject].bad
    keep(walk)
    try self.walk(&past, payload, message, &events)
  }

  private mutating func keep(_ walk: Walk) {
    devices[walk.subject].history.noteLive(walk.memory, after: devices[walk.subject].memory)
    devices[walk.subject].memory = walk.memory
    devices[walk.subject].bad = walk.bad
    devices[walk.subject].lastTime = walk.lastTime
  }

  /// Checks data that makes no reading: its aliases must be known.
  private mutating func check(_ payload: SparkplugPayload, of device: Int) throws(Rejection) {
    do throws(ProtobufReader.Fault) {
      var metrics = payload.metrics
      while let metric = try metrics.next() { _ = field(of: metric, device) }
    } catch { throw Self.rejection(error) }
  }

  private mutating func walk(
    _ walk: inout Walk, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    let (topic, levels, received) = (message.topic, message.levels, message.received)
    let bytes = message.payload
    try withFieldValues(map.fields.count) { values throws(Rejection) in
      let message = ReceivedMessage(topic: topic, levels: levels, payload: bytes, received: received)
      var draft = Draft()
      var metrics = payload.metrics
      while let metric = try Self.next(&metrics) {
        guard metric.isHistorical == walk.isHistorical else {
          walk.hasOthers = true
          continue
        }
        guard let (field, datatype) = field(of: metric, walk.device) else { continue }
        let bit: UInt64 = 1 << UInt64(field)
        let isNext =
          draft.present & bit != 0
          || walk.isHistorical && draft.present != 0 && draft.time != metric.timestamp ?? walk.timestamp
        if isNext { try flush(&draft, &walk, values, message, &events) }
        values[field] = try value(of: metric, datatype)
        draft.present |= bit
        if values[field].isNull { draft.bad |= bit }
        if let time = metric.timestamp ?? walk.timestamp { draft.time = max(draft.time ?? 0, time) }
      }
      try flush(&draft, &walk, values, message, &events)
    }
  }

  @inline(__always)
  private static func next(_ metrics: inout SparkplugPayload.Metrics) throws(Rejection) -> SparkplugMetric? {
    do throws(ProtobufReader.Fault) { return try metrics.next() } catch { throw rejection(error) }
  }

  /// The field that a metric states, and its datatype; nil if it states none, or is unknown.
  @inline(__always)
  private mutating func field(of metric: SparkplugMetric, _ device: Int) -> (field: Int, datatype: UInt8)? {
    // A name is always valid; an alias only as the birth says. Some writers state an empty name beside the alias, some
    // nodes another name in data than in births.
    if let name = metric.name, !name.isEmpty {
      guard let field = map.field(named: name) else { return self.field(ofRenamed: metric, device) }
      let stated = metric.datatype.flatMap { SparkplugDatatype(number: $0) }?.rawValue
      return (
        field,
        stated ?? (devices[device].datatypes.indices.contains(field) ? devices[device].datatypes[field] : 0)
      )
    }
    guard let alias = metric.alias, let entry = edges[Int(devices[device].edge)].aliases.find(alias),
      Int(entry.device) == device
    else {
      counters.unknownAliases += 1
      lacksBirth(edges[Int(devices[device].edge)].id)
      return nil
    }
    return entry.field == SparkplugAliases.Entry.none ? nil : (Int(entry.field), entry.datatype)
  }

  /// The field that the alias of a metric with an unmapped name states; nil if it states none.
  private func field(ofRenamed metric: SparkplugMetric, _ device: Int) -> (field: Int, datatype: UInt8)? {
    guard let alias = metric.alias, let entry = edges[Int(devices[device].edge)].aliases.find(alias),
      Int(entry.device) == device, entry.field != SparkplugAliases.Entry.none
    else { return nil }
    return (Int(entry.field), entry.datatype)
  }

  /// The value of a metric; null if it is null, or not of good quality.
  @inline(__always)
  private mutating func value(of metric: SparkplugMetric, _ datatype: UInt8) throws(Rejection) -> FieldValue {
    if metric.hasProperties {
      do throws(ProtobufReader.Fault) {
        if let quality = try metric.quality(), !Self.goodQualities.contains(quality) {
          counters.badValues += 1
          return .null
        }
      } catch { throw Self.rejection(error) }
    }
    let value = metric.fieldValue(SparkplugDatatype(rawValue: datatype))
    if value.isNull { counters.badValues += 1 }
    if case .unreadable = value { counters.skippedValues += 1 }
    return value
  }

  /// 192 is good; 0 is bad and 500 stale. Gateways pass on the other good qualities of OPC.
  private static let goodQualities: ClosedRange<UInt64> = 192...255

  /// Appends the reading of a draft, and begins the next.
  private mutating func flush(
    _ draft: inout Draft, _ walk: inout Walk, _ values: UnsafeMutableBufferPointer<FieldValue>,
    _ message: borrowing ReceivedMessage, _ events: inout EventBuffer
  ) throws(Rejection) {
    guard draft.present != 0 else { return }
    defer {
      for index in values.indices { values[index] = .null }
      draft = Draft()
    }
    walk.bad = walk.bad & ~draft.present | draft.bad
    let stated = walk.isBirth && !walk.isHistorical ? walk.timestamp ?? draft.time : draft.time
    let received = message.received
    values[timeField] = .integer(stated.map { Int64(clamping: $0) } ?? received.milliseconds)
    if let past = walk.past {
      let time = stated.map { Timestamp(milliseconds: Int64(clamping: $0)) } ?? received
      let (history, live) = (devices[walk.subject].history, devices[walk.subject].memory)
      walk.memory = history.values(at: time, live: live, before: past.before)
      walk.past?.known = walk.memory
      walk.memory.time = .distantPast
    }
    if draft.bad & stateFields != 0 { map.forget(draft.bad, in: &walk.memory) }
    guard let (reading, faults) = try reading(values, &walk, message) else { return }
    let sender = try sender(of: walk.subject, message, &events)
    try events.append(reading, faults: faults, of: sender, isTimed: stated != nil)
    // Its end must be stated, too.
    if !walk.isHistorical { devices[walk.subject].isAlive = true }
  }

  /// Maximum difference of two times that are taken to be the same. Only the order of their messages counts.
  private static let sameTime = Span.milliseconds(100)
  /// Maximum age of a live value.
  private static let live = Span.minutes(1)

  /// The time of a live reading, a millisecond after the last one if it states the same time: readings are in the order
  /// of their messages, and the last one decides the state.
  private func time(_ time: Timestamp, after last: Timestamp, received: Timestamp) -> Timestamp {
    let next = last + .milliseconds(1)
    return time <= last && next <= min(time + Self.sameTime, received + limits.futureSkew) ? next : time
  }

  /// Whether values are newer than those of the last reading, at `last`. Messages are in order, so live values are, also
  /// if the sender's clock was set back. Other values of an earlier time were kept by the sender.
  private func areNewest(_ stated: FieldValue, _ last: Timestamp, _ received: Timestamp) -> Bool {
    guard case .integer(let milliseconds) = stated else { return true }
    let time = Timestamp(milliseconds: milliseconds)
    return time + Self.live >= received || time + Self.sameTime > last
  }

  /// The reading of values; nil if the state is not known.
  private mutating func reading(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ walk: inout Walk, _ message: borrowing ReceivedMessage
  ) throws(Rejection) -> (Reading, FieldFaults)? {
    var faults = FieldFaults()
    let (last, received) = (walk.memory.time, message.received)
    let isNewest = !walk.isHistorical && areNewest(values[timeField], last, received)
    if isNewest { walk.memory.time = .distantPast }
    do throws(Rejection) {
      guard
        var reading = try map.reading(
          values, receivedAt: received, limits: limits, memory: &walk.memory, faults: &faults)
      else {
        walk.memory.time = max(walk.memory.time, last)
        return nil
      }
      if let past = walk.past {
        // A session does not vouch for the past.
        reading.vouching = .horizon
        if !walk.memory.hasValues(of: past.known) {
          let live = devices[walk.subject].memory
          devices[walk.subject].history.note(walk.memory, at: reading.time, live: live)
        }
        return (reading, faults)
      }
      if walk.isBirth {
        let end = devices[walk.subject].lastEnd
        reading.time = time(reading.time, ofSessionAfter: end, received: received)
      }
      if isNewest {
        reading.time = time(reading.time, after: last, received: received)
        walk.memory.time = reading.time
      }
      walk.lastTime = max(walk.lastTime, min(reading.time, received))
      return (reading, faults)
    } catch {
      walk.memory.time = max(walk.memory.time, last)
      switch error.reason {
      case .missingField where walk.isHistorical:
        counters.historicalWithoutState += 1
        return nil
      case .missingField where walk.isBirth || walk.bad & stateFields != 0: return nil
      // Values of a message that makes no reading yet count for the next.
      case .missingField: devices[walk.subject].memory = walk.memory
      // The state before does not hold any more, although the new one is not known.
      case .unknownState where !walk.isHistorical: devices[walk.subject].memory = walk.memory
      default: break
      }
      throw error
    }
  }
}
