import Telemetry

/// Reads a ``ReadingMap`` from the keys of a source: `timestamp`, `state`, `mode`, `counters`, `alarms`, `quality`,
/// `vouching` and `changes_only`.
public struct ReadingMapReader {
  /// The form of a field's identifier in messages, such as "a JSON pointer such as /time".
  public var fieldForm: String
  /// Whether text can be a field's identifier.
  public var isField: (String) -> Bool
  /// Whether messages can have the time of their readings; if not, `timestamp` is no key.
  public var hasTime = true
  var map = ReadingMap(always: .idle)

  /// A reader for a format whose identifiers have a certain form.
  public init(fieldForm: String, hasTime: Bool = true, isField: @escaping (String) -> Bool) {
    self.fieldForm = fieldForm
    self.hasTime = hasTime
    self.isField = isField
  }

  /// Reads the map; nil after a problem. The caller finishes the section.
  public mutating func map(
    from section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> ReadingMap? {
    let before = problems.count
    map = ReadingMap(always: .idle)
    if hasTime { readTime(&section, &problems) }
    readState(&section, &problems)
    readMode(&section, &problems)
    readCounters(&section, &problems)
    if let alarms = section.optional("alarms") {
      map.alarms = field(alarms, section.name(of: "alarms"), &problems)
    }
    readQuality(&section, &problems)
    map.vouching =
      section.word("vouching", among: [("horizon", Vouching.horizon), ("session", .session)], &problems)
      ?? .horizon
    map.isByException =
      section.word("changes_only", among: [("true", true), ("false", false)], &problems)
      ?? (map.vouching == .session)
    map.ownFields = map.fields.count
    if map.fields.count > ReadingMap.mostFields {
      problems.append(
        SettingsProblem(section.place, "\(section.name) names more than \(ReadingMap.mostFields) fields"))
    }
    return problems.count == before ? map : nil
  }

  // MARK: Fields

  /// The number of the field that a tree names; nil after a problem.
  mutating func field(
    _ tree: SettingsTree, _ name: String, _ problems: inout [SettingsProblem]
  ) -> Int? {
    guard let word = SettingsWord(tree, name: name, fieldForm, &problems) else { return nil }
    guard isField(word.text) else {
      problems.append(SettingsProblem(word.place, "\(name) must be \(fieldForm), not \(tree.shown)"))
      return nil
    }
    return map.field(word.text)
  }

  /// The field of a key that is either the field itself or a section with `at`. `body` reads the section's other keys.
  mutating func field(
    of tree: SettingsTree, _ name: String, _ problems: inout [SettingsProblem],
    _ body: (inout SettingsSection, inout [SettingsProblem]) -> Void
  ) -> Int? {
    guard case .section = tree.content else { return field(tree, name, &problems) }
    guard var section = SettingsSection(tree, name: name, &problems) else { return nil }
    let at = section.required("at", fieldForm, &problems)
    let place = at.flatMap { field($0, section.name(of: "at"), &problems) }
    body(&section, &problems)
    section.finish(&problems)
    return place
  }

  // MARK: Time

  private mutating func readTime(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    let expected = "\(fieldForm), or receipt if messages have no time"
    guard let tree = section.required("timestamp", expected, &problems) else { return }
    if tree.text == "receipt" || tree["at"]?.text == "receipt" { return }
    var rule = TimeRule()
    let units = TimeRule.Unit.allCases.map { (word: $0.word, value: $0) }
    var isOptional = false
    let place = field(of: tree, section.name(of: "timestamp"), &problems) { section, problems in
      isOptional = section.word("otherwise", among: [("receipt", true)], &problems) ?? false
      rule.unit = section.word("unit", among: units, &problems) ?? .milliseconds
      guard
        let zone = section.text(
          "zone", "a time zone of the IANA database, such as Asia/Shanghai", &problems)
      else { return }
      rule.zone = LocalCalendar(identifier: zone.text)
      if rule.zone == nil {
        problems.append(
          SettingsProblem(
            zone.place,
            "\(zone.name) must be a time zone of the IANA database, such as Asia/Shanghai, not '\(zone.text)'"
          ))
      }
    }
    if let place { map.time = ReadingMap.Time(field: place, rule: rule, isOptional: isOptional) }
  }

  // MARK: Words

  /// Reads a field whose values are words: those of `meanings` themselves, or as `map` says.
  mutating func words<Meaning>(
    of tree: SettingsTree, _ name: String, _ meanings: [(word: String, value: Meaning)],
    _ problems: inout [SettingsProblem]
  ) -> ReadingMap.Words<Meaning>? {
    var words = ReadingMap.Words<Meaning>(field: 0)
    var hasMap = false
    let place = field(of: tree, name, &problems) { section, problems in
      words.otherwise = section.word("otherwise", among: meanings, &problems)
      guard let map = section.optional("map") else { return }
      hasMap = true
      guard let entries = SettingsSection(map, name: section.name(of: "map"), &problems)?.entries else {
        return
      }
      for entry in entries {
        let name = "\(section.name(of: "map")).\(entry.key)"
        guard
          let meaning = SettingsWord.value(of: entry.value, name: name, among: meanings, &problems)
        else { continue }
        guard words.list.add(Word(entry.key)) == words.meanings.count, words.meanings.count < 256 else {
          problems.append(SettingsProblem(entry.place, "\(name) says the same as an earlier key"))
          continue
        }
        words.meanings.append(meaning)
      }
    }
    if !hasMap {
      for meaning in meanings where words.list.add(Word(meaning.word)) == words.meanings.count {
        words.meanings.append(meaning.value)
      }
    }
    guard let place else { return nil }
    words.field = place
    return words
  }

  // MARK: Optional fields

  private mutating func readMode(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    guard let tree = section.optional("mode") else { return }
    let modes = [OperatingMode.automatic, .manual].map { (word: $0.name, value: $0) }
    map.mode = words(of: tree, section.name(of: "mode"), modes, &problems)
  }

  private mutating func readCounters(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    guard let tree = section.optional("counters"),
      var counters = SettingsSection(tree, name: section.name(of: "counters"), &problems)
    else { return }
    map.energy = counter("energy_kwh", in: &counters, &problems)
    map.good = counter("good", in: &counters, &problems)
    map.total = counter("total", in: &counters, &problems)
    counters.finish(&problems)
  }

  private mutating func counter(
    _ key: String, in section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> ReadingMap.Counter? {
    guard let tree = section.optional(key) else { return nil }
    var factor = ReadingMap.Counter.one
    var divisor = ReadingMap.Counter.one
    let place = field(of: tree, section.name(of: key), &problems) { section, problems in
      if key == "energy_kwh" {
        divisor = section.word("unit", among: ReadingMap.Counter.energyUnits, &problems) ?? divisor
      }
      let expected = "a number from 0.000001 to 1000000, such as 0.001 for Wh"
      guard let word = section.text("factor", expected, &problems) else { return }
      if let millionths = Self.millionths(word.text) {
        factor = millionths
      } else {
        problems.append(
          SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
      }
    }
    return place.map { ReadingMap.Counter(field: $0, factor: factor, divisor: divisor) }
  }

  /// The millionths of a decimal number from 0.000001 to 1000000; nil for any other text.
  static func millionths(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), (1...7).contains(parts[0].utf8.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 &- 0x30 <= 9 } }),
      let whole = Int64(parts[0])
    else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      guard parts[1].utf8.count <= 6,
        let value = Int64(parts[1] + String(repeating: "0", count: 6 - parts[1].utf8.count))
      else { return nil }
      fraction = value
    }
    let millionths = whole * 1_000_000 + fraction
    return (1...1_000_000_000_000).contains(millionths) ? millionths : nil
  }

  private mutating func readQuality(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    guard let tree = section.optional("quality") else { return }
    var words = ReadingMap.Words<Bool>(field: 0)
    var values: [SettingsTree] = ["good", "true", "192"]
    let place = field(of: tree, section.name(of: "quality"), &problems) { section, problems in
      guard let good = section.optional("good") else { return }
      values = if case .list(let values) = good.content { values } else { [good] }
      for value in values {
        _ = SettingsWord(value, name: section.name(of: "good"), "a value or a list of values", &problems)
      }
    }
    for value in values.compactMap(\.text) where words.list.add(Word(value)) == words.meanings.count {
      words.meanings.append(true)
    }
    guard let place else { return }
    words.field = place
    map.quality = words
  }
}
