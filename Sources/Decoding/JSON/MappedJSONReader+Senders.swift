import Telemetry

/// Finds the equipment that records name.
extension MappedJSONReader {
  /// The equipment of a record, with the hash of its name for a source that reports changes only.
  @inline(__always)
  func sender(
    _ values: Values, _ events: inout EventBuffer
  ) throws(Rejection) -> (reference: EventBuffer.Sender, hash: UInt64) {
    if !program.namesSender, equipment.isEmpty {
      let hash = program.isByException ? message.equipmentHash : 0
      return (.ofTopic, hash)
    }
    return try namedSender(values, &events)
  }

  @inline(never)
  private func namedSender(
    _ values: Values, _ events: inout EventBuffer
  ) throws(Rejection) -> (reference: EventBuffer.Sender, hash: UInt64) {
    var workshopName = String(decoding: workshop, as: UTF8.self)
    if let field = plan.workshop, let name = try name(values, field) { workshopName = name }
    var equipmentName = String(decoding: equipment, as: UTF8.self)
    if let field = plan.equipment {
      guard let name = try name(values, field) else {
        throw Rejection(.missingField, .field(plan.map.fields[field]))
      }
      equipmentName = name
    } else if equipmentName.isEmpty {
      equipmentName = message.levels.equipment.text(in: message.topic)
    }
    let path = plan.equipment.map { plan.map.fields[$0] } ?? plan.recordPath
    return try reference(equipmentName, workshopName, path, &events)
  }

  /// The reference to equipment that the payload names at `path`.
  func reference(
    _ equipment: String, _ workshop: String, _ path: String, _ events: inout EventBuffer
  ) throws(Rejection) -> (reference: EventBuffer.Sender, hash: UInt64) {
    if program.isByException {
      return try events.hashedSender(equipment: equipment, workshop: workshop, namedBy: .field(path))
    }
    return (try events.sender(equipment: equipment, workshop: workshop, namedBy: .field(path)), 0)
  }

  /// The name that a field states: text or a whole number; nil if it is missing.
  private func name(_ values: Values, _ field: Int) throws(Rejection) -> String? {
    switch values[field] {
    case .null: return nil
    case .text(let text): return String(decoding: text.trimmed, as: UTF8.self)
    case .integer(let number): return String(number)
    default: throw Rejection(.malformed, .field(plan.map.fields[field]), .notAnID)
    }
  }
}

extension JSONPlan {
  /// The path of records, or of tags, as written.
  var recordPath: String {
    (tags?.path ?? record).map { part in
      switch part {
      case .key(let key): "/\(key)"
      case .any: "/*"
      case .name(let name): "/{\(name.rawValue)}"
      }
    }.joined()
  }
}
