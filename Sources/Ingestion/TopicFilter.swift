/// An MQTT topic filter: `+` matches one level, `#` all that follow (MQTT 5.0, 4.7).
public struct TopicFilter: Equatable, Sendable {
  private let levels: [[UInt8]]

  /// Makes a filter from its text in a subscription.
  public init(_ text: String) {
    levels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
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

  private static let one = Array("+".utf8)
  private static let rest = Array("#".utf8)
}
