import Telemetry

extension SourceFormat {
  /// OPC UA PubSub in JSON.
  static let pubsub = SourceFormat("pubsub", presets: [.machinery], equipmentKeys: ["equipment"]) {
    section, limits, problems in
    var layout = PubSubDecoder.Layout()
    layout.equipment = equipment(&section, &problems)
    let times: [(word: String, value: PubSubDecoder.Time)] = [
      ("message", .message), ("source", .source), ("receipt", .receipt),
    ]
    layout.time = section.word("timestamp", among: times, &problems) ?? .message
    let saysChanges = section.optional("changes_only") != nil
    var reader = ReadingMapReader(
      fieldForm: "the name of a field, such as MachineryItemState", hasTime: false
    ) { _ in true }
    guard var map = reader.map(from: &section, &problems), let limits else { return nil }
    if !saysChanges { map.isByException = true }
    if layout.time != .receipt {
      // Messages have their time apart from the fields, so it has a number of its own even if a field has this name.
      map.fields.append("Timestamp")
      map.time = ReadingMap.Time(field: map.fields.count - 1, rule: TimeRule())
    }
    return try PubSubDecoder(map, layout, factory: section.ownFactory(), limits: limits)
  }

  /// The part of a header, or a section with it and the form of its text.
  private static func equipment(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> PubSubDecoder.EquipmentRule? {
    let parts = PubSubDecoder.HeaderPart.allCases.map { (word: "\($0.name)", value: $0) }
    guard let tree = section.optional("equipment") else { return nil }
    guard case .section = tree.content else {
      return section.word("equipment", among: parts, &problems).map(PubSubDecoder.EquipmentRule.init)
    }
    let name = section.name(of: "equipment")
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    _ = section.required("at", "one of \(parts.map(\.word).joined(separator: ", "))", &problems)
    let part = section.word("at", among: parts, &problems)
    let expected = "text with {equipment}, such as Line1.{equipment}"
    let pattern = section.text("pattern", expected, &problems)
    section.finish(&problems)
    guard let part else { return nil }
    var rule = PubSubDecoder.EquipmentRule(part: part)
    guard let pattern else { return rule }
    guard let place = pattern.text.firstRange(of: "{equipment}") else {
      problems.append(
        SettingsProblem(pattern.place, "\(pattern.name) must be \(expected), not '\(pattern.text)'"))
      return nil
    }
    rule.prefix = Array(pattern.text[..<place.lowerBound].utf8)
    rule.suffix = Array(pattern.text[place.upperBound...].utf8)
    return rule
  }
}

extension PubSubDecoder.EquipmentRule {
  fileprivate init(_ part: PubSubDecoder.HeaderPart) { self.init(part: part) }
}

extension SettingsPreset {
  /// The states of a machinery item by OPC UA for Machinery (OPC 40001-1, 12): by name, by number, and as an enumeration
  /// in the verbose encoding.
  static let machinery = SettingsPreset(
    "machinery",
    [
      "state": [
        "at": "MachineryItemState",
        "map": SettingsTree(
          .section(
            [
              ("NotAvailable", "off"), ("OutOfService", "fault"), ("NotExecuting", "idle"),
              ("Executing", "running"),
            ]
            .enumerated().flatMap { number, state in
              [state.0, "\(number)", "\(state.0)_\(number)"].map {
                SettingsTree.Entry($0, SettingsTree(.text(state.1)))
              }
            })),
      ]
    ])
}
