import Decoding

/// The equipment behind the names in Sparkplug topics: the meaning of group, edge node and device, and entries of a naming
/// file for names that are not ids, or that several machines have.
struct SparkplugMachines {
  /// Names in a topic. The device is empty for the edge node itself.
  private struct Names: Hashable {
    var group: String
    var edge: String
    var device: String

    var identity: Naming.Identity {
      .sparkplug(group: group.trimmedName, edge: edge.trimmedName, device: device.trimmedName)
    }
    /// The equipment by the pattern `{edge}.{device}`.
    var joined: String { "\(edge).\(device)" }
  }

  /// The keys `group`, `factory`, `edge`, `device` and `equipment` of the source that differ from their defaults.
  private(set) var keys: [SettingsTree.Entry] = []
  /// Whether the key `factory` has a guessed id.
  private(set) var isFactoryGuessed = false
  private(set) var list = NamingList()
  private let context: ProposalBuilder.Context
  /// In the order of the topics, each once.
  private var groups: [String] = []
  private var edges: Set<String> = []
  /// Names of equipment in the naming.
  private let named: Set<Naming.Identity>

  /// The equipment of messages on `topics`.
  init(_ topics: [String], _ context: ProposalBuilder.Context) {
    self.context = context
    named = Set(context.naming.entries.lazy.filter { !$0.equipment.isEmpty }.map(\.identity))
    var known: Set<Names> = []
    let all = topics.compactMap(Self.names).filter { known.insert($0).inserted }
    var knownGroups: Set<String> = []
    groups = all.map(\.group).filter { knownGroups.insert($0).inserted }
    edges = Set(all.map(\.edge))
    addFactory()
    let devices = all.filter { !$0.device.isEmpty }
    if devices.isEmpty {
      set("edge", "{equipment}")
      set("device", "+")
      for machine in all where !machine.edge.isID && !isNamed(machine) { add(machine) }
    } else {
      addDevices(devices.filter { !named.contains($0.identity) })
    }
  }

  private static func names(_ topic: String) -> Names? {
    Array(topic.utf8).withUnsafeBytes { topic in
      SparkplugTopic(topic).map { names in
        Names(
          group: names.group.text(in: topic), edge: names.edge.text(in: topic),
          device: names.device.text(in: topic))
      }
    }
  }

  private mutating func set(_ key: String, _ value: String) {
    keys.append(SettingsTree.Entry(key, SettingsTree(.text(value))))
  }

  // MARK: Factories

  /// Several groups are factories; one is a factory if its name may be that of a factory.
  private var areFactories: Bool {
    groups.count > 1
      || groups.allSatisfy(\.isID)
        && (context.factories.isEmpty || groups.allSatisfy { context.factories.contains($0) }
          || TopicGuess.areFactories(groups))
  }

  private mutating func addFactory() {
    guard areFactories else {
      set("group", "+")
      set("factory", context.factory)
      isFactoryGuessed = true
      return
    }
    for group in groups where !group.isID {
      let identity = Naming.Identity.sparkplug(group: group.trimmedName, edge: "", device: "")
      guard context.naming.factory(ofEdge: "", group: group) == nil else { continue }
      list.add(Naming.Entry(identity, factory: context.ids.factory(identity)))
    }
  }

  /// The factory as published: the group, or else the key `factory`.
  private func published(_ machine: Names) -> String {
    isFactoryGuessed ? context.factory : machine.group
  }

  /// The id of a machine's factory.
  private func factory(_ machine: Names) -> String {
    if let id = context.naming.factory(ofEdge: machine.edge, group: machine.group) { return id }
    let published = published(machine)
    return published.isID
      ? published : context.ids.factory(.sparkplug(group: machine.group.trimmedName, edge: "", device: ""))
  }

  // MARK: Devices

  /// Adds the rule and the entries for devices that have no entry yet.
  private mutating func addDevices(_ devices: [Names]) {
    if !edges.allSatisfy(\.isID) { set("edge", "+") }
    let plain = devices.filter(\.device.isID)
    let shared = Dictionary(grouping: plain, by: { [factory($0), $0.device] }).filter { $0.value.count > 1 }
    if !shared.isEmpty, areApart(plain) {
      set("device", "+")
      set("equipment", "{edge}.{device}")
      for device in devices where !device.joined.isID { add(device) }
      return
    }
    for device in devices {
      let isShared = shared[[factory(device), device.device]] != nil
      if isShared || !device.device.isID && !isNamed(device) { add(device) }
    }
  }

  /// Whether the pattern `{edge}.{device}` makes an id of its own for each of these devices.
  private func areApart(_ devices: [Names]) -> Bool {
    var known: Set<[String]> = []
    return devices.allSatisfy { $0.joined.isID && known.insert([factory($0), $0.joined]).inserted }
  }

  /// Whether the naming has an id for a machine.
  private func isNamed(_ machine: Names) -> Bool {
    let name = machine.device.isEmpty ? machine.edge : machine.device
    return named.contains(machine.identity)
      || context.naming.hasEquipment(named: name, ofFactory: published(machine))
  }

  private mutating func add(_ machine: Names) {
    list.add(
      Naming.Entry(
        machine.identity, factory: factory(machine), equipment: context.ids.equipment(machine.identity)))
  }
}
