/// The reason why a message is not counted. The message is kept in the journal and listed in the quarantine.
public enum RejectionReason: UInt8, CaseIterable, Sendable {
  /// Not a valid document of the source's format.
  case malformed = 1
  case unknownState
  case missingField
  case invalidTimestamp
  case invalidNumber
  /// Event time too far ahead of receipt (`limits.future_skew`).
  case future
  /// Event time older than the journal reaches.
  case tooLate
  /// The payload names someone else than the topic.
  case identityMismatch
  /// Above `limits.payload`.
  case tooLarge
  /// No source's topic filter matches, or an id in the topic is not one.
  case unmatchedTopic
  /// More senders that the register does not know than `limits.unregistered_senders`.
  case senderLimit

  /// The word in tables, reports and configuration.
  public var name: String {
    switch self {
    case .malformed: "malformed"
    case .unknownState: "unknown_state"
    case .missingField: "missing_field"
    case .invalidTimestamp: "invalid_timestamp"
    case .invalidNumber: "invalid_number"
    case .future: "future"
    case .tooLate: "too_late"
    case .identityMismatch: "identity_mismatch"
    case .tooLarge: "too_large"
    case .unmatchedTopic: "unmatched_topic"
    case .senderLimit: "sender_limit"
    }
  }
}

/// The field or rule that decided a refusal: fixed text, which costs nothing to pass on, or a path that the
/// configuration gives.
public enum RejectionDetail: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// A name known to the program, such as `ts`.
  case fixed(StaticString)
  /// A path of the configuration, such as `/values/0/time`.
  case path(String)
  /// A field of a source whose fields the configuration names: a path, a column, a metric or a tag.
  case field(String)

  /// A name known to the program.
  public init(stringLiteral name: StaticString) { self = .fixed(name) }

  /// The text in tables and reports.
  public var description: String {
    switch self {
    case .fixed(let name): name.description
    case .path(let path): path
    case .field(let name): Self.ownNames.contains(name) ? "\(Self.fieldPrefix)\(name)" : name
    }
  }

  /// Details with a fixed meaning. A field of the configuration with such a name is written with
  /// ``fieldPrefix``, so that its remedy is not that of the native status message.
  private static let ownNames: Set<String> = ["ts", "state", "presence", "payload", "words"]
  private static let fieldPrefix = "field "

  /// Whether a detail's text is that of a field of the configuration whose name also has a fixed meaning.
  public static func isMarked(_ text: String) -> Bool {
    text.hasPrefix(fieldPrefix) && ownNames.contains(String(text.dropFirst(fieldPrefix.count)))
  }

  /// The field or rule in a detail's text, for people.
  public static func shown(_ text: String) -> String {
    isMarked(text) ? String(text.dropFirst(fieldPrefix.count)) : text
  }

  /// The name of the field as the payload has it.
  public var name: String {
    if case .field(let name) = self { name } else { description }
  }

  /// Equal if the texts are.
  public static func == (a: RejectionDetail, b: RejectionDetail) -> Bool { a.description == b.description }
}

/// A message refused, and the field that decided it.
public struct Rejection: Error, Equatable, Sendable {
  public var reason: RejectionReason
  /// The field or rule to look at, such as `ts` or `nesting`; empty when the reason says it all.
  public var detail: RejectionDetail
  /// The exact fault.
  public var fault: Fault
  /// Receipt − event time in milliseconds where that is what decided (`future`, `tooLate`); else nil.
  public var skew: Int64?
  /// The value that was refused, of at most 64 bytes, with text in quotes; nil if the decoder does not state it.
  public var excerpt: String?

  /// A rejection for `reason`, decided by `detail`.
  public init(
    _ reason: RejectionReason, _ detail: RejectionDetail = "", _ fault: Fault = .unspecified,
    skew: Int64? = nil, excerpt: String? = nil
  ) {
    self.reason = reason
    self.detail = detail
    self.fault = fault
    self.skew = skew
    self.excerpt = excerpt
  }

  /// Equal if reason and field are the same. Faults, skews and excerpts only describe a rejection.
  public static func == (a: Rejection, b: Rejection) -> Bool {
    a.reason == b.reason && a.detail == b.detail
  }
}
