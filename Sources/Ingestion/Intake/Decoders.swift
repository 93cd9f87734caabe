import Journal
import Decoding
import Storage
import Telemetry

/// The decoders of the sources in effect. Those that are built in are called directly, so that a native message costs
/// no call through a protocol.
struct Decoders: ~Copyable {
  /// Who reads a source's messages.
  enum Reader: Equatable {
    case status, presence
    /// Place in `others`.
    case other(Int)
  }

  private struct Other {
    /// Digest of the source's text, by which its state is found again.
    var source: SHA256Digest
    var decoder: any SourceDecoder
    var isStateful: Bool
  }

  private(set) var rules: DecodingRules
  private(set) var router: Router
  var status: StatusDecoder
  private var presence: PresenceDecoder
  private let catalog: FormatCatalog
  private var readers: ContiguousArray<Reader>
  private var others: ContiguousArray<Other>
  /// What `others` were before messages that are not known to be stored; nil when there are none.
  private var stored: ContiguousArray<Other>?
  /// Whether a decoder remembers messages.
  private(set) var areStateful: Bool

  init(_ rules: DecodingRules, _ catalog: FormatCatalog) throws {
    let made = try Self.readers(rules, catalog)
    let status = try StatusDecoder(limits: rules.limits)
    self.status = status
    (readers, others) = made
    areStateful = made.1.contains(where: \.isStateful)
    presence = PresenceDecoder(limits: rules.limits)
    router = Router(rules.sources)
    self.rules = rules
    self.catalog = catalog
  }

  /// Reads messages by other rules from now on. Decoders of sources that stay keep what they remember.
  mutating func use(_ rules: DecodingRules) throws {
    guard rules != self.rules else { return }
    let states = states()
    try begin(anew: rules)
    if rules.limits != self.rules.limits {
      status = try StatusDecoder(limits: rules.limits)
      presence = PresenceDecoder(limits: rules.limits)
    }
    self.rules = rules
    router = Router(rules.sources)
    for (source, state) in states { restore(state, of: source) }
  }

  /// Makes decoders that remember nothing.
  private mutating func begin(anew rules: DecodingRules) throws {
    (readers, others) = try Self.readers(rules, catalog)
    areStateful = others.contains(where: \.isStateful)
    stored = nil
  }

  private static func readers(
    _ rules: DecodingRules, _ catalog: FormatCatalog
  ) throws -> (ContiguousArray<Reader>, ContiguousArray<Other>) {
    var readers: ContiguousArray<Reader> = []
    var others: ContiguousArray<Other> = []
    for source in rules.sources {
      switch source.format {
      case .status: readers.append(.status)
      case .presence: readers.append(.presence)
      case .other(let name, let settings):
        let decoder = try catalog.decoder(name, settings: settings, limits: rules.limits)
        readers.append(.other(others.count))
        others.append(
          Other(
            source: SHA256Digest(hashing: Array(source.text.utf8)), decoder: decoder,
            isStateful: decoder is any StatefulDecoder))
      }
    }
    return (readers, others)
  }

  // MARK: Decoding

  /// Who reads the messages of a source.
  func reader(of source: Int32) -> Reader { readers[Int(source)] }

  /// Whether the decoder of a source remembers messages: then the same content may say something else when it comes
  /// again.
  func isStateful(_ source: Int32) -> Bool {
    switch readers[Int(source)] {
    case .status, .presence: false
    case .other(let place): others[place].isStateful
    }
  }

  /// Appends the events that a message of a source says.
  @inline(__always)
  mutating func decode(
    _ message: borrowing ReceivedMessage, of source: Int32, into events: inout EventBuffer
  ) throws(Rejection) {
    switch readers[Int(source)] {
    case .status: try status.decode(message, into: &events)
    case .presence: try presence.decode(message, into: &events)
    case .other(let place): try decode(message, by: place, into: &events)
    }
  }

  @inline(never)
  private mutating func decode(
    _ message: borrowing ReceivedMessage, by place: Int, into events: inout EventBuffer
  ) throws(Rejection) {
    if message.payload.count > rules.limits.payload { throw Rejection(.tooLarge) }
    try others[place].decoder.decode(message, into: &events)
  }

  // MARK: What decoders remember

  /// Begins to decode messages that are not stored yet; what was decoded since the last call and not kept is
  /// forgotten.
  mutating func begin() {
    guard areStateful else { return }
    if let stored { others = stored } else { stored = others }
  }

  /// Keeps what was remembered of messages since ``begin()``: they are stored.
  mutating func keep() {
    if areStateful { stored = nil }
  }

  /// What decoders remember of stored messages, with the digest of each one's source.
  func states() -> [(source: SHA256Digest, state: DecoderState)] {
    guard areStateful else { return [] }
    return (stored ?? others).flatMap { other in
      (other.decoder as? any StatefulDecoder)?.states().map { (other.source, $0) } ?? []
    }
  }

  /// Makes every decoder forget what it remembers.
  mutating func forget() throws {
    if areStateful { try begin(anew: rules) }
  }

  /// Gives the decoder of a source state that the journal has. State of no source in effect, or that cannot be read,
  /// is left out.
  mutating func restore(_ state: DecoderState, of source: SHA256Digest) {
    guard state.bytes.count <= DecoderState.mostBytes,
      let place = others.firstIndex(where: { $0.source == source && $0.isStateful }),
      var decoder = others[place].decoder as? any StatefulDecoder
    else { return }
    if (try? decoder.restore(state)) != nil { others[place].decoder = decoder }
  }
}
