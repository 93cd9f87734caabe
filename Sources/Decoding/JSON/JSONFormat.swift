import Telemetry

/// The format `json`: any JSON document, by the paths of its values.
enum JSONFormat {
  static let name = "json"

  /// Whether text is a path and not the name of a tag.
  static func isPointer(_ text: String) -> Bool { text.hasPrefix("/") || text.hasPrefix("$/") }

  private static let pathForm = "a JSON pointer, such as /time"
  private static let tagForm = "the name of a tag, or a JSON pointer such as /time"

  /// Reads the plan of a source; nil after a problem.
  static func plan(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> JSONPlan? {
    let before = problems.count
    let tags = tags(&section, &problems)
    let hasTags = section.optional("tags") != nil
    var reader = ReadingMapReader(fieldForm: hasTags ? tagForm : pathForm) { text in
      isPointer(text) ? JSONPath(text) != nil : hasTags
    }
    let map = reader.map(from: &section, &problems)
    // Placeholders let the remaining keys be checked after a problem.
    var plan = JSONPlan(map: map ?? ReadingMap(always: .idle))
    plan.tags = tags
    plan.factory = Array((section.optional("factory")?.text ?? "").utf8)
    if let each = section.optional("each") {
      readEach(each, hasTags, section.name(of: "each"), &plan, &problems)
    }
    plan.equipment = nameField("equipment", &section, &plan, &problems)
    plan.workshop = nameField("workshop", &section, &plan, &problems)
    readOnly(&section, &plan, &problems)
    if problems.count == before { want(section, &plan, &problems) }
    return problems.count == before ? plan : nil
  }

  // MARK: Records

  private static func readEach(
    _ tree: SettingsTree, _ hasTags: Bool, _ name: String, _ plan: inout JSONPlan,
    _ problems: inout [SettingsProblem]
  ) {
    let expected = "a JSON pointer to the readings, such as /values or /machines/{equipment}"
    guard let word = SettingsWord(tree, name: name, expected, &problems) else { return }
    guard let path = JSONPath(word.text), !path.isFromRoot else {
      problems.append(SettingsProblem(word.place, "\(name) must be \(expected), not '\(word.text)'"))
      return
    }
    if hasTags {
      problems.append(SettingsProblem(word.place, "\(name) and tags exclude each other: remove one of them"))
    }
    plan.record = path.parts
  }

  private static func nameField(
    _ key: String, _ section: inout SettingsSection, _ plan: inout JSONPlan,
    _ problems: inout [SettingsProblem]
  ) -> Int? {
    guard let word = section.text(key, pathForm, &problems) else { return nil }
    guard JSONPath(word.text) != nil else {
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(pathForm), not '\(word.text)'"))
      return nil
    }
    return plan.map.field(word.text)
  }

  private static func readOnly(
    _ section: inout SettingsSection, _ plan: inout JSONPlan, _ problems: inout [SettingsProblem]
  ) {
    guard let tree = section.optional("only"),
      let only = SettingsSection(tree, name: section.name(of: "only"), &problems)
    else { return }
    for entry in only.entries {
      guard JSONPath(entry.key) != nil else {
        problems.append(
          SettingsProblem(entry.place, "a key of \(only.name) must be \(pathForm), not '\(entry.key)'"))
        continue
      }
      var words = WordList()
      let values: [SettingsTree] =
        if case .list(let values) = entry.value.content { values } else { [entry.value] }
      for value in values {
        let name = only.name(of: entry.key)
        guard let word = SettingsWord(value, name: name, "a value or a list of values", &problems) else {
          continue
        }
        _ = words.add(Word(word.text))
      }
      plan.only.append(JSONPlan.Filter(field: plan.map.field(entry.key), words: words))
    }
  }

  /// Adds the wanted values. A field whose path has a name, such as `/{equipment}/state`, makes the part up to the name
  /// the path of records.
  private static func want(
    _ section: SettingsSection, _ plan: inout JSONPlan, _ problems: inout [SettingsProblem]
  ) {
    let fields = plan.map.fields.enumerated().compactMap { field, text in
      JSONPath(text).map { (field: field, text: text, path: $0) }
    }
    let hasEach = plan.hasRecords
    for (_, text, path) in fields where path.variablePrefix > 0 {
      let prefix = Array(path.parts[..<path.variablePrefix])
      if hasEach || path.isFromRoot || plan.tags != nil || (plan.hasRecords && plan.record != prefix)
        || prefix.count == path.parts.count
      {
        problems.append(
          SettingsProblem(
            section.place,
            "\(section.name): '\(text)' has * or a name in braces, which is only for each, or for fields that "
              + "all begin alike"))
        return
      }
      plan.record = prefix
    }
    for (field, _, path) in fields {
      var path = path
      if plan.hasRecords, !hasEach {
        if path.variablePrefix > 0 {
          path.parts.removeFirst(path.variablePrefix)
        } else {
          path.isFromRoot = true
        }
      }
      if plan.tags != nil { path.isFromRoot = true }
      plan.want(path, for: field, elements: field == plan.map.alarms)
    }
    if plan.wants.count > 64 {
      problems.append(SettingsProblem(section.place, "\(section.name) names more than 64 JSON pointers"))
    }
  }

  // MARK: Tags

  private static func tags(
    _ section: inout SettingsSection, _ problems: inout [SettingsProblem]
  ) -> JSONPlan.Tags? {
    guard let tree = section.optional("tags"),
      var keys = SettingsSection(tree, name: section.name(of: "tags"), &problems)
    else { return nil }
    let at = path("at", "a JSON pointer to the tags, such as /values", &keys, isRequired: true, &problems)
    var tags = JSONPlan.Tags(path: at ?? [], pattern: .whole)
    tags.name = path("name", "a JSON pointer in a tag, such as /id", &keys, &problems)
    let value = path(
      "value", "a JSON pointer in a tag, such as /v", &keys, isRequired: tags.name != nil, &problems)
    tags.value = value ?? []
    readQuality(&keys, &tags, &problems)
    let form = "a pattern such as {equipment}.{field} or *.{workshop}.{equipment}.{field}"
    if let word = keys.text("pattern", form, &problems) {
      if let pattern = TagPattern(word.text) {
        tags.pattern = pattern
      } else {
        problems.append(SettingsProblem(word.place, "\(word.name) must be \(form), not '\(word.text)'"))
      }
    }
    keys.finish(&problems)
    return tags
  }

  private static func readQuality(
    _ keys: inout SettingsSection, _ tags: inout JSONPlan.Tags, _ problems: inout [SettingsProblem]
  ) {
    tags.quality = path("quality", "a JSON pointer in a tag, such as /q", &keys, &problems)
    var good: [SettingsTree] = ["good", "true", "192"]
    if let tree = keys.optional("good") {
      good = if case .list(let values) = tree.content { values } else { [tree] }
    }
    for value in good {
      let name = keys.name(of: "good")
      guard let word = SettingsWord(value, name: name, "a value or a list of values", &problems) else {
        continue
      }
      _ = tags.goodWords.add(Word(word.text))
    }
  }

  private static func path(
    _ key: String, _ form: String, _ section: inout SettingsSection, isRequired: Bool = false,
    _ problems: inout [SettingsProblem]
  ) -> [JSONPath.Part]? {
    guard isRequired ? section.required(key, form, &problems) != nil : section.optional(key) != nil,
      let word = section.text(key, form, &problems)
    else { return nil }
    guard let path = JSONPath(word.text), !path.isFromRoot, path.variablePrefix == 0 else {
      problems.append(SettingsProblem(word.place, "\(word.name) must be \(form), not '\(word.text)'"))
      return nil
    }
    return path.parts
  }
}

extension SourceFormat {
  /// `json`: mapped JSON.
  public static let json = SourceFormat(
    JSONFormat.name, presets: JSONPresets.all, equipmentKeys: ["equipment"]
  ) { section, limits, problems in
    guard let plan = JSONFormat.plan(&section, &problems), let limits else { return nil }
    let decoder = try MappedJSONDecoder(plan, limits: limits)
    return plan.map.isByException ? RememberingJSONDecoder(decoder) : decoder
  }
}
