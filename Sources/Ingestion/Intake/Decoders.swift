import Journal
import Decoding
import Storage
import Telemetry

/// The decoders of the current sources. Built-in decoders are called directly, so that a native message needs no call
/// through a protocol.
struct Decoders: ~Copyable {
  /// The decoder of a source.
  enum Reader: Equatable {
    case status, presence
    /// Place in `others`.
    case other(Int)
  }

  private struct Other {
    /// Digest of the source's text, which identifies its state.
    var source: SHA256Digest
    var decoder: any SourceDecoder
    var isStateful: Bool
    /// Whether its messages come in the Sparkplug host application's session.
    var isOfHost: Bool
  }

  private(set) var rules: DecodingRules
  private(set) var router: Router
  var status: StatusDecoder
  private var presence: PresenceDecoder
  let catalog: FormatCatalog
  private var readers: ContiguousArray<Reader>
  private var others: ContiguousArray<Other>
  /// Copy of `others` before messages that may not be stored; nil if there are no such messages.
  private var stored: ContiguousArray<Other>?
  /// Whether a decoder has state from earlier messages.
  private(set) var areStateful: Bool
  /// Whether published names have ids of a naming.
  private(set) var haveNames: Bool
  /// The rules stored last, and the equipment in session by them; nil if the rules have not changed since.
  private var storedLast: (rules: DecodingRules, inSession: Set<EquipmentKey>)?

  init(_ rules: DecodingRules, _ catalog: FormatCatalog) throws {
    let made = try Self.readers(rules, catalog)
    let status = try StatusDecoder(limits: rules.limits)
    self.status = status
    (readers, others) = made
    areStateful = made.1.contains(where: \.isStateful)
    presence = PresenceDecoder(limits: rules.limits)
    router = Router(rules.sources, naming: rules.naming)
    haveNames = !rules.naming.isEmpty
    self.rules = rules
    self.catalog = catalog
  }

  /// Changes the rules. Decoders of unchanged sources keep their state, except for births of Sparkplug devices whose ids
  /// change, and for machines that the naming moves to another factory. Other machines are remembered by the names that
  /// the naming has for them.
  ///
  /// - Parameter continuingSessions: whether decoders of changed sources take over the sessions of those before them.
  ///   Their state is then in the journal before the next message, so that a replay does not take it over again.
  mutating func use(_ rules: DecodingRules, continuingSessions: Bool = false) throws {
    guard rules != self.rules else { return }
    let (states, before, naming) = (states(), stored ?? others, self.rules.naming)
    // First what may fail, so that a failure leaves the decoders as they were.
    let made = try Self.readers(rules, catalog)
    if storedLast == nil { storedLast = (self.rules, Self.inSession(before)) }
    if rules.limits != self.rules.limits {
      status = try StatusDecoder(limits: rules.limits)
      presence = PresenceDecoder(limits: rules.limits)
    }
    begin(made)
    self.rules = rules
    router = Router(rules.sources, naming: rules.naming)
    haveNames = !rules.naming.isEmpty
    for (source, state) in states { restore(state, of: source) }
    if rules.naming != naming { rename(since: naming) }
    if continuingSessions { continueSessions(of: before) }
  }

  /// Notes that the journal has the current rules.
  mutating func rulesAreStored() { storedLast = nil }

  /// Equipment that was in session by the rules stored last, and is not by the current ones.
  var endedSessions: Set<EquipmentKey> {
    guard let storedLast, storedLast.rules != rules else { return [] }
    return storedLast.inSession.subtracting(Self.inSession(stored ?? others))
  }

  private static func inSession(_ others: ContiguousArray<Other>) -> Set<EquipmentKey> {
    Set(others.flatMap { ($0.decoder as? any SessionDecoder)?.inSession ?? [] })
  }

  private mutating func rename(since naming: Naming) {
    let changes = NameChanges(from: naming, to: rules.naming)
    for place in others.indices {
      if let decoder = others[place].decoder as? any NamingDecoder {
        others[place].decoder = decoder.forgettingRenamed(since: naming)
      } else if !changes.isEmpty, var decoder = others[place].decoder as? any RememberingDecoder {
        decoder.rename(changes)
        others[place].decoder = decoder
      }
    }
  }

  private mutating func continueSessions(of before: ContiguousArray<Other>) {
    let (old, new) = (Set(before.map(\.source)), Set(others.map(\.source)))
    let ended = before.filter { !new.contains($0.source) }.compactMap { $0.decoder as? any SessionDecoder }
    for place in others.indices where !old.contains(others[place].source) {
      guard var decoder = others[place].decoder as? any SessionDecoder else { continue }
      for other in ended { decoder.continueSessions(of: other) }
      others[place].decoder = decoder
    }
  }

  /// Makes decoders without state.
  private mutating func begin(_ made: (ContiguousArray<Reader>, ContiguousArray<Other>)) {
    (readers, others) = made
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
        let decoder = try catalog.decoder(
          name, settings: settings, limits: rules.limits, naming: rules.naming)
        readers.append(.other(others.count))
        others.append(
          Other(
            source: SHA256Digest(hashing: Array(source.text.utf8)), decoder: decoder,
            isStateful: decoder is any StatefulDecoder, isOfHost: source.isSparkplug))
      }
    }
    return (readers, others)
  }

  // MARK: Decoding

  /// The decoder of a source.
  func reader(of source: Int32) -> Reader { readers[Int(source)] }

  /// Whether the decoder of a source has state from earlier messages. Then the same content may give other events
  /// when it is received again.
  func isStateful(_ source: Int32) -> Bool {
    switch readers[Int(source)] {
    case .status, .presence: false
    case .other(let place): others[place].isStateful
    }
  }

  /// The path or name of an optional field in the messages of a source.
  func path(of field: OptionalField, in source: Int32) -> String {
    switch readers[Int(source)] {
    case .status, .presence: field.name
    case .other(let place): others[place].decoder.path(of: field)
    }
  }

  /// Whether a source's messages come in the Sparkplug host application's session, which redelivers none.
  func isOfHost(_ source: Int32) -> Bool {
    switch readers[Int(source)] {
    case .status, .presence: false
    case .other(let place): others[place].isOfHost
    }
  }

  /// Appends the events of a message of a source.
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
    let first = events.events.count
    try others[place].decoder.decode(message, into: &events)
    // The native decoders keep the limits: one checks its reading, and the time of the other's event is the receipt.
    for place in first..<max(first, events.events.count) {
      try rules.limits.check(events.events[place].time, receivedAt: message.received)
    }
  }

  // MARK: State of decoders

  /// Begins to decode messages that are not stored yet. State from messages decoded since the last call and not kept
  /// is discarded.
  mutating func begin() {
    guard areStateful else { return }
    if let stored { others = stored } else { stored = others }
  }

  /// Keeps the state from messages since ``begin()``: they are stored.
  mutating func keep() {
    if areStateful { stored = nil }
  }

  /// Edge nodes that were born and have not died since.
  var livingEdges: [SparkplugEdgeID] {
    others.flatMap { ($0.decoder as? any SessionDecoder)?.livingEdges ?? [] }
  }

  /// Removes and returns the edge nodes whose births are missing. Call it after ``keep()``.
  mutating func takeMissingBirths() -> [SparkplugEdgeID] {
    guard areStateful else { return [] }
    var missing: [SparkplugEdgeID] = []
    for place in others.indices {
      guard var decoder = others[place].decoder as? any SessionDecoder else { continue }
      missing += decoder.takeMissingBirths()
      others[place].decoder = decoder
    }
    return missing
  }

  /// Returns what decoders with sessions counted since the last call. Call it after ``keep()``.
  mutating func takeCounts() -> SparkplugDecoder.Counters {
    var counts = SparkplugDecoder.Counters()
    guard areStateful else { return counts }
    for place in others.indices {
      guard var decoder = others[place].decoder as? any SessionDecoder else { continue }
      counts.add(decoder.takeCounts())
      others[place].decoder = decoder
    }
    return counts
  }

  /// The state of decoders after the stored messages, with the digest of each source.
  func states() -> [(source: SHA256Digest, state: DecoderState)] {
    guard areStateful else { return [] }
    return (stored ?? others).flatMap { other in
      (other.decoder as? any StatefulDecoder)?.states().map { (other.source, $0) } ?? []
    }
  }

  /// Clears the state of all decoders.
  mutating func forget() throws {
    if areStateful { begin(try Self.readers(rules, catalog)) }
  }

  /// Restores the state of a source's decoder from the journal. State of an unknown source, or in an unknown form, is
  /// ignored.
  mutating func restore(_ state: DecoderState, of source: SHA256Digest) {
    guard state.bytes.count <= DecoderState.mostBytes,
      let place = others.firstIndex(where: { $0.source == source && $0.isStateful }),
      var decoder = others[place].decoder as? any StatefulDecoder
    else { return }
    if (try? decoder.restore(state)) != nil { others[place].decoder = decoder }
  }
}
