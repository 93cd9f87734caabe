import Decoding
import Telemetry

/// The rule for the state of a source, guessed from the state's fields and the words heard.
struct StateGuess {
  /// The value of the key `state`; nil if the preset or format needs none.
  private(set) var rule: SettingsTree?
  private(set) var notes: [Proposal.Note] = []

  /// A guess by roles that have a state. `standard`: the state's field in the preset; nil without one.
  init(_ roles: FieldRoles, standard: String?) {
    switch roles.state {
    case nil: break
    case .conditions(let run, let fault):
      rule = [
        ["when": SettingsTree(.section([SettingsTree.Entry(fault, "1")])), "is": "fault"],
        ["when": SettingsTree(.section([SettingsTree.Entry(run, "1")])), "is": "running"], ["is": "idle"],
      ]
    case .field(let id):
      let at = SettingsTree.Entry("at", SettingsTree(.text(id)))
      let names = Set(EquipmentState.allCases.map(\.name))
      if roles.stateWords.allSatisfy({ names.contains($0.text.lowercased()) }) {
        if id != standard { rule = SettingsTree(.text(id)) }
        return
      }
      let map = map(roles.stateWords)
      // Without a map the words are the states' own names, so that other words are refused until they are added.
      var entries = id != standard || map.isEmpty ? [at] : []
      if !map.isEmpty { entries.append(SettingsTree.Entry("map", SettingsTree(.section(map)))) }
      rule = SettingsTree(.section(entries))
    }
  }

  /// The map of the words heard whose meaning is known, and of 0 and 1 or true and false together.
  private mutating func map(_ values: [ScalarValue]) -> [SettingsTree.Entry] {
    var words = values.map(\.text.trimmed)
    let areNumbers = values.contains { if case .text = $0 { false } else { true } }
    let areDigits = words.allSatisfy { $0.utf8.count == 1 && Int($0) != nil }
    for pair in [["0", "1"], ["false", "true"]]
    where pair.contains(where: { words.contains($0) }) || areDigits && pair[0] == "0" {
      words += pair.filter { !words.contains($0) }
    }
    if areNumbers { words.sort { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) } }
    var unknown: [String] = []
    var list = WordList()
    var map: [SettingsTree.Entry] = []
    for word in words {
      guard let state = FieldNames.state(word) else {
        if !unknown.contains(word) { unknown.append(word) }
        continue
      }
      guard list.add(Word(word)) == map.count else { continue }
      map.append(SettingsTree.Entry(word, SettingsTree(.text(state.name))))
    }
    if !unknown.isEmpty {
      notes.append(.unknownWords(unknown))
    } else if areNumbers {
      notes.append(.guessedWords)
    }
    return map
  }
}
