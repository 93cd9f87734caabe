import Telemetry

/// Kinds of Sparkplug messages that concern an edge node or one of its devices.
public enum SparkplugVerb: UInt8, CaseIterable, Sendable {
  case nodeBirth, nodeDeath, nodeData, nodeCommand
  case deviceBirth, deviceDeath, deviceData, deviceCommand

  /// The level in the topic.
  public var name: StaticString {
    switch self {
    case .nodeBirth: "NBIRTH"
    case .nodeDeath: "NDEATH"
    case .nodeData: "NDATA"
    case .nodeCommand: "NCMD"
    case .deviceBirth: "DBIRTH"
    case .deviceDeath: "DDEATH"
    case .deviceData: "DDATA"
    case .deviceCommand: "DCMD"
    }
  }

  /// Whether the topic also names a device.
  @inlinable public var isOfDevice: Bool { rawValue >= SparkplugVerb.deviceBirth.rawValue }

  /// Whether the message states metrics with their names and types.
  @inlinable public var isBirth: Bool { self == .nodeBirth || self == .deviceBirth }

  /// Whether the message ends a session.
  @inlinable public var isDeath: Bool { self == .nodeDeath || self == .deviceDeath }

  /// Whether the message is addressed to an edge node instead of coming from it.
  @inlinable public var isCommand: Bool { self == .nodeCommand || self == .deviceCommand }
}

/// Edition of the topics: the first level, and with it the meaning of the others. Further editions are further cases.
public enum SparkplugNamespace: String, CaseIterable, Sendable {
  /// Sparkplug 2.2 and 3.0 (ISO/IEC 20237).
  case b = "spBv1.0"

  /// The first level of topics.
  public var token: StaticString {
    switch self {
    case .b: "spBv1.0"
    }
  }
}

/// The topic of a Sparkplug message, with the positions of its names.
public struct SparkplugTopic: Equatable, Sendable {
  public var verb: SparkplugVerb
  public var group: TopicRange
  public var edge: TopicRange
  /// Empty for messages of the edge node itself.
  public var device: TopicRange

  /// Parses `NAMESPACE/GROUP/VERB/EDGE` or `NAMESPACE/GROUP/VERB/EDGE/DEVICE`; nil for any other topic. No name is
  /// empty.
  public init?(_ topic: UnsafeRawBufferPointer, in namespace: SparkplugNamespace = .b) {
    guard topic.count <= Int(UInt16.max) else { return nil }
    var at = 0
    func level() -> TopicRange? {
      guard at <= topic.count else { return nil }
      let start = at
      while at < topic.count, topic[at] != UInt8(ascii: "/") { at += 1 }
      defer { at += 1 }
      return TopicRange(
        offset: UInt16(truncatingIfNeeded: start), length: UInt16(truncatingIfNeeded: at - start))
    }
    guard let first = level(), first.bytes(in: topic).equals(namespace.token),
      let group = level(), !group.isEmpty, let word = level(),
      let verb = Self.verb(word.bytes(in: topic)), let edge = level(), !edge.isEmpty
    else { return nil }
    var device = TopicRange()
    if verb.isOfDevice {
      guard let name = level(), !name.isEmpty else { return nil }
      device = name
    }
    guard at == topic.count + 1 else { return nil }
    self.verb = verb
    self.group = group
    self.edge = edge
    self.device = device
  }

  private static func verb(_ word: UnsafeRawBufferPointer) -> SparkplugVerb? {
    for verb in SparkplugVerb.allCases where word.equals(verb.name) { return verb }
    return nil
  }
}

/// An edge node: the sender of one stream of numbered messages.
public struct SparkplugEdgeID: Hashable, Comparable, Sendable {
  public var group: String
  public var edge: String

  /// The edge node `edge` of `group`.
  public init(group: String, edge: String) {
    self.group = group
    self.edge = edge
  }

  /// By group, then by edge node.
  public static func < (a: SparkplugEdgeID, b: SparkplugEdgeID) -> Bool {
    (a.group, a.edge) < (b.group, b.edge)
  }
}
