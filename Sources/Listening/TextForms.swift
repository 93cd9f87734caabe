/// The points of a sample message in InfluxDB line protocol. Escapes other than a backslash before one character are
/// not interpreted.
struct LinePoints {
  struct Point {
    var measurement: String
    var tags: [(name: String, value: String)]
    var fields: [(name: String, value: ScalarValue)]
    /// As written; nil if the point has no time.
    var time: String?
  }

  private(set) var points: [Point] = []

  /// Reads the first points; nil if a line is none.
  init?(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline).prefix(100) where !line.hasPrefix("#") {
      guard let point = Self.point(line) else { return nil }
      points.append(point)
    }
    if points.isEmpty { return nil }
  }

  private static func point(_ line: Substring) -> Point? {
    let parts = split(line, at: " ").filter { !$0.isEmpty }
    guard (2...3).contains(parts.count) else { return nil }
    let names = split(parts[0], at: ",")
    guard let measurement = names.first, !measurement.isEmpty else { return nil }
    var tags: [(String, String)] = []
    for tag in names.dropFirst() {
      guard let pair = pair(tag) else { return nil }
      tags.append((plain(pair.name), plain(pair.value)))
    }
    var fields: [(String, ScalarValue)] = []
    for field in split(parts[1], at: ",") {
      guard let pair = pair(field), let value = value(pair.value) else { return nil }
      fields.append((plain(pair.name), value))
    }
    let time = parts.count == 3 ? String(parts[2]) : nil
    guard !fields.isEmpty, time.map({ Int64($0) != nil }) ?? true else { return nil }
    return Point(measurement: plain(measurement), tags: tags, fields: fields, time: time)
  }

  /// Splits at characters that no backslash precedes and no quotes contain.
  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var isEscaped = false
    var isQuoted = false
    for index in text.indices {
      let character = text[index]
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      } else if character == separator, !isQuoted {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    return parts + [text[start...]]
  }

  private static func pair(_ text: Substring) -> (name: Substring, value: Substring)? {
    let parts = split(text, at: "=")
    guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    return (parts[0], text[parts[1].startIndex...])
  }

  private static func value(_ text: Substring) -> ScalarValue? {
    if text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 {
      return .text(plain(text.dropFirst().dropLast()))
    }
    if ["t", "T", "true", "True", "TRUE"].contains(text) { return .boolean(true) }
    if ["f", "F", "false", "False", "FALSE"].contains(text) { return .boolean(false) }
    let digits = text.hasSuffix("i") || text.hasSuffix("u") ? text.dropLast() : text
    guard case .number(let number) = ScalarValue(plain: String(digits)) else { return nil }
    return .number(number)
  }

  private static func plain(_ text: Substring) -> String { String(text.replacing("\\", with: "")) }
}

/// The rows of a sample message in CSV. Cells in quotes may hold separators, but no line ends.
struct CSVRows {
  /// Separators in the order in which they are tried, with their words in a source's settings.
  private static let separators: [(character: Character, word: String)] = [
    ("\t", "tab"), (";", ";"), (",", ","), ("|", "|"),
  ]

  /// The word of the separator with which all rows have the same number of cells, at least two; nil if there is none.
  static func separator(of text: String) -> String? {
    separators.first { separator in
      let rows = rows(text, separator: separator.word)
      guard let width = rows.first?.count, width >= 2 else { return false }
      return rows.allSatisfy { $0.count == width }
    }?.word
  }

  /// Whether a cell is a number, a time or a known word for a state. Sentences have none.
  static func hasValues(_ text: String, separator: String) -> Bool {
    rows(text, separator: separator).joined().contains { cell in
      Double(cell) != nil || FieldNames.state(cell) != nil || TimeGuess.form(of: .text(cell)) != nil
    }
  }

  /// The first rows.
  static func rows(_ text: String, separator word: String) -> [[String]] {
    let separator = separators.first { $0.word == word }?.character ?? ","
    return text.split(whereSeparator: \.isNewline).prefix(100).map { cells($0, separator) }
  }

  private static func cells(_ row: Substring, _ separator: Character) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    for character in row {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == separator, !isQuoted {
        cells.append(cell.trimmed)
        cell = ""
      } else {
        cell.append(character)
      }
    }
    return cells + [cell.trimmed]
  }

  /// Names of the columns of some rows: the first row's if it is a heading, else names after their content. `true` if
  /// the rows state the names themselves.
  static func columns(of rows: [[String]]) -> (names: [String], areStated: Bool) {
    guard let first = rows.first else { return ([], false) }
    let isHeading =
      Set(first).count == first.count && first.allSatisfy { !$0.isEmpty && Double($0) == nil }
      && first.contains { name in
        let name = FieldNames.normal(name)
        return (FieldNames.time + FieldNames.state + FieldNames.total + FieldNames.energy).contains(name)
      }
    if isHeading { return (first, true) }
    var names: [String] = []
    for index in first.indices {
      let cells = rows.compactMap { index < $0.count && !$0[index].isEmpty ? $0[index] : nil }
      let values = cells.map { ScalarValue(plain: $0) }
      var name = "column\(index + 1)"
      if cells.isEmpty {
        // The column has no value to judge by.
      } else if !names.contains("time"), values.allSatisfy({ TimeGuess.form(of: $0) != nil }) {
        name = "time"
      } else if !names.contains("state"), values.allSatisfy({ isStateWord($0) }) {
        name = "state"
      } else if !names.contains("machine"), values.allSatisfy({ $0.text.isEquipmentLike }) {
        name = "machine"
      }
      names.append(name)
    }
    return (names, false)
  }

  private static func isStateWord(_ value: ScalarValue) -> Bool { FieldNames.state(value.text) != nil }
}

extension String {
  /// The text without white space around it.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// Whether the text is like the name of equipment: at most 64 bytes, with a letter and a digit.
  var isEquipmentLike: Bool {
    isName && utf8.count <= 64 && contains(where: \.isLetter) && contains(where: \.isNumber)
  }
}
