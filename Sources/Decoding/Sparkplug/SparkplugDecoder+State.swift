import Telemetry

/// The decoder's state in the journal, by factory.
///
/// The bytes are: version 3; the number of fields; the edge nodes in ascending order, each with its devices (the node
/// first, then the others by name) and its aliases. Numbers are variable in length, times take eight bytes.
/// Version 1 has no history of devices, and version 2 no beginning of their live values: the newest live reading is taken
/// as the beginning.
extension SparkplugDecoder {
  private static let version: UInt8 = 3

  /// The metric that gives an optional field.
  public func path(of field: OptionalField) -> String { map.path(of: field) }

  public func states() -> [DecoderState] {
    let places = Dictionary(grouping: edges.indices, by: { edges[$0].factory })
    return places.keys.sorted().flatMap { factory in
      let sorted = (places[factory] ?? []).sorted { edges[$0].id < edges[$1].id }
      return states(of: sorted).map { DecoderState(factory: factory, bytes: $0) }
    }
  }

  /// The states of edge nodes in order, none longer than ``DecoderState/mostBytes`` if no edge node is.
  private func states(of sorted: [Int]) -> [[UInt8]] {
    var states: [[UInt8]] = []
    var (edges, count) = (SparkplugStateWriter(), 0)
    func end() {
      guard count > 0 else { return }
      var head = SparkplugStateWriter()
      head.bytes.append(Self.version)
      head.write(UInt64(map.fields.count))
      head.write(UInt64(count))
      states.append(head.bytes + edges.bytes)
      (edges, count) = (SparkplugStateWriter(), 0)
    }
    for place in sorted {
      var edge = SparkplugStateWriter()
      write(self.edges[place], to: &edge)
      if edges.bytes.count + edge.bytes.count > DecoderState.mostBytes - Self.longestHead { end() }
      edges.bytes += edge.bytes
      count += 1
    }
    end()
    return states
  }

  /// Maximum number of bytes before the edge nodes.
  private static let longestHead = 21

  private func write(_ edge: SparkplugEdge, to writer: inout SparkplugStateWriter) {
    writer.write(edge.id.group)
    writer.write(edge.id.edge)
    writer.bytes.append(edge.isAlive ? 1 : 0)
    writer.bytes.append(edge.session == nil ? 0 : 1)
    writer.write(edge.session ?? 0)
    let sorted = [edge.node] + edge.devices.sorted { devices[Int($0)].id < devices[Int($1)].id }
    var numbers: [Int32: UInt64] = [:]
    writer.write(UInt64(sorted.count))
    for (number, place) in sorted.enumerated() {
      numbers[place] = UInt64(number)
      write(devices[Int(place)], to: &writer)
    }
    writer.write(UInt64(edge.aliases.entries.count))
    var last: UInt64 = 0
    for entry in edge.aliases.entries {
      writer.write(entry.alias &- last)
      writer.write(numbers[entry.device] ?? 0)
      writer.bytes += [entry.field, entry.datatype]
      last = entry.alias
    }
  }

  private func write(_ device: SparkplugDevice, to writer: inout SparkplugStateWriter) {
    writer.write(device.id)
    let (hasPast, hasSince) = (device.history.hasPast, device.history.since != device.memory.time)
    writer.bytes.append(
      (device.isAlive ? 1 : 0) | (device.isBorn ? 2 : 0) | (device.isRefused ? 4 : 0) | (hasPast ? 8 : 0)
        | (hasSince ? 16 : 0))
    for time in [device.lastTime, device.lastHeard, device.lastEnd] { writer.write(time) }
    writer.write(device.bad)
    device.memory.encode(into: &writer.bytes)
    if hasPast { device.history.encode(into: &writer.bytes) }
    if hasSince { writer.write(device.history.since) }
    writer.write(UInt64(device.datatypes.count))
    writer.bytes += device.datatypes
  }

  /// A state is not that of ``SparkplugDecoder``, or of other settings.
  public struct MalformedState: Error, Equatable, CustomStringConvertible {
    public var description: String { "the births of a source cannot be read" }
  }

  public mutating func restore(_ state: DecoderState) throws {
    var restored = self
    try state.bytes.withUnsafeBytes { bytes in
      var reader = SparkplugStateReader(bytes: bytes)
      let version = try reader.byte()
      guard (1...Self.version).contains(version), try reader.number() == UInt64(map.fields.count) else {
        throw MalformedState()
      }
      reader.hasBeginnings = version >= 3
      for _ in 0..<(try reader.count(upTo: Self.mostEdges)) {
        try restored.readEdge(of: state.factory, from: &reader)
      }
      guard reader.isAtEnd else { throw MalformedState() }
    }
    self = restored
  }

  private mutating func readEdge(of factory: String, from reader: inout SparkplugStateReader) throws {
    let id = SparkplugEdgeID(group: try reader.text(), edge: try reader.text())
    let isKnown = Array(id.group.utf8).withUnsafeBytes { group in
      Array(id.edge.utf8).withUnsafeBytes { edgePlaces.find(group, $0) != nil }
    }
    guard edges.count < Self.mostEdges, !isKnown else { throw MalformedState() }
    let named = ids(of: id).factory
    let edge = addEdge(id, factory: named)
    // An edge node that the naming now has in another factory begins anew.
    defer { if named != factory { forgetBirths(of: edge) } }
    edges[edge].isAlive = try reader.byte() == 1
    let hasSession = try reader.byte() == 1
    let session = try reader.number()
    edges[edge].session = hasSession ? session : nil
    var places: [Int32] = []
    for number in 0..<(try reader.count(upTo: Self.mostDevices - devices.count + 1)) {
      let name = try reader.text()
      guard (number == 0) == name.isEmpty else { throw MalformedState() }
      let place = number == 0 ? Int(edges[edge].node) : addDevice(name, of: edge)
      places.append(Int32(truncatingIfNeeded: place))
      try readDevice(place, of: edge, from: &reader)
    }
    guard !places.isEmpty else { throw MalformedState() }
    if edges[edge].isAlive, !devices[Int(edges[edge].node)].isBorn { lacksBirth(id) }
    var entries: [SparkplugAliases.Entry] = []
    var last: UInt64 = 0
    for _ in 0..<(try reader.count(upTo: SparkplugAliases.most)) {
      last &+= try reader.number()
      let device = try reader.number()
      let entry = SparkplugAliases.Entry(
        alias: last, device: device < UInt64(places.count) ? places[Int(device)] : -1,
        field: try reader.byte(),
        datatype: try reader.byte())
      guard entry.device >= 0,
        entry.field == SparkplugAliases.Entry.none || Int(entry.field) < map.fields.count
      else { throw MalformedState() }
      entries.append(entry)
    }
    guard edges[edge].aliases.replace(-1, by: entries) else { throw MalformedState() }
  }

  private mutating func readDevice(_ place: Int, of edge: Int, from reader: inout SparkplugStateReader) throws
  {
    let flags = try reader.byte()
    devices[place].isAlive = flags & 1 != 0
    devices[place].isBorn = flags & 2 != 0
    devices[place].isRefused = flags & 4 != 0
    devices[place].lastTime = try reader.time()
    devices[place].lastHeard = try reader.time()
    devices[place].lastEnd = try reader.time()
    devices[place].bad = try reader.number()
    guard let memory = ReadingMemory(decoding: try reader.take(ReadingMemory.codedBytes)) else {
      throw MalformedState()
    }
    devices[place].memory = memory
    let past = flags & 8 != 0 ? try reader.take(SparkplugHistory.codedBytes) : nil
    let since = reader.hasBeginnings && flags & 16 != 0 ? try reader.time() : memory.time
    guard let history = SparkplugHistory(decoding: past, since: since) else { throw MalformedState() }
    devices[place].history = history
    devices[place].datatypes = ContiguousArray(try reader.take(try reader.count(upTo: map.fields.count)))
    if devices[place].isOwner, !rule.isOfEdge, !devices[place].id.isEmpty {
      owners["\(edges[edge].factory)/\(devices[place].equipment)"] = Int32(truncatingIfNeeded: place)
    }
  }
}

/// Changes of the naming.
extension SparkplugDecoder {
  package func forgettingRenamed(since earlier: Naming) -> SparkplugDecoder {
    var decoder = self
    let before = SparkplugNaming(earlier, rule, pattern: pattern, factory: factory)
    for edge in edges.indices {
      let id = edges[edge].id
      if before.factory(of: id) != edges[edge].factory {
        decoder.forgetBirths(of: edge)
        continue
      }
      for place in [edges[edge].node] + edges[edge].devices {
        let device = devices[Int(place)]
        if before.equipment(of: id, device: device.id) != device.equipment {
          decoder.forgetBirth(of: Int(place))
        }
      }
    }
    return decoder
  }

  /// Gives edge nodes and devices the ids of the present naming, and forgets the births of those that had others.
  mutating func renameEdges() {
    for edge in edges.indices {
      let named = ids(of: edges[edge].id)
      if edges[edge].factory != named.factory {
        forgetBirths(of: edge)
        edges[edge].factory = named.factory
      }
      for place in [edges[edge].node] + edges[edge].devices {
        let device = Int(place)
        let equipment = named.equipment(devices[device].id)
        if devices[device].equipment == equipment { continue }
        forgetBirth(of: device)
        devices[device].equipment = equipment
      }
    }
  }

  /// Forgets the births of an edge node and its devices, as if they had never been heard.
  private mutating func forgetBirths(of edge: Int) {
    edges[edge].isAlive = false
    edges[edge].session = nil
    edges[edge].aliases.removeAll()
    for device in [edges[edge].node] + edges[edge].devices { forgetBirth(of: Int(device)) }
  }

  private mutating func forgetBirth(of device: Int) {
    devices[device].isBorn = false
    devices[device].isAlive = false
    devices[device].memory = ReadingMemory()
    devices[device].history = SparkplugHistory()
    let key = "\(edges[Int(devices[device].edge)].factory)/\(devices[device].equipment)"
    if owners[key] == Int32(truncatingIfNeeded: device) { owners[key] = nil }
  }
}
