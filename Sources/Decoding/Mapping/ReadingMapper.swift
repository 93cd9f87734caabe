import Telemetry

extension ReadingMap {
  /// Returns the reading that the values of one equipment at one instant make; nil if the source reports changes only
  /// and none of the fields is present.
  ///
  /// - Parameters:
  ///   - values: a value for each of ``fields``, in their order.
  ///   - memory: earlier values of the equipment, and after the call also these. Only used if ``isByException``. If
  ///     the call throws, it has changed only if values that decide the state are still missing, or have no meaning:
  ///     then the state before does not hold any more.
  ///   - faults: gets the optional fields that could not be read and were left out.
  /// - Throws: the reason why they make no reading; its detail is the field's identifier.
  @inline(__always)
  public func reading(
    _ values: UnsafeMutableBufferPointer<FieldValue>, receivedAt received: Timestamp, limits: DecodingLimits,
    memory: inout ReadingMemory, faults: inout FieldFaults
  ) throws(Rejection) -> Reading? {
    if isByException, !hasContent(values) { return nil }
    let (time, isReceipt) = try time(values, memory, received, limits)
    try checkQuality(values)
    var known = isByException ? memory.known : 0
    let state: EquipmentState
    do throws(Rejection) { state = try self.state(values, memory, &known) } catch {
      if isByException {
        if error.reason == .missingField { remember(values, known, in: &memory) }
        if error.reason == .unknownState, time >= memory.time || isReceipt {
          forgetState(values, in: &memory)
        }
      }
      throw error
    }
    try check(time, received, limits)
    var reading = Reading(
      time: time, received: received, state: state, mode: mode(values, &faults),
      meters: Meters(
        energy: counter(energy, .energy, values, &faults), good: counter(good, .good, values, &faults),
        total: counter(total, .total, values, &faults)),
      vouching: vouching)
    let alarms = alarms(values, &faults)
    reading.alarms = alarms ?? 0
    if isByException {
      if alarms == nil { reading.alarms = memory.alarms }
      if reading.mode == .unstated { reading.mode = memory.mode }
      // Receipts are in the order of the changes.
      if time >= memory.time || isReceipt {
        memory.time = time
        memory.known = known
        memory.state = state
        memory.mode = reading.mode
        memory.alarms = reading.alarms
      }
    }
    return reading
  }

  /// Returns a reading with the last state, mode and alarms, for a message that says that nothing has changed; nil if
  /// they are not known. See ``reading(_:receivedAt:limits:memory:faults:)``.
  func confirmation(
    _ values: UnsafeMutableBufferPointer<FieldValue>, receivedAt received: Timestamp, limits: DecodingLimits,
    memory: inout ReadingMemory
  ) throws(Rejection) -> Reading? {
    guard isByException, let state = memory.state else { return nil }
    let (time, _) = try time(values, memory, received, limits)
    try check(time, received, limits)
    memory.time = max(memory.time, time)
    return Reading(
      time: time, received: received, state: state, mode: memory.mode, alarms: memory.alarms,
      vouching: vouching)
  }

  /// Whether the state depends on a field.
  func decidesState(_ field: Int) -> Bool {
    switch state {
    case .words(let words): words.field == field
    case .conditions(let conditions): conditions.fields.contains { $0.field == field }
    case .always: false
    }
  }

  /// Whether a field other than time and quality is present.
  private func hasContent(_ values: UnsafeMutableBufferPointer<FieldValue>) -> Bool {
    (0..<ownFields).contains { $0 != time?.field && $0 != quality?.field && !values[$0].isNull }
  }

  /// Keeps values that arrive before all that are needed for the state.
  @inline(never)
  private func remember(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ known: UInt64, in memory: inout ReadingMemory
  ) {
    var faults = FieldFaults()
    memory.known = known
    let mode = mode(values, &faults)
    if mode != .unstated { memory.mode = mode }
    if let alarms = alarms(values, &faults) { memory.alarms = alarms }
  }

  /// Removes the state, of which values have no known meaning.
  @inline(never)
  private func forgetState(_ values: UnsafeMutableBufferPointer<FieldValue>, in memory: inout ReadingMemory) {
    memory.state = nil
    guard case .conditions(let conditions) = state else { return }
    for place in conditions.fields.indices where !values[conditions.fields[place].field].isNull {
      memory.known &= ~(15 << (4 * UInt64(place)))
    }
  }

  // MARK: Time, quality and state

  @inline(__always)
  private func time(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ memory: ReadingMemory, _ received: Timestamp,
    _ limits: DecodingLimits
  ) throws(Rejection) -> (Timestamp, isReceipt: Bool) {
    if let rule = time {
      if let time = rule.rule.time(values[rule.field], received: received) { return (time, false) }
      guard rule.isOptional, values[rule.field].isNull else {
        throw timeRejection(rule, values[rule.field], received)
      }
    }
    return (isByException ? instant(of: received, after: memory.time, limits) : received, true)
  }

  /// Time of a change received at `received`: a millisecond after the last change if several were received in one, so
  /// that readings are in the order of receipt and the last one decides the state. A broker's queue gives thousands of
  /// changes in one millisecond. A last change that is further ahead is of a clock that has been set back.
  private func instant(
    of received: Timestamp, after last: Timestamp, _ limits: DecodingLimits
  ) -> Timestamp {
    let next = last + .milliseconds(1)
    return received <= last && next <= received + min(.minutes(1), limits.futureSkew) ? next : received
  }

  @inline(never)
  private func timeRejection(_ rule: Time, _ value: FieldValue, _ received: Timestamp) -> Rejection {
    Rejection(
      value.isNull ? .missingField : .invalidTimestamp, .field(fields[rule.field]),
      rule.rule.fault(of: value, receivedAt: received), excerpt: value.excerpt)
  }

  @inline(__always)
  private func check(_ time: Timestamp, _ received: Timestamp, _ limits: DecodingLimits) throws(Rejection) {
    guard let rule = self.time else { return }
    do throws(Rejection) { try limits.check(time, receivedAt: received) } catch {
      var rejection = error
      rejection.detail = .field(fields[rule.field])
      throw rejection
    }
  }

  @inline(__always)
  private func checkQuality(_ values: UnsafeMutableBufferPointer<FieldValue>) throws(Rejection) {
    guard let quality, !values[quality.field].isNull else { return }
    if quality.list.place(of: values[quality.field]) == nil {
      throw Rejection(
        .unknownState, .field(fields[quality.field]), .unknownWord, excerpt: values[quality.field].excerpt)
    }
  }

  @inline(__always)
  private func state(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ memory: ReadingMemory, _ known: inout UInt64
  ) throws(Rejection) -> EquipmentState {
    switch state {
    case .words(let words):
      if let state = words.meaning(values[words.field]) { return state }
      if isByException, values[words.field].isNull, let state = memory.state { return state }
      throw stateRejection(words.field, values[words.field])
    case .conditions(let conditions):
      if let field = conditions.note(values, in: &known) { throw stateRejection(field, values[field]) }
      switch conditions.state(of: known) {
      case .state(let state): return state
      case .missing(let field): throw stateRejection(field, .null)
      case .none:
        let field = conditions.fields.first?.field ?? 0
        var rejection = stateRejection(field, .boolean(true))
        rejection.excerpt = values[field].excerpt
        throw rejection
      }
    case .always(let state): return state
    }
  }

  @inline(never)
  private func stateRejection(_ field: Int, _ value: FieldValue) -> Rejection {
    let name = fields.indices.contains(field) ? fields[field] : "state"
    if value.isNull { return Rejection(.missingField, .field(name)) }
    return Rejection(.unknownState, .field(name), value.wordFault, excerpt: value.excerpt)
  }

  // MARK: Optional fields

  @inline(__always)
  private func mode(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ faults: inout FieldFaults
  ) -> OperatingMode {
    guard let mode, !values[mode.field].isNull else { return .unstated }
    if let meaning = mode.meaning(values[mode.field]) { return meaning }
    faults[.mode] = values[mode.field].wordFault
    return .unstated
  }

  @inline(__always)
  private func counter(
    _ counter: Counter?, _ name: OptionalField, _ values: UnsafeMutableBufferPointer<FieldValue>,
    _ faults: inout FieldFaults
  ) -> Int64? {
    guard let counter, !values[counter.field].isNull else { return nil }
    let value = values[counter.field]
    if let thousandths = value.thousandths, let product = counter.product(thousandths) { return product }
    faults[name] = value.thousandths == nil ? value.numberFault : .outOfRange
    return nil
  }

  /// The digest of the alarms; nil if the message says nothing about alarms.
  @inline(__always)
  private func alarms(
    _ values: UnsafeMutableBufferPointer<FieldValue>, _ faults: inout FieldFaults
  ) -> UInt64? {
    guard let alarms else { return nil }
    switch values[alarms] {
    case .null: return nil
    case .alarms(let digest):
      if digest.count <= StatusDecoder.mostAlarms { return digest.value }
      faults[.alarms] = .tooMany
      return nil
    default:
      var digest = AlarmDigest()
      guard let fault = digest.add(values[alarms]) else { return digest.value }
      faults[.alarms] = fault
      return nil
    }
  }
}

extension ReadingMap.Words {
  /// The meaning of a value; nil if it has none, or is missing.
  @inline(__always)
  func meaning(_ value: FieldValue) -> Meaning? {
    switch value {
    case .null, .unreadable: return nil
    default: return list.place(of: value).map { meanings[$0] } ?? otherwise
    }
  }
}

extension ReadingMap.Counter {
  /// A value in thousandths, multiplied by the factor, divided by the divisor and rounded half up; nil if it exceeds
  /// Int64.
  @inline(__always)
  func product(_ thousandths: Int64) -> Int64? {
    if factor == divisor { return thousandths }
    let (high, low) = thousandths.multipliedFullWidth(by: factor)
    guard high < divisor / 2 else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth((high, low))
    let (rounded, overflow) = quotient.addingReportingOverflow(remainder >= divisor / 2 ? 1 : 0)
    return overflow ? nil : rounded
  }
}

/// Calls `body` with room for values, all of them null.
public func withFieldValues<Result>(
  _ count: Int, _ body: (UnsafeMutableBufferPointer<FieldValue>) throws(Rejection) -> Result
) throws(Rejection) -> Result {
  let outcome = withUnsafeTemporaryAllocation(of: FieldValue.self, capacity: count) {
    values -> Swift.Result<Result, Rejection> in
    values.initialize(repeating: .null)
    do throws(Rejection) { return .success(try body(values)) } catch { return .failure(error) }
  }
  return try outcome.get()
}
