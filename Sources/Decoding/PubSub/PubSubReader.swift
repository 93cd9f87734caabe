import CSimdjson
import Telemetry

/// Makes rows of the data-set messages in one PubSub message.
struct PubSubReader: ~Copyable {
  typealias Header = PubSubFinder.Header
  typealias Field = PubSubFinder.Field

  private let layout: PubSubDecoder.Layout
  private let fields: FieldTable
  /// Bits of the fields that decide the state.
  private let stateFields: UInt64
  private let timeField: Int?
  private(set) var rows: Rows
  private var texts = TextArena()

  init(_ layout: PubSubDecoder.Layout, _ mapper: borrowing RowMapper) {
    self.layout = layout
    fields = mapper.fields
    timeField = mapper.timeField
    stateFields = mapper.stateFields
    rows = Rows(fields: mapper.count)
  }

  /// The header of a network message or data-set message.
  private struct MessageHeader {
    private let found: Slice<UnsafeBufferPointer<CSimdjsonFound>>
    /// The place of each part among the entries found; -1 if it is missing.
    private var places = SIMD16<Int32>(repeating: -1)
    /// The kind of the message; nil for messages about the publisher and its metadata.
    private(set) var kind: Kind? = .unstated

    enum Kind { case unstated, data, keyFrame, deltaFrame, keepAlive }

    init(_ found: Slice<UnsafeBufferPointer<CSimdjsonFound>>, level: Int32) {
      self.found = found
      for at in found.startIndex..<found.endIndex where found[at].mark == CSIMDJSON_FOUND_VALUE {
        let number = found[at].place - level
        guard (0..<Header.count).contains(number) else { continue }
        // The list of messages comes before its elements, which have the same number.
        if number == Header.messages, has(number) { continue }
        places[Int(number)] = Int32(truncatingIfNeeded: at - found.startIndex)
      }
      if case .text(let text) = self[Header.messageType] { kind = Self.kind(text) }
    }

    /// Whether a part is there and not null.
    func has(_ number: Int32) -> Bool { !self[number].isNull }

    subscript(number: Int32) -> FieldValue {
      let place = places[Int(number)]
      guard place >= 0 else { return .null }
      let value = found[found.startIndex + Int(place)].value
      return value.kind == CSIMDJSON_OBJECT ? .boolean(true) : value.fieldValue
    }

    private static func kind(_ text: UnsafeRawBufferPointer) -> Kind? {
      if text.equals("ua-data") { return .data }
      if text.equals("ua-keyframe") { return .keyFrame }
      if text.equals("ua-deltaframe") { return .deltaFrame }
      if text.equals("ua-keepalive") { return .keepAlive }
      return text.isEmpty ? .unstated : nil
    }

    var isBad: Bool {
      PubSubReader.isBad(has(Header.statusCode) ? self[Header.statusCode] : self[Header.status])
    }
  }

  /// Whether a status code is bad: the first of its two bits of severity is set, or its name begins with Bad.
  fileprivate static func isBad(_ status: FieldValue) -> Bool {
    switch status {
    case .integer(let code): code >= 0x8000_0000
    case .unsigned: true
    case .text(let text): text.count >= 3 && UnsafeRawBufferPointer(rebasing: text[..<3]).equals("Bad")
    default: false
    }
  }

  // MARK: Documents

  /// Reads the entries found in a payload.
  mutating func read(_ found: UnsafeBufferPointer<CSimdjsonFound>) throws(Rejection) {
    guard !found.isEmpty else { return }
    var start = 0
    for end in 1...found.count where end == found.count || found[end].mark == CSIMDJSON_FOUND_DOCUMENT {
      try document(found[start..<end])
      start = end
    }
  }

  private mutating func document(_ found: Slice<UnsafeBufferPointer<CSimdjsonFound>>) throws(Rejection) {
    let network = MessageHeader(found, level: PubSubFinder.network)
    guard network.has(Header.messages) else {
      return try message(found, level: PubSubFinder.network, network, within: network)
    }
    guard network.kind == .unstated || network.kind == .data else { return }
    var start = found.startIndex
    for place in found.startIndex..<found.endIndex {
      switch found[place].mark {
      case CSIMDJSON_FOUND_RECORD: start = place
      case CSIMDJSON_FOUND_END:
        let entries = found[start...place]
        let header = MessageHeader(entries, level: PubSubFinder.message)
        try message(entries, level: PubSubFinder.message, header, within: network)
      default: break
      }
    }
  }

  // MARK: Data-set messages

  /// A field of a data-set message that the source names.
  private struct Part {
    var field: Int
    var value: FieldValue
    var isBad: Bool
  }

  private mutating func message(
    _ found: Slice<UnsafeBufferPointer<CSimdjsonFound>>, level: Int32, _ header: MessageHeader,
    within network: MessageHeader
  ) throws(Rejection) {
    rows.beginRecord()
    guard header.kind != nil else { return }
    let hasPayload = header.has(Header.payload)
    let hasHeader =
      header.has(Header.messageType) || header.has(Header.writerName) || header.has(Header.writerID)
    let list = level + (hasPayload ? PubSubFinder.payloadFields : PubSubFinder.bareFields)
    var parts: [Part] = []
    var sourceTime: (time: Timestamp, text: UnsafeRawBufferPointer)?
    if hasPayload || !hasHeader { read(found, list, into: &parts, &sourceTime) }
    if !hasPayload, !hasHeader { addNamesakes(of: header, to: &parts) }
    let isKeepAlive = !hasPayload && hasHeader
    if parts.isEmpty, !isKeepAlive, !header.isBad { return }
    let equipment: EscapedText?
    switch self.equipment(header, network) {
    case .ofTopic: equipment = nil
    case .named(let name): equipment = EscapedText(name)
    case .otherForm: return
    case .missing(let part): return rows.note(Rejection(.missingField, part))
    }
    var time: UnsafeRawBufferPointer?
    if layout.time == .message || sourceTime == nil { time = Self.time(header[Header.timestamp]) }
    if layout.time == .source, let sourceTime { time = sourceTime.text }
    if timeField == nil { time = nil }
    let row = try rows.row(
      of: equipment, at: time.map { Rows.Time.text(hash: $0.fnv1a) } ?? .none)
    if let time, let timeField { rows.set(timeField, .text(time), in: row) }
    if header.isBad { return rows.noteBadState("Status", in: row) }
    if isKeepAlive { rows.confirm(row) }
    for part in parts {
      if !part.isBad {
        rows.set(part.field, part.value, in: row)
      } else if stateFields & 1 << UInt64(part.field) != 0 {
        rows.noteBadState(.field(fields.name(of: part.field)), in: row)
      }
    }
  }

  /// The text of a time; nil if there is none. The first instant of OPC UA's times stands for none.
  private static func time(_ value: FieldValue) -> UnsafeRawBufferPointer? {
    guard case .text(let text) = value, !text.isEmpty else { return nil }
    return text.count >= 5 && UnsafeRawBufferPointer(rebasing: text[..<5]).equals("0001-") ? nil : text
  }

  // MARK: Fields

  /// Reads the fields with numbers from `list` on.
  private func read(
    _ found: Slice<UnsafeBufferPointer<CSimdjsonFound>>, _ list: Int32, into parts: inout [Part],
    _ newest: inout (time: Timestamp, text: UnsafeRawBufferPointer)?
  ) {
    var current: (field: Int, values: FieldParts)?
    for at in found.startIndex..<found.endIndex {
      let entry = found[at]
      if entry.mark == CSIMDJSON_FOUND_NAME {
        add(current, to: &parts, &newest)
        let name = UnsafeRawBufferPointer(start: entry.value.text, count: entry.value.length)
        current = fields.place(of: name).map { ($0, FieldParts()) }
      } else if entry.mark == CSIMDJSON_FOUND_VALUE, (list..<list + Field.count).contains(entry.place) {
        current?.values.note(entry.place - list, entry.value)
      }
    }
    add(current, to: &parts, &newest)
  }

  /// Adds the fields of an object without a header whose names are those of a header's parts.
  private func addNamesakes(of header: MessageHeader, to parts: inout [Part]) {
    for (keys, number) in PubSubFinder.headerKeys where keys.count == 1 && header.has(number) {
      let field = keys[0].utf8.withContiguousStorageIfAvailable {
        fields.place(of: UnsafeRawBufferPointer($0))
      }
      if let field = field ?? nil, field != timeField {
        parts.append(Part(field: field, value: header[number], isBad: false))
      }
    }
  }

  private func add(
    _ field: (field: Int, values: FieldParts)?, to parts: inout [Part],
    _ newest: inout (time: Timestamp, text: UnsafeRawBufferPointer)?
  ) {
    guard let (field, values) = field, field != timeField, values.isPresent else { return }
    var value = values.value
    // Integers of 64 bits are text in every encoding.
    if case .text(let text) = value, PlainNumber.isNumber(text) { value = .plain(text) }
    parts.append(Part(field: field, value: value, isBad: Self.isBad(values.status)))
    guard let text = Self.time(values.sourceTime), let time = Timestamp(rfc3339: text) else { return }
    if newest.map({ time > $0.time }) ?? true { newest = (time, text) }
  }

  /// The parts found of one field.
  private struct FieldParts {
    private var depth: Int32 = -1
    private(set) var value = FieldValue.null
    private(set) var status = FieldValue.null
    private(set) var sourceTime = FieldValue.null
    /// Whether the field occurs.
    var isPresent: Bool { depth >= 0 }

    mutating func note(_ number: Int32, _ found: CSimdjsonField) {
      switch number {
      case Field.status, Field.statusCode:
        if found.kind != CSIMDJSON_OBJECT { status = found.fieldValue }
      case Field.sourceTimestamp: sourceTime = found.fieldValue
      default:
        // A value in an object replaces the object.
        let isObject = found.kind == CSIMDJSON_OBJECT
        let level: Int32 =
          switch number {
          case Field.own: 0
          case Field.value, Field.body, Field.text: 1
          case Field.valueBody, Field.valueValue, Field.valueText, Field.bodyText: 2
          default: 3
          }
        guard level > depth else { return }
        depth = level
        value = isObject && level == 0 ? .null : found.fieldValue
      }
    }
  }

  // MARK: Equipment

  /// The equipment of a data-set message.
  private enum Equipment {
    case ofTopic
    case named(UnsafeRawBufferPointer)
    /// The name has another form than that of the source.
    case otherForm
    /// The message does not have the part of the header.
    case missing(RejectionDetail)
  }

  private mutating func equipment(_ header: MessageHeader, _ network: MessageHeader) -> Equipment {
    guard let rule = layout.equipment else { return .ofTopic }
    let value = header.has(rule.part.number) ? header[rule.part.number] : network[rule.part.number]
    let text: UnsafeRawBufferPointer
    switch value {
    case .text(let name): text = name
    case .integer(let number): text = texts.bytes(of: "\(number)")
    default: return .missing(.fixed(rule.part.name))
    }
    return rule.name(in: text).map(Equipment.named) ?? .otherForm
  }
}
