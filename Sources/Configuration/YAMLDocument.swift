import Yams

/// A YAML file as a tree that knows its lines.
enum YAMLDocument {
  /// The tree of a document; an empty one is an empty mapping. Keys that occur again later in their
  /// mapping are disguised: ``duplicated(_:)`` recognises them.
  ///
  /// The parser stops at the first duplicated key, which would hide every problem behind it. But it says
  /// where the earlier of the two stands; so that one's first letter is exchanged for a private-use
  /// character, which leaves every line and column as they are, and the document is read again.
  static func parse(_ text: String, file: String) throws(SettingsErrors) -> Node {
    var text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    var round: UInt32 = 0
    while true {
      do {
        return try Yams.compose(yaml: text) ?? Node([(Node, Node)]())
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        guard round < rounds, let disguised = disguising(keyAt: context.mark, of: text, round: round) else {
          throw SettingsErrors([
            .init(place(context.mark, file), "key '\(names.first ?? "")' is given more than once")
          ])
        }
        text = disguised
        round += 1
      } catch {
        throw SettingsErrors([problem(error, file: file)])
      }
    }
  }

  /// The name a key had in the file, when it occurs again later in the same mapping.
  static func duplicated(_ key: String) -> String? {
    guard let first = key.unicodeScalars.first, first.value >= base,
      first.value < base + rounds * 128, let letter = Unicode.Scalar((first.value - base) % 128)
    else { return nil }
    return String(letter) + key.unicodeScalars.dropFirst().map(String.init).joined()
  }

  /// Private-use characters: 128 for each round, so that a key given thrice is disguised in two ways.
  private static let base: UInt32 = 0xE000
  private static let rounds: UInt32 = 48

  private static func disguising(keyAt mark: Mark, of text: String, round: UInt32) -> String? {
    var scalars = Array(text.unicodeScalars)
    var index = 0
    var line = 1
    while line < mark.line {
      guard let end = scalars[index...].firstIndex(of: "\n") else { return nil }
      index = end + 1
      line += 1
    }
    index += mark.column - 1
    if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    guard index < scalars.count, scalars[index].properties.isAlphabetic, scalars[index].isASCII,
      let disguise = Unicode.Scalar(base + round * 128 + scalars[index].value)
    else { return nil }
    scalars[index] = disguise
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }

  private static func problem(_ error: any Error, file: String) -> SettingsErrors.Problem {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let within = context.map { "\($0.text): " } ?? ""
      return .init(
        place(mark, file), "not valid YAML: \(within)\(problem)", "不是有效的 YAML（\(within)\(problem)）")
    case .reader(let problem, _, _, _):
      return .init(.wholeFile(file), "not valid YAML: \(problem)", "不是有效的 YAML（\(problem)）")
    default:
      return .init(.wholeFile(file), "not valid YAML", "不是有效的 YAML")
    }
  }

  private static func place(_ mark: Mark, _ file: String) -> SettingsErrors.Origin {
    .file(file, line: mark.line, column: mark.column)
  }
}
