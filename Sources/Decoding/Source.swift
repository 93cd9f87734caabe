import Telemetry

/// How payloads of a source are read.
public enum Format: Hashable, Sendable {
  /// The native status message (``StatusDecoder``).
  case status
  /// `online` or `offline` (``PresenceDecoder``).
  case presence
  /// A format of a ``FormatCatalog``: its name there, and its settings as text.
  case other(name: String, settings: String)

  /// The word in configuration.
  public var name: String {
    switch self {
    case .status: "status"
    case .presence: "presence"
    case .other(let name, _): name
    }
  }
}

/// One configured source: which topics it covers, and how their payloads are to be read.
public struct Source: Sendable, Hashable {
  /// How its payloads are to be read.
  public var format: Format
  /// Which topics it covers.
  public var template: TopicTemplate

  /// A source of `format` messages on the topics of `template`.
  public init(_ format: Format, template: TopicTemplate) {
    self.format = format
    self.template = template
  }
}

/// What a topic decides about its message: which source reads it, and who it is from.
public struct Route: Hashable, Sendable {
  /// Place of the source among those configured.
  public var source: Int32
  /// Where the topic names factory, workshop, line and equipment.
  public var levels: TopicLevels

  /// A route to the source at a place, with the names at `levels`.
  public init(source: Int32, levels: TopicLevels) {
    self.source = source
    self.levels = levels
  }
}

/// Finds the source of a topic: the first whose filter matches decides.
public struct Router: Sendable {
  /// In the order they are tried.
  public let sources: ContiguousArray<Source>

  /// A router that tries `sources` in order.
  public init(_ sources: some Sequence<Source>) {
    self.sources = ContiguousArray(sources)
  }

  /// The route of a topic. Throws `unmatched_topic`: without detail when no filter matches, with the
  /// placeholder's name when a level is not an id.
  public func route(_ topic: UnsafeRawBufferPointer) throws(Rejection) -> Route {
    for index in sources.indices {
      if let levels = try sources[index].template.match(topic) {
        return Route(source: Int32(truncatingIfNeeded: index), levels: levels)
      }
    }
    throw Rejection(.unmatchedTopic, "", .levels)
  }
}
