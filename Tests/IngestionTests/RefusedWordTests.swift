import Decoding
import Telemetry
import TestSupport
import Testing

@Suite("Words that are refused") struct RefusedWordTests {
  private static func observation(_ word: String) -> String {
    let header = #""Header":{"instanceId":1,"creationTime":"2026-11-22T00:10:00Z","nextSequence":4}"#
    let execution =
      #"{"value":"\#(word)","dataItemId":"exec","timestamp":"2026-11-22T00:09:30Z","sequence":3}"#
    let device = #"{"ComponentStream":[{"Events":{"Execution":[\#(execution)]}}],"name":"M1","uuid":"m-1"}"#
    return #"{"MTConnectStreams":{\#(header),"Streams":{"DeviceStream":[\#(device)]}}}"#
  }

  @Test("are shown for every format, wherever the payload has them") func shown() throws {
    let fixture = try FormatFixture([
      ["format": "sparkplug"],
      ["format": "mtconnect", "topic": "MTConnect/+/{equipment}", "factory": "F001"],
      [
        "format": "json", "preset": "neuron_tags", "topic": "neuron/{factory}/{workshop}",
        "state": ["map": ["1": "running"]],
      ],
      [
        "format": "json", "topic": "json/{factory}/{equipment}", "timestamp": "receipt",
        "state": ["at": "/a/s", "map": ["1": "running"]],
      ],
      [
        "format": "values", "topic": "plant/{factory}/{equipment}/{field}",
        "state": ["at": "state", "map": ["1": "running"]],
      ],
      [
        "format": "csv", "topic": "csv/{factory}/{equipment}", "columns": ["x", "state"],
        "timestamp": "receipt", "state": ["at": "state", "map": ["1": "running"]],
      ],
    ])
    try fixture.hears(
      [
        ("spBv1.0/F001/NBIRTH/E1", SparkplugMessage.payload(at: morning.milliseconds, seq: 0)),
        (
          "spBv1.0/F001/DBIRTH/E1/M1",
          SparkplugMessage.payload(
            at: morning.milliseconds, seq: 1, [SparkplugMessage.text("Status/State", alias: 1, "running")])
        ),
        (
          "spBv1.0/F001/DDATA/E1/M1",
          SparkplugMessage.payload(
            at: morning.milliseconds + 1, seq: 2, [SparkplugMessage.text(nil, alias: 1, "dreaming")])
        ),
      ], at: 1)
    try fixture.hears("MTConnect/Current/m-1", Self.observation("DREAMING"), at: 600)
    let tags = #"[{"name":"x","value":1},{"name":"state","value":7}]"#
    try fixture.hears(
      "neuron/F001/m2", #"{"timestamp":\#(morning.milliseconds),"node":"m2","tags":\#(tags)}"#, at: 601)
    try fixture.hears("json/F001/m3", #"{"s":"idle","a":{"s":"\#(Self.longWord)"}}"#, at: 602)
    try fixture.hears("plant/F001/m4/state", "off duty", at: 603)
    try fixture.hears("csv/F001/m5", "2,walking\n", at: 604)
    let rows = try fixture.stored.quarantined().map { "\($0.equipment) \($0.excerpt)" }.sorted()
    #expect(
      rows == [
        " 7", #"M1 "dreaming""#, #"m-1 "DREAMING""#, #"m3 "\#(String(repeating: "休", count: 20))""#,
        #"m4 "off duty""#, #"m5 "walking""#,
      ])
  }

  /// 66 bytes: only whole characters of its beginning are shown.
  private static let longWord = String(repeating: "休", count: 22)

  @Test("of a field named state get the remedy of its source") func named() throws {
    let fixture = try FormatFixture([
      [
        "format": "values", "topic": "plant/{factory}/{equipment}/{field}",
        "state": ["at": "state", "map": ["1": "running"]],
      ]
    ])
    try fixture.hears("plant/F001/m4/state", "2", at: 1)
    #expect(try fixture.stored.quarantined().map(\.detail) == ["field state"])
    #expect(RejectionDetail.shown("field state") == "state")
    #expect(RejectionDetail.shown("field speed") == "field speed")
    #expect(RejectionDetail.field("speed").description == "speed")
  }
}
