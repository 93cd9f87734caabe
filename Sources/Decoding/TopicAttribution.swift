import Telemetry

/// The likely sender of a topic that fits no source. A report can thus show a machine that publishes on a wrong
/// topic, together with the correct topic.
public struct TopicAttribution: Equatable, Sendable {
  /// The level at the position of `{factory}` in the source, or the factory's id in the naming.
  public var factory: String
  /// The likely workshop; empty if there is none.
  public var workshop: String
  /// The levels at the position of `{equipment}` in the source, joined by `/`; empty if there are none.
  public var equipment: String
  /// The topic to publish on instead. A name that cannot be converted to an id is left as a placeholder.
  public var suggestion: String
}

extension Router {
  /// The MQTT topic filters to subscribe to, in the order of the sources: the ``sourceFilters`` that no other one
  /// covers. A broker may send a message once for each filter that matches it.
  public var filters: [String] {
    let filters = TopicFilter.uncovered(sourceFilters)
    return filters.isEmpty && !sources.isEmpty ? [Self.ownFilter] : filters
  }

  /// Pairs of ``filters`` that match a common topic, such as `a/#` and `+/b/+`, in their order. Both filters are needed,
  /// because each has topics that the other lacks. There are none unless a source's topic begins with a placeholder or
  /// wildcard.
  ///
  /// A broker may deliver messages on such topics once for each of the two. Deliveries cannot be told from messages that a
  /// machine has sent twice, so each is journaled. Readings with a time of their own are recognised by their content and
  /// count once; so do others that were read from the socket in the same millisecond, as deliveries of one message
  /// usually are. Further deliveries are readings: states, meters and presence stay right, because they repeat the same
  /// values a moment later, and the numbers of messages, readings and refusals are too high.
  public var overlappingFilters: [(first: String, second: String)] {
    let (texts, filters) = (self.filters, self.filters.map { TopicFilter($0) })
    return filters.indices.flatMap { first in
      filters.indices.dropFirst(first + 1).filter { filters[first].overlaps(filters[$0]) }.map {
        (texts[first], texts[$0])
      }
    }
  }

  /// The MQTT topic filters of the sources, each once, in their order. A filter covers all topics below the levels
  /// before a source's first placeholder, as the broker's access rules allow a factory to publish. A source that begins
  /// with a placeholder has its own filter instead, because `#` would receive all topics of the broker. Sources of a
  /// Sparkplug host application have a session with filters of its own.
  public var sourceFilters: [String] {
    sources.reduce(into: []) { filters, source in
      if source.isSparkplug { return }
      if !filters.contains(source.template.subscription) { filters.append(source.template.subscription) }
    }
  }

  /// The filters below which collectors publish messages of their own: the ``sourceFilters``, and those of other
  /// collectors where ``filters`` has no source's.
  public var ownMessageFilters: [String] {
    let filters = sourceFilters
    return filters.isEmpty && !sources.isEmpty ? ["factory/#"] : filters
  }

  /// The filter of a session without sources of its own: only probes are below it.
  private static let ownFilter = "factory/_millwright/#"

  /// Returns the likely sender of a topic that fits no source; nil if the topic is over 4096 bytes or below no
  /// source.
  public func attribution(of topic: UnsafeRawBufferPointer) -> TopicAttribution? {
    guard topic.count <= 4096 else { return nil }
    let levels = String(decoding: topic, as: UTF8.self).split(
      separator: "/", omittingEmptySubsequences: false
    )
    .map(String.init)
    let candidates = sources.compactMap { $0.template.attribution(of: levels) }
    var found = candidates.first(where: \.isSameKind)?.attribution ?? candidates.first?.attribution
    if let factory = found.flatMap({ naming.factory(named: $0.factory) }) { found?.factory = factory }
    return found
  }
}

extension TopicTemplate {
  /// The filter to subscribe to for this template; see ``Router/filters``.
  public var subscription: String {
    let levels = description.split(separator: "/", omittingEmptySubsequences: false)
    let literals = levels.prefix { !$0.hasPrefix("{") && $0 != "+" && $0 != "#" }
    if literals.isEmpty || literals.count == levels.count { return filter }
    return literals.joined(separator: "/") + "/#"
  }

  /// Returns the likely sender of a topic below the template's first levels, and whether the topic ends like the
  /// template; nil if it is not below them.
  fileprivate func attribution(
    of topic: [String]
  ) -> (attribution: TopicAttribution, isSameKind: Bool)? {
    let levels = description.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let factory = levels.firstIndex(of: "{factory}"), topic.count > factory + 1,
      levels.allSatisfy({ $0 != "+" && $0 != "#" }),
      !topic[factory].isEmpty,
      (0..<factory).allSatisfy({ levels[$0].hasPrefix("{") || levels[$0] == topic[$0] })
    else { return nil }
    let ending = levels.reversed().prefix { !$0.hasPrefix("{") }.reversed().map { $0 }
    let isSameKind =
      !ending.isEmpty && topic.count > factory + 1 + ending.count && topic.suffix(ending.count) == ending[...]
    var names = Array(topic[(factory + 1)...].dropLast(isSameKind ? ending.count : 0))
    var workshop = ""
    let equipment = levels.firstIndex(of: "{equipment}") ?? levels.count - 1
    if let place = levels.firstIndex(of: "{workshop}"), place == factory + 1, equipment > place,
      names.count > 1
    {
      workshop = names.removeFirst()
    }
    if !isSameKind, names.count > 1 { names.removeLast() }
    let name = names.joined(separator: "/")
    let suggestion = levels.map { level in
      switch level {
      case "{factory}": Self.id(topic[factory]) ?? level
      case "{workshop}": Self.id(workshop) ?? level
      case "{equipment}": Self.id(name) ?? level
      default: level
      }
    }
    return (
      TopicAttribution(
        factory: Self.bounded(topic[factory]), workshop: Self.bounded(workshop),
        equipment: Self.bounded(name),
        suggestion: Self.bounded(suggestion.joined(separator: "/"))),
      isSameKind
    )
  }

  /// Converts a name to an id: full-width characters become ASCII, and other characters that an id cannot have become
  /// a hyphen. Returns nil if letters or digits would be lost, nothing is left, or the id is over 64 bytes.
  private static func id(_ name: String) -> String? {
    var id = ""
    for scalar in name.unicodeScalars {
      let narrow = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
      if narrow < 0x80, EquipmentKey.isIDByte(UInt8(narrow)) {
        id.unicodeScalars.append(Unicode.Scalar(UInt8(narrow)))
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        return nil
      } else if !id.isEmpty, id.last != "-" {
        id.append("-")
      }
    }
    while id.last == "-" { id.removeLast() }
    return id.isEmpty || id.utf8.count > 64 ? nil : id
  }

  private static func bounded(_ text: String) -> String { String(text.prefix(128)) }
}
