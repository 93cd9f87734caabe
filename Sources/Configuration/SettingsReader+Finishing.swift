import Telemetry
import Yams

/// Finds the keys and variables that are none of the reader's.
extension SettingsReader {
  /// Reports what nobody asked for and returns every problem, in order of place.
  mutating func finish() -> [SettingsErrors.Problem] {
    walk(root, section: "", variable: nil)
    for element in elements {
      check(
        element.content.node, section: "\(element.list)[]", shown: element.name,
        variable: element.content.variable)
    }
    for name in environment.keys.sorted() where !variables.contains(name) {
      let hint = Suggestion.phrase(for: name, among: variables.sorted())
      problems.append(((.max, 0, name), .init(.variable(name), "no key has this name\(hint)")))
    }
    return problems.sorted { $0.position < $1.position }.map(\.problem)
  }

  private mutating func walk(_ node: Node, section: String, variable: String?) {
    guard let mapping = node.mapping else {
      if node.isNull { return }
      let name = section.isEmpty ? "the file" : section
      let inside = names(in: section).joined(separator: ", ")
      return add(
        Located(node: node, variable: variable),
        "\(name) must be a section with \(inside), not \(Self.shown(node))",
        "\(section.isEmpty ? "文件" : section)应为一组键值：\(inside)")
    }
    check(node, section: section, shown: section, variable: variable)
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { continue }
      let path = section.isEmpty ? name : "\(section).\(name)"
      if keys.contains(where: { $0.hasPrefix(path + ".") }) {
        walk(value, section: path, variable: variable)
      }
    }
  }

  /// Reports the keys of one mapping that are not keys of its section.
  private mutating func check(_ node: Node, section: String, shown: String, variable: String?) {
    let known = names(in: section)
    for (key, _) in node.mapping ?? [:] {
      let place = Located(node: key, variable: variable)
      let within = shown.isEmpty ? "" : " in \(shown)"
      let inside = shown.isEmpty ? "" : "\(shown) 中"
      guard let name = key.scalar?.string else {
        add(place, "a key\(within) must be a word")
        continue
      }
      if let twice = YAMLDocument.duplicated(name) {
        add(place, "key '\(twice)' is given more than once\(within)", "\(inside)键“\(twice)”重复出现")
      } else if !known.contains(name) {
        let said = advice[section.isEmpty ? name : "\(section).\(name)"].map { ": \($0)" }
        let nearest = Suggestion.nearest(to: name, among: known).map { "（是否应为“\($0)”？）" }
        add(
          place, "unknown key '\(name)'\(within)\(said ?? Suggestion.phrase(for: name, among: known))",
          said == nil ? "\(inside)没有键“\(name)”\(nearest ?? "")" : nil)
      }
    }
  }

  /// The keys and sections directly within a section.
  private func names(in section: String) -> [String] {
    var names: [String] = []
    for key in keys where section.isEmpty || key.hasPrefix(section + ".") {
      let rest = section.isEmpty ? key[...] : key.dropFirst(section.count + 1)
      let name = String(rest.prefix { $0 != "." && $0 != "[" })
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
