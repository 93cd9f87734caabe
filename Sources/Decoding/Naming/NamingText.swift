import Telemetry

/// The text of entries: in the journal, and as lines of a naming file.
extension Naming {
  /// The headings of a naming file, in the order of ``Entry/csv``.
  public static var headings: String { NamingColumn.allCases.map(\.rawValue).joined(separator: ",") }
}

extension Naming.Identity {
  /// The parts by column. Empty ones are left out.
  public var parts: [NamingColumn: String] {
    let parts: [NamingColumn: String] =
      switch self {
      case .published(let factory, let workshop, let line, let equipment):
        [
          .publishedFactory: factory, .publishedWorkshop: workshop, .publishedLine: line,
          .publishedEquipment: equipment,
        ]
      case .sparkplug(let group, let edge, let device): [.group: group, .edge: edge, .device: device]
      case .serial(let serial): [.serial: serial]
      }
    return parts.filter { !$0.value.isEmpty }
  }

  /// Whether the parts have a form that names can have.
  fileprivate var isValid: Bool {
    let isText = parts.values.allSatisfy { part in
      part.utf8.count <= Naming.mostNameBytes && part == part.trimmedName
        && !part.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
    guard isText else { return false }
    return switch self {
    case .published(let factory, let workshop, let line, let equipment):
      !factory.isEmpty && (!equipment.isEmpty || workshop.isEmpty && line.isEmpty)
    case .sparkplug(let group, let edge, let device): !group.isEmpty && (!edge.isEmpty || device.isEmpty)
    case .serial(let serial): !serial.isEmpty
    }
  }
}

extension Naming.Entry {
  /// Whether ids and name have a valid form, and the equipment is given where the name is that of equipment.
  var isValid: Bool {
    guard identity.isValid, EquipmentKey.isID(factory.utf8) else { return false }
    if !equipment.isEmpty, !EquipmentKey.isID(equipment.utf8) { return false }
    return switch identity {
    case .published(_, _, _, let name): name.isEmpty == equipment.isEmpty
    case .sparkplug(_, let edge, let device):
      edge.isEmpty ? equipment.isEmpty : device.isEmpty || !equipment.isEmpty
    case .serial: !equipment.isEmpty
    }
  }

  /// The edge node that the name belongs to; nil for other names.
  var edge: NamingTable.Edge? {
    guard case .sparkplug(let group, let edge, _) = identity, !edge.isEmpty else { return nil }
    return NamingTable.Edge(group: group, edge: edge)
  }

  /// The entry as a line of ``DecodingRules/text``: the kind of name, the ids and the parts, separated by tabs.
  public var text: String {
    let parts: [String] =
      switch identity {
      case .published(let factory, let workshop, let line, let equipment):
        ["name published", self.factory, self.equipment, factory, workshop, line, equipment]
      case .sparkplug(let group, let edge, let device):
        ["name sparkplug", factory, equipment, group, edge, device]
      case .serial(let serial): ["name serial", factory, equipment, serial]
      }
    return parts.joined(separator: "\t")
  }

  /// Reads ``text``; nil for other text. The entry may not be valid.
  init?(text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    guard parts.count >= 4 else { return nil }
    let identity: Naming.Identity
    switch (parts[0], parts.count) {
    case ("name published", 7):
      identity = .published(factory: parts[3], workshop: parts[4], line: parts[5], equipment: parts[6])
    case ("name sparkplug", 6): identity = .sparkplug(group: parts[3], edge: parts[4], device: parts[5])
    case ("name serial", 4): identity = .serial(parts[3])
    default: return nil
    }
    self.init(identity, factory: parts[1], equipment: parts[2])
  }

  /// The entry as a line of a naming file with the columns of ``Naming/headings``. Empty cells at its end are left out.
  public var csv: String {
    var parts = identity.parts
    parts[.factoryID] = factory
    parts[.equipmentID] = equipment
    var cells = NamingColumn.allCases.map { Self.cell(parts[$0] ?? "") }
    while cells.last?.isEmpty == true { cells.removeLast() }
    return cells.joined(separator: ",")
  }

  /// A cell, in quotes if it needs them or a spreadsheet could take it for something else than text.
  private static func cell(_ text: String) -> String {
    let needsQuotes =
      text.utf8.first.map { "=+-@".utf8.contains($0) } ?? false
      || text.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 < 0x20 }
    guard needsQuotes else { return text }
    let doubled = text.unicodeScalars.reduce(into: "") { result, scalar in
      result.unicodeScalars.append(scalar)
      if scalar == "\"" { result.unicodeScalars.append(scalar) }
    }
    return "\"\(doubled)\""
  }
}
