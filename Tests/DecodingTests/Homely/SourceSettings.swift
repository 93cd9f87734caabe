import Decoding
import Testing

/// The problems of a source, each with its place in the text.
func problems(_ yaml: String) throws -> [String] {
  var problems: [SettingsProblem] = []
  let source = SourceFormats.source(try PlainYAML.tree(yaml), name: "sources[0]", &problems)
  #expect((source == nil) == !problems.isEmpty)
  return problems.map { "\($0.place.line):\($0.place.column) \($0.message)" }
}

/// The lines of golden messages: what each of `messages` gives by a source.
func lines(_ yaml: String, _ messages: [(topic: String, payload: String)]) throws -> [String] {
  var reader = try GoldenReader(source: yaml)
  for message in messages {
    var golden = GoldenMessage(heading: "2026-11-22T00:00:00Z \(message.topic)")
    golden.payload = Array(message.payload.utf8)
    try reader.take(golden)
  }
  return reader.lines
}
