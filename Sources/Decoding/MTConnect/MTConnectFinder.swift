import CSimdjson
import Telemetry

/// Finds the observations in MTConnect streams documents in JSON, of version 2 and of version 1 of the agent's form:
///
///     {"MTConnectStreams":{"Header":{…},"Streams":{"DeviceStream":[{"name":…,"uuid":…,"ComponentStream":[
///       {"Events":{"Execution":[{"value":…,"timestamp":…,"sequence":…,"dataItemId":…}]},…}]}]}}}
///     {"MTConnectStreams":{"Header":{…},"Streams":[{"DeviceStream":{"name":…,"ComponentStreams":[{"ComponentStream":
///       {"Events":[{"Execution":{"value":…,"timestamp":…}}],…}}]}}]}}
///
/// In version 1, lists have an object around each element. An object in place of a list counts as its only element.
enum MTConnectFinder {
  /// Numbers of values of the document.
  enum Root {
    static let streams: Int32 = 0
    /// A document of another kind, such as MTConnectDevices.
    static let otherKind: Int32 = 1
    static let creationTime: Int32 = 2
    static let instance: Int32 = 3
    static let nextSequence: Int32 = 4
    static let lastSequence: Int32 = 5
  }

  /// Numbers of values of a device.
  enum Device {
    static let name: Int32 = 10
    static let uuid: Int32 = 11
  }

  /// Numbers of the names of observations, by category.
  enum Category {
    static let events: Int32 = 20
    static let samples: Int32 = 21
    static let conditions: Int32 = 22
  }

  /// Numbers of values of an observation.
  enum Observation {
    static let value: Int32 = 30
    static let timestamp: Int32 = 31
    static let sequence: Int32 = 32
    static let dataItem: Int32 = 33
    static let subtype: Int32 = 34
    static let nativeCode: Int32 = 35
    static let condition: Int32 = 36
    static let end: Int32 = 37

    static let keys: [(key: String, number: Int32)] = [
      ("value", value), ("timestamp", timestamp), ("sequence", sequence), ("dataItemId", dataItem),
      ("subType", subtype), ("nativeCode", nativeCode), ("conditionId", condition),
    ]
  }

  /// Number of records around the values of a device.
  static let deviceDepth = 2

  /// A finder for documents within `limits`. Throws ``StatusDecoder/OutOfMemory``.
  static func finder(limits: DecodingLimits) throws -> SharedJSONFinder {
    let finder = try JSONFinder(limits: limits)
    for key in ["MTConnectDevices", "MTConnectAssets", "MTConnectError", "Device"] {
      finder.want(try finder.node(keys: key, below: JSONFinder.root), as: Root.otherKind)
    }
    let document = try finder.node(keys: "MTConnectStreams", below: JSONFinder.root)
    finder.want(document, as: Root.streams)
    let header = try finder.node(keys: "Header", below: document)
    for (key, number) in [
      ("creationTime", Root.creationTime), ("instanceId", Root.instance),
      ("nextSequence", Root.nextSequence), ("lastSequence", Root.lastSequence),
    ] {
      finder.want(try finder.node(keys: key, below: header), as: number)
    }
    let streams = try finder.node(keys: "Streams", below: document)
    finder.markRecord(streams)
    let device = try finder.node(keys: "DeviceStream", below: streams)
    finder.markRecord(device)
    finder.want(try finder.node(keys: "name", below: device), as: Device.name)
    finder.want(try finder.node(keys: "uuid", below: device), as: Device.uuid)
    try Self.wantComponent(in: finder, try finder.node(keys: "ComponentStream", below: device))
    let components = try finder.node(keys: "ComponentStreams", below: device)
    finder.markRecord(components)
    try Self.wantComponent(in: finder, try finder.node(keys: "ComponentStream", below: components))
    return SharedJSONFinder(finder)
  }

  /// Wants the observations of a component.
  private static func wantComponent(in finder: borrowing JSONFinder, _ component: Int32) throws {
    finder.markRecord(component)
    let categories = [
      ("Events", Category.events), ("Samples", Category.samples), ("Condition", Category.conditions),
    ]
    for (key, number) in categories {
      let list = try finder.node(keys: key, below: component)
      finder.markRecord(list)
      let observation = try finder.anyNode(below: list, name: number)
      finder.markRecord(observation)
      for (key, number) in Observation.keys {
        finder.want(try finder.node(keys: key, below: observation), as: number)
      }
    }
  }
}
