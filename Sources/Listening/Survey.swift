import Decoding
import Telemetry

/// Results of listening: topics with their messages, the events by the present sources, and sources for other topics.
///
/// Its memory is bounded: by the number of topics, the samples of each topic, and the bytes of all samples. Messages
/// beyond a bound are counted.
public struct Survey {
  /// Bounds on memory.
  public struct Bounds: Sendable {
    /// Maximum number of topics. Messages on further topics are only counted.
    public var topics = 5000
    /// Maximum bytes of all topics.
    public var topicBytes = 4 << 20
    /// Maximum number of sample messages of a topic: half of them the first, half the newest.
    public var samples = 4
    /// Maximum size of a sample's payload. A longer one is no sample.
    public var sampleBytes = 64 << 10
    /// Maximum bytes of all samples.
    public var allBytes = 16 << 20

    /// The usual bounds.
    public init() {}
  }

  /// Messages of one topic.
  public struct Topic: Sendable {
    public var text: String
    public internal(set) var messages = 0
    /// Bytes of payloads.
    public internal(set) var bytes = 0
    /// Messages that the broker had retained. A collector stores them and does not count them.
    public internal(set) var retained = 0
    /// Messages that a present source accepts, with or without events.
    public internal(set) var accepted = 0
    /// Messages of which a present source makes at least one event.
    public internal(set) var read = 0
    /// Place of the present source; nil if none has the topic.
    public internal(set) var source: Int?
    /// Events of the newest message with any.
    public internal(set) var events: [HeardEvent] = []
    /// Refusals by the present source; at most ``Survey/mostRefusals``.
    public internal(set) var refusals: [Refusals] = []
    /// Messages that wait for the birth of their Sparkplug edge node.
    public internal(set) var lackingBirth = 0
    public internal(set) var form: PayloadForm = .empty
    /// nil if a source has the topic, or none almost has it.
    public internal(set) var nearMiss: NearMiss?
    /// Place of the proposal that would read the topic; nil if there is none, or a present source reads it.
    public internal(set) var proposal: Int?
    var samples: [(order: Int, message: HeardMessage)] = []
  }

  /// Messages of a topic that are refused for the same reason.
  public struct Refusals: Equatable, Sendable {
    public var refusal: HeardRefusal
    public var messages: Int
    /// The value that was refused first, as written; empty if it was not found.
    public var excerpt: String
  }

  public static let mostRefusals = 8
  /// Maximum number of levels of a topic that a source is proposed for.
  public static let mostLevels = 32
  /// Maximum number of events kept of a message.
  public static let mostEvents = 8

  public let bounds: Bounds
  public let sources: [Source]
  private let reader: SourceReader
  private let limits: DecodingLimits
  private let naming: Naming
  private var places: [[UInt8]: Int] = [:]
  private var count = 0
  private var sampleBytes = 0
  private var topicBytes = 0
  /// In the order heard; after ``finish(zone:)`` by their levels.
  public private(set) var topics: [Topic] = []
  public private(set) var messages = 0
  public private(set) var bytes = 0
  /// Messages on topics beyond the bound.
  public private(set) var messagesLeftOut = 0
  /// Messages that were no samples because of their size or the bytes of all samples.
  public private(set) var samplesLeftOut = 0
  /// Sources for topics that no present source reads, in the order in which they should be tried.
  public private(set) var proposals: [Proposal] = []

  /// A survey without messages. Throws if a decoder of the present sources cannot be made.
  public init(
    sources: [Source], limits: DecodingLimits = DecodingLimits(), naming: Naming = .none,
    bounds: Bounds = Bounds()
  ) throws {
    self.sources = sources
    self.limits = limits
    self.naming = naming
    self.bounds = bounds
    reader = try SourceReader(sources, limits: limits, naming: naming)
  }

  /// Notes a message. Messages come in the order of their receipt.
  public mutating func hear(_ message: HeardMessage) {
    messages += 1
    bytes += message.payload.count
    guard let place = place(of: message.topic) else {
      messagesLeftOut += 1
      return
    }
    topics[place].messages += 1
    topics[place].bytes += message.payload.count
    if message.isRetained { topics[place].retained += 1 }
    note(reader.read(message), at: place)
    keep(message, at: place)
  }

  private mutating func place(of topic: [UInt8]) -> Int? {
    if let place = places[topic] { return place }
    guard topics.count < bounds.topics, topicBytes + topic.count <= bounds.topicBytes else { return nil }
    topicBytes += topic.count
    places[topic] = topics.count
    topics.append(Topic(text: String(decoding: topic, as: UTF8.self)))
    return topics.count - 1
  }

  private mutating func note(_ outcome: SourceReader.Outcome, at place: Int) {
    topics[place].source = outcome.source
    if outcome.lacksBirth { topics[place].lackingBirth += 1 }
    guard outcome.source != nil else { return }
    if let refusal = outcome.refusal {
      if let known = topics[place].refusals.firstIndex(where: { $0.refusal == refusal }) {
        topics[place].refusals[known].messages += 1
      } else if topics[place].refusals.count < Self.mostRefusals {
        topics[place].refusals.append(Refusals(refusal: refusal, messages: 1, excerpt: outcome.excerpt))
      }
      return
    }
    topics[place].accepted += 1
    if outcome.events.isEmpty { return }
    topics[place].read += 1
    topics[place].events = Array(outcome.events.prefix(Self.mostEvents))
  }

  private mutating func keep(_ message: HeardMessage, at place: Int) {
    count += 1
    let size = message.payload.count + message.topic.count
    let first = (bounds.samples + 1) / 2
    let isFull = topics[place].samples.count >= bounds.samples
    let replaced = isFull && first < bounds.samples ? topics[place].samples[first].message : nil
    let freed = replaced.map { $0.payload.count + $0.topic.count } ?? 0
    guard message.payload.count <= bounds.sampleBytes, sampleBytes - freed + size <= bounds.allBytes,
      !isFull || replaced != nil
    else {
      samplesLeftOut += 1
      return
    }
    if replaced != nil { topics[place].samples.remove(at: first) }
    topics[place].samples.append((count, message))
    sampleBytes += size - freed
  }

  // MARK: Guesses

  /// Recognises forms, finds near misses, and makes proposals. `zone`: the zone of the IANA database for times without an
  /// offset.
  public mutating func finish(zone: String = "Asia/Shanghai") throws {
    topics.sort { Self.levels($0.text).lexicographicallyPrecedes(Self.levels($1.text)) }
    var recognition = try FormRecognition()
    for place in topics.indices {
      let forms = topics[place].samples.map { recognition.form(of: $0.message) }
      topics[place].form = PayloadForm.common(forms) ?? .unsampled
      if topics[place].source == nil, topics[place].form != .probe {
        topics[place].nearMiss = nearMiss(of: topics[place])
      }
    }
    makeProposals(zone: zone)
  }

  /// The near miss of a topic that no source has. Another spelling is one only if the source can read the payloads.
  private func nearMiss(of topic: Topic) -> NearMiss? {
    guard let miss = NearMiss.of(topic.text, among: sources) else { return nil }
    guard case .spelling = miss.difference, let reader = try? SourceReader(sources, limits: limits) else {
      return miss
    }
    let isReadable = topic.samples.contains { sample in
      var message = sample.message
      message.topic = Array(miss.suggestion.utf8)
      let outcome = reader.read(message)
      return outcome.source != nil && outcome.refusal?.reason != .malformed
    }
    return isReadable ? miss : nil
  }

  private static func levels(_ topic: String) -> [Substring] {
    topic.split(separator: "/", omittingEmptySubsequences: false)
  }

  /// Whether the present sources leave a topic unread.
  private func isUnread(_ topic: Topic) -> Bool {
    topic.form.isReadable && Self.levels(topic.text).count <= Self.mostLevels && topic.read == 0
      && topic.lackingBirth == 0
      && (topic.source == nil || !topic.refusals.isEmpty)
  }

  private mutating func makeProposals(zone: String) {
    let unread = topics.indices.filter { isUnread(topics[$0]) && topics[$0].source == nil }
    var context = ProposalBuilder.Context(
      zone: zone, limits: limits, naming: naming, ids: StandInIDs(besides: naming))
    context.factories = KnownFactories.ids(
      in: topics.filter { $0.form != .probe && !$0.text.hasPrefix("$") }.map { $0.text },
      read: topics.flatMap(\.events).map(\.factory))
    var found: [(proposal: Proposal, topics: [Int])] = []
    for group in TopicGroups.groups(unread.map { ($0, topics[$0].form, topics[$0].text) }) {
      guard let proposal = proposal(for: group, context) else { continue }
      found.append((proposal, group.topics))
    }
    found = merged(found, context)
    // A template that begins or ends with a wildcard could take topics from others, so it is tried after them.
    found.sort { a, b in
      (Self.openness(a.proposal), a.topics.first ?? 0) < (Self.openness(b.proposal), b.topics.first ?? 0)
    }
    for (number, entry) in found.enumerated() {
      proposals.append(entry.proposal)
      for place in entry.topics { assign(number, to: place) }
    }
  }

  /// Gives a topic the proposal that would read it. If a level of the topic is no id, that is its near miss.
  private mutating func assign(_ number: Int, to place: Int) {
    let template = proposals[number].source.template
    let topic = topics[place].text
    let hasTopic = Array(topic.utf8).withUnsafeBytes { bytes in
      do throws(Rejection) { return try template.match(bytes) != nil } catch { return false }
    }
    if hasTopic {
      topics[place].proposal = number
    } else if topics[place].nearMiss == nil {
      topics[place].nearMiss = NearMiss.notAnID(topic, in: proposals[number].source)
    }
  }

  /// 0 for a template that begins with a name or placeholder, 1 for one that begins with `+`, 2 for one that ends with
  /// `#`.
  private static func openness(_ proposal: Proposal) -> Int {
    let template = proposal.source.template.description
    return template.hasSuffix("#") ? 2 : template.hasPrefix("+") ? 1 : 0
  }

  private func proposal(for group: TopicGroups.Group, _ context: ProposalBuilder.Context) -> Proposal? {
    let samples = group.topics.flatMap { topics[$0].samples }.sorted { $0.order < $1.order }.map(\.message)
    let levels = group.topics.map { Self.levels(topics[$0].text).map(String.init) }
    return ProposalBuilder(form: group.form, topics: levels, samples: samples, context: context).proposal()
  }

  /// Proposals of one form with the same topics become one.
  private func merged(
    _ found: [(proposal: Proposal, topics: [Int])], _ context: ProposalBuilder.Context
  ) -> [(proposal: Proposal, topics: [Int])] {
    var result: [(proposal: Proposal, topics: [Int])] = []
    for entry in found {
      let template = entry.proposal.source.template.description
      guard
        let place = result.firstIndex(where: {
          $0.proposal.form == entry.proposal.form && $0.proposal.source.template.description == template
        })
      else {
        result.append(entry)
        continue
      }
      let topics = (result[place].topics + entry.topics).sorted()
      let group = TopicGroups.Group(form: entry.proposal.form, topics: topics)
      if let proposal = proposal(for: group, context) { result[place] = (proposal, topics) }
    }
    return result
  }
}
