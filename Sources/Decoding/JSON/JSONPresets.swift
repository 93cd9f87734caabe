/// Settings of publishers whose messages have a known form. The names of fields that a user chooses in the publisher
/// (tags, keys of values) are those of the native status message; a source can replace each of them.
enum JSONPresets {
  static let all: [SettingsPreset] = [
    SettingsPreset("kepware", kepware), SettingsPreset("neuron", neuron),
    SettingsPreset("neuron_tags", neuronTags), SettingsPreset("node_red", nodeRED),
    SettingsPreset("telegraf", telegraf), SettingsPreset("thingsboard", thingsBoard),
    SettingsPreset("thingsboard_gateway", thingsBoardGateway),
  ]

  /// The standard template of the IoT Gateway of KEPServerEX and Kepware Edge: a list of changed tags named
  /// channel.device.tag.
  private static let kepware = fields(below: "").completed(by: [
    "timestamp": ["at": "/timestamp"],
    "tags": [
      "at": "/values", "name": "/id", "value": "/v", "quality": "/q", "pattern": "*.{equipment}.{field}",
    ],
    "changes_only": "true",
  ])

  /// EMQX Neuron, values format: a group's values by tag. The node in the south is the equipment.
  private static let neuron = fields(below: "/values/").completed(by: [
    "timestamp": ["at": "/timestamp"], "equipment": "/node",
  ])

  /// EMQX Neuron, tags format: a group's values as a list.
  private static let neuronTags = fields(below: "").completed(by: [
    "timestamp": ["at": "/timestamp"], "equipment": "/node",
    "tags": ["at": "/tags", "name": "/name", "value": "/value"],
  ])

  /// An object, or a batch of objects, that a Node-RED flow makes.
  private static let nodeRED = fields(below: "/").completed(by: [
    "timestamp": ["at": "/timestamp", "otherwise": "receipt"]
  ])

  /// Telegraf's JSON: a metric, or a batch of metrics. Tags name equipment and workshop.
  private static let telegraf = fields(below: "/fields/").completed(by: [
    "timestamp": ["at": "/timestamp", "unit": "s"], "each": "/metrics", "equipment": "/tags/equipment",
    "workshop": "/tags/workshop",
  ])

  /// The telemetry of a device in ThingsBoard's form: values, values with a time, or a list of values with times.
  private static let thingsBoard = fields(below: "/").completed(by: [
    "timestamp": ["at": "$/ts", "otherwise": "receipt"], "each": "/values",
  ])

  /// A gateway's telemetry for ThingsBoard: lists of values with times, by the name of the device.
  private static let thingsBoardGateway = fields(below: "/values/").completed(by: [
    "timestamp": ["at": "/ts", "otherwise": "receipt"], "each": "/{equipment}",
  ])

  /// The fields of a native status message below a path.
  private static func fields(below path: String) -> SettingsTree {
    func field(_ name: String) -> SettingsTree { SettingsTree(.text(path + name)) }
    return [
      "state": ["at": field("state")], "mode": ["at": field("mode")], "alarms": field("alarms"),
      "counters": [
        "energy_kwh": ["at": field("energy_kwh")], "good": ["at": field("good")],
        "total": ["at": field("total")],
      ],
    ]
  }
}
