import Telemetry

extension Router {
  /// Finds the naming's entry for a route, and notes it; returns whether there is one. The positions of a workshop and
  /// a line whose names are not ids are then removed.
  ///
  /// Throws `unmatched_topic` if the naming has an entry for the factory only, and the equipment's name is not an id.
  func name(_ route: inout Route, in topic: UnsafeRawBufferPointer) throws(Rejection) -> Bool {
    let source = sources[Int(route.source)]
    let place =
      if let rule = source.template.sparkplug {
        SparkplugTopic(topic, in: rule.namespace).flatMap { names in
          SparkplugNaming(naming, rule, pattern: nil, factory: source.factory).place(
            names.edgeID(in: topic), device: names.device.text(in: topic))
        }
      } else {
        self.place(of: route.levels, factory: source.factory, in: topic)
      }
    guard let place, let entry = naming.entry(at: place) else { return false }
    let equipment = route.levels.equipment
    if entry.equipment.isEmpty, !equipment.isEmpty, !EquipmentKey.isID(equipment.bytes(in: topic)) {
      throw Rejection(.unmatchedTopic, "equipment", .notAnID)
    }
    route.name = place
    if !EquipmentKey.isID(route.levels.workshop.bytes(in: topic)) { route.levels.workshop = TopicRange() }
    if !EquipmentKey.isID(route.levels.line.bytes(in: topic)) { route.levels.line = TopicRange() }
    return true
  }

  private func place(
    of levels: TopicLevels, factory: String?, in topic: UnsafeRawBufferPointer
  ) -> Int32? {
    let published = levels.factory.isEmpty ? factory ?? "" : levels.factory.text(in: topic)
    let equipment = naming.place(
      factory: published, workshop: levels.workshop.text(in: topic), line: levels.line.text(in: topic),
      equipment: levels.equipment.text(in: topic))
    return equipment ?? naming.place(ofFactory: published)
  }

  /// The names in a topic that matches a source, as an entry of the naming states them; nil if it matches none. With
  /// `withPlace` the names of published equipment include its workshop and line.
  public func identity(
    in topic: UnsafeRawBufferPointer, withPlace: Bool = false
  ) -> Naming.Identity? {
    for source in sources {
      guard let (levels, _) = source.template.find(topic) else { continue }
      if let rule = source.template.sparkplug {
        return SparkplugTopic(topic, in: rule.namespace).map { names in
          .sparkplug(
            group: names.group.text(in: topic).trimmedName, edge: names.edge.text(in: topic).trimmedName,
            device: rule.isOfEdge ? "" : names.device.text(in: topic).trimmedName)
        }
      }
      let factory = levels.factory.isEmpty ? source.factory ?? "" : levels.factory.text(in: topic)
      let equipment = levels.equipment.text(in: topic).trimmedName
      let hasPlace = withPlace && !equipment.isEmpty
      return .published(
        factory: factory.trimmedName, workshop: hasPlace ? levels.workshop.text(in: topic).trimmedName : "",
        line: hasPlace ? levels.line.text(in: topic).trimmedName : "", equipment: equipment)
    }
    return nil
  }

  /// A name of equipment in a payload with all parts that can tell it from others: the workshop that the payload names, or
  /// else that of the topic, and the topic's line; nil if no source that reads names in payloads has the topic.
  package func identity(
    ofEquipment name: String, workshop: String, in topic: UnsafeRawBufferPointer
  ) -> Naming.Identity? {
    for source in sources {
      guard let (levels, _) = source.template.find(topic) else { continue }
      if source.isSparkplug { return nil }
      let factory = levels.factory.isEmpty ? source.factory ?? "" : levels.factory.text(in: topic)
      let place = workshop.isEmpty ? levels.workshop.text(in: topic) : workshop
      return .published(
        factory: factory.trimmedName, workshop: place.trimmedName,
        line: levels.line.text(in: topic).trimmedName, equipment: name.trimmedName)
    }
    return nil
  }

  /// The name of equipment in a payload, as an entry of the naming states it; nil if it is no JSON text, or is an id.
  ///
  /// - Parameter value: the value as written in the payload, in quotes.
  public func identity(
    ofPayloadName value: String, in topic: UnsafeRawBufferPointer
  ) -> Naming.Identity? {
    guard value.utf8.count > 2, value.hasPrefix("\""), value.hasSuffix("\""), !value.contains("\\"),
      case .published(let factory, _, _, _) = identity(in: topic)
    else { return nil }
    let name = String(value.dropFirst().dropLast()).trimmedName
    if name.isEmpty || EquipmentKey.isID(name.utf8) { return nil }
    return .published(factory: factory, equipment: name)
  }

  /// The line to add to the naming file for a name of equipment in a payload, with `?` for ids that are unknown; nil if
  /// there is none.
  public func namingLine(forPayloadName value: String, in topic: UnsafeRawBufferPointer) -> String? {
    identity(ofPayloadName: value, in: topic).flatMap(line)
  }

  /// The line to add to the naming file for a topic whose names are not ids, with `?` for ids that are unknown; nil if
  /// the topic matches no source or the line would be over 256 bytes.
  public func namingLine(for topic: UnsafeRawBufferPointer) -> String? {
    identity(in: topic).flatMap(line)
  }

  private func line(_ identity: Naming.Identity) -> String? {
    let line = entry(for: identity).csv
    return line.utf8.count <= 256 ? line : nil
  }

  /// The entry to add to the naming for a name, with `?` for ids that are unknown. The equipment is empty if the name is
  /// that of a factory, a group or an edge node that is no equipment.
  public func entry(for identity: Naming.Identity) -> Naming.Entry {
    var factory = "?"
    var isOfEquipment = false
    switch identity {
    case .published(let published, _, _, let equipment):
      factory = naming.factory(named: published) ?? (EquipmentKey.isID(published.utf8) ? published : "?")
      isOfEquipment = !equipment.isEmpty
    case .sparkplug(let group, let edge, let device):
      let place = naming.place(ofEdge: edge, group: group)
      // The group is not the factory if the source's settings name it.
      let source = sources.first { $0.template.sparkplug?.accepts(group: group) == true }
      factory =
        place.flatMap(naming.entry(at:))?.factory ?? source?.factory
        ?? (EquipmentKey.isID(group.utf8) ? group : "?")
      let edgesAreEquipment = source?.template.sparkplug?.isOfEdge == true
      isOfEquipment = !device.isEmpty || edgesAreEquipment
    case .serial: break
    }
    return Naming.Entry(identity, factory: factory, equipment: isOfEquipment ? "?" : "")
  }

  /// Calls `body` with a message as its decoder reads it: a topic with the register's ids in place of published names,
  /// and a buffer that finds the ids of equipment in the payload.
  ///
  /// A native message is read with the topic as published, because its payload must agree with it. Sparkplug messages
  /// are, too: their decoder finds the ids itself (``NamingDecoder``).
  public func withNames<Result>(
    _ message: borrowing ReceivedMessage, of route: Route, into events: inout EventBuffer,
    _ body: (borrowing ReceivedMessage, inout EventBuffer) throws(Rejection) -> Result
  ) throws(Rejection) -> Result {
    let source = sources[Int(route.source)]
    guard !naming.isEmpty, case .other = source.format, !source.isSparkplug else {
      return try body(message, &events)
    }
    let levels = message.levels
    events.naming = PayloadNaming(router: self, route: route, topic: Array(message.topic))
    defer { events.naming = nil }
    guard let entry = naming.entry(at: route.name) else { return try body(message, &events) }
    var topic = NamedTopic()
    var named = TopicLevels()
    named.factory = topic.add(entry.factory.utf8)
    named.workshop = topic.add(levels.workshop.bytes(in: message.topic))
    named.line = topic.add(levels.line.bytes(in: message.topic))
    named.equipment =
      entry.equipment.isEmpty || levels.equipment.isEmpty
      ? topic.add(levels.equipment.bytes(in: message.topic)) : topic.add(entry.equipment.utf8)
    named.field = topic.add(levels.field.bytes(in: message.topic))
    let (payload, isPadded, received) = (message.payload, message.isPadded, message.received)
    let outcome = topic.bytes.withUnsafeBytes { bytes -> Swift.Result<Result, Rejection> in
      var message = ReceivedMessage(
        topic: bytes, levels: named, payload: payload, isPadded: isPadded, received: received)
      if !levels.equipment.isEmpty { message.publishedHash = entry.publishedHash }
      do throws(Rejection) { return .success(try body(message, &events)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

/// A topic with ids in place of names. It has the levels that decoders read.
private struct NamedTopic {
  private(set) var bytes: [UInt8] = []

  /// Adds a level; returns its position. A topic has at most 65,535 bytes, and ids are short, so that positions fit.
  mutating func add(_ level: some Collection<UInt8>) -> TopicRange {
    let range = TopicRange(
      offset: UInt16(clamping: bytes.count), length: UInt16(clamping: level.count))
    guard bytes.count + level.count <= Int(UInt16.max) else { return TopicRange() }
    bytes += level
    return range
  }
}

/// Finds the ids of equipment that a payload names.
struct PayloadNaming: Sendable {
  let router: Router
  let route: Route
  /// The topic as published.
  let topic: [UInt8]

  /// The entry of equipment; nil if the naming has none. Throws `identity_mismatch` if it is in another factory than the
  /// message.
  func entry(
    of name: String, workshop: String, _ path: RejectionDetail
  ) throws(Rejection) -> Naming.Entry? {
    let found = topic.withUnsafeBytes { topic -> (entry: Naming.Entry, isOfFactory: Bool)? in
      guard let entry = entry(name, workshop: workshop, in: topic) else { return nil }
      return (entry, entry.factory == router.factory(of: route, in: topic))
    }
    guard let found else { return nil }
    guard found.isOfFactory else { throw Rejection(.identityMismatch, path) }
    return found.entry
  }

  /// Hash of the published name of equipment; nil if the naming has no entry for it.
  func publishedHash(_ name: String, workshop: String) -> UInt64? {
    topic.withUnsafeBytes { entry(name, workshop: workshop, in: $0)?.publishedHash }
  }

  private func entry(
    _ name: String, workshop: String, in topic: UnsafeRawBufferPointer
  ) -> Naming.Entry? {
    // The topic's own equipment already has its id.
    if name == router.key(of: route, in: topic).equipment { return nil }
    let source = router.sources[Int(route.source)]
    // A route has no positions of names that are not ids.
    let levels = source.template.find(topic)?.levels ?? route.levels
    let place = router.naming.place(
      factory: levels.factory.isEmpty ? source.factory ?? "" : levels.factory.text(in: topic),
      workshop: workshop.isEmpty ? levels.workshop.text(in: topic) : workshop,
      line: levels.line.text(in: topic), equipment: name)
    return place.flatMap(router.naming.entry(at:))
  }
}
