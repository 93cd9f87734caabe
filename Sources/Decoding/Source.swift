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

extension Format {
  /// The placeholders and wildcards that the topic of a source with this format may have.
  public var topicForm: TopicTemplate.Form {
    switch self {
    case .status, .presence: .native
    case .other(SparkplugDecoder.formatName, _): .sparkplug
    case .other: .mapped
    }
  }

  /// Whether the value of a field is found in a payload by the field's path or name.
  public var hasFieldsInPlain: Bool {
    name != SparkplugDecoder.formatName && name != SourceFormat.mtconnect.name
  }

  /// Whether messages of the format other than Sparkplug's begin and end sessions of equipment.
  public var statesPresence: Bool {
    switch self {
    case .status: false
    case .presence: true
    case .other(let name, _):
      name == SourceFormat.presenceWords.name || name == SourceFormat.mtconnect.name
    }
  }
}

/// One configured source: its topics and the format of their payloads.
public struct Source: Sendable, Hashable {
  /// The format of the payloads.
  public let format: Format
  /// The topics that it covers.
  public let template: TopicTemplate
  /// The factory of all its messages if the topics do not name it (`factory` in the settings).
  public let factory: String?

  /// A source of `format` messages on the topics of `template`.
  public init(_ format: Format, template: TopicTemplate) {
    self.format = format
    self.template = template
    if case .other(_, let settings) = format, !template.has(.factory) {
      factory = (try? SettingsText.tree(of: settings))?["factory"]?.text
    } else {
      factory = nil
    }
  }
}

/// The result of routing a topic: the source of its messages and the positions of names in it.
public struct Route: Hashable, Sendable {
  /// Place of the source in the configuration.
  public var source: Int32
  /// Positions of factory, workshop, line and equipment in the topic.
  public var levels: TopicLevels
  /// Place of the entry in the naming that gives the topic's ids; -1 if the ids are those in the topic.
  package var name: Int32 = -1

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
  /// The register's ids for published names.
  public let naming: Naming

  /// A router that tries `sources` in order.
  public init(_ sources: some Sequence<Source>, naming: Naming = .none) {
    self.sources = ContiguousArray(sources)
    self.naming = naming
  }

  /// The factory of the messages of a route: by the naming, or as the topic names it, or else as the source's settings
  /// do.
  public func factory(of route: Route, in topic: UnsafeRawBufferPointer) -> String {
    if let entry = naming.entry(at: route.name) { return entry.factory }
    if route.levels.factory.isEmpty, let factory = sources[Int(route.source)].factory { return factory }
    return route.levels.factory.text(in: topic)
  }

  /// The key of the equipment that a topic names; its id is empty if the topic names none. Too slow for the hot path.
  public func key(of route: Route, in topic: UnsafeRawBufferPointer) -> EquipmentKey {
    if let entry = naming.entry(at: route.name), !entry.equipment.isEmpty {
      return EquipmentKey(factory: entry.factory, equipment: entry.equipment)
    }
    return EquipmentKey(
      factory: factory(of: route, in: topic), equipment: route.levels.equipment.text(in: topic))
  }

  /// Returns the route of a topic. Throws `unmatched_topic`, without detail if no filter matches, with the
  /// placeholder's name if a level is not a valid id and the naming has no entry for it.
  public func route(_ topic: UnsafeRawBufferPointer) throws(Rejection) -> Route {
    for index in sources.indices {
      guard let (levels, invalid) = sources[index].template.find(topic) else { continue }
      var route = Route(source: Int32(truncatingIfNeeded: index), levels: levels)
      if !naming.isEmpty, try name(&route, in: topic) { return route }
      if let invalid { throw Rejection(.unmatchedTopic, .fixed(invalid.name), .notAnID) }
      return route
    }
    throw Rejection(.unmatchedTopic, "", .levels)
  }
}
