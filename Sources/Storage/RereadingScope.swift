import Telemetry

/// The messages that a decision reads anew: all that were received from a day on, or those of them that were refused
/// and fit a selection.
///
/// The record of the decision in the journal has the scope's ``text`` as its topic: the day alone, or the day and the
/// parts of the selection, with a tab before each part:
///
///     2026-11-01⇥refused⇥received 1793462400000 1795305600000⇥events 1790870400000⇥reason unknown_state⇥topic plant/#
public struct RereadingScope: Hashable, Sendable {
  /// The day of the journal from which on.
  public var day: CalendarDay
  /// nil if all messages are read anew, whether they were refused or not.
  public var refused: RefusedSelection?

  /// The messages from `day` on, or the refused ones among them.
  public init(day: CalendarDay, refused: RefusedSelection? = nil) {
    self.day = day
    self.refused = refused
  }

  /// The scope as text. Equal scopes have equal texts.
  public var text: String {
    guard let refused else { return day.description }
    return ([day.description, "refused"] + refused.parts).joined(separator: "\t")
  }

  /// Reads a scope from its text; nil if it is not one.
  public init?(text: String) {
    // Unicode may join a tab with the character after it, so the text is divided by bytes.
    let parts = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard let first = parts.first, let day = CalendarDay(first) else { return nil }
    self.day = day
    if parts.count > 1 {
      guard parts[1] == "refused", let refused = RefusedSelection(parts: parts[2...]) else { return nil }
      self.refused = refused
    }
    guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
  }
}

/// A selection of refused messages.
public struct RefusedSelection: Hashable, Sendable {
  /// Receipt of the messages.
  public var received: Range<Timestamp>
  /// A message with an earlier event stays refused, because days before it are final; nil if no day is final.
  public var eventsFrom: Timestamp?
  /// The reason for which they were refused; nil for all.
  public var reason: RejectionReason?
  /// Id of the factory of their likely sender; nil for all.
  public var factory: String?
  /// Id of the equipment of their likely sender; nil for all.
  public var equipment: String?
  /// Topic filter; nil for all topics.
  public var topic: String?

  /// Maximum length of an id or a topic filter, in bytes.
  public static let longestText = 1024

  /// All refused messages that were received in a range of time.
  public init(received: Range<Timestamp>) { self.received = received }

  /// Whether a text can be part of a selection: neither empty nor too long, and without control characters.
  public static func canHold(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= longestText && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  fileprivate var parts: [String] {
    var parts = ["received \(received.lowerBound.milliseconds) \(received.upperBound.milliseconds)"]
    if let eventsFrom { parts.append("events \(eventsFrom.milliseconds)") }
    if let reason { parts.append("reason \(reason.name)") }
    if let factory { parts.append("factory \(factory)") }
    if let equipment { parts.append("equipment \(equipment)") }
    if let topic { parts.append("topic \(topic)") }
    return parts
  }

  fileprivate init?(parts: ArraySlice<String>) {
    var parts = parts
    /// Takes the next part if it has a name; returns its value.
    func next(_ name: String) -> String? {
      guard let part = parts.first, part.utf8.starts(with: (name + " ").utf8) else { return nil }
      parts = parts.dropFirst()
      return String(Substring(part.utf8.dropFirst(name.utf8.count + 1)))
    }
    func instant(_ text: some StringProtocol) -> Timestamp? {
      let bounds = Timestamp.distantPast.milliseconds...Timestamp.distantFuture.milliseconds
      return Int64(text).flatMap { bounds.contains($0) ? Timestamp(milliseconds: $0) : nil }
    }
    guard let ends = next("received")?.split(separator: " "), ends.count == 2,
      let from = instant(ends[0]), let until = instant(ends[1]), from <= until
    else { return nil }
    received = from..<until
    if let text = next("events") {
      guard let instant = instant(text) else { return nil }
      eventsFrom = instant
    }
    if let text = next("reason") {
      guard let reason = RejectionReason.allCases.first(where: { $0.name == text }) else { return nil }
      self.reason = reason
    }
    factory = next("factory")
    equipment = next("equipment")
    topic = next("topic")
    guard parts.isEmpty, [factory, equipment, topic].allSatisfy({ $0.map(Self.canHold) ?? true }) else {
      return nil
    }
  }
}
