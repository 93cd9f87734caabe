import Ingestion
import Testing

@Suite("Topic filters") struct TopicFilterTests {
  @Test(
    "match as MQTT 5.0, 4.7 says",
    arguments: [
      ("a/+/c", "a/b/c", true), ("a/+/c", "a/b/d", false), ("a/+", "a/b/c", false), ("a/#", "a", true),
      ("a/#", "a/b/c", true), ("#", "a/b", true), ("#", "$SYS/x", false), ("+/x", "$SYS/x", false),
      ("$SYS/#", "$SYS/x", true), ("a//c", "a//c", true), ("a/+/c", "a//c", true), ("a/b", "a/b/", false),
      ("a", "A", false), ("+", "", true), ("a/b/c", "a/b", false),
    ])
  func matches(filter: String, topic: String, expected: Bool) {
    var topic = topic
    let found = topic.withUTF8 { TopicFilter(filter).matches(UnsafeRawBufferPointer($0)) }
    #expect(found == expected)
  }
}
