/// Records of a message that are refused while others of it count. Their text stands for the excerpt of the message in
/// the list of refused messages: `#3 +2`.
///
/// No excerpt of a payload has this form: a payload that reads so is stored in quotes.
public struct RefusedRecords: Equatable, Sendable, CustomStringConvertible {
  /// Place of the first in the message, from 1.
  public var first: Int
  /// Number of them, at least 1.
  public var count: Int

  /// `count` records, of which the first is at a place.
  public init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }

  /// The records for which an excerpt stands; nil if it is the value of a message that is refused as a whole.
  public init?(excerpt: String) {
    let parts = excerpt.split(separator: " ", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let first = Self.number(parts[0], after: "#") else { return nil }
    self.first = first
    count = 1
    guard parts.count == 2 else { return }
    guard let further = Self.number(parts[1], after: "+"), further < .max else { return nil }
    count += further
  }

  /// The place, and the number of further records.
  public var description: String { count > 1 ? "#\(first) +\(count - 1)" : "#\(first)" }

  private static func number(_ text: Substring, after sign: Character) -> Int? {
    let digits = text.utf8.dropFirst()
    guard text.first == sign, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = Int(text.dropFirst()), number > 0
    else { return nil }
    return number
  }
}
