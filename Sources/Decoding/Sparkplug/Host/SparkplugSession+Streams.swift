/// Finds the streams of edge nodes, and takes what is held for them.
extension SparkplugSession {
  /// Takes the messages that are held for the edge node at a place, in their order.
  mutating func takeHeld(_ place: Int) -> [SparkplugHeldMessage] {
    let held = streams[place].takeAll()
    for message in held { heldBytes -= message.size }
    return held
  }

  /// Takes the births that are held for the edge node at a place, in their order.
  mutating func takeBirths(_ place: Int) -> [SparkplugHeldMessage] {
    let births = streams[place].takeBirths()
    for message in births { heldBytes -= message.size }
    return births
  }

  /// Takes everything that is held, edge node by edge node.
  mutating func takeAllHeld() -> [SparkplugHeldMessage] {
    streams.indices.reduce(into: []) { held, place in held += takeHeld(place) + takeBirths(place) }
  }

  /// The place of the edge node that a topic names; nil if it is new and there are too many, or its name is too long.
  mutating func place(of names: SparkplugTopic, in topic: UnsafeRawBufferPointer) -> Int? {
    place(of: names.group.bytes(in: topic), names.edge.bytes(in: topic))
  }

  /// The place of an edge node, as above.
  mutating func place(of edge: SparkplugEdgeID) -> Int? {
    Array(edge.group.utf8).withUnsafeBytes { group in
      Array(edge.edge.utf8).withUnsafeBytes { place(of: group, $0) }
    }
  }

  private mutating func place(of group: UnsafeRawBufferPointer, _ edge: UnsafeRawBufferPointer) -> Int? {
    if let place = places.find(group, edge) { return place }
    guard streams.count < Self.mostEdges, max(group.count, edge.count) <= SparkplugRule.longestName else {
      return nil
    }
    streams.append(
      SparkplugStream(
        SparkplugEdgeID(
          group: String(decoding: group, as: UTF8.self), edge: String(decoding: edge, as: UTF8.self))))
    return places.insert(group, edge)
  }
}
