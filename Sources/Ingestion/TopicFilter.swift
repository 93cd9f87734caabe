/// An MQTT topic filter: `+` stands for one level, `#` for all that follow (MQTT 5.0, 4.7).
public struct TopicFilter: Equatable, Sendable {
  private let levels: [[UInt8]]

  /// A filter as it is subscribed.
  public init(_ text: String) {
    levels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
  }

  /// Whether a topic's messages come for it.
  public func matches(_ topic: UnsafeRawBufferPointer) -> Bool {
    var parts = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    // What begins with $ is the broker's, and no wildcard at the first level asks for it.
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
