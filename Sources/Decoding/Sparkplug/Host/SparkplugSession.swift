import Telemetry

/// The rules of a Sparkplug host application's session, as a value. It takes what happens and returns what to publish
/// and which messages to process, in order. It has no socket and no clock.
///
/// The order of a connection is: ``connect(at:)`` gives the will; after the broker has granted the subscriptions,
/// ``subscribed(at:known:)`` gives the birth, which is the first message published; ``receive(topic:payload:packetID:at:)``
/// takes every message; ``tick(at:)`` is called about once a second; ``stop(at:)`` gives the death to be published before
/// DISCONNECT. Times are those of the system's clock. If it is set back, waits begin again.
///
/// ISO/IEC 20237, "Host application session establishment" and "Message ordering".
public struct SparkplugSession: Sendable {
  /// Progress of the session.
  private enum Stage: Equatable {
    case disconnected
    /// The will has this timestamp.
    case connecting(Int64)
    case online(Int64)
    case stopped
  }

  public let settings: Settings
  public private(set) var counters = Counters()
  private var stage = Stage.disconnected
  /// The latest timestamp of a statement about this host, made or heard.
  private var latestState: Int64 = 0
  var streams: [SparkplugStream] = []
  var places = SparkplugNames()
  var heldBytes = 0
  /// Time at which the subscriptions were granted.
  private var subscribedAt = Timestamp.distantPast
  private var lastTick = Timestamp.distantPast

  /// Maximum number of edge nodes whose numbers are followed. Messages of others, and of nodes with longer names than a
  /// source reads, are processed as they arrive.
  public static let mostEdges = 65_536
  /// Maximum number of bytes held for all edge nodes.
  public static let mostHeldBytes = 4 << 20

  /// A session that is not connected.
  public init(_ settings: Settings) { self.settings = settings }

  /// Topic of the host's own STATE.
  public var stateTopic: String { "\(settings.namespace.token)/STATE/\(settings.hostID)" }

  /// Topic filters of the session: its own STATE first, then what the edge nodes of its groups publish. Nodes of other
  /// groups are not heard, and no command is sent to them.
  public var filters: [String] {
    let verbs = SparkplugVerb.allCases.filter { !$0.isCommand }
    return (settings.groups ?? ["+"]).reduce(into: [stateTopic]) { filters, group in
      filters += verbs.map { verb in
        "\(settings.namespace.token)/\(group)/\(verb.name)/+\(verb.isOfDevice ? "/+" : "")"
      }
    }
  }

  // MARK: The host's own presence

  /// Begins a connection; returns its will, to be published by the broker if the connection is lost.
  public mutating func connect(at now: Timestamp) -> SparkplugPublication {
    latestState = max(latestState, now.milliseconds)
    stage = .connecting(latestState)
    for place in streams.indices { streams[place].reconnected(at: now) }
    heldBytes = 0
    return state(isOnline: false)
  }

  /// The broker has granted the subscriptions. Returns the birth, to be published before anything else.
  ///
  /// - Parameter known: edge nodes whose births are known from earlier connections. What they sent in between is
  ///   lost, so they are asked for a rebirth unless they send one by themselves.
  public mutating func subscribed(at now: Timestamp, known: [SparkplugEdgeID] = []) -> [SparkplugPublication]
  {
    guard case .connecting(let timestamp) = stage else { return [] }
    stage = .online(timestamp)
    subscribedAt = now
    lastTick = now
    for edge in known {
      if let place = place(of: edge) { streams[place].want(at: now + settings.reorderTimeout) }
    }
    return [publication(SparkplugState(isOnline: true, timestamp: timestamp))]
  }

  /// The connection has ended. Returns the messages that were held, in order.
  public mutating func disconnected() -> [SparkplugHeldMessage] {
    let held = takeAllHeld()
    if stage != .stopped { stage = .disconnected }
    return held
  }

  /// Begins an intended end. Returns the held messages, and the death to be published before DISCONNECT; no death if
  /// no birth was published.
  public mutating func stop(at now: Timestamp) -> Due {
    var due = Due(messages: takeAllHeld())
    if case .online = stage {
      latestState = max(latestState, now.milliseconds)
      due.publications.append(state(isOnline: false))
    }
    stage = .stopped
    return due
  }

  private func state(isOnline: Bool) -> SparkplugPublication {
    publication(SparkplugState(isOnline: isOnline, timestamp: latestState))
  }

  private func publication(_ state: SparkplugState) -> SparkplugPublication {
    SparkplugPublication(state, of: settings.hostID, in: settings.namespace)
  }

  /// Takes a statement on the host's own topic: its own, that of an earlier connection, or another program's under the
  /// same name.
  private mutating func heard(_ payload: UnsafeRawBufferPointer) -> Arrival {
    var arrival = Arrival()
    guard let heard = SparkplugState(payload) else { return arrival }
    // A time far ahead would make every later statement wrong. Nodes that accepted it wait for that time.
    if heard.timestamp - max(0, latestState) <= Span.days(1).milliseconds {
      latestState = max(latestState, heard.timestamp)
    }
    guard case .online(let timestamp) = stage, !heard.isOnline else { return arrival }
    counters.statesRepeated += 1
    arrival.publications = [publication(SparkplugState(isOnline: true, timestamp: timestamp))]
    return arrival
  }

  // MARK: Messages of edge nodes

  /// Takes a message. Messages of other topics, and what the broker retains of edge nodes, are delivered as they are: a
  /// retained message has no place among those that a node sends now.
  public mutating func receive(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, packetID: UInt16 = 0,
    isRetained: Bool = false, at now: Timestamp
  ) -> Arrival {
    // After its death the session keeps nothing back.
    if stage == .stopped { return Arrival(isDelivered: !isStateTopic(topic)) }
    guard let names = SparkplugTopic(topic, in: settings.namespace) else {
      if isStateTopic(topic) { return heard(payload) }
      return Arrival(isDelivered: true)
    }
    guard !isRetained, !names.verb.isCommand, let place = place(of: names, in: topic) else {
      return Arrival(isDelivered: true)
    }
    let sequence = Self.sequence(of: payload)
    switch names.verb {
    case .nodeBirth: return born(place, sequence, at: now)
    case .nodeDeath:
      let arrival = Arrival(before: takeHeld(place) + takeBirths(place), isDelivered: true)
      streams[place].died()
      return arrival
    case .nodeData, .deviceBirth, .deviceData, .deviceDeath: break
    case .nodeCommand, .deviceCommand: return Arrival(isDelivered: true)
    }
    if streams[place].lacksBirth { streams[place].want(at: now + settings.reorderTimeout) }
    guard let sequence else {
      counters.withoutSequence += 1
      return Arrival(isDelivered: true)
    }
    let message = Message(topic: topic, payload: payload, packetID: packetID, sequence: sequence)
    if names.verb == .deviceBirth, streams[place].awaitsNodeBirth(sequence) {
      return holdBirth(place, message, at: now)
    }
    if streams[place].take(sequence) == .early { return hold(place, message, at: now) }
    var arrival = Arrival(isDelivered: true)
    if streams[place].gapSince != nil {
      arrival.after = streams[place].takeFollowing()
      for message in arrival.after { heldBytes -= message.size }
      if streams[place].gapSince == nil { counters.gapsFilled += 1 }
    }
    return arrival
  }

  private mutating func born(_ place: Int, _ sequence: UInt8?, at now: Timestamp) -> Arrival {
    var arrival = Arrival(before: takeHeld(place), isDelivered: true)
    if sequence == nil { counters.withoutSequence += 1 }
    streams[place].born(sequence)
    let births = streams[place].takeBirthsFollowing()
    arrival.before += births.others
    for message in births.others { heldBytes -= message.size }
    for message in births.following {
      if streams[place].take(message.sequence) == .early {
        keep(message, place, at: now)
      } else {
        heldBytes -= message.size
        arrival.after.append(message)
      }
    }
    return arrival
  }

  /// A message of an edge node, as it arrives.
  private struct Message {
    var topic: UnsafeRawBufferPointer
    var payload: UnsafeRawBufferPointer
    var packetID: UInt16
    var sequence: UInt8

    var held: SparkplugHeldMessage {
      SparkplugHeldMessage(
        topic: Array(topic), payload: Array(payload), packetID: packetID, sequence: sequence)
    }
  }

  /// Keeps a device's birth that came before its node's.
  private mutating func holdBirth(_ place: Int, _ message: Message, at now: Timestamp) -> Arrival {
    let held = message.held
    heldBytes += held.size
    let isKept = streams[place].holdBirth(held, since: now) && heldBytes <= Self.mostHeldBytes
    return isKept ? Arrival() : Arrival(before: takeBirths(place))
  }

  private mutating func hold(_ place: Int, _ message: Message, at now: Timestamp) -> Arrival {
    let held = message.held
    heldBytes += held.size
    keep(held, place, at: now)
    guard streams[place].held.count > SparkplugStream.mostHeld || heldBytes > Self.mostHeldBytes else {
      return Arrival()
    }
    return Arrival(before: giveUp(place, at: now))
  }

  private mutating func keep(_ message: SparkplugHeldMessage, _ place: Int, at now: Timestamp) {
    if streams[place].gapSince == nil { counters.gaps += 1 }
    streams[place].hold(message, since: now)
  }

  /// Ends the wait for the missing messages of a gap.
  private mutating func giveUp(_ place: Int, at now: Timestamp) -> [SparkplugHeldMessage] {
    streams[place].lost()
    streams[place].want(at: now)
    return takeHeld(place)
  }

  /// A decoder has met data that only a birth explains: an edge node without a birth, or an unknown alias. The
  /// next tick requests a rebirth. In a young session, and after the node's death, it waits: the node may send its birth
  /// without a request.
  public mutating func wantsBirth(of edge: SparkplugEdgeID, at now: Timestamp) {
    guard let place = place(of: edge) else { return }
    streams[place].lost()
    let earliest = streams[place].isDead ? now + settings.reorderTimeout : now
    streams[place].want(at: max(earliest, subscribedAt + settings.reorderTimeout))
  }

  /// Ends waits that are over. Returns the messages to process and the rebirth requests to publish.
  public mutating func tick(at now: Timestamp) -> Due {
    var due = Due()
    guard case .online = stage else { return due }
    let wasSetBack = now < lastTick
    if wasSetBack { clockWasSetBack(to: now) }
    lastTick = now
    for place in streams.indices {
      if let since = streams[place].gapSince, wasSetBack || now - since >= settings.reorderTimeout {
        due.messages += giveUp(place, at: now)
      }
      if let since = streams[place].birthsSince, wasSetBack || now - since >= settings.reorderTimeout {
        due.messages += takeBirths(place)
      }
      guard let request = streams[place].requestDue, request <= now || wasSetBack,
        due.publications.count < settings.rebirthsPerTick
      else { continue }
      streams[place].requested(at: now, settings)
      counters.rebirthRequests += 1
      due.publications.append(
        SparkplugPublication(rebirthOf: streams[place].id, at: now, in: settings.namespace))
    }
    return due
  }

  // MARK: -

  /// Instants of the past must not be in the future, where they would put requests off.
  private mutating func clockWasSetBack(to now: Timestamp) {
    subscribedAt = min(subscribedAt, now)
    for place in streams.indices { streams[place].clockWasSetBack(to: now) }
  }

  private func isStateTopic(_ topic: UnsafeRawBufferPointer) -> Bool { topic.elementsEqual(stateTopic.utf8) }

  /// The number in a payload; nil if it is missing, above 255 or the payload is not valid.
  private static func sequence(of payload: UnsafeRawBufferPointer) -> UInt8? {
    guard let sequence = (try? SparkplugPayload(payload))?.sequence else { return nil }
    return UInt8(exactly: sequence)
  }
}
