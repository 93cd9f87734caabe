import Decoding
import Telemetry

/// The form of a topic's payloads, as far as it can be recognised.
public enum PayloadForm: Hashable, Sendable {
  /// The native status message.
  case status
  /// The words online and offline.
  case presence
  /// Other words with the same meaning.
  case presenceWords
  /// Sparkplug B; `isFromHost` for the STATE message and commands of a host application, which no source reads.
  case sparkplug(isFromHost: Bool)
  /// JSON of a preset, or of no known form.
  case json(preset: String?)
  /// OPC UA PubSub in JSON, with a preset if its fields are those of one.
  case pubsub(preset: String?)
  /// Observations of an MTConnect agent in JSON.
  case mtconnect
  case lineProtocol
  /// Rows of cells; the separator as it is written in a source's settings.
  case csv(separator: String)
  /// One value per topic.
  case values
  /// An empty message clears a retained one.
  case empty
  /// No message of the topic could be kept, so that nothing is known of its payloads.
  case unsampled
  /// Text of no known form.
  case text
  case binary
  /// The collector's own probe.
  case probe

  /// The format and preset as in a source's settings; for other forms a word of this program.
  public var name: String {
    switch self {
    case .status: "status"
    case .presence, .presenceWords: "presence"
    case .sparkplug: "sparkplug"
    case .json(let preset): preset.map { "json, preset \($0)" } ?? "json"
    case .pubsub(let preset): preset.map { "pubsub, preset \($0)" } ?? "pubsub"
    case .mtconnect: "mtconnect"
    case .lineProtocol: "line_protocol"
    case .csv: "csv"
    case .values: "values"
    case .empty: "empty"
    case .unsampled: "unsampled"
    case .text: "text"
    case .binary: "binary"
    case .probe: "probe"
    }
  }

  /// Whether a format of the catalog reads payloads of this form.
  public var isReadable: Bool {
    switch self {
    case .sparkplug(let isFromHost): !isFromHost
    case .empty, .unsampled, .text, .binary, .probe: false
    default: true
    }
  }

  /// Order in which the forms of JSON explain a topic's payloads: the first that one of its samples has is taken.
  private var rank: Int {
    switch self {
    case .status: 0
    case .mtconnect: 1
    case .pubsub(let preset): preset == nil ? 2 : 1
    case .json(let preset): preset == nil ? 5 : preset == "node_red" ? 4 : 3
    default: 6
    }
  }

  private var isJSON: Bool { rank < 6 }

  /// The form that explains several payloads of one topic: that of most of them, where all forms of JSON count together.
  /// nil without payloads.
  static func common(_ forms: [PayloadForm]) -> PayloadForm? {
    let full = forms.filter { $0 != .empty }
    guard let first = full.first else { return forms.first }
    let json = full.filter(\.isJSON)
    if 2 * json.count >= full.count, let best = json.min(by: { $0.rank < $1.rank }) { return best }
    return full.reduce(first) { best, form in
      full.count { $0 == form } > full.count { $0 == best } ? form : best
    }
  }
}

/// Recognises forms of payloads.
struct FormRecognition: ~Copyable {
  private var status: StatusDecoder
  private let presence = PresenceDecoder()

  init() throws { status = try StatusDecoder() }

  /// The form of a message.
  mutating func form(of message: HeardMessage) -> PayloadForm {
    let topic = String(decoding: message.topic, as: UTF8.self)
    if topic.contains("/_millwright/"), topic.hasSuffix("/probe") { return .probe }
    if topic.hasPrefix("spBv1.0/STATE/") || topic.hasPrefix("STATE/") { return .sparkplug(isFromHost: true) }
    if message.payload.isEmpty { return .empty }
    if let verb = Self.sparkplugVerb(message) { return .sparkplug(isFromHost: verb.isCommand) }
    if let document = JSONValue(document: message.payload) {
      if isStatus(message) { return .status }
      return JSONForm.form(of: document)
    }
    guard let text = Self.text(message.payload) else { return .binary }
    return message.payload.withUnsafeBytes { bytes in
      if (try? presence.decode(payload: bytes)) != nil { return .presence }
      return PresenceGuess.isWord(text) ? .presenceWords : Self.form(ofText: text)
    }
  }

  /// The kind of a Sparkplug message; nil if topic or payload is not of Sparkplug.
  private static func sparkplugVerb(_ message: HeardMessage) -> SparkplugVerb? {
    message.topic.withUnsafeBytes { topic in
      guard let parts = SparkplugTopic(topic) else { return nil }
      return message.payload.withUnsafeBytes { (try? SparkplugPayload($0)) != nil } ? parts.verb : nil
    }
  }

  private mutating func isStatus(_ message: HeardMessage) -> Bool {
    message.payload.withUnsafeBytes { payload in
      message.topic.withUnsafeBytes { topic in
        let reading = try? status.decode(
          payload: payload, topic: topic, levels: TopicLevels(), receivedAt: message.received)
        return reading != nil
      }
    }
  }

  /// The payload as text without white space around it; nil if it is not text.
  static func text(_ payload: [UInt8]) -> String? {
    var bytes = payload[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    while let last = bytes.last, last == 0 || isSpace(last) { bytes.removeLast() }
    while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
    guard bytes.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func form(ofText text: String) -> PayloadForm {
    if text.isEmpty { return .empty }
    if LinePoints(text) != nil { return .lineProtocol }
    if isValue(text) { return .values }
    if let separator = CSVRows.separator(of: text), CSVRows.hasValues(text, separator: separator) {
      return .csv(separator: separator)
    }
    return .text
  }

  /// Whether text is a single value: a number, or a word of at most 64 bytes without separators and braces.
  private static func isValue(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count) else { return false }
    if case .number = ScalarValue(plain: text.replacing(",", with: ".", maxReplacements: 1)) { return true }
    return !text.contains { ",;\t\n{}[]=".contains($0) }
  }
}
