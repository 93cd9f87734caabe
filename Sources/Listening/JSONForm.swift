/// Recognises the publishers whose JSON has a known form, by the keys that their messages always have.
enum JSONForm {
  /// The form of a document.
  static func form(of document: JSONValue) -> PayloadForm {
    if document["MTConnectStreams"]?.members != nil { return .mtconnect }
    if isPubSub(document) {
      return .pubsub(preset: hasMachineryState(document) ? "machinery" : nil)
    }
    let preset = preset(of: document)
    if preset == nil, PubSubSketch.areWrapped(document) { return .pubsub(preset: nil) }
    return .json(preset: preset)
  }

  /// The name of the preset; nil if there is none.
  private static func preset(of document: JSONValue) -> String? {
    if isKepware(document) { return "kepware" }
    if document["node"]?.text != nil, document["timestamp"]?.isNumber == true {
      if document["values"]?.members != nil { return "neuron" }
      if isTags(document["tags"]) { return "neuron_tags" }
    }
    if isMetric(document) || document["metrics"]?.elements?.first.map(isMetric) == true { return "telegraf" }
    if isTimedValues(document) || document.elements?.first.map(isTimedValues) == true { return "thingsboard" }
    if isGateway(document) { return "thingsboard_gateway" }
    let record = document.elements?.first { $0.members != nil } ?? document
    return isNodeRED(record) ? "node_red" : nil
  }

  private static func isKepware(_ document: JSONValue) -> Bool {
    guard document["timestamp"]?.isNumber == true, let tags = document["values"]?.elements else {
      return false
    }
    return tags.allSatisfy { $0["id"]?.text != nil && $0["v"] != nil }
  }

  private static func isTags(_ tags: JSONValue?) -> Bool {
    guard let tags = tags?.elements else { return false }
    return tags.allSatisfy { $0["name"]?.text != nil }
  }

  private static func isMetric(_ document: JSONValue) -> Bool {
    document["fields"]?.members != nil && document["tags"]?.members != nil && document["name"]?.text != nil
  }

  private static func isTimedValues(_ document: JSONValue) -> Bool {
    document["ts"]?.isNumber == true && document["values"]?.members != nil
  }

  private static func isGateway(_ document: JSONValue) -> Bool {
    guard let members = document.members, !members.isEmpty else { return false }
    return members.allSatisfy { member in
      guard let elements = member.value.elements, !elements.isEmpty else { return false }
      return elements.allSatisfy { $0["values"]?.members != nil }
    }
  }

  /// Whether a record has its state, and its time if there is one, where the preset has them.
  private static func isNodeRED(_ record: JSONValue) -> Bool {
    guard record["state"]?.scalar != nil, let members = record.members else { return false }
    if let time = record["timestamp"] { return time.scalar != nil }
    return !members.contains { FieldNames.time.contains(FieldNames.normal($0.key)) }
  }

  // MARK: OPC UA PubSub

  private static func isPubSub(_ document: JSONValue) -> Bool {
    if let type = document["MessageType"]?.text, type.hasPrefix("ua-") { return true }
    let message = document.elements?.first ?? document
    let hasPayload = (message["Payload"] ?? message["payload"])?.members != nil
    return hasPayload
      && ["DataSetWriterId", "DataSetWriterName", "Timestamp", "MessageType", "SequenceNumber"].contains {
        message[$0] != nil
      }
  }

  private static func hasMachineryState(_ document: JSONValue) -> Bool {
    PubSubSketch.messages(of: document).contains { message in
      PubSubSketch.fields(of: message).contains { $0.key == "MachineryItemState" }
    }
  }
}

/// The parts of OPC UA PubSub messages in JSON (OPC 10000-14, 7.2.5).
enum PubSubSketch {
  /// The data-set messages of a document.
  static func messages(of document: JSONValue) -> [JSONValue] {
    if let messages = document["Messages"] { return messages.elements ?? [messages] }
    return document.elements ?? [document]
  }

  /// The fields of a data-set message, or the members of one without a header.
  static func fields(of message: JSONValue) -> [JSONValue.Member] {
    (message["Payload"] ?? message["payload"])?.members ?? message.members ?? []
  }

  /// A field's value without its status and times; nil if it has no scalar.
  static func value(of field: JSONValue) -> ScalarValue? {
    if let scalar = field.scalar { return scalar }
    for key in ["Value", "Body", "Text"] {
      if let inner = field[key] { return value(of: inner) }
    }
    return nil
  }

  /// Whether the members of a document are values with times or status codes.
  static func areWrapped(_ document: JSONValue) -> Bool {
    guard let members = document.members, !members.isEmpty else { return false }
    return members.contains { member in
      member.value["Value"] != nil
        && ["SourceTimestamp", "StatusCode", "ServerTimestamp"].contains { member.value[$0] != nil }
    }
  }
}
