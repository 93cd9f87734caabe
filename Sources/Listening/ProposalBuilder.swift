import Decoding
import Telemetry

/// Makes a source for topics of one form.
struct ProposalBuilder {
  let form: PayloadForm
  /// All topics, each once, as their levels.
  let topics: [[String]]
  let samples: [HeardMessage]
  let context: Context

  /// Facts from other topics and from the configuration.
  struct Context {
    /// Ids of factories that topics name.
    var factories: [String] = []
    /// The id in the key `factory` of sources whose topics name none: the only known one, or else a word that stands out in
    /// reports until it is edited.
    var factory: String { factories.count == 1 ? factories[0] : Proposal.unknownFactory }
    /// A zone of the IANA database for times without an offset.
    var zone = "Asia/Shanghai"
    var limits = DecodingLimits()
    /// The names that have ids already.
    var naming = Naming.none
    var ids = StandInIDs()
  }

  /// The topics as text.
  private var topicTexts: [String] { topics.map { $0.joined(separator: "/") } }

  /// The proposal; nil if no source can read the topics.
  func proposal() -> Proposal? {
    switch form {
    case .status:
      if let native = native() { return native }
      return ProposalBuilder(form: .json(preset: nil), topics: topics, samples: samples, context: context)
        .mapped()
    case .presence:
      if let native = native() { return native }
      // A source for topics of one level would take those of all others.
      guard topics.allSatisfy({ $0.count > 1 }) else { return nil }
      return ProposalBuilder(form: .presenceWords, topics: topics, samples: samples, context: context)
        .presenceWords()
    case .presenceWords: return presenceWords()
    case .mtconnect: return mtconnect()
    case .sparkplug(false): return SparkplugGuess(samples, context).proposal(topics: topicTexts)
    case .json, .pubsub, .lineProtocol, .csv, .values: return mapped()
    case .sparkplug, .empty, .unsampled, .text, .binary, .probe: return nil
    }
  }

  /// Maximum number and bytes of samples that fields are looked up in. The decoder is tried with all samples.
  private static let mostSketched = (samples: 512, bytes: 1 << 20)

  private var sketched: [HeardMessage] {
    var bytes = 0
    return Array(
      samples.prefix(Self.mostSketched.samples).prefix { sample in
        bytes += sample.payload.count
        return bytes <= Self.mostSketched.bytes
      })
  }

  // MARK: Native formats

  private func native() -> Proposal? {
    guard let guess = TopicGuess(topics, .native, factories: context.factories),
      let template = try? TopicTemplate(guess.text)
    else { return nil }
    let format: Format = form == .presence ? .presence : .status
    let settings: SettingsTree = [
      "format": SettingsTree(.text(format.name)), "topic": SettingsTree(.text(guess.text)),
    ]
    return Proposal(
      form, settings, Source(format, template: template), guess.isUncertain ? [.topic] : [], samples,
      topics: topicTexts, context)
  }

  // MARK: MTConnect

  /// One source for the topics of all documents with observations, so that each observation counts once.
  private func mtconnect() -> Proposal? {
    let topics = topics.map { levels in levels.map { Self.documents.contains($0) ? "+" : $0 } }
    guard let guess = TopicGuess(topics, .equipment, factories: context.factories) else { return nil }
    let draft = SourceDraft(form, guess, PayloadSketch(form, []), context)
    return proposal(draft)
  }

  /// Levels of an agent's topics that name the document.
  private static let documents: Set<String> = ["Current", "Sample", "current", "sample"]

  // MARK: Words of presence

  private func presenceWords() -> Proposal? {
    guard let guess = TopicGuess(topics, .equipment, factories: context.factories) else { return nil }
    var draft = SourceDraft(form, guess, PayloadSketch(form, []), context)
    draft.set("words", PresenceGuess.words(of: sketched))
    return proposal(draft)
  }

  // MARK: Formats of the catalog

  private func mapped() -> Proposal? {
    let samples = sketched
    let sketch = PayloadSketch(form, samples)
    guard let (guess, path) = topic(sketch, samples) else { return nil }
    var draft = SourceDraft(form, guess, sketch, context)
    if let path {
      draft.set("equipment", SettingsTree(.text(path)))
      if let workshop = sketch.workshopPath { draft.set("workshop", SettingsTree(.text(workshop))) }
    }
    draft.addRules()
    guard let first = proposal(draft) else { return nil }
    guard draft.mayKeepChanges, first.refusals.contains(where: { draft.isStateMissing($0) }) else {
      return first
    }
    draft.keepChanges()
    return proposal(draft) ?? first
  }

  private func proposal(_ draft: SourceDraft) -> Proposal? {
    var problems: [SettingsProblem] = []
    guard let source = SourceFormats.source(draft.settings, name: "sources[0]", &problems), problems.isEmpty
    else {
      return nil
    }
    return Proposal(
      form, draft.settings, source, draft.notes, samples, topics: topicTexts, context)
  }

  /// The topic, and the path of the equipment in the payload if the topic does not name it.
  private func topic(_ sketch: PayloadSketch, _ samples: [HeardMessage]) -> (TopicGuess, String?)? {
    func guess(_ needs: TopicGuess.Needs, workshop: Int? = nil) -> TopicGuess? {
      TopicGuess(
        topics, needs, equipment: sketch.equipment, factories: context.factories, workshop: workshop)
    }
    if form == .values { return guess(.field).map { ($0, nil) } }
    if sketch.namesEquipment { return guess(.nothing, workshop: workshop(samples)).map { ($0, nil) } }
    let own = guess(.equipment)
    guard let path = sketch.equipmentPath, !sketch.equipment.isEmpty else { return own.map { ($0, nil) } }
    let isRepeated = topics.allSatisfy { topic in topic.contains { sketch.equipment.contains($0) } }
    let areNumbers = sketch.equipment.allSatisfy { $0.allSatisfy(\.isNumber) }
    // A text that is no id may be a description of the machine that the topic names.
    let areTexts = !sketch.hasRecords && !sketch.equipment.allSatisfy(\.isID)
    if let own, !own.isUncertain, isRepeated || areNumbers || areTexts,
      sketch.equipment.count <= topics.count || areNumbers
    {
      return (own, nil)
    }
    return guess(.nothing, workshop: workshop(samples)).map { ($0, path) }
  }

  /// The level of topics that tells machines with one name in payloads apart: the first with different names of parts of
  /// a factory. nil if there is none, or no name occurs below two of them.
  private func workshop(_ samples: [HeardMessage]) -> Int? {
    let width = topics.map(\.count).min() ?? 0
    let place = (0..<width).first { place in
      let values = Set(topics.map { $0[place] })
      return values.count > 1 && TopicGuess.arePlaceNames(Array(values))
    }
    guard let place else { return nil }
    let parts = Dictionary(grouping: samples) { sample in
      String(decoding: sample.topic, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false)
        .dropFirst(place).first ?? ""
    }
    var machines: Set<String> = []
    for samples in parts.values {
      for name in Set(PayloadSketch(form, samples).equipment) where !machines.insert(name).inserted {
        return place
      }
    }
    return nil
  }
}
