/// Names of sheets that Excel accepts: at most 31 UTF-16 units, without `[]:*?/\`, without an apostrophe at either
/// end, unique in any letter case, not empty, and not `History`.
struct SheetNames {
  private static let longest = 31
  private var taken: Set<String> = ["history"]

  init() {}

  /// Returns a name for a title, different from the names returned before.
  mutating func name(for title: String, otherwise fallback: String) -> String {
    let cleaned = String(title.map { "[]:*?/\\".contains($0) ? " " : $0 })
    var wanted = cleaned.split(separator: " ").joined(separator: " ").cut(to: Self.longest)
    while wanted.first == "'" { wanted.removeFirst() }
    while let last = wanted.last, last == "'" || last == " " { wanted.removeLast() }
    if wanted.isEmpty { wanted = fallback.cut(to: Self.longest) }
    var name = wanted
    var number = 2
    while !taken.insert(name.lowercased()).inserted {
      let suffix = " (\(number))"
      name = wanted.cut(to: Self.longest - suffix.count) + suffix
      number += 1
    }
    return name
  }
}

extension String {
  /// The longest prefix of at most `units` UTF-16 units.
  fileprivate func cut(to units: Int) -> String {
    guard utf16.count > units else { return self }
    var text = self
    while text.utf16.count > units { text.removeLast() }
    return text
  }
}
