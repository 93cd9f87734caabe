/// An MQTT topic filter: `+` matches one level, `#` all that follow (MQTT 5.0, 4.7).
public struct TopicFilter: Equatable, Sendable {
  private let levels: [[UInt8]]

  /// Makes a filter from its text in a subscription.
  public init(_ text: String) {
    levels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
  }

  /// Whether text has the form of a filter: `+` and `#` are whole levels, and `#` is the last one.
  public static func isFilter(_ text: String) -> Bool {
    let levels = TopicFilter(text).levels
    return !text.isEmpty
      && levels.enumerated().allSatisfy { place, level in
        level == rest
          ? place == levels.count - 1 : level == one || !level.contains { $0 == one[0] || $0 == rest[0] }
      }
  }

  /// Whether the filter matches a topic.
  public func matches(_ topic: UnsafeRawBufferPointer) -> Bool {
    var parts = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    // Topics that begin with $ belong to the broker; a wildcard at the first level does not match them.
    let isBrokers = topic.first == UInt8(ascii: "$")
    for (index, level) in levels.enumerated() {
      let isFirstOfBrokers = index == 0 && isBrokers
      if level == Self.rest { return !isFirstOfBrokers }
      guard let part = parts.popFirst() else { return false }
      if level == Self.one, !isFirstOfBrokers { continue }
      guard part.elementsEqual(level) else { return false }
    }
    return parts.isEmpty
  }

  /// Whether the filter matches every topic that `other` matches. A shared subscription (MQTT 5.0, 4.8.2) neither covers
  /// nor is covered: the broker distributes its messages among several clients.
  public func covers(_ other: TopicFilter) -> Bool {
    guard levels.first != Self.shared, other.levels.first != Self.shared else { return false }
    // A wildcard at the first level matches no topic that begins with $.
    let isBrokers = other.levels.first?.first == UInt8(ascii: "$")
    for (index, level) in levels.enumerated() {
      if level == Self.rest { return index > 0 || !isBrokers }
      guard index < other.levels.count else { return false }
      let theirs = other.levels[index]
      // Every topic has a level, so `+/#` matches as much as `#`.
      if theirs == Self.rest { return index == 0 && levels == [Self.one, Self.rest] }
      let isAny = level == Self.one && (index > 0 || !isBrokers)
      guard isAny || level == theirs else { return false }
    }
    return levels.count == other.levels.count
  }

  /// Whether a topic exists that both filters match. A shared subscription overlaps with no filter: the broker delivers
  /// its messages separately.
  public func overlaps(_ other: TopicFilter) -> Bool {
    guard levels.first != Self.shared, other.levels.first != Self.shared else { return false }
    for index in 0..<max(levels.count, other.levels.count) {
      let mine = index < levels.count ? levels[index] : nil
      let theirs = index < other.levels.count ? other.levels[index] : nil
      let areWild = [mine, theirs].map { $0 == Self.one || $0 == Self.rest }
      // A wildcard at the first level matches no topic that begins with $.
      if index == 0, areWild[0] != areWild[1],
        (areWild[0] ? theirs : mine)?.first == UInt8(ascii: "$")
      {
        return false
      }
      // `#` also matches the level before it.
      if mine == Self.rest || theirs == Self.rest { return true }
      guard mine != nil, theirs != nil, areWild.contains(true) || mine == theirs else { return false }
    }
    return true
  }

  /// The filters that no other one covers, in their order; the first of several that match the same topics.
  ///
  /// A broker may send a message once for each filter that matches it (MQTT 3.1.1, 3.3.5; MQTT 5.0, 3.3.4): Mosquitto does
  /// to clients of MQTT 5, from 2.1 on to all. Filters that overlap only partly are all kept: see
  /// ``Router/overlappingFilters``.
  static func uncovered(_ texts: [String]) -> [String] {
    let filters = texts.map { TopicFilter($0) }
    return texts.indices.filter { place in
      !filters.indices.contains { other in
        other != place && filters[other].covers(filters[place])
          && (other < place || !filters[place].covers(filters[other]))
      }
    }
    .map { texts[$0] }
  }

  private static let shared = Array("$share".utf8)
  private static let one = Array("+".utf8)
  private static let rest = Array("#".utf8)
}
