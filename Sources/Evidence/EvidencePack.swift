import Decoding
import Journal
import Register
import Reporting
import Storage
import Telemetry

/// Content of an evidence pack: one factory's report over closed days, and everything that it is computed from.
/// ``PackFormat`` writes it as files.
public struct EvidencePack: Sendable {
  /// `settings.json`: how messages are read and figures are made.
  public struct Rules: Codable, Equatable, Sendable {
    /// A source of messages: format and topic template, and the settings of a format that has some.
    public struct Source: Codable, Equatable, Sendable {
      public var format: String
      public var topic: String
      public var settings: String?

      /// A source of one format.
      public init(format: String, topic: String, settings: String? = nil) {
        self.format = format
        self.topic = topic
        self.settings = settings
      }
    }
    /// The district: id, names, and time zone identifier.
    public struct District: Codable, Equatable, Sendable {
      public var id: String
      public var name_zh: String
      public var name_en: String
      public var timezone: String

      /// A district.
      public init(id: String, name_zh: String, name_en: String, timezone: String) {
        self.id = id
        self.name_zh = name_zh
        self.name_en = name_en
        self.timezone = timezone
      }
    }
    public var district: District
    public var sources: [Source]
    public var payload_bytes: Int
    public var nesting: Int
    public var future_skew_ms: Int64
    public var oldest_age_ms: Int64
    public var networked_window_ms: Int64
    public var horizon_factor: Int
    public var horizon_minimum_ms: Int64
    public var default_interval_ms: Int64
    /// The register is read as known at this instant, milliseconds UTC.
    public var known_at_ms: Int64

    /// Rules; ``check()`` tells whether a configuration can have them.
    public init(
      district: District, sources: [Source], payload_bytes: Int, nesting: Int, future_skew_ms: Int64,
      oldest_age_ms: Int64, networked_window_ms: Int64, horizon_factor: Int, horizon_minimum_ms: Int64,
      default_interval_ms: Int64, known_at_ms: Int64
    ) {
      self.district = district
      self.sources = sources
      self.payload_bytes = payload_bytes
      self.nesting = nesting
      self.future_skew_ms = future_skew_ms
      self.oldest_age_ms = oldest_age_ms
      self.networked_window_ms = networked_window_ms
      self.horizon_factor = horizon_factor
      self.horizon_minimum_ms = horizon_minimum_ms
      self.default_interval_ms = default_interval_ms
      self.known_at_ms = known_at_ms
    }
  }

  public var factory: String
  public var days: ClosedRange<CalendarDay>
  /// Version of the Millwright that made the pack.
  public var millwrightVersion: String
  public var rules: Rules
  /// Texts of policy files by name.
  public var policies: [String: String]
  public var register: RegisterContents
  /// Proof that the factory's rows belong to the register's chain of imports.
  public var chain: RegisterProof
  /// State of the factory's views at the journal's beginning; nil if it begins with the store.
  public var opening: OpeningState?
  /// Every closed day that the journal has, ascending.
  public var records: [FactoryDayRecords]
  /// The report as the JSON renderer wrote it.
  public var report: String

  /// A pack of these parts.
  package init(
    factory: String, days: ClosedRange<CalendarDay>, millwrightVersion: String, rules: Rules,
    policies: [String: String], register: RegisterContents, chain: RegisterProof, opening: OpeningState?,
    records: [FactoryDayRecords], report: String
  ) {
    self.factory = factory
    self.days = days
    self.millwrightVersion = millwrightVersion
    self.rules = rules
    self.policies = policies
    self.register = register
    self.chain = chain
    self.opening = opening
    self.records = records
    self.report = report
  }
}

extension EvidencePack {
  /// Whether the records name the sources and limits by which they are read, from the first on.
  public var namesSources: Bool {
    struct Found: Error { var kind: JournalRecord.Kind? }
    do {
      try records.first?.forEachBlock { block in
        try block.forEachRecord { throw Found(kind: $0.kind) }
      }
    } catch { return (error as? Found)?.kind?.opens ?? false }
    return false
  }
}

extension EvidencePack.Rules {
  /// The settings that select messages and weigh them, in one line: no root binds them.
  ///
  /// - Parameter journaled: whether the pack's records name the sources and limits by which they are read, which roots
  ///   bind.
  public func summary(journaled: Bool) -> String {
    func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1000) s" }
    let topics = sources.map { "\($0.format) \($0.topic)" }.joined(separator: ", ")
    let reading =
      "; topics \(topics); future skew \(seconds(future_skew_ms)), oldest age \(seconds(oldest_age_ms))"
    return """
      district \(district.id) (\(district.timezone)); horizon \(horizon_factor) intervals, at least \
      \(seconds(horizon_minimum_ms)); default interval \(seconds(default_interval_ms)); networked window \
      \(seconds(networked_window_ms))\(journaled ? "" : reading)
      """
  }

  /// Refuses values that no configuration can have.
  func check() throws(EvidenceError) {
    let instants = CalendarDay.instants
    let fits =
      (256...16 << 20).contains(payload_bytes) && (1...1000).contains(nesting)
      && (0...Span.days(1).milliseconds).contains(future_skew_ms)
      && (0...Span.days(400_000).milliseconds).contains(oldest_age_ms)
      && (Span.days(1).milliseconds...Span.days(366).milliseconds).contains(networked_window_ms)
      && (1...100).contains(horizon_factor)
      && (Span.minutes(1).milliseconds...Span.days(1).milliseconds).contains(horizon_minimum_ms)
      && (Span.seconds(1).milliseconds...Span.days(31).milliseconds).contains(default_interval_ms)
      && instants.contains(Timestamp(milliseconds: known_at_ms)) && (1...1000).contains(sources.count)
      && sources.allSatisfy { $0.decoded != nil }
      && [district.id, district.name_zh, district.name_en, district.timezone].allSatisfy {
        $0 == $0.inert && $0.utf8.count <= PackBounds.textBytes
      }
    guard fits else {
      throw EvidenceError(
        .doesNotHold, "settings.json: a number or a name is not what a configuration can have")
    }
  }
}

extension EvidencePack.Rules.Source {
  /// The source as messages are decoded by it; nil for a format or a topic that no configuration has.
  var decoded: Decoding.Source? {
    guard topic.utf8.count <= PackBounds.textBytes else { return nil }
    let format: Decoding.Format
    switch (self.format, settings) {
    case ("status", nil): format = .status
    case ("presence", nil): format = .presence
    case (let name, let settings?):
      guard settings.utf8.count <= PackBounds.sourceBytes,
        (try? SourceFormats.catalog.decoder(name, settings: settings, limits: DecodingLimits())) != nil
      else { return nil }
      format = .other(name: name, settings: settings)
    default: return nil
    }
    guard let template = try? TopicTemplate(topic, format.topicForm) else { return nil }
    return Decoding.Source(format, template: template)
  }
}
