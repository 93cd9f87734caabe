import Telemetry

/// An equipment id made of the names in a topic, such as `{edge}.{device}`, for devices whose names repeat across edge
/// nodes.
struct SparkplugPattern: Hashable, Sendable {
  /// A piece of the id.
  private enum Piece: Hashable {
    case group, edge, device
    case literal(String)
  }

  /// The pattern as written.
  let text: String
  private let pieces: [Piece]

  /// Reads a pattern; nil if it has an unknown placeholder, does not name `{device}`, or has characters that an id
  /// cannot have.
  init?(_ text: String) {
    var pieces: [Piece] = []
    var rest = text[...]
    while !rest.isEmpty {
      if rest.first == "{" {
        guard let end = rest.firstIndex(of: "}") else { return nil }
        switch rest[rest.index(after: rest.startIndex)..<end] {
        case "group": pieces.append(.group)
        case "edge": pieces.append(.edge)
        case "device": pieces.append(.device)
        default: return nil
        }
        rest = rest[rest.index(after: end)...]
      } else {
        let literal = rest.prefix { $0 != "{" }
        guard literal.utf8.allSatisfy(EquipmentKey.isIDByte) else { return nil }
        pieces.append(.literal(String(literal)))
        rest = rest[literal.endIndex...]
      }
    }
    guard pieces.contains(.device), text.utf8.count <= 128 else { return nil }
    self.text = text
    self.pieces = pieces
  }

  /// The equipment of a device. It may not be a valid id.
  func equipment(_ edge: SparkplugEdgeID, device: String) -> String {
    pieces.reduce(into: "") { id, piece in
      switch piece {
      case .group: id += edge.group
      case .edge: id += edge.edge
      case .device: id += device
      case .literal(let text): id += text
      }
    }
  }
}
