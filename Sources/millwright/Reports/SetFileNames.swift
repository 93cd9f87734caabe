import Foundation

/// Names of the files of a set of reports, without their endings: a factory's id and name, as in `F001_渝北精密机械厂`.
///
/// They are different from each other on file systems that ignore the case of letters or normalise text, are names on
/// Windows too, and take at most ``longest`` bytes.
struct SetFileNames {
  /// Stem of the district's files and of the page that leads to all others.
  static let (district, index) = ("district", "index")
  /// Maximum number of bytes of a name without its ending.
  static let longest = 200
  private static let longestName = 120

  /// By the factory's id.
  private var stems: [String: String] = [:]

  /// Names for factories, whose names may be empty. A name that is taken gets a number, in the order of the factories.
  init(_ factories: [(id: String, name: String)]) {
    var taken: Set<String> = [Self.district, Self.index]
    for (id, name) in factories {
      let word = Self.cleaned(name)
      let stem = Self.encoded(id) + (word.isEmpty ? "" : "_" + word)
      var unique = stem
      var number = 2
      while !taken.insert(unique.decomposedStringWithCompatibilityMapping.lowercased()).inserted {
        unique = stem + "_\(number)"
        number += 1
      }
      stems[id] = unique
    }
  }

  /// The name for a factory.
  subscript(factory: String) -> String { stems[factory] ?? Self.encoded(factory) }

  /// A factory's id as the name of a file: other characters than those of ids are written as `%` and two hexadecimal
  /// digits.
  private static func encoded(_ id: String) -> String {
    let usual = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    // A dot may stand anywhere but in front.
    let name =
      id.addingPercentEncoding(
        withAllowedCharacters: id.hasPrefix(".") ? usual : usual.union(CharacterSet(charactersIn: ".")))
      ?? ""
    if name.isEmpty { return "factory" }
    return cut(isReserved(name) ? "factory-" + name : name, to: longest - longestName - 10)
  }

  /// Names with a meaning of their own, in a set or on Windows.
  private static func isReserved(_ name: String) -> Bool {
    let stem = name.lowercased().split(separator: ".").first.map(String.init) ?? ""
    return [district, index, "con", "prn", "aux", "nul"].contains(stem)
      || stem.wholeMatch(of: /(com|lpt)[0-9]/) != nil
  }

  /// A name with its letters, digits and marks. Other characters between them become one hyphen.
  private static func cleaned(_ name: String) -> String {
    var text = String.UnicodeScalarView()
    var isApart = false
    for scalar in name.precomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
        if isApart, !text.isEmpty { text.append("-") }
        isApart = false
        text.append(scalar)
      default: isApart = true
      }
    }
    return cut(String(text), to: longestName)
  }

  private static func cut(_ text: String, to bytes: Int) -> String {
    var text = text
    while text.utf8.count > bytes { text.removeLast() }
    return text
  }
}
