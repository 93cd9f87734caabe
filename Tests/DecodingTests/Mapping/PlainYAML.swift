import Decoding

/// Reads the YAML in which tests write sources: block and flow sections and lists, plain and quoted text, comments.
/// The configuration reads the same files with a complete parser (MillwrightTests).
struct PlainYAML {
  struct Malformed: Error { var line: Int }

  private struct Line {
    var indent: Int
    var text: [Character]
    var number: Int
  }

  private var lines: [Line]
  private var next = 0

  static func tree(_ text: String) throws -> SettingsTree {
    var reader = PlainYAML(text)
    guard let first = reader.lines.first else { return SettingsTree(.section([])) }
    let tree = try reader.block(indent: first.indent)
    guard reader.next == reader.lines.count else { throw Malformed(line: reader.lines[reader.next].number) }
    return tree
  }

  private init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      let indent = line.prefix { $0 == " " }.count
      let content = Self.withoutComment(Array(line.dropFirst(indent)))
      return content.isEmpty ? nil : Line(indent: indent, text: content, number: index + 1)
    }
  }

  private static func withoutComment(_ line: [Character]) -> [Character] {
    var quote: Character?
    var end = line.count
    for (index, character) in line.enumerated() {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'", index == 0 || " [{,".contains(line[index - 1]) {
        quote = character
      } else if character == "#", index == 0 || line[index - 1] == " " {
        end = index
        break
      }
    }
    while end > 0, line[end - 1] == " " { end -= 1 }
    return Array(line[..<end])
  }

  private func place(_ column: Int = 0) -> SettingsTree.Place {
    SettingsTree.Place(line: lines[next].number, column: lines[next].indent + column + 1)
  }

  private mutating func block(indent: Int) throws -> SettingsTree {
    let start = place()
    if lines[next].text.starts(with: "- ") || lines[next].text == ["-"] {
      var elements: [SettingsTree] = []
      while next < lines.count, lines[next].indent == indent, lines[next].text.first == "-" {
        let rest = lines[next].text.dropFirst()
        let spaces = rest.prefix { $0 == " " }.count
        lines[next].indent += 1 + spaces
        lines[next].text = Array(rest.dropFirst(spaces))
        elements.append(try value(indent: lines[next].indent))
      }
      return SettingsTree(.list(elements), at: start)
    }
    var entries: [SettingsTree.Entry] = []
    while next < lines.count, lines[next].indent == indent {
      var flow = Flow(lines[next].text, place())
      let at = place()
      let key = try flow.key()
      entries.append(SettingsTree.Entry(key, at: at, try value(after: flow, indent: indent)))
    }
    return SettingsTree(.section(entries), at: start)
  }

  /// An element of a list that begins at the current line.
  private mutating func value(indent: Int) throws -> SettingsTree {
    guard let first = lines[next].text.first else { throw Malformed(line: lines[next].number) }
    var flow = Flow(lines[next].text, place())
    if first != "{", first != "[", (try? flow.key()) != nil { return try block(indent: indent) }
    return try value(after: Flow(lines[next].text, place()), indent: indent)
  }

  private mutating func value(after flow: Flow, indent: Int) throws -> SettingsTree {
    var flow = flow
    flow.skipSpaces()
    if flow.isAtEnd {
      let start = place()
      next += 1
      guard next < lines.count,
        lines[next].indent > indent || lines[next].text.first == "-" && lines[next].indent == indent
      else { return SettingsTree(.nothing, at: start) }
      return try block(indent: lines[next].indent)
    }
    // A flow value may go on in the next lines.
    while !flow.isBalanced {
      next += 1
      guard next < lines.count else { throw Malformed(line: flow.place.line) }
      flow.text += [" "] + lines[next].text
    }
    next += 1
    return try flow.value(inFlow: false)
  }
}

/// A value in flow style.
private struct Flow {
  var text: [Character]
  var place: SettingsTree.Place
  var at = 0

  init(_ text: [Character], _ place: SettingsTree.Place) {
    self.text = text
    self.place = place
  }

  private var problem: PlainYAML.Malformed { PlainYAML.Malformed(line: place.line) }
  var isAtEnd: Bool { at >= text.count }
  private var here: SettingsTree.Place {
    SettingsTree.Place(line: place.line, column: place.column + at)
  }

  mutating func skipSpaces() { while at < text.count, text[at] == " " { at += 1 } }

  /// Whether every bracket is closed.
  var isBalanced: Bool {
    var depth = 0
    var quote: Character?
    for character in text[at...] {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if "[{".contains(character) {
        depth += 1
      } else if "]}".contains(character) {
        depth -= 1
      }
    }
    return depth <= 0
  }

  mutating func key() throws -> String {
    let key = try scalar(endingAt: ":", inFlow: true)
    skipSpaces()
    guard !isAtEnd, text[at] == ":", at + 1 == text.count || text[at + 1] == " " else { throw problem }
    at += 1
    return key ?? ""
  }

  mutating func value(inFlow: Bool) throws -> SettingsTree {
    skipSpaces()
    let start = here
    guard !isAtEnd else { return SettingsTree(.nothing, at: start) }
    switch text[at] {
    case "{":
      at += 1
      var entries: [SettingsTree.Entry] = []
      while true {
        skipSpaces()
        if !isAtEnd, text[at] == "}" { break }
        let place = here
        entries.append(SettingsTree.Entry(try key(), at: place, try value(inFlow: true)))
        try comma(or: "}")
      }
      at += 1
      return SettingsTree(.section(entries), at: start)
    case "[":
      at += 1
      var elements: [SettingsTree] = []
      while true {
        skipSpaces()
        if !isAtEnd, text[at] == "]" { break }
        elements.append(try value(inFlow: true))
        try comma(or: "]")
      }
      at += 1
      return SettingsTree(.list(elements), at: start)
    default:
      guard let text = try scalar(endingAt: nil, inFlow: inFlow) else {
        return SettingsTree(.nothing, at: start)
      }
      return SettingsTree(.text(text), at: start)
    }
  }

  private mutating func comma(or end: Character) throws {
    skipSpaces()
    guard !isAtEnd else { throw problem }
    if text[at] == "," { at += 1 } else if text[at] != end { throw problem }
  }

  /// Text, or nil for `~`.
  private mutating func scalar(endingAt end: Character?, inFlow: Bool) throws -> String? {
    skipSpaces()
    guard !isAtEnd else { throw problem }
    if text[at] == "\"" || text[at] == "'" {
      let quote = text[at]
      at += 1
      var value = ""
      while at < text.count, text[at] != quote {
        if quote == "\"", text[at] == "\\", at + 1 < text.count { at += 1 }
        value.append(text[at])
        at += 1
      }
      guard at < text.count else { throw problem }
      at += 1
      return value
    }
    var value = ""
    while at < text.count {
      if text[at] == ":", end == ":", at + 1 == text.count || text[at + 1] == " " { break }
      if inFlow, ",]}".contains(text[at]) { break }
      value.append(text[at])
      at += 1
    }
    while value.last == " " { value.removeLast() }
    return value == "~" ? nil : value
  }
}
