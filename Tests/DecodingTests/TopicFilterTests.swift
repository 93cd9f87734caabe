import Decoding
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

  /// All filters of at most three levels, and the topics of at most four: a filter that covers no other one misses one
  /// of them. `c` stands for a name that no filter has.
  private static func texts(_ names: [String], levels: Int) -> [String] {
    var (texts, longest) = (names, names)
    for _ in 1..<levels {
      longest = longest.flatMap { text in names.map { "\(text)/\($0)" } }
      texts += longest
    }
    return texts
  }

  @Test("A filter covers another one if, and only if, it matches all topics of it") func covers() {
    let names = ["a", "b", "$s", "", "+"]
    let filters =
      Self.texts(names, levels: 3) + ["#"] + Self.texts(names, levels: 2).map { "\($0)/#" }
    let topics = Self.texts(["a", "b", "c", "$s", ""], levels: 4)
    #expect((filters.count, topics.count) == (186, 780))
    let parsed = filters.map { TopicFilter($0) }
    let matched = parsed.map { filter in
      Set(
        topics.indices.filter { index in
          var topic = topics[index]
          return topic.withUTF8 { filter.matches(UnsafeRawBufferPointer($0)) }
        })
    }
    var wrong: [String] = []
    for (one, filter) in parsed.enumerated() {
      for (other, covered) in parsed.enumerated()
      where filter.covers(covered) != matched[other].isSubset(of: matched[one]) {
        wrong.append("\(filters[one]) \(filters[other])")
      }
    }
    #expect(wrong == [])
  }

  @Test(
    "A shared subscription covers nothing and is not covered",
    arguments: [
      ("$share/g/a/#", "$share/g/a/b"), ("$share/g/a", "$share/g/a"), ("$share/g/#", "a"),
      ("#", "$share/g/a"),
    ])
  func shared(filter: String, other: String) {
    #expect(!TopicFilter(filter).covers(TopicFilter(other)))
  }

  @Test("A text is a filter if its wildcards are whole levels and # is the last one")
  func form() {
    for text in ["#", "+", "a/#", "+/b/+", "/", "a b/车间", "$share/g/a/#"] {
      #expect(TopicFilter.isFilter(text), "\(text)")
    }
    for text in ["", "a/#/b", "a#", "a/b+", "++", "#/"] { #expect(!TopicFilter.isFilter(text), "\(text)") }
  }
}
