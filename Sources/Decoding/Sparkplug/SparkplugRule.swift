import Telemetry

/// How the names in Sparkplug topics map to the register: which of them is the factory, which the workshop, and which
/// the equipment.
struct SparkplugRule: Hashable, Sendable {
  /// The meaning of a name.
  enum Level: Hashable, Sendable {
    case placeholder(TopicTemplate.Placeholder)
    /// Only this name.
    case literal(String)
    /// Any name; it has no meaning.
    case any

    /// The text in the configuration.
    var text: String {
      switch self {
      case .placeholder(let placeholder): "{\(placeholder.name)}"
      case .literal(let name): name
      case .any: "+"
      }
    }
  }

  /// Maximum length of a name in a topic, in bytes.
  static let longestName = 256

  var namespace = SparkplugNamespace.b
  var group: Level
  var edge: Level
  var device: Level

  /// The rule as a topic, with `+` for the verb.
  var text: String { "\(namespace.token)/\(group.text)/+/\(edge.text)/\(device.text)" }

  /// Whether a level is a placeholder.
  func has(_ placeholder: TopicTemplate.Placeholder) -> Bool {
    [group, edge, device].contains(.placeholder(placeholder))
  }

  /// Whether the equipment is the edge node, and not its devices.
  var isOfEdge: Bool { edge == .placeholder(.equipment) }

  /// Reads ``text``; nil for other text.
  init?(text: String) {
    let levels = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard levels.count == 5, let namespace = SparkplugNamespace(rawValue: levels[0]), levels[2] == "+",
      let group = Self.level(levels[1]), let edge = Self.level(levels[3]), let device = Self.level(levels[4])
    else { return nil }
    self.init(namespace: namespace, group: group, edge: edge, device: device)
    guard fault == nil else { return nil }
  }

  init(namespace: SparkplugNamespace = .b, group: Level, edge: Level, device: Level) {
    self.namespace = namespace
    self.group = group
    self.edge = edge
    self.device = device
  }

  /// The level of a text: a placeholder, `+` or a literal; nil if it cannot be one level of a topic.
  static func level(_ text: String) -> Level? {
    if text == "+" { return .any }
    if let placeholder = TopicTemplate.Placeholder.allCases.first(where: { text == "{\($0.name)}" }) {
      return .placeholder(placeholder)
    }
    let isLiteral =
      !text.isEmpty
      && !text.unicodeScalars.contains { "{}+#/".unicodeScalars.contains($0) || $0.value < 0x20 }
    return isLiteral && text.utf8.count <= longestName ? .literal(text) : nil
  }

  /// The reason why the rule cannot be used, to complete "the source …"; nil if it can.
  var fault: String? {
    let levels = [group, edge, device]
    for placeholder in TopicTemplate.Placeholder.allCases
    where levels.count(where: { $0 == .placeholder(placeholder) }) > 1 {
      return "names {\(placeholder.name)} more than once"
    }
    if levels.contains(.placeholder(.field)) { return "cannot name {field} as its group, edge or device" }
    if device == .placeholder(.factory) { return "cannot name {factory} as its device" }
    if group == .placeholder(.equipment) { return "cannot name {equipment} as its group" }
    return nil
  }

  /// Positions of the names in a topic, and the first placeholder whose name is not an id; nil if the topic is not one
  /// of an edge node's messages, or the rule excludes it. `equipment` is empty for a message of an edge node whose
  /// devices are the equipment.
  func find(
    _ topic: UnsafeRawBufferPointer
  ) -> (levels: TopicLevels, invalid: TopicTemplate.Placeholder?)? {
    guard let names = SparkplugTopic(topic, in: namespace), !names.verb.isCommand,
      Self.fits(group, names.group, topic), Self.fits(edge, names.edge, topic),
      names.device.isEmpty || Self.fits(device, names.device, topic)
    else { return nil }
    var found = TopicLevels()
    var invalid = Self.note(group, names.group, topic, in: &found)
    if let wrong = Self.note(edge, names.edge, topic, in: &found) { invalid = invalid ?? wrong }
    if !names.device.isEmpty, let wrong = Self.note(device, names.device, topic, in: &found) {
      invalid = invalid ?? wrong
    }
    return (found, invalid)
  }

  /// The name that stands for a placeholder in a topic; empty if the rule has no such placeholder.
  func name(of placeholder: TopicTemplate.Placeholder, _ id: SparkplugEdgeID, device: String) -> String {
    if group == .placeholder(placeholder) { return id.group }
    if edge == .placeholder(placeholder) { return id.edge }
    return self.device == .placeholder(placeholder) ? device : ""
  }

  /// Whether the rule takes messages of a group, whatever their other names are.
  func accepts(group name: String) -> Bool {
    if case .literal(let text) = group { return text.trimmedName == name }
    return true
  }

  private static func fits(_ level: Level, _ name: TopicRange, _ topic: UnsafeRawBufferPointer) -> Bool {
    guard case .literal(let text) = level else { return Int(name.length) <= longestName }
    return name.bytes(in: topic).elementsEqual(text.utf8)
  }

  /// Notes the position of a name; returns its placeholder if the name is not an id.
  private static func note(
    _ level: Level, _ name: TopicRange, _ topic: UnsafeRawBufferPointer, in found: inout TopicLevels
  ) -> TopicTemplate.Placeholder? {
    guard case .placeholder(let placeholder) = level else { return nil }
    switch placeholder {
    case .factory: found.factory = name
    case .workshop: found.workshop = name
    case .line: found.line = name
    case .equipment: found.equipment = name
    case .field: break
    }
    return EquipmentKey.isID(name.bytes(in: topic)) ? nil : placeholder
  }
}
