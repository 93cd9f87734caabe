import Telemetry

/// Births and deaths.
extension SparkplugDecoder {
  // MARK: Births

  mutating func decodeNodeBirth(
    _ names: SparkplugTopic, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage,
    into events: inout EventBuffer
  ) throws(Rejection) {
    // The whole payload is checked before anything is taken from it.
    let birth = try SparkplugBirth(payload, map)
    let edge = try edge(names, message)
    let node = Int(edges[edge].node)
    if edges[edge].isAlive, let session = edges[edge].session, session != birth.session {
      // The death of the session before was not heard.
      try endSessions(of: edge, message, into: &events)
    }
    for device in edges[edge].devices {
      devices[Int(device)].isBorn = false
      devices[Int(device)].isRefused = false
    }
    edges[edge].isAlive = true
    edges[edge].session = birth.session
    edges[edge].aliases.removeAll()
    hasBirth(edges[edge].id)
    try begin(node, of: edge, birth, payload, message, into: &events)
  }

  mutating func decodeDeviceBirth(
    _ names: SparkplugTopic, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage,
    into events: inout EventBuffer
  ) throws(Rejection) {
    let birth = try SparkplugBirth(payload, map)
    let edge = try edge(names, message)
    let device = try device(names, of: edge, message)
    if !edges[edge].isAlive {
      // The node's own birth was not heard. Its metrics are missing; the device's are here.
      edges[edge].isAlive = true
      edges[edge].session = nil
      counters.withoutBirth += 1
      lacksBirth(edges[edge].id)
    }
    try begin(device, of: edge, birth, payload, message, into: &events)
  }

  /// Begins a device's or node's session with the metrics of its birth.
  private mutating func begin(
    _ device: Int, of edge: Int, _ birth: SparkplugBirth, _ payload: SparkplugPayload,
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    devices[device].lastHeard = message.received
    if !rule.isOfEdge, !devices[device].id.isEmpty { try own(device, of: edge, at: message.received) }
    let aliases = birth.aliases.map { entry in
      var entry = entry
      entry.device = Int32(truncatingIfNeeded: device)
      return entry
    }
    guard edges[edge].aliases.replace(Int32(truncatingIfNeeded: device), by: aliases) else {
      throw Rejection(.tooLarge, "aliases")
    }
    devices[device].datatypes = birth.datatypes
    devices[device].isBorn = true
    guard let subject = subject(of: device) else { return }
    if subject == device {
      devices[device].history.beginGap(after: devices[device].memory)
      devices[device].memory = ReadingMemory()
      devices[device].bad = 0
      let time = time(message.received, ofSessionAfter: devices[subject].lastEnd, received: message.received)
      try events.append(
        .online, at: time, receivedAt: message.received, of: try sender(of: subject, message, &events))
    }
    // A birth that is refused, such as one of a wrong clock, begins no session; its metrics are known all the same.
    try decodeReadings(of: device, payload, message, isBirth: true, into: &events)
    devices[subject].isAlive = true
  }

  /// The time of the beginning of a session, or of its first reading, moved behind the end of the session before: an
  /// offline of the same millisecond would come after it. An end that is later than that was stated by a clock that has
  /// been set back since, and moves nothing.
  func time(_ time: Timestamp, ofSessionAfter end: Timestamp, received: Timestamp) -> Timestamp {
    let next = end + .milliseconds(1)
    return next <= received + min(.seconds(1), limits.futureSkew) ? max(time, next) : time
  }

  /// Makes a device the owner of its equipment id. Throws `identity_mismatch` if another device has it and was heard
  /// within ``ownership``: their values must not be mixed. An owner that was not heard for so long loses it, and is
  /// refused until its next birth.
  private mutating func own(_ device: Int, of edge: Int, at now: Timestamp) throws(Rejection) {
    let key = "\(edges[edge].factory)/\(devices[device].equipment)"
    if let owner = owners[key].map(Int.init), owner != device, devices[owner].isOwner {
      let isHeard = now - devices[owner].lastHeard < Self.ownership
      devices[isHeard ? device : owner].refuse()
      if isHeard { throw Rejection(.identityMismatch, "device", .duplicate) }
    }
    devices[device].isRefused = false
    owners[key] = Int32(truncatingIfNeeded: device)
  }

  // MARK: Deaths

  mutating func decodeNodeDeath(
    _ names: SparkplugTopic, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage,
    into events: inout EventBuffer
  ) throws(Rejection) {
    let birth = try SparkplugBirth(payload, map)
    let group = names.group.bytes(in: message.topic)
    guard let edge = edgePlaces.find(group, names.edge.bytes(in: message.topic)), edges[edge].isAlive else {
      return
    }
    if let session = edges[edge].session, session != birth.session {
      guard let number = birth.session, Self.isLater(number, than: session) else {
        counters.otherDeaths += 1
        return
      }
      // The end of a session whose birth was not heard: the known one ended before it. A node that numbers its sessions
      // from the beginning again may live, and answers with its births.
      lacksBirth(edges[edge].id)
    }
    try endSessions(of: edge, message, into: &events)
  }

  /// Whether a `bdSeq` is that of a later session. Numbers go from 0 to 255 and begin again; the nearer way counts.
  private static func isLater(_ number: UInt64, than session: UInt64) -> Bool {
    guard number < 256, session < 256 else { return number > session }
    return (1...127).contains((number &- session) & 255)
  }

  /// Ends the sessions of an edge node and all of its devices at the receipt of a message.
  private mutating func endSessions(
    of edge: Int, _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    edges[edge].isAlive = false
    // In the order of names, which a restored decoder has, too.
    let sorted = edges[edge].devices.sorted { devices[Int($0)].id < devices[Int($1)].id }
    for place in [edges[edge].node] + sorted {
      let device = Int(place)
      devices[device].isBorn = false
      guard devices[device].isAlive else { continue }
      devices[device].isAlive = false
      if subject(of: device) == device {
        try end(device, at: message.received, isTimed: false, message, &events)
      }
    }
  }

  mutating func decodeDeviceDeath(
    _ names: SparkplugTopic, _ payload: SparkplugPayload, _ message: borrowing ReceivedMessage,
    into events: inout EventBuffer
  ) throws(Rejection) {
    guard let device = knownDevice(names, message.topic) else { return }
    devices[device].isBorn = false
    guard devices[device].isAlive, subject(of: device) == device else { return }
    devices[device].isAlive = false
    let stated = payload.timestamp.flatMap { Int64(exactly: $0) }.map { Timestamp(milliseconds: $0) }
    // A clock that is wrong must not end the session before its last message, nor in the future.
    let received = message.received
    let time = min(max(stated ?? received, devices[device].lastTime), received)
    try end(device, at: time, isTimed: time == stated, message, &events)
  }

  private mutating func end(
    _ device: Int, at time: Timestamp, isTimed: Bool, _ message: borrowing ReceivedMessage,
    _ events: inout EventBuffer
  ) throws(Rejection) {
    devices[device].lastEnd = max(devices[device].lastEnd, time)
    try events.append(
      .offline, at: time, receivedAt: message.received, of: try sender(of: device, message, &events),
      isTimed: isTimed)
  }
}

extension SparkplugDecoder {
  /// Takes over the sessions of a decoder with other settings, so that deaths still end them. Names and aliases of
  /// metrics are not taken over: the births of all living edge nodes are missing. States of the past are taken over if
  /// both decoders read the state from the same metrics by the same rule. Sessions of equipment that the naming
  /// of this decoder gives other ids are not taken over either.
  ///
  /// Does nothing if this decoder has state, or if the other one names factories or equipment by another rule.
  public mutating func continueSessions(of other: any SessionDecoder) {
    guard edges.isEmpty, let other = other as? SparkplugDecoder, other.rule == rule, other.pattern == pattern,
      other.factory == factory
    else { return }
    (edges, edgePlaces) = (other.edges, other.edgePlaces)
    (devices, devicePlaces, owners) = (other.devices, other.devicePlaces, other.owners)
    let hasSameStates = map.hasSameStates(as: other.map)
    for place in devices.indices {
      devices[place].forgetMetrics()
      if !hasSameStates { devices[place].history = SparkplugHistory() }
    }
    if other.naming != naming { renameEdges() }
    for place in edges.indices {
      edges[place].aliases.removeAll()
      if edges[place].isAlive { lacksBirth(edges[place].id) }
    }
  }
}

/// The metrics of a birth, or of a node's death.
struct SparkplugBirth {
  /// The value of `bdSeq`; nil if there is none.
  private(set) var session: UInt64?
  /// Aliases in the order of the payload; their device is not set.
  private(set) var aliases: [SparkplugAliases.Entry] = []
  /// For each field of the map the number of its datatype; 0 if the birth does not have it.
  private(set) var datatypes: ContiguousArray<UInt8>

  /// Reads all metrics. Throws `malformed` if one is not valid.
  init(_ payload: SparkplugPayload, _ map: ReadingMap) throws(Rejection) {
    datatypes = ContiguousArray(repeating: 0, count: map.fields.count)
    do throws(ProtobufReader.Fault) {
      var metrics = payload.metrics
      while let metric = try metrics.next() {
        _ = try metric.quality()
        guard let name = metric.name else { continue }
        if name.equals("bdSeq") {
          session =
            switch metric.value {
            case .int(let number): UInt64(number)
            case .long(let number): number
            default: nil
            }
        }
        let datatype = metric.datatype.flatMap { SparkplugDatatype(number: $0) }?.rawValue ?? 0
        let field = map.field(named: name)
        if let field { datatypes[field] = datatype }
        if let alias = metric.alias {
          aliases.append(
            SparkplugAliases.Entry(
              alias: alias, device: -1,
              field: field.map { UInt8(truncatingIfNeeded: $0) } ?? SparkplugAliases.Entry.none,
              datatype: datatype))
        }
      }
    } catch { throw SparkplugDecoder.rejection(error) }
  }
}
