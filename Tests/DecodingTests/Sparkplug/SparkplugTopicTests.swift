import Decoding
import Testing

@Suite("Sparkplug topics")
struct SparkplugTopicTests {
  /// Verb and names of a topic; nil if it is none.
  static func parsed(_ topic: String) -> [String]? {
    Array(topic.utf8).withUnsafeBytes { bytes in
      SparkplugTopic(bytes).map {
        ["\($0.verb.name)", $0.group.text(in: bytes), $0.edge.text(in: bytes), $0.device.text(in: bytes)]
      }
    }
  }

  @Test("Every verb is read with group, edge node and device")
  func verbs() {
    for verb in SparkplugVerb.allCases {
      let device = verb.isOfDevice ? "/压机 1" : ""
      let expected = ["\(verb.name)", "F001", "edge 1", verb.isOfDevice ? "压机 1" : ""]
      #expect(Self.parsed("spBv1.0/F001/\(verb.name)/edge 1\(device)") == expected)
    }
  }

  @Test(
    "Other topics are none",
    arguments: [
      "", "/", "spBv1.0", "spBv1.0/", "spBv1.0/STATE/millwright", "spBv1.0/F001/NBIRTH",
      "spBv1.0/F001/NBIRTH/",
      "spBv1.0/F001/NBIRTH/E/D", "spBv1.0/F001/NBIRTH/E/", "spBv1.0/F001/DBIRTH/E", "spBv1.0/F001/DBIRTH/E/",
      "spBv1.0/F001/DBIRTH/E/D/", "spBv1.0/F001/DBIRTH/E/D/X", "spBv1.0//NBIRTH/E", "spBv1.0/F001/DBIRTH//D",
      "spBv1.0/F001/nbirth/E", "spBv1.0/F001/XBIRTH/E", "spAv1.0/F001/NBIRTH/E", "spBv1.00/F001/NBIRTH/E",
      "/spBv1.0/F001/NBIRTH/E",
    ])
  func others(topic: String) { #expect(Self.parsed(topic) == nil) }

  @Test("A topic is at most as long as MQTT allows")
  func long() {
    let name = String(repeating: "x", count: 65_535 - "spBv1.0/G/NBIRTH/".utf8.count)
    #expect(Self.parsed("spBv1.0/G/NBIRTH/" + name) == ["NBIRTH", "G", name, ""])
    #expect(Self.parsed("spBv1.0/G/NBIRTH/x" + name) == nil)
  }

  @Test("Births, deaths and commands are told apart")
  func kinds() {
    #expect(SparkplugVerb.allCases.filter(\.isBirth) == [.nodeBirth, .deviceBirth])
    #expect(SparkplugVerb.allCases.filter(\.isDeath) == [.nodeDeath, .deviceDeath])
    #expect(SparkplugVerb.allCases.filter(\.isCommand) == [.nodeCommand, .deviceCommand])
    #expect(SparkplugVerb.allCases.count(where: \.isOfDevice) == 4)
  }
}
