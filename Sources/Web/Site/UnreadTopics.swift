import Configuration
import Journal
import Listening
import Storage
import Telemetry

/// Topics that no source reads: how each differs from the sources there are, and sources that would read them, as
/// `millwright listen` shows them.
struct UnreadTopics {
  /// The messages of one topic.
  struct Advice {
    /// nil if the topic is near no source.
    var miss: NearMiss?
    /// Place in ``UnreadTopics/proposals`` of the source that would read it; nil if there is none.
    var proposal: Int?
  }

  /// By topic.
  var advice: [String: Advice] = [:]
  /// In the order in which they should be tried.
  var proposals: [Proposal] = []
  /// Places of the proposals whose topics a source has already: it only lacks ids for names.
  var configured: Set<Int> = []

  /// Messages that are read for samples.
  private static let mostMessages = 80_000

  /// No topic.
  init() {}

  /// Samples the topics of newest messages that no source reads.
  init(_ arrivals: Arrivals, in site: WebSite, factory: String?) throws {
    let unread = Set(arrivals.topics.filter { $0.refused?.reason == .unmatchedTopic }.map(\.topic))
    // A configuration that can no longer be read stops the collector, and says so there.
    guard !unread.isEmpty, let rules = try? site.settings.shardSettings(),
      var survey = try? Survey(
        sources: rules.sources, limits: rules.rules.limits, naming: rules.naming)
    else { return }
    var read = 0
    try site.store.records().forEachRecord(
      ofFactories: factory.map { [$0] }, after: arrivals.blocks.lowerBound,
      through: arrivals.blocks.upperBound
    ) { record, _ in
      guard record.kind == .message else { return true }
      read += 1
      guard read <= Self.mostMessages else { return false }
      guard unread.contains(String(decoding: record.topic, as: UTF8.self)) else { return true }
      survey.hear(
        HeardMessage(
          topic: Array(record.topic), payload: Array(record.payload), received: record.received))
      return true
    }
    try survey.finish(zone: site.calendar.identifier)
    proposals = survey.proposals
    let topics = Set(rules.sources.map { $0.template.description })
    configured = Set(proposals.indices.filter { topics.contains(proposals[$0].source.template.description) })
    for topic in survey.topics {
      advice[topic.text] = Advice(
        miss: topic.nearMiss, proposal: topic.proposal ?? Self.proposal(for: topic, among: proposals))
    }
  }

  /// The proposal that would read a topic if the naming gave its names ids; nil if there is none.
  private static func proposal(for topic: Survey.Topic, among proposals: [Proposal]) -> Int? {
    guard let miss = topic.nearMiss, case .notAnID = miss.difference else { return nil }
    return proposals.firstIndex { $0.source.template.description == miss.template }
  }
}
