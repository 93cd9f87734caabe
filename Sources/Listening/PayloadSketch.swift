import Decoding
import Telemetry

/// Findings from samples of one form: fields, names of equipment, and the keys of a source that follow from the form.
struct PayloadSketch {
  var fields = FieldSamples()
  /// Keys of the source before the rules for values, in order.
  var keys: [SettingsTree.Entry] = []
  /// Equipment that payloads name, at most ``mostNames``.
  private(set) var equipment: [String] = []
  /// Whether payloads name the equipment, by one of ``keys`` or by the preset.
  var namesEquipment = false
  /// Path before the names of a preset's fields; nil if there is no preset that states them.
  var prefix: String?
  /// Whether the time is one of the fields.
  var hasTime = true
  /// The values of a time that stands apart from the fields.
  var times: [ScalarValue] = []

  static let mostNames = 64

  mutating func addEquipment(_ name: String) {
    if equipment.count < Self.mostNames, !equipment.contains(name) { equipment.append(name) }
  }

  mutating func set(_ key: String, _ value: SettingsTree) {
    keys.append(SettingsTree.Entry(key, value))
  }

  /// The sketch of samples of one form.
  init(_ form: PayloadForm, _ samples: [HeardMessage]) {
    let documents = samples.compactMap { JSONValue(document: $0.payload) }
    switch form {
    case .json(let preset?):
      set("preset", SettingsTree(.text(preset)))
      readPreset(preset, documents)
    case .json(nil): readPlain(documents)
    case .pubsub(let preset): readPubSub(preset, documents)
    case .values: readValues(samples)
    case .lineProtocol: readLines(samples)
    case .csv(let separator): readRows(samples, separator)
    case .status, .presence, .presenceWords, .sparkplug, .mtconnect: break
    case .empty, .unsampled, .text, .binary, .probe: break
    }
  }

  // MARK: Presets of JSON

  private mutating func readPreset(_ preset: String, _ documents: [JSONValue]) {
    switch preset {
    case "kepware": readKepware(documents)
    case "neuron", "neuron_tags":
      namesEquipment = true
      prefix = preset == "neuron" ? "/values/" : ""
      for document in documents {
        if let node = document["node"]?.text { addEquipment(node) }
        note(time: document["timestamp"])
        if let values = document["values"]?.members { fields.add(values, below: "/values/") }
        addTags(document["tags"], name: "name", value: "value")
      }
    case "telegraf": readTelegraf(documents)
    case "thingsboard", "thingsboard_gateway": readThingsBoard(documents)
    default:
      prefix = "/"
      for record in documents.flatMap({ $0.elements ?? [$0] }) {
        note(time: record["timestamp"])
        if let members = record.members { fields.add(members.filter { $0.key != "timestamp" }, below: "/") }
      }
    }
    hasTime = false
  }

  private mutating func note(time: JSONValue?) {
    if let value = time?.scalar, times.count < FieldSamples.mostValues { times.append(value) }
  }

  private mutating func addTags(_ tags: JSONValue?, name: String, value: String) {
    for tag in tags?.elements ?? [] {
      guard let id = tag[name]?.text, let found = tag[value] else { continue }
      if let scalar = found.scalar { fields.add(id, name: id, scalar) } else { fields.addList(id, name: id) }
    }
  }

  /// Tags such as Line1.CNC01.state: the last part is the field, the one before it the equipment.
  private mutating func readKepware(_ documents: [JSONValue]) {
    prefix = ""
    let tags = documents.flatMap { $0["values"]?.elements ?? [] }
    let ids = tags.compactMap { $0["id"]?.text }.filter { !$0.hasPrefix("_") }
    let parts = ids.map { $0.split(separator: ".").count }.max() ?? 3
    namesEquipment = parts >= 2
    if parts == 1 { set("tags", ["pattern": "{field}"]) }
    if parts == 2 { set("tags", ["pattern": "{equipment}.{field}"]) }
    for document in documents { note(time: document["timestamp"]) }
    for tag in tags {
      guard let id = tag["id"]?.text, !id.hasPrefix("_"), let value = tag["v"]?.scalar else { continue }
      let names = id.split(separator: ".", maxSplits: min(max(parts - 1, 0), 2)).map(String.init)
      guard names.count == min(parts, 3), let field = names.last else { continue }
      if names.count >= 2 { addEquipment(names[names.count - 2]) }
      fields.add(field, name: field, value)
    }
  }

  private mutating func readTelegraf(_ documents: [JSONValue]) {
    prefix = "/fields/"
    namesEquipment = true
    let metrics = documents.flatMap { $0["metrics"]?.elements ?? [$0] }
    let tags = metrics.flatMap { $0["tags"]?.members ?? [] }
    let tag = Self.nameKey(
      tags.map(\.key), FieldNames.equipment.filter { !["id", "name", "node"].contains($0) })
    if let tag, tag != "equipment" {
      set("equipment", SettingsTree(.text("/tags/" + FieldSamples.escaped(tag))))
    }
    var measurements: [String] = []
    var others: [String] = []
    for metric in metrics {
      let name = metric["name"]?.text ?? ""
      guard let tag, let equipment = metric["tags"]?[tag]?.text else {
        if !others.contains(name) { others.append(name) }
        continue
      }
      addEquipment(equipment)
      note(time: metric["timestamp"])
      if !measurements.contains(name) { measurements.append(name) }
      fields.add(metric["fields"]?.members ?? [], below: "/fields/")
    }
    if !others.isEmpty, measurements.count == 1 {
      set("only", ["/name": SettingsTree(.text(measurements[0]))])
    } else if !others.isEmpty, !measurements.isEmpty {
      set("only", ["/name": SettingsTree(.list(measurements.map { SettingsTree(.text($0)) }))])
    }
  }

  private mutating func readThingsBoard(_ documents: [JSONValue]) {
    let isGateway = keys.first?.value.text == "thingsboard_gateway"
    prefix = isGateway ? "/values/" : "/"
    namesEquipment = isGateway
    for document in documents {
      if isGateway {
        for member in document.members ?? [] {
          addEquipment(member.key)
          for record in member.value.elements ?? [] {
            note(time: record["ts"])
            fields.add(record["values"]?.members ?? [], below: "/values/")
          }
        }
      } else {
        for record in document.elements ?? [document] {
          note(time: record["ts"])
          fields.add(record["values"]?.members ?? record.members?.filter { $0.key != "ts" } ?? [], below: "/")
        }
      }
    }
  }

  // MARK: Other JSON

  private mutating func readPlain(_ documents: [JSONValue]) {
    var records = documents.flatMap { $0.elements ?? [$0] }
    if let list = Self.listOfRecords(documents) {
      set("each", SettingsTree(.text("/" + FieldSamples.escaped(list))))
      for record in records {
        for member in record.members ?? [] {
          if let value = member.value.scalar, FieldNames.time.contains(FieldNames.normal(member.key)) {
            fields.add("$/" + FieldSamples.escaped(member.key), name: member.key, value)
          }
        }
      }
      records = records.flatMap { $0[list]?.elements ?? [] }
    }
    for record in records { add(record, below: "/", level: 1) }
    let keys = records.first?.members?.map(\.key) ?? []
    guard let key = Self.nameKey(keys, FieldNames.equipment) else { return }
    let texts = records.compactMap { $0[key]?.scalar?.text }
    let names = texts.filter(\.isName)
    let isList = self.keys.contains { $0.key == "each" }
    hasRecords = isList || documents.contains { $0.elements != nil }
    guard !names.isEmpty, 2 * names.count >= texts.count, isList || names.contains(where: { Int($0) == nil })
    else {
      return
    }
    for name in names { addEquipment(name) }
    equipmentPath = "/" + FieldSamples.escaped(key)
    guard let workshop = Self.nameKey(keys, FieldNames.workshop) else { return }
    if Self.divides(records, key: key, by: workshop) { workshopPath = "/" + FieldSamples.escaped(workshop) }
  }

  /// Whether JSON messages are lists of records, or have one.
  private(set) var hasRecords = false
  /// The path of a field that names the equipment, to use unless the topic names it too.
  private(set) var equipmentPath: String?
  /// The path of a field beside it that tells machines with one name apart; nil if no name needs it.
  private(set) var workshopPath: String?

  private mutating func add(_ value: JSONValue, below path: String, level: Int) {
    guard let members = value.members, level <= 4 else { return }
    fields.add(members, below: path)
    for member in members where member.value.members != nil {
      add(member.value, below: path + FieldSamples.escaped(member.key) + "/", level: level + 1)
    }
  }

  // MARK: OPC UA PubSub

  private mutating func readPubSub(_ preset: String?, _ documents: [JSONValue]) {
    if let preset { set("preset", SettingsTree(.text(preset))) }
    hasTime = false
    var writers: [String] = []
    var numbers: [String] = []
    for document in documents {
      for message in PubSubSketch.messages(of: document) {
        if let name = message["DataSetWriterName"]?.text { writers.append(name) }
        if let number = message["DataSetWriterId"]?.scalar { numbers.append(number.text) }
        for field in PubSubSketch.fields(of: message) {
          if let value = PubSubSketch.value(of: field.value) {
            fields.add(field.key, name: String(field.key.split(separator: "=").last ?? ""), value)
          }
        }
      }
    }
    let part = !writers.isEmpty ? "DataSetWriterName" : !numbers.isEmpty ? "DataSetWriterId" : nil
    for name in writers.isEmpty ? numbers : writers { addEquipment(name) }
    equipmentPath = part
  }

  // MARK: Homely publishers

  private mutating func readValues(_ samples: [HeardMessage]) {
    hasTime = false
    for sample in samples {
      let topic = String(decoding: sample.topic, as: UTF8.self)
      guard let text = FormRecognition.text(sample.payload),
        let field = topic.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
      else { continue }
      fields.add(field, name: field, ScalarValue(plain: text.trimmedQuotes))
    }
  }

  private mutating func readLines(_ samples: [HeardMessage]) {
    hasTime = false
    let points = samples.compactMap { FormRecognition.text($0.payload).flatMap(LinePoints.init) }.flatMap(
      \.points)
    let names = FieldNames.equipment.filter { $0 != "id" && $0 != "name" }
    let tag = Self.nameKey(points.flatMap { $0.tags.map(\.name) }, names)
    if let tag {
      set("equipment", SettingsTree(.text(tag)))
      namesEquipment = true
    }
    for point in points {
      let equipment = tag.flatMap { tag in point.tags.first { $0.name == tag }?.value }
      if tag != nil, equipment == nil { continue }
      if let equipment { addEquipment(equipment) }
      for field in point.fields { fields.add(field.name, name: field.name, field.value) }
      if let time = point.time { times.append(.number(time)) }
    }
  }

  private mutating func readRows(_ samples: [HeardMessage], _ separator: String) {
    let rows = samples.compactMap { FormRecognition.text($0.payload) }.flatMap {
      CSVRows.rows($0, separator: separator)
    }
    let width = rows.first?.count ?? 0
    let (columns, areStated) = CSVRows.columns(of: rows.filter { $0.count == width })
    columnsAreGuessed = !areStated
    set("columns", SettingsTree(.list(columns.map { SettingsTree(.text($0)) })))
    if separator != "," { set("separator", SettingsTree(.text(separator))) }
    let name = Self.nameKey(columns, FieldNames.equipment)
    if let name {
      set("equipment", SettingsTree(.text(name)))
      namesEquipment = true
    }
    for row in rows where row.count == width && row != columns {
      for (column, cell) in zip(columns, row) where !cell.isEmpty {
        if column == name {
          addEquipment(cell)
        } else {
          fields.add(column, name: column, ScalarValue(plain: cell))
        }
      }
    }
  }

  /// Whether the names of the columns are guesses.
  private(set) var columnsAreGuessed = false
}

extension String {
  /// The text without quotes around it.
  fileprivate var trimmedQuotes: String {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
