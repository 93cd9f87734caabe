import Telemetry

/// The format of a source's payloads.
public enum Format: Hashable, Sendable {
  /// The native status message (``StatusDecoder``).
  case status
  /// `online` or `offline` (``PresenceDecoder``).
  case presence
  /// A format of a ``FormatCatalog``, by its name there, with its settings as text.
  case other(name: String, settings: String)

  /// The word for the format in the configuration.
  public var name: String {
    switch self {
    case .status: "status"
    case .presence: "presence"
    case .other(let name, _): name
    }
  }
}

/// One configured source: its topics and the format of their payloads.
public struct Source: Sendable, Hashable {
  /// The format of the payloads.
  public var format: Format
  /// The topics that it covers.
  public var template: TopicTemplate

  /// A source of `format` messages on the topics of `template`.
  public init(_ format: Format, template: TopicTemplate) {
    self.format = format
    self.template = template
  }
}

/// The result of routing a topic: the source of its messages and the positions of names in it.
public struct Route: Hashable, Sendable {
  /// Place of the source in the configuration.
  public var source: Int32
  /// Positions of factory, workshop, line and equipment in the topic.
  public var levels: TopicLevels

  /// A route to the source at a place, with names at `levels`.
  public init(source: Int32, levels: TopicLevels) {
    self.source = source
    self.levels = levels
  }
}

/// Finds the source of a topic: the first source whose filter matches.
public struct Router: Sendable {
  /// The sources in the order in which they are tried.
  public let sources: ContiguousArray<Source>

  /// A router that tries `sources` in order.
  public init(_ sources: some Sequence<Source>) {
    self.sources = ContiguousArray(sources)
  }

  /// Returns the route of a topic. Throws `unmatched_topic`, without detail if no filter matches, with the
  /// placeholder's name if a level is not a valid id.
  public func route(_ topic: UnsafeRawBufferPointer) throws(Rejection) -> Route {
    for index in sources.indices {
      if let levels = try sources[index].template.match(topic) {
        return Route(source: Int32(truncatingIfNeeded: index), levels: levels)
      }
    }
    throw Rejection(.unmatchedTopic, "", .levels)
  }
}
