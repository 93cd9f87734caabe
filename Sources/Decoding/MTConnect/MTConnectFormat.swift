import Telemetry

extension SourceFormat {
  /// Streams documents of MTConnect agents in JSON.
  static let mtconnect = SourceFormat("mtconnect", equipmentKeys: ["equipment"], defaults: vocabulary) {
    section, limits, problems in
    let parts: [(word: String, value: MTConnectDecoder.EquipmentRule)] = [("name", .name), ("uuid", .uuid)]
    let equipment = section.word("equipment", among: parts, &problems)
    var reader = ReadingMapReader(
      fieldForm: "a type such as Execution or PartCount.GOOD, or # and the id of a data item", hasTime: false
    ) { $0 != "#" }
    guard var map = reader.map(from: &section, &problems), let limits else { return nil }
    map.isByException = true
    // The time stands apart from the values, and conditions that are alarms apart from those that decide the state. So
    // both have numbers of their own even if a field has this name.
    map.fields.append("timestamp")
    map.time = ReadingMap.Time(field: map.fields.count - 1, rule: TimeRule())
    if let alarms = map.alarms, map.decidesState(alarms) {
      map.fields.append(map.fields[alarms])
      map.alarms = map.fields.count - 1
    }
    return try MTConnectDecoder(map, equipment: equipment, factory: section.ownFactory(), limits: limits)
  }

  /// The meaning of the standard's types and words. A machine that executes is running; one that does not and has an
  /// active condition of level fault is in fault. Semi-automatic is not automatic.
  private static let vocabulary: SettingsTree = [
    "state": [
      ["when": ["Execution": "ACTIVE"], "is": "running"],
      ["when": ["Fault": "1"], "is": "fault"],
      ["when": ["Execution": ["INTERRUPTED", "FEED_HOLD", "STOPPED"]], "is": "stopped"],
      [
        "when": [
          "Execution": [
            "READY", "WAIT", "PROGRAM_COMPLETED", "PROGRAM_STOPPED", "OPTIONAL_STOP", "PROGRAM_OPTIONAL_STOP",
          ]
        ], "is": "idle",
      ],
    ],
    "mode": [
      "at": "ControllerMode",
      "map": [
        "AUTOMATIC": "automatic", "SEMI_AUTOMATIC": "manual", "MANUAL": "manual",
        "MANUAL_DATA_INPUT": "manual", "EDIT": "manual",
      ],
    ],
    "counters": [
      "energy_kwh": ["at": "ElectricalEnergy", "unit": "Ws"], "good": ["at": "PartCount.GOOD"],
      "total": ["at": "PartCount"],
    ],
    "alarms": "Condition",
  ]
}
