import Telemetry

/// One configured source: which topics it covers, and how their payloads are to be read.
public struct Source: Sendable, Equatable {
  /// How payloads are to be read.
  public enum Format: UInt8, CaseIterable, Sendable {
    /// The native status message (``StatusDecoder``).
    case status = 1
    /// `online` or `offline` (``PresenceDecoder``).
    case presence

    /// The word in configuration.
    public var name: String {
      switch self {
      case .status: "status"
      case .presence: "presence"
      }
    }
  }

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

/// What a topic decides about its message: how to read it, and who it is from.
public struct Route: Hashable, Sendable {
  /// How the payload is to be read.
  public var format: Source.Format
  /// Where the topic names factory, workshop, line and equipment.
  public var levels: TopicLevels

  /// A route to `format` with the names at `levels`.
  public init(format: Source.Format, levels: TopicLevels) {
    self.format = format
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
        return Route(format: sources[index].format, levels: levels)
      }
    }
    throw Rejection(.unmatchedTopic, "", .levels)
  }
}
