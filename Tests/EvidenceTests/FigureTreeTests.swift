import Evidence
import Foundation
import Testing

@Suite("Figures by name") struct FigureTreeTests {
  private func difference(_ a: String, _ b: String) throws -> String? {
    let (a, b) = (try #require(FigureReader.read(a)), try #require(FigureReader.read(b)))
    return FigureTree.difference(a, b).map { "\($0.path): \($0.stated), \($0.found)" }
  }

  @Test("Order, spaces and the spelling of texts do not matter") func equal() throws {
    #expect(
      try difference(
        #"{"a":1,"b":[true,null,"é\n"],"c":{}}"#,
        " { \"c\": {},\n\"b\" : [ true, null, \"\\u00e9\\u000A\" ], \"a\":1} ")
        == nil)
    #expect(try difference(#"["😀"]"#, #"["\ud83d\uDE00"]"#) == nil)
  }

  @Test(
    "The first difference is named with both values",
    arguments: [
      (#"{"m":{"n":1}}"#, #"{"m":{"n":2}}"#, "m.n: 1, 2"),
      (#"{"m":[1]}"#, #"{"m":[1,"x"]}"#, "m[1]: nothing, x"),
      (#"{"a":1}"#, #"{"a":true}"#, "a: 1, true"), (#"{"a":1}"#, #"{"a":1.0}"#, "a: 1, 1.0"),
      (#"{"a":"1"}"#, #"{"a":1}"#, "a: 1, 1"), (#"{"a":null}"#, #"{}"#, "a: nothing, nothing"),
      (#"{"a":{}}"#, #"{"a":3}"#, "a: something else, 3"),
    ])
  func different(a: String, b: String, words: String) throws {
    #expect(try difference(a, b) == words)
  }

  @Test(
    "What is no JSON, or has a name twice, is refused",
    arguments: [
      "", "{", "{\"a\":1,}", "[1,]", "[01]", "[1.]", "[.5]", "[1e]", "[+1]", "[nul]", "[\"\\x\"]",
      "[\"\\ud800\"]",
      "[\"\\u12\"]", "[\"\n\"]", "[\"a]", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":1}", "[1] 2", "[NaN]",
      String(repeating: "[", count: 100_000),
      String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
  func refused(text: String) {
    let isRead = FigureReader.read(text) != nil
    #expect(!isRead)
  }

  @Test("Documents are written as they were read, and with names in order") func written() throws {
    let tree = try #require(FigureReader.read("{ \"b\": [1.50, -2e3, \"\\u00e9\"], \"a\": { } }"))
    #expect(tree.compact == #"{"b":[1.50,-2e3,"\u00e9"],"a":{}}"#)
    #expect(tree.canonical == #"{"a":{},"b":[1.50,-2e3,"\u00e9"]}"#)
  }
}
