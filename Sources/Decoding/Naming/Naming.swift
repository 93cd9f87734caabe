import Telemetry

/// The register's ids for names under which machines publish: the contents of a naming file.
///
/// A value that is made once; copies share its storage. Finding an entry takes constant time. Names are compared
/// without white space at their ends, and in upper and lower case as written.
public struct Naming: Sendable, Hashable {
  /// A name as published. No part contains control characters or has more than ``mostNameBytes``.
  public enum Identity: Hashable, Sendable {
    /// Values of a source's placeholders in topics, fields of payloads or tags. An empty workshop or line stands for
    /// any; an empty equipment for the factory.
    case published(factory: String, workshop: String = "", line: String = "", equipment: String)
    /// Names in Sparkplug topics. An empty device stands for the edge node, an empty edge node too for the group.
    case sparkplug(group: String, edge: String, device: String)
    /// A serial number that is published instead of an id, in any factory.
    case serial(String)
  }

  /// The ids of one name.
  public struct Entry: Hashable, Sendable {
    public var identity: Identity
    /// The factory's id in the register.
    public var factory: String
    /// The equipment's id in the register; empty if the name is that of a factory, a group or an edge node.
    public var equipment: String

    /// An entry for a name.
    public init(_ identity: Identity, factory: String, equipment: String = "") {
      self.identity = identity
      self.factory = factory
      self.equipment = equipment
    }
  }

  /// Maximum number of entries.
  public static let mostEntries = 60_000
  /// Maximum length of ``lines`` in UTF-8 bytes. They are stored in the journal on every day.
  public static let mostBytes = 4 << 20
  /// Maximum length of a part of a name in UTF-8 bytes.
  public static let mostNameBytes = 800

  /// No names.
  public static let none = Naming(NamingTable())

  private let table: NamingTable

  private init(_ table: NamingTable) { self.table = table }

  /// Names with their ids, in any order.
  ///
  /// - Throws: ``NamingError`` for an entry that is not valid, a repeated name, edge nodes in two factories, or too many
  ///   entries.
  public init(_ entries: [Entry]) throws(NamingError) { table = try NamingTable(entries) }

  /// The entries in ascending order of their ``Entry/text``.
  public var entries: ArraySlice<Entry> { table.entries[..<table.stated] }
  /// Whether there are no names.
  public var isEmpty: Bool { table.stated == 0 }
  /// The texts of the entries, each followed by a line end. Equal values have equal texts.
  public var lines: String { table.lines }

  public static func == (a: Naming, b: Naming) -> Bool {
    a.table === b.table || a.table.lines == b.table.lines
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(table.stated) }

  /// The entry at a place that a search has returned.
  func entry(at place: Int32) -> Entry? {
    table.entries.indices.contains(Int(place)) ? table.entries[Int(place)] : nil
  }

  // MARK: Finding names

  /// The place of the entry for published equipment: that with the most parts, or else that of its serial number; nil
  /// if there is none. `factory` is the published factory.
  func place(factory: String, workshop: String, line: String, equipment: String) -> Int32? {
    guard !isEmpty, !equipment.isEmpty else { return nil }
    let (factory, equipment) = (factory.trimmedName, equipment.trimmedName)
    let (workshop, line) = (workshop.trimmedName, line.trimmedName)
    for (workshop, line) in [(workshop, line), (workshop, ""), ("", line), ("", "")] {
      let identity = Identity.published(
        factory: factory, workshop: workshop, line: line, equipment: equipment)
      if let place = table.places[identity] { return place }
    }
    return table.places[.serial(equipment)]
  }

  /// The place of an entry for a published factory; nil if there is none. A factory whose name is not an id needs no
  /// entry of its own if all of its equipment is in one factory.
  func place(ofFactory factory: String) -> Int32? {
    table.places[.published(factory: factory.trimmedName, equipment: "")]
  }

  /// The place of the entry for a device, or for an edge node if `device` is empty; nil if there is none.
  func place(group: String, edge: String, device: String) -> Int32? {
    table.places[
      .sparkplug(group: group.trimmedName, edge: edge.trimmedName, device: device.trimmedName)]
  }

  /// The place of an entry with the factory of an edge node: that of its own entries, or else that of its group; nil
  /// if there is none.
  func place(ofEdge edge: String, group: String) -> Int32? {
    table.edges[NamingTable.Edge(group: group.trimmedName, edge: edge.trimmedName)]
      ?? place(group: group, edge: "", device: "")
  }

  /// Whether there is an entry for published equipment, or for it as a serial number.
  public func hasEquipment(named equipment: String, ofFactory published: String) -> Bool {
    place(factory: published, workshop: "", line: "", equipment: equipment) != nil
  }

  /// The published names of the register's factories, by id and ascending.
  public var factoryNames: [String: [String]] {
    var names: [String: [String]] = [:]
    for entry in table.entries {
      guard case .published(let name, _, _, "") = entry.identity, name != entry.factory else { continue }
      names[entry.factory, default: []].append(name)
    }
    return names.mapValues { $0.sorted() }
  }

  /// The register's id of the factory of an edge node; nil if the naming has none.
  public func factory(ofEdge edge: String, group: String) -> String? {
    place(ofEdge: edge, group: group).flatMap(entry(at:))?.factory
  }

  /// The register's id of a published factory; nil if the naming has none.
  public func factory(named published: String) -> String? {
    place(ofFactory: published).flatMap(entry(at:))?.factory
  }
}

/// The names of a file cannot be used.
public struct NamingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Kinds of faults.
  public enum Problem: Equatable, Sendable {
    /// An id or a name has a form that it cannot have.
    case form
    /// The name occurs twice.
    case duplicate
    /// Entries of one edge node have different factories.
    case dividedEdge
    /// There are more entries than ``Naming/mostEntries``, or their texts are longer than ``Naming/mostBytes``.
    case tooMany
  }
  public var problem: Problem
  /// Place of the entry in the order given; nil for ``Problem/tooMany``.
  public var place: Int?
  /// Place of the entry that it repeats or contradicts.
  public var other: Int?

  public var description: String {
    switch problem {
    case .form: "an id or a name of the naming is not valid"
    case .duplicate: "a name occurs twice in the naming"
    case .dividedEdge: "the naming has an edge node in two factories"
    case .tooMany:
      "the naming has more than \(Naming.mostEntries) names, or more than \(Naming.mostBytes) bytes"
    }
  }
}

/// The shared storage of a ``Naming``.
final class NamingTable: Sendable {
  struct Edge: Hashable {
    var group: String
    var edge: String
  }

  /// The stated entries in order, and behind them the factories that follow from them.
  let entries: [Naming.Entry]
  /// Number of stated entries.
  let stated: Int
  /// Places by name; also of factories that follow from others.
  let places: [Naming.Identity: Int32]
  /// Places of entries with the factory of an edge node and no equipment.
  let edges: [Edge: Int32]
  let lines: String

  init() {
    (entries, stated, places, edges, lines) = ([], 0, [:], [:], "")
  }

  init(_ given: [Naming.Entry]) throws(NamingError) {
    guard given.count <= Naming.mostEntries else { throw NamingError(problem: .tooMany) }
    try Self.check(given)
    let sorted = given.map { ($0, $0.text) }.sorted { $0.1 < $1.1 }
    let lines = sorted.map { $0.1 + "\n" }.joined()
    guard lines.utf8.count <= Naming.mostBytes else { throw NamingError(problem: .tooMany) }
    var entries = sorted.map(\.0)
    var places: [Naming.Identity: Int32] = [:]
    for (place, entry) in entries.enumerated() { places[entry.identity] = Int32(place) }
    stated = entries.count
    edges = Self.addEdges(to: &entries)
    Self.addFactories(to: &entries, &places)
    self.entries = entries
    self.places = places
    self.lines = lines
  }

  private static func check(_ given: [Naming.Entry]) throws(NamingError) {
    var first: [Naming.Identity: Int] = [:]
    var edges: [Edge: Int] = [:]
    for (place, entry) in given.enumerated() {
      guard entry.isValid else { throw NamingError(problem: .form, place: place) }
      if let other = first.updateValue(place, forKey: entry.identity) {
        throw NamingError(problem: .duplicate, place: place, other: other)
      }
      guard let edge = entry.edge else { continue }
      if let other = edges[edge], given[other].factory != entry.factory {
        throw NamingError(problem: .dividedEdge, place: place, other: other)
      }
      edges[edge] = edges[edge] ?? place
    }
  }

  private static func addEdges(to entries: inout [Naming.Entry]) -> [Edge: Int32] {
    var edges: [Edge: Int32] = [:]
    for entry in entries {
      guard let edge = entry.edge, edges[edge] == nil else { continue }
      edges[edge] = Int32(entries.count)
      entries.append(Naming.Entry(entry.identity, factory: entry.factory))
    }
    return edges
  }

  /// Adds published factories that have no entry and whose name is not an id, if their equipment is in one factory.
  private static func addFactories(
    to entries: inout [Naming.Entry], _ places: inout [Naming.Identity: Int32]
  ) {
    // nil: of several factories.
    var factories: [String: String?] = [:]
    var order: [String] = []
    for entry in entries {
      guard case .published(let name, _, _, let equipment) = entry.identity, !equipment.isEmpty,
        !EquipmentKey.isID(name.utf8), places[.published(factory: name, equipment: "")] == nil
      else { continue }
      if let known = factories[name] {
        if known != entry.factory { factories[name] = .some(nil) }
      } else {
        factories[name] = entry.factory
        order.append(name)
      }
    }
    for name in order {
      guard case .some(.some(let factory)) = factories[name] else { continue }
      let identity = Naming.Identity.published(factory: name, equipment: "")
      places[identity] = Int32(entries.count)
      entries.append(Naming.Entry(identity, factory: factory))
    }
  }
}

extension String {
  /// The name without white space at its ends.
  package var trimmedName: String {
    guard let first = utf8.first, let last = utf8.last, first <= 0x20 || last <= 0x20 else { return self }
    let bytes = Array(utf8)
    guard let start = bytes.firstIndex(where: { $0 > 0x20 }),
      let end = bytes.lastIndex(where: { $0 > 0x20 })
    else { return "" }
    return String(decoding: bytes[start...end], as: UTF8.self)
  }
}
