import Telemetry

/// The format `sparkplug` of a source.
extension SourceFormat {
  /// Sparkplug B. Its keys are `group`, `edge`, `device` and `equipment` for the names in topics, and those of a
  /// ``ReadingMap`` with names of metrics. The keys in ``SparkplugDecoder/sessionKeys`` belong to the host application's
  /// session and do not change how messages are read.
  static let sparkplug = SourceFormat(
    SparkplugDecoder.formatName, presets: SparkplugDecoder.presets, defaults: SparkplugDecoder.defaults,
    otherKeys: SparkplugDecoder.sessionKeys, template: SparkplugDecoder.template
  ) { section, limits, problems in
    let names = SparkplugDecoder.names(&section, &problems)
    var reader = ReadingMapReader(fieldForm: "the name of a metric, such as Status/State", hasTime: false) {
      !$0.isEmpty && $0.utf8.count <= 256
    }
    guard let map = reader.map(from: &section, &problems), let (rule, pattern) = names else { return nil }
    guard map.fields.count < ReadingMap.mostFields else {
      problems.append(
        SettingsProblem(
          section.place, "\(section.name) names more than \(ReadingMap.mostFields - 1) metrics"))
      return nil
    }
    let factory = section.optional("factory")?.text
    return limits.map {
      SparkplugDecoder(map: map, rule: rule, pattern: pattern, factory: factory, limits: $0)
    }
  }
}

extension SparkplugDecoder {
  /// The word for the format in the configuration and in the journal.
  public static let formatName = "sparkplug"

  /// Keys of the host application's session.
  public static let sessionKeys = ["host_id", "reorder_timeout"]

  /// Keys of a source that it need not state.
  static let defaults: SettingsTree = [
    "group": "{factory}", "edge": "{workshop}", "device": "{equipment}", "state": ["at": "Status/State"],
    "counters": [
      "energy_kwh": "Energy/Total", "good": "Production/GoodCount", "total": "Production/TotalCount",
    ], "vouching": "session",
  ]

  /// `packml`: states of ISA-TR88.00.02 by their numbers, in the tag that it names.
  static let presets = [
    SettingsPreset(
      "packml",
      [
        "state": [
          "at": "Status/StateCurrent",
          "map": [
            "1": "maintenance", "2": "stopped", "3": "setup", "4": "idle", "5": "idle", "6": "running",
            "7": "stopped", "8": "fault", "9": "fault", "10": "stopped", "11": "stopped", "12": "setup",
            "13": "idle", "14": "setup", "15": "setup", "16": "running", "17": "idle",
          ],
        ]
      ])
  ]

  private static let topicKeys = ["group", "edge", "device"]

  /// The rule and the pattern of a source's keys; nil after a problem.
  static func names(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> (SparkplugRule, SparkplugPattern?)? {
    let before = problems.count
    let expected = "{factory}, {workshop}, {line}, {equipment}, a name, or + for any name"
    let levels = topicKeys.map { key -> SparkplugRule.Level in
      guard let tree = section.required(key, expected, &problems),
        let word = SettingsWord(tree, name: section.name(of: key), expected, &problems)
      else { return .any }
      if let level = SparkplugRule.level(word.text) { return level }
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
      return .any
    }
    let rule = SparkplugRule(group: levels[0], edge: levels[1], device: levels[2])
    let pattern = pattern(&section, &problems)
    guard problems.count == before else { return nil }
    let isNamed = rule.has(.equipment)
    let factory = section.optional("factory")
    if let fault = rule.fault {
      problems.append(SettingsProblem(section.place, "\(section.name) \(fault)"))
    } else if rule.has(.factory) == (factory != nil) {
      problems.append(
        SettingsProblem(
          factory?.place ?? section.place,
          rule.has(.factory)
            ? "\(section.name) names {factory} as its group or edge, and has a key factory: write + for the one"
            : "\(section.name) must name {factory} as its group or edge, or have a key factory"))
    } else if pattern == nil, !isNamed {
      problems.append(
        SettingsProblem(
          section.place,
          "\(section.name) must name {equipment} as its device or edge, or have a key equipment"))
    } else if pattern != nil, isNamed {
      problems.append(
        SettingsProblem(
          section.place,
          "\(section.name) names {equipment} as its device or edge, and has a key equipment: write + for the one"
        ))
    }
    return problems.count == before ? (rule, pattern) : nil
  }

  private static func pattern(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> SparkplugPattern? {
    let expected = "text with {device}, and {edge} or {group}, such as {edge}.{device}"
    guard let word = section.text("equipment", expected, &problems) else { return nil }
    let pattern = SparkplugPattern(word.text)
    if pattern == nil {
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(expected), not '\(word.text)'"))
    }
    return pattern
  }

  /// The topics of a source; nil after a problem.
  static func template(
    _ section: inout SettingsSection, _ settings: SettingsTree, _ problems: inout [SettingsProblem]
  ) -> TopicTemplate? {
    if let topic = section.optional("topic") {
      problems.append(
        SettingsProblem(
          topic.place,
          "\(section.name(of: "topic")): the topics of Sparkplug are fixed; say with group, edge and device which name "
            + "is the factory and which the equipment"))
      return nil
    }
    // The decoder reports what is wrong with the names.
    var ignored: [SettingsProblem] = []
    guard var names = SettingsSection(settings, name: section.name, &ignored) else { return nil }
    return Self.names(&names, &ignored).map { TopicTemplate(sparkplug: $0.0) }
  }
}

extension Source {
  /// Whether its messages belong to the session of a Sparkplug host application.
  public var isSparkplug: Bool { format.name == SparkplugDecoder.formatName }
}
