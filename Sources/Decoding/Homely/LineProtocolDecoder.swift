import Telemetry

/// Reads messages in InfluxDB line protocol, as Telegraf publishes them (``LineProtocolReader``).
///
/// A tag or the topic names the equipment; fields are found by their names. Lines of one equipment with the same time
/// make one reading. The time of a line without one is its receipt. A line without a field of the source, without the
/// tag of the equipment, or of another measurement is skipped.
public struct LineProtocolDecoder: StatefulDecoder, RememberingDecoder {
  /// The settings besides those of a ``ReadingMap``.
  struct Layout: Equatable, Sendable {
    /// The tag that names the equipment; nil if the topic does.
    var equipmentTag: [UInt8]?
    /// The measurement of the lines that are read; nil for any.
    var measurement: [UInt8]?
  }

  private let layout: Layout
  private var mapper: RowMapper

  init(_ map: ReadingMap, _ layout: Layout, factory: String?, limits: DecodingLimits) {
    self.layout = layout
    mapper = RowMapper(map, factory: factory, limits: limits)
  }

  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let payload = message.payload.withoutMarks
    var lines = LineProtocolReader(payload)
    var rows = Rows(fields: mapper.count)
    var texts = TextArena()
    var hasPoint = false
    while let line = lines.next() {
      rows.beginRecord()
      switch line {
      case .fault(let fault): rows.note(Rejection(.malformed, "line", fault))
      case .point(let point):
        hasPoint = true
        if isWanted(point) { try read(point, into: &rows, &texts) }
      }
    }
    if !hasPoint { rows.note(Rejection(.malformed, "line", .empty)) }
    try mapper.append(rows, of: message, to: &events)
  }

  private func isWanted(_ point: LineProtocolPoint) -> Bool {
    layout.measurement?.withUnsafeBytes { point.measurement.equals($0) } ?? true
  }

  private func read(
    _ point: LineProtocolPoint, into rows: inout Rows, _ texts: inout TextArena
  ) throws(Rejection) {
    var equipment: EscapedText?
    if let tag = layout.equipmentTag {
      equipment = tag.withUnsafeBytes { point.tag($0) }
      if equipment == nil { return }
    }
    var row: Int?
    var fields = point.fields
    while let field = fields.next() {
      guard let place = mapper.fields.place(of: field.name), let value = LineProtocolValue(field.value) else {
        continue
      }
      let isTimed = mapper.timeField != nil
      let target: Int
      if let row {
        target = row
      } else {
        target = try rows.row(
          of: equipment, at: isTimed ? point.time.map(Rows.Time.number) ?? .none : .none)
      }
      row = target
      switch value {
      case .value(let value): rows.set(place, value, in: target)
      case .text(let text): rows.set(place, .text(texts.bytes(of: text)), in: target)
      }
    }
    if let row, let time = point.time, let place = mapper.timeField {
      rows.set(place, .integer(time), in: row)
    }
  }

  public func path(of field: OptionalField) -> String { mapper.path(of: field) }

  public func states() -> [DecoderState] { mapper.states() }

  public mutating func restore(_ state: DecoderState) throws { try mapper.restore(state) }

  package mutating func rename(_ changes: NameChanges) { mapper.rename(changes) }
}

extension SourceFormat {
  /// InfluxDB line protocol.
  static let lineProtocol = SourceFormat("line_protocol", equipmentKeys: ["equipment"]) {
    section, limits, problems in
    var layout = LineProtocolDecoder.Layout()
    let tag = section.text("equipment", "the tag that names the equipment, such as machine", &problems)
    layout.equipmentTag = tag.map { Array($0.text.utf8) }
    let measurement = section.text("measurement", "the measurement of the lines to read", &problems)
    layout.measurement = measurement.map { Array($0.text.utf8) }
    let rule = timeRule(&section, &problems)
    var reader = ReadingMapReader(fieldForm: "the name of a field, such as state", hasTime: false) { _ in true
    }
    guard var map = reader.map(from: &section, &problems), let limits else { return nil }
    if let rule {
      // Lines have their time apart from the fields, so it has a number of its own even if a field has this name.
      map.fields.append("timestamp")
      map.time = ReadingMap.Time(field: map.fields.count - 1, rule: rule)
    }
    return LineProtocolDecoder(map, layout, factory: section.ownFactory(), limits: limits)
  }

  /// The rule for the time; nil if the time of readings is their receipt.
  private static func timeRule(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> TimeRule? {
    var words: [(word: String, value: TimeRule.Unit?)] = TimeRule.Unit.allCases.map { ($0.word, $0) }
    words.append(("receipt", nil))
    let unit = section.word("timestamp", among: words, &problems) ?? .nanoseconds
    return unit.map { TimeRule(unit: $0) }
  }
}
