import Telemetry

/// A decoder of messages that only earlier ones explain. It says whose earlier messages it lacks.
public protocol SessionDecoder: StatefulDecoder {
  /// Removes and returns the edge nodes whose births are missing, each once, in ascending order.
  mutating func takeMissingBirths() -> [SparkplugEdgeID]
  /// Returns what was counted since the last call, and counts from zero.
  mutating func takeCounts() -> SparkplugDecoder.Counters
  /// Edge nodes that were born and have not died since, in ascending order.
  var livingEdges: [SparkplugEdgeID] { get }
  /// Equipment whose session was stated and has not ended since.
  var inSession: [EquipmentKey] { get }
  /// Takes over the sessions of a decoder with other settings, in a decoder without state.
  mutating func continueSessions(of other: any SessionDecoder)
}

/// Reads Sparkplug B messages (ISO/IEC 20237) of edge nodes and their devices.
///
/// A birth states names, datatypes and aliases, and the present values; data has changes only. Births and deaths also
/// begin and end sessions: a node's birth does not bring its devices online, its death ends the sessions of all of
/// them. Data before a birth, or with an unknown alias, makes no reading and is noted for
/// ``takeMissingBirths()``. Values that are historical make readings of their own time and do not change what is
/// remembered. DataSets and Templates are skipped.
///
/// The state is kept by factory, and by edge node within it.
public struct SparkplugDecoder: SessionDecoder, NamingDecoder {
  /// Counters since the decoder was made, or ``takeCounts()`` was called.
  public struct Counters: Equatable, Sendable {
    /// Messages with data of an edge node or a device whose birth is not known.
    public var withoutBirth = 0
    /// Metrics with an alias that no birth names.
    public var unknownAliases = 0
    /// Deaths of nodes that end an earlier session than the present one, or do not say which.
    public var otherDeaths = 0
    /// Values that are null or not of good quality.
    public var badValues = 0
    /// Historical values that made no reading, because the state of their time is not known.
    public var historicalWithoutState = 0
    /// DataSets, Templates, files and other values that are no field.
    public var skippedValues = 0

    /// Counters at zero.
    public init() {}
  }

  let map: ReadingMap
  let limits: DecodingLimits
  let rule: SparkplugRule
  /// The pattern of equipment ids; nil if the equipment is named by one level.
  let pattern: SparkplugPattern?
  /// The factory of all messages; nil if topics name it.
  let factory: String?
  package var naming = Naming.none
  /// Number of the field with the time.
  let timeField: Int
  /// Bits of the fields that decide the state.
  let stateFields: UInt64
  public internal(set) var counters = Counters()

  var edges: ContiguousArray<SparkplugEdge> = []
  var edgePlaces = SparkplugNames()
  /// All devices, and the nodes themselves.
  var devices: ContiguousArray<SparkplugDevice> = []
  var devicePlaces = SparkplugNames()
  /// The device whose session has an equipment id, by `factory/equipment`.
  var owners: [String: Int32] = [:]
  private var missingBirths: Set<SparkplugEdgeID> = []

  /// Maximum number of edge nodes, and of devices with them.
  static let mostEdges = 65_536
  static let mostDevices = 500_000
  /// Time without a message after which another device may take an equipment id.
  static let ownership = Span.hours(1)

  /// A decoder without births. `map` has at most 63 fields, without the time.
  init(
    map: ReadingMap, rule: SparkplugRule, pattern: SparkplugPattern?, factory: String?, limits: DecodingLimits
  ) {
    var map = map
    timeField = map.fields.count
    map.fields.append("timestamp")
    map.time = ReadingMap.Time(field: timeField, rule: TimeRule())
    stateFields = map.stateFields.reduce(0) { $0 | 1 << UInt64($1) }
    self.map = map
    self.limits = limits
    self.rule = rule
    self.pattern = pattern
    self.factory = factory
  }

  // MARK: Messages

  public mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    guard let names = SparkplugTopic(message.topic, in: rule.namespace) else {
      throw Rejection(.unmatchedTopic, "", .levels)
    }
    let payload: SparkplugPayload
    do throws(ProtobufReader.Fault) { payload = try SparkplugPayload(message.payload) } catch {
      throw Self.rejection(error)
    }
    switch names.verb {
    case .deviceData, .nodeData:
      guard let device = knownDevice(names, message.topic), devices[device].isBorn,
        edges[Int(devices[device].edge)].isAlive
      else { return try decodeUnknown(names, message) }
      devices[device].lastHeard = message.received
      try decodeReadings(of: device, payload, message, isBirth: false, into: &events)
    case .nodeBirth: try decodeNodeBirth(names, payload, message, into: &events)
    case .deviceBirth: try decodeDeviceBirth(names, payload, message, into: &events)
    case .nodeDeath: try decodeNodeDeath(names, payload, message, into: &events)
    case .deviceDeath: try decodeDeviceDeath(names, payload, message, into: &events)
    case .nodeCommand, .deviceCommand: break
    }
  }

  /// Takes data that no birth explains.
  private mutating func decodeUnknown(
    _ names: SparkplugTopic, _ message: borrowing ReceivedMessage
  ) throws(Rejection) {
    if let device = knownDevice(names, message.topic), devices[device].isRefused {
      throw Rejection(.identityMismatch, "device", .duplicate)
    }
    counters.withoutBirth += 1
    lacksBirth(
      SparkplugEdgeID(group: names.group.text(in: message.topic), edge: names.edge.text(in: message.topic)))
  }

  /// Notes that a birth of an edge node is missing.
  mutating func lacksBirth(_ edge: SparkplugEdgeID) {
    if missingBirths.count < Self.mostEdges { missingBirths.insert(edge) }
  }

  /// Notes that a birth of an edge node has come: what was missing before does not matter any more.
  mutating func hasBirth(_ edge: SparkplugEdgeID) { missingBirths.remove(edge) }

  public mutating func takeMissingBirths() -> [SparkplugEdgeID] {
    guard !missingBirths.isEmpty else { return [] }
    defer { missingBirths = [] }
    return missingBirths.sorted()
  }

  public mutating func takeCounts() -> Counters {
    defer { counters = Counters() }
    return counters
  }

  public var livingEdges: [SparkplugEdgeID] { edges.filter(\.isAlive).map(\.id).sorted() }

  public var inSession: [EquipmentKey] {
    devices.indices.compactMap { place in
      guard devices[place].isAlive, subject(of: place) == place else { return nil }
      let factory = edges[Int(devices[place].edge)].factory
      return EquipmentKey(factory: factory, equipment: devices[place].equipment)
    }
  }

  static func rejection(_ fault: ProtobufReader.Fault) -> Rejection {
    switch fault {
    case .cutShort: Rejection(.malformed, "payload", .cutShort)
    case .tooLong: Rejection(.malformed, "payload", .tooLong)
    case .wrongType: Rejection(.malformed, "payload", .wrongType)
    case .invalidTag, .groups: Rejection(.malformed, "payload")
    }
  }

  // MARK: Edge nodes and devices

  /// The part of a topic from the edge node's name on, which identifies a node or a device within its group.
  private static func path(
    _ names: SparkplugTopic, _ topic: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let last = names.device.isEmpty ? names.edge : names.device
    let end = Int(last.offset) + Int(last.length)
    return UnsafeRawBufferPointer(rebasing: topic[Int(names.edge.offset)..<end])
  }

  /// The place of the device, or of the node, that a topic names; nil if it was not heard yet.
  @inline(__always)
  func knownDevice(_ names: SparkplugTopic, _ topic: UnsafeRawBufferPointer) -> Int? {
    devicePlaces.find(names.group.bytes(in: topic), Self.path(names, topic))
  }

  /// The place of the edge node that a topic names; it is added if it is new. Throws `too_large` for too many.
  mutating func edge(
    _ names: SparkplugTopic, _ message: borrowing ReceivedMessage
  ) throws(Rejection) -> Int {
    let (group, name) = (names.group.bytes(in: message.topic), names.edge.bytes(in: message.topic))
    if let place = edgePlaces.find(group, name) { return place }
    guard edges.count < Self.mostEdges, devices.count < Self.mostDevices else {
      throw Rejection(.tooLarge, "edges")
    }
    let id = SparkplugEdgeID(
      group: names.group.text(in: message.topic), edge: names.edge.text(in: message.topic))
    return addEdge(id, factory: ids(of: id).factory)
  }

  /// The ids of an edge node and its devices. They may not be valid.
  func ids(
    of id: SparkplugEdgeID
  ) -> (factory: String, equipment: (_ device: String) -> String) {
    guard naming.isEmpty else {
      let naming = SparkplugNaming(naming, rule, pattern: pattern, factory: factory)
      return (naming.factory(of: id), { naming.equipment(of: id, device: $0) })
    }
    return (
      factory ?? rule.name(of: .factory, id, device: ""),
      { rule.isOfEdge ? id.edge : pattern?.equipment(id, device: $0) ?? $0 }
    )
  }

  mutating func addEdge(_ id: SparkplugEdgeID, factory: String) -> Int {
    var (group, name) = (id.group, id.edge)
    let place = edges.count
    let node = SparkplugDevice(edge: Int32(place), id: "", equipment: ids(of: id).equipment(""))
    group.withUTF8 { group in
      name.withUTF8 { name in
        _ = edgePlaces.insert(UnsafeRawBufferPointer(group), UnsafeRawBufferPointer(name))
        _ = devicePlaces.insert(UnsafeRawBufferPointer(group), UnsafeRawBufferPointer(name))
      }
    }
    edges.append(SparkplugEdge(factory: factory, id: id, node: Int32(devices.count)))
    devices.append(node)
    return place
  }

  /// The place of the device that a topic names; it is added if it is new. Throws `too_large` for too many.
  mutating func device(
    _ names: SparkplugTopic, of edge: Int, _ message: borrowing ReceivedMessage
  ) throws(Rejection) -> Int {
    if let place = knownDevice(names, message.topic) { return place }
    guard devices.count < Self.mostDevices else { throw Rejection(.tooLarge, "devices") }
    return addDevice(names.device.text(in: message.topic), of: edge)
  }

  mutating func addDevice(_ id: String, of edge: Int) -> Int {
    let place = devices.count
    let owner = edges[edge].id
    var (group, path) = (owner.group, "\(owner.edge)/\(id)")
    group.withUTF8 { group in
      path.withUTF8 { path in
        _ = devicePlaces.insert(UnsafeRawBufferPointer(group), UnsafeRawBufferPointer(path))
      }
    }
    devices.append(SparkplugDevice(edge: Int32(edge), id: id, equipment: ids(of: owner).equipment(id)))
    edges[edge].devices.append(Int32(place))
    return place
  }

  /// The place whose session and memory a device's messages concern: the node's own if the node is the equipment. nil
  /// if they concern no equipment.
  @inline(__always)
  func subject(of device: Int) -> Int? {
    if rule.isOfEdge { return Int(edges[Int(devices[device].edge)].node) }
    return devices[device].id.isEmpty ? nil : device
  }

  /// Reference to the equipment of a message, for its events.
  func sender(
    of subject: Int, _ message: borrowing ReceivedMessage, _ events: inout EventBuffer
  ) throws(Rejection) -> EventBuffer.Sender {
    if pattern == nil, !message.levels.equipment.isEmpty { return .ofTopic }
    return try events.sender(equipment: devices[subject].equipment, namedBy: "device")
  }
}
