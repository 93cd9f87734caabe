import CSimdjson
import Telemetry

/// Finds the parts of OPC UA PubSub messages in JSON (OPC 10000-14, 7.2.5), whatever headers they have:
///
///     {"MessageType":"ua-data","PublisherId":…,"Messages":[{"DataSetWriterName":…,"Timestamp":…,"Payload":{…}}]}
///
/// `Messages` is a list or one data-set message. Without a network header, the document is a data-set message or a list
/// of them; without a data-set header, the members of an object are the fields.
enum PubSubFinder {
  /// Numbers of the parts of a header, from the number of its level on.
  enum Header {
    static let messageType: Int32 = 0
    static let publisherID: Int32 = 1
    static let writerGroupName: Int32 = 2
    static let writerName: Int32 = 3
    static let writerID: Int32 = 4
    static let timestamp: Int32 = 5
    static let status: Int32 = 6
    static let statusCode: Int32 = 7
    static let payload: Int32 = 8
    static let messages: Int32 = 9
    static let count: Int32 = 10
  }

  /// Numbers of the parts of a field, from the number of its list on. The field itself is a value, a variant (`Type`
  /// and `Body`, or `UaType` and `Value`), a text with its locale, or a value with status and times.
  enum Field {
    static let own: Int32 = 0
    static let value: Int32 = 1
    static let valueBody: Int32 = 2
    static let valueValue: Int32 = 3
    static let valueText: Int32 = 4
    static let body: Int32 = 5
    static let bodyText: Int32 = 6
    static let text: Int32 = 7
    static let valueBodyText: Int32 = 8
    static let valueValueText: Int32 = 9
    static let status: Int32 = 10
    static let statusCode: Int32 = 11
    static let sourceTimestamp: Int32 = 12
    static let count: Int32 = 13
    /// Paths below a field, by these numbers.
    static let paths: [(keys: [String], number: Int32)] = [
      (["Value"], value), (["Value", "Body"], valueBody), (["Value", "Value"], valueValue),
      (["Value", "Text"], valueText), (["Body"], body), (["Body", "Text"], bodyText), (["Text"], text),
      (["Value", "Body", "Text"], valueBodyText), (["Value", "Value", "Text"], valueValueText),
      (["StatusCode"], status), (["StatusCode", "Code"], statusCode), (["Status"], status),
      (["Status", "Code"], statusCode), (["SourceTimestamp"], sourceTimestamp),
    ]
  }

  /// Paths in a header, by the numbers of their parts.
  static let headerKeys: [(keys: [String], number: Int32)] = [
    (["MessageType"], Header.messageType), (["PublisherId"], Header.publisherID),
    (["WriterGroupName"], Header.writerGroupName), (["DataSetWriterName"], Header.writerName),
    (["DataSetWriterId"], Header.writerID), (["Timestamp"], Header.timestamp), (["Status"], Header.status),
    (["Status", "Code"], Header.statusCode),
  ]

  /// Number of the network message's level, and of the level of the messages in it.
  static let network: Int32 = 0
  static let message: Int32 = 100
  /// Numbers of fields in a payload, and of fields without a header around them, from the number of a level on.
  static let payloadFields: Int32 = 20
  static let bareFields: Int32 = 40

  /// A finder for documents within `limits`. Throws ``StatusDecoder/OutOfMemory``.
  static func finder(limits: DecodingLimits) throws -> SharedJSONFinder {
    let finder = try JSONFinder(limits: limits)
    try Self.want(in: finder, below: JSONFinder.root, Self.network)
    let messages = try finder.node(keys: "Messages", below: JSONFinder.root)
    finder.want(messages, as: Self.network + Header.messages)
    finder.markRecord(messages)
    try Self.want(in: finder, below: messages, Self.message)
    return SharedJSONFinder(finder)
  }

  /// Wants the parts of a network message or data-set message.
  private static func want(in finder: borrowing JSONFinder, below node: Int32, _ level: Int32) throws {
    for (keys, number) in headerKeys {
      finder.want(try finder.node(keys.map(JSONPath.Part.key), below: node), as: level + number)
    }
    // An early broker of Microsoft writes the key in lower case.
    for key in ["Payload", "payload"] {
      let payload = try finder.node(keys: key, below: node)
      finder.want(payload, as: level + Header.payload)
      try wantField(in: finder, try finder.tagNode(below: payload), level + payloadFields)
    }
    try wantField(in: finder, try finder.tagNode(below: node), level + bareFields)
  }

  private static func wantField(in finder: borrowing JSONFinder, _ field: Int32, _ number: Int32) throws {
    finder.want(field, as: number + Field.own)
    for (keys, part) in Field.paths {
      finder.want(try finder.node(keys.map(JSONPath.Part.key), below: field), as: number + part)
    }
  }
}
