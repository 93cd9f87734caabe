import Telemetry

/// Reads how messages state the equipment state.
extension ReadingMapReader {
  /// The words of states in maps.
  static let states = EquipmentState.allCases.map { (word: $0.name, value: $0) }

  /// Reads `state` of a source: a field, words by value, or conditions.
  mutating func readState(_ section: inout SettingsSection, _ problems: inout [SettingsProblem]) {
    let expected = "\(fieldForm), a section with at and map, or a list of conditions"
    guard let tree = section.required("state", expected, &problems) else { return }
    let name = section.name(of: "state")
    if case .list(let conditions) = tree.content {
      return readConditions(conditions, tree.place, name, &problems)
    }
    if let words = words(of: tree, name, Self.states, &problems) { map.state = .words(words) }
  }

  private mutating func readConditions(
    _ list: [SettingsTree], _ place: SettingsTree.Place, _ name: String, _ problems: inout [SettingsProblem]
  ) {
    guard (1...StateConditions.mostConditions).contains(list.count) else {
      problems.append(
        SettingsProblem(place, "\(name) must have 1 to \(StateConditions.mostConditions) conditions"))
      return
    }
    var conditions = StateConditions()
    for (index, tree) in list.enumerated() {
      guard var section = SettingsSection(tree, name: "\(name)[\(index)]", &problems) else { continue }
      let state =
        section.required("is", "one of \(Self.states.map(\.word).joined(separator: ", "))", &problems)
        .flatMap { SettingsWord.value(of: $0, name: section.name(of: "is"), among: Self.states, &problems) }
      var tests: [StateConditions.Test] = []
      if let when = section.optional("when") {
        tests = readTests(when, section.name(of: "when"), &conditions, &problems)
      } else if index < list.count - 1 {
        problems.append(
          SettingsProblem(tree.place, "\(section.name) has no when, so the conditions after it never decide"))
      }
      section.finish(&problems)
      if let state { conditions.conditions.append(StateConditions.Condition(tests: tests, state: state)) }
    }
    map.state = .conditions(conditions)
  }

  private mutating func readTests(
    _ tree: SettingsTree, _ name: String, _ conditions: inout StateConditions,
    _ problems: inout [SettingsProblem]
  ) -> [StateConditions.Test] {
    guard let section = SettingsSection(tree, name: name, &problems) else { return [] }
    if section.entries.isEmpty { problems.append(SettingsProblem(tree.place, "\(name) names no field")) }
    return section.entries.compactMap { entry in
      let key = SettingsTree(.text(entry.key), at: entry.place)
      guard let field = field(key, "a key of \(name)", &problems) else { return nil }
      var place = conditions.fields.count
      if let known = conditions.fields.firstIndex(where: { $0.field == field }) {
        place = known
      } else if place < StateConditions.mostFields {
        conditions.fields.append(StateConditions.Field(field: field))
      } else {
        problems.append(
          SettingsProblem(entry.place, "conditions name more than \(StateConditions.mostFields) fields"))
        return nil
      }
      var test = StateConditions.Test(place: place, values: 0)
      let values: [SettingsTree] =
        if case .list(let values) = entry.value.content { values } else { [entry.value] }
      for value in values {
        if case .nothing = value.content {
          conditions.fields[place].mayBeMissing = true
          test.values |= 1
          continue
        }
        guard
          let word = SettingsWord(
            value, name: "\(name).\(entry.key)", "a value, a list of values, or ~ for a missing field",
            &problems)
        else { continue }
        let number = conditions.fields[place].words.add(Word(word.text))
        guard number < StateConditions.mostWords else {
          problems.append(
            SettingsProblem(
              word.place, "conditions name more than \(StateConditions.mostWords) values of \(entry.key)"))
          continue
        }
        test.values |= 2 << UInt16(number)
      }
      return test
    }
  }
}
