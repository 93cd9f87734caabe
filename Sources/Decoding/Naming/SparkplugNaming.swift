import Telemetry

/// Finds the ids of edge nodes and devices: by the naming's entries for Sparkplug names, then by those for published
/// names and serial numbers.
///
/// An edge node and its devices are in one factory. An entry of another factory does not apply to a device.
struct SparkplugNaming {
  private let naming: Naming
  private let rule: SparkplugRule
  private let pattern: SparkplugPattern?
  /// The factory of all messages; nil if topics name it.
  private let factory: String?

  init(_ naming: Naming, _ rule: SparkplugRule, pattern: SparkplugPattern?, factory: String?) {
    self.naming = naming
    self.rule = rule
    self.pattern = pattern
    self.factory = factory
  }

  /// The factory as published.
  private func published(_ id: SparkplugEdgeID) -> String {
    factory ?? rule.name(of: .factory, id, device: "")
  }

  private func placeOfFactory(_ id: SparkplugEdgeID) -> Int32? {
    naming.place(ofEdge: id.edge, group: id.group) ?? naming.place(ofFactory: published(id))
  }

  /// The factory of an edge node. It may not be a valid id.
  func factory(of id: SparkplugEdgeID) -> String {
    placeOfFactory(id).flatMap(naming.entry(at:))?.factory ?? published(id)
  }

  /// The equipment of a device, as published.
  private func name(of id: SparkplugEdgeID, device: String) -> String {
    rule.isOfEdge ? id.edge : pattern?.equipment(id, device: device) ?? device
  }

  /// The place of the naming's entry for the equipment of a device; nil if there is none.
  private func placeOfEquipment(_ id: SparkplugEdgeID, device: String) -> Int32? {
    let factory = factory(of: id)
    let own = naming.place(group: id.group, edge: id.edge, device: rule.isOfEdge ? "" : device)
    if let own, naming.entry(at: own)?.equipment.isEmpty == false { return own }
    let place = naming.place(
      factory: published(id), workshop: rule.name(of: .workshop, id, device: device),
      line: rule.name(of: .line, id, device: device), equipment: name(of: id, device: device))
    guard let place, naming.entry(at: place)?.factory == factory else { return nil }
    return place
  }

  /// The place of the naming's entry for a topic: that of its equipment, or else that of its factory; nil if there is
  /// none. `device` is empty for messages of the edge node.
  func place(_ id: SparkplugEdgeID, device: String) -> Int32? {
    let isOfEquipment = rule.isOfEdge || !device.isEmpty
    return (isOfEquipment ? placeOfEquipment(id, device: device) : nil) ?? placeOfFactory(id)
  }

  /// The equipment of a device. It may not be a valid id.
  func equipment(of id: SparkplugEdgeID, device: String) -> String {
    placeOfEquipment(id, device: device).flatMap(naming.entry(at:))?.equipment
      ?? name(of: id, device: device)
  }
}

extension SparkplugTopic {
  /// The edge node that a topic names.
  func edgeID(in topic: UnsafeRawBufferPointer) -> SparkplugEdgeID {
    SparkplugEdgeID(group: group.text(in: topic), edge: edge.text(in: topic))
  }
}
