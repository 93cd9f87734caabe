import Decoding
import Foundation
import Listening
import Telemetry
import Testing

/// The messages of the golden folders of DecodingTests, as a broker would send them.
struct GoldenMessages {
  let source: String
  let messages: [HeardMessage]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("DecodingTests/Golden")

  /// The names of all cases of a format, ascending.
  static func cases(of format: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(format).path).sorted()
  }

  init(_ name: String) throws {
    let folder = Self.folder.appendingPathComponent(name)
    source = try String(contentsOf: folder.appendingPathComponent("source.yaml"), encoding: .utf8)
    let file = folder.appendingPathComponent("messages.txt")
    if FileManager.default.fileExists(atPath: file.path) {
      messages = Self.messages(try String(contentsOf: file, encoding: .utf8))
      return
    }
    let topics = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".topic")
    }
    messages = try topics.sorted().compactMap { name in
      let heading = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      let payload = folder.appendingPathComponent("\(name.dropLast(6)).payload")
      guard heading != "restart\n" else { return nil }
      return Self.message(heading.split(separator: "\n")[0], Array(try Data(contentsOf: payload)))
    }
  }

  private static func message(_ heading: Substring, _ payload: [UInt8]) -> HeardMessage? {
    let parts = heading.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let received = Timestamp(parts[0]) else { return nil }
    return HeardMessage(topic: Array(parts[1].utf8), payload: payload, received: received)
  }

  private static func messages(_ text: String) -> [HeardMessage] {
    let chunks = ("\n" + text).components(separatedBy: "\n@ ").dropFirst()
    return chunks.compactMap { chunk in
      let lines = chunk.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      var payload = lines.count > 1 ? String(lines[1]) : ""
      while payload.hasSuffix("\n") { payload.removeLast() }
      return message(lines[0], Array(payload.utf8))
    }
  }
}

extension Survey {
  /// The survey of some messages with sources as present ones.
  static func of(
    _ messages: [HeardMessage], sources: [Source] = [], naming: Naming = .none
  ) throws -> Survey {
    var survey = try Survey(sources: sources, naming: naming)
    for message in messages { survey.hear(message) }
    try survey.finish()
    return survey
  }
}
