import CSimdjson
import Telemetry

/// Readings from a list of tags, each a name with a value.
extension MappedJSONReader {
  /// Values of one equipment, gathered from its tags.
  private struct Group {
    var equipment: UnsafeRawBufferPointer
    var workshop: UnsafeRawBufferPointer
    /// Place of its first value in the values of all groups.
    var first: Int
  }

  /// A tag's entries.
  private struct Tag {
    var name = FieldValue.null
    var value = FieldValue.null
    var quality = FieldValue.null
  }

  /// Appends the events of a document with tags.
  @inline(never)
  mutating func readTags(
    _ document: Entries, _ root: Values, _ memories: inout ReadingMemories, _ events: inout EventBuffer
  ) throws(Rejection) {
    guard let tags = plan.tags else { return }
    readRoot(document, root)
    var groups: [Group] = []
    var places: [UInt64: Int] = [:]
    var values: ContiguousArray<FieldValue> = []
    if !tags.pattern.hasEquipment {
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      groups.append(Group(equipment: none, workshop: none, first: 0))
      values.append(contentsOf: root)
    }
    forEachTag(of: tags, in: document) { tag in
      guard case .text(let name) = tag.name, let parts = tags.pattern.match(name),
        let field = program.tagFields[parts.field.fnv1a]
      else { return }
      var place = 0
      if tags.pattern.hasEquipment {
        let key = parts.equipment.fnv1a
        if let known = places[key] {
          place = known
        } else {
          guard groups.count < EventBuffer.mostEvents else { return }
          place = groups.count
          places[key] = place
          groups.append(Group(equipment: parts.equipment, workshop: parts.workshop, first: values.count))
          values.append(contentsOf: root)
        }
      }
      let isGood =
        tags.quality == nil || tag.quality.isNull || tags.goodWords.place(of: tag.quality) != nil
      values[groups[place].first + field] = isGood ? tag.value : .unreadable(.unspecified)
    }
    if groups.isEmpty, !plan.map.isByException { refuse(Rejection(.missingField, .path(plan.recordPath))) }
    try values.withUnsafeMutableBufferPointer { values throws(Rejection) in
      for group in groups {
        let own = Values(rebasing: values[group.first..<group.first + plan.map.fields.count])
        try add(group, own, &memories, &events)
      }
    }
  }

  private mutating func add(
    _ group: Group, _ values: Values, _ memories: inout ReadingMemories, _ events: inout EventBuffer
  ) throws(Rejection) {
    beginRecord(&events)
    do throws(Rejection) {
      guard !group.equipment.isEmpty else {
        let sender = try sender(values, &events)
        return try add(values, of: sender.reference, hash: sender.hash, &memories, &events)
      }
      let sender = try reference(
        String(decoding: group.equipment, as: UTF8.self), String(decoding: group.workshop, as: UTF8.self),
        plan.recordPath, &events)
      try add(values, of: sender.reference, hash: sender.hash, &memories, &events)
    } catch {
      if error.reason == .tooLarge { throw error }
      refuse(error)
    }
  }

  private func forEachTag(of tags: JSONPlan.Tags, in document: Entries, _ body: (Tag) -> Void) {
    var tag = Tag()
    for entry in document {
      switch entry.mark {
      case CSIMDJSON_FOUND_RECORD: tag = Tag()
      case CSIMDJSON_FOUND_END: body(tag)
      case CSIMDJSON_FOUND_NAME where entry.place == JSONPlan.tagNameNumber:
        tag.name = .text(UnsafeRawBufferPointer(start: entry.value.text, count: entry.value.length))
      case CSIMDJSON_FOUND_VALUE:
        switch entry.place {
        case JSONPlan.Mark.tagName: tag.name = entry.value.fieldValue
        case JSONPlan.Mark.tagQuality: tag.quality = entry.value.fieldValue
        case JSONPlan.Mark.tagValue:
          tag.value = entry.value.fieldValue
          // An object of tags has no records: each member is a tag.
          if tags.name == nil { body(tag) }
        default: break
        }
      default: break
      }
    }
  }
}
