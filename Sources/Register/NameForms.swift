/// Simplified forms of a name. Names with equal forms probably mean the same machine.
struct NameForms {
  /// Lower case.
  let lowercase: String
  /// Full-width characters as half-width ones, in lower case.
  let narrow: String
  /// As ``narrow``, without characters that are neither letters nor digits.
  let joined: String
  /// As ``joined``, without zeros at the beginning of numbers.
  let unpadded: String
  /// The numbers in ``unpadded``, with a space after each.
  let numbers: String

  init(_ name: String) {
    lowercase = name.lowercased()
    var narrow = ""
    for scalar in name.unicodeScalars {
      let value =
        switch scalar.value {
        case 0xFF01...0xFF5E: scalar.value - 0xFEE0
        case 0x3000: UInt32(0x20)
        default: scalar.value
        }
      narrow.unicodeScalars.append(Unicode.Scalar(value) ?? scalar)
    }
    self.narrow = narrow.lowercased()
    var joined = String.UnicodeScalarView()
    for scalar in self.narrow.unicodeScalars
    where scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
      joined.append(scalar)
    }
    self.joined = String(joined)
    var unpadded = String.UnicodeScalarView()
    var numbers = String.UnicodeScalarView()
    var zeros = 0
    var isInNumber = false
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }
    func endNumber() {
      // A number of zeros only is one zero.
      if zeros > 0 {
        unpadded.append("0")
        numbers.append("0")
      }
      if zeros > 0 || isInNumber { numbers.append(" ") }
      (zeros, isInNumber) = (0, false)
    }
    for scalar in joined {
      guard isDigit(scalar) else {
        endNumber()
        unpadded.append(scalar)
        continue
      }
      if scalar == "0", !isInNumber {
        zeros += 1
        continue
      }
      (zeros, isInNumber) = (0, true)
      unpadded.append(scalar)
      numbers.append(scalar)
    }
    endNumber()
    self.unpadded = String(unpadded)
    self.numbers = String(numbers)
  }
}

/// One edit between two names: a character inserted, removed or replaced, or two neighbours exchanged.
enum SingleEdit {
  /// Lengths of names, in characters, between which an edit is looked for. In a shorter name, an edit makes another
  /// name.
  static let lengths = 4...32

  /// The name, and the name without each of its characters. Two names that are one edit apart have one in common.
  static func variants(of name: String) -> Set<String> {
    var variants: Set<String> = [name]
    for index in name.indices {
      var variant = name
      variant.remove(at: index)
      variants.insert(variant)
    }
    return variants
  }

  /// Whether two different names are at most one edit apart.
  static func separates(_ a: String, _ b: String) -> Bool {
    let (a, b) = a.count <= b.count ? (Array(a), Array(b)) : (Array(b), Array(a))
    guard b.count - a.count <= 1 else { return false }
    let first = zip(a, b).prefix { $0 == $1 }.count
    let rest = (a: a[first...], b: b[first...])
    if a.count < b.count { return rest.a.elementsEqual(rest.b.dropFirst()) }
    if rest.a.dropFirst().elementsEqual(rest.b.dropFirst()) { return true }
    guard rest.a.count >= 2, rest.a[first] == rest.b[first + 1], rest.a[first + 1] == rest.b[first] else {
      return false
    }
    return rest.a.dropFirst(2).elementsEqual(rest.b.dropFirst(2))
  }
}
