import Decoding
import Yams

extension Node {
  /// The settings that a node has; `levels` is how deep it may be nested.
  func settingsTree(
    name: String, _ levels: Int, _ problems: inout [SettingsProblem]
  ) -> SettingsTree {
    let place = SettingsTree.Place(line: mark?.line ?? 1, column: mark?.column ?? 1)
    guard levels > 0 else {
      problems.append(SettingsProblem(place, "\(name) is nested too deep"))
      return SettingsTree(.nothing, at: place)
    }
    switch self {
    case .scalar(let scalar): return SettingsTree(isNull ? .nothing : .text(scalar.string), at: place)
    case .sequence(let sequence):
      let elements = sequence.map { $0.settingsTree(name: name, levels - 1, &problems) }
      return SettingsTree(.list(elements), at: place)
    case .mapping(let mapping):
      var entries: [SettingsTree.Entry] = []
      for (key, value) in mapping {
        let keyPlace = SettingsTree.Place(line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
        guard let text = key.scalar?.string else {
          problems.append(SettingsProblem(keyPlace, "a key in \(name) must be a word"))
          continue
        }
        if let twice = YAMLDocument.duplicated(text) {
          problems.append(SettingsProblem(keyPlace, "key '\(twice)' is given more than once in \(name)"))
          continue
        }
        entries.append(
          SettingsTree.Entry(text, at: keyPlace, value.settingsTree(name: name, levels - 1, &problems)))
      }
      return SettingsTree(.section(entries), at: place)
    case .alias: return SettingsTree(.nothing, at: place)
    }
  }

  /// Whether it is `~`, `null`, or nothing at all, unquoted.
  var isNull: Bool {
    guard let scalar, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}
