/// The canonical text of a source's settings: JSON without spaces, the keys of every section in ascending order of
/// their UTF-8, every value text. Equal settings have equal texts, and the text is read back to an equal tree.
///
/// It is stored in the journal with the sources, so that messages are decoded later as they were decoded first.
public enum SettingsText {
  /// The canonical text of a tree.
  public static func text(of tree: SettingsTree) -> String {
    var text = ""
    write(tree, to: &text)
    return text
  }

  /// Reads a tree from its canonical text; throws ``SettingsProblem`` for any other text.
  public static func tree(of text: String) throws(SettingsProblem) -> SettingsTree {
    var reader = Reader(text: Array(text.unicodeScalars))
    let tree = try reader.value(levels: SettingsTree.mostLevels)
    guard reader.isAtEnd, self.text(of: tree) == text else {
      throw SettingsProblem(SettingsTree.Place(), "the settings of a source are not in the canonical form")
    }
    return tree
  }

  private static func write(_ tree: SettingsTree, to text: inout String) {
    switch tree.content {
    case .nothing: text += "null"
    case .text(let value): write(value, to: &text)
    case .list(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        write(element, to: &text)
      }
      text += "]"
    case .section(let entries):
      text += "{"
      for (index, entry) in entries.sorted(by: { precedes($0.key, $1.key) }).enumerated() {
        if index > 0 { text += "," }
        write(entry.key, to: &text)
        text += ":"
        write(entry.value, to: &text)
      }
      text += "}"
    }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private struct Reader {
    var text: [Unicode.Scalar]
    var at = 0

    var isAtEnd: Bool { at == text.count }

    private var problem: SettingsProblem {
      SettingsProblem(
        SettingsTree.Place(line: 1, column: at + 1), "the settings of a source end or go on unexpectedly")
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard at < text.count, text[at] == scalar else { return false }
      at += 1
      return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(SettingsProblem) {
      guard take(scalar) else { throw problem }
    }

    mutating func value(levels: Int) throws(SettingsProblem) -> SettingsTree {
      guard levels > 0 else { throw problem }
      if take("{") {
        var entries: [SettingsTree.Entry] = []
        if take("}") { return SettingsTree(.section([])) }
        repeat {
          let key = try string()
          try expect(":")
          entries.append(SettingsTree.Entry(key, try value(levels: levels - 1)))
        } while take(",")
        try expect("}")
        return SettingsTree(.section(entries))
      }
      if take("[") {
        var elements: [SettingsTree] = []
        if take("]") { return SettingsTree(.list([])) }
        repeat { elements.append(try value(levels: levels - 1)) } while take(",")
        try expect("]")
        return SettingsTree(.list(elements))
      }
      if take("n") {
        for scalar in "ull".unicodeScalars { try expect(scalar) }
        return SettingsTree(.nothing)
      }
      return SettingsTree(.text(try string()))
    }

    private mutating func string() throws(SettingsProblem) -> String {
      try expect("\"")
      var value = String.UnicodeScalarView()
      while at < text.count {
        let scalar = text[at]
        at += 1
        switch scalar {
        case "\"": return String(value)
        case "\\":
          guard at < text.count else { throw problem }
          let escaped = text[at]
          at += 1
          value.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
        default: value.append(scalar)
        }
      }
      throw problem
    }
  }
}
