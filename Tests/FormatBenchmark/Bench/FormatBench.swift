import Foundation

/// Measures what decoding a message of each format costs, without transport and storage.
///
///     format-bench measure ROUNDS MESSAGES     nanoseconds a message by round, as a line of JSON for each format
///     format-bench decode NAME MESSAGES        only decodes, so that instructions can be counted
///     format-bench compare PAYLOADS            compares random Sparkplug payloads with swift-protobuf
@main enum FormatBench {
  static func main() {
    do { try run() } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let numbers = arguments.compactMap { Int($0) }
    switch (arguments.first, arguments.count, numbers.count) {
    case ("measure", 3, 2): try measure(rounds: numbers[0], messages: numbers[1])
    case ("decode", 3, 1):
      guard let subject = try Subject.all().first(where: { $0.name == arguments.dropFirst().first }) else {
        fallthrough
      }
      try subject.decode(numbers[0])
    case ("compare", 2, 1): exit(try PayloadComparison.run(payloads: numbers[0]))
    default:
      FileHandle.standardError.write(
        Data("usage: measure ROUNDS MESSAGES | decode NAME MESSAGES | compare PAYLOADS\n".utf8))
      exit(64)
    }
  }

  /// A line of the output.
  private struct Line: Encodable {
    var name: String
    var text: String
    /// Length of the first payload.
    var bytes: Int
    /// Nanoseconds a message, by round.
    var ours: [Double] = []
    var peer: String?
    var theirs: [Double] = []
    /// Maximum number of nanoseconds a message.
    var target: Double?
  }

  private static func measure(rounds: Int, messages: Int) throws {
    for subject in try Subject.all() {
      var line = Line(
        name: subject.name, text: subject.text, bytes: subject.messages[0].payload.count,
        peer: subject.peer?.name,
        target: subject.target)
      try subject.decode(max(1, messages / 10))
      for _ in 0..<rounds {
        line.ours.append(try nanoseconds(messages) { try subject.decode(messages) })
        guard let peer = subject.peer else { continue }
        line.theirs.append(try nanoseconds(messages) { try peer.decode(subject.messages, messages) })
      }
      print(String(decoding: try JSONEncoder().encode(line), as: UTF8.self))
    }
  }

  private static func nanoseconds(_ messages: Int, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    return (Double(duration.components.seconds) * 1e9 + Double(duration.components.attoseconds) / 1e9)
      / Double(max(1, messages))
  }
}

/// A benchmark cannot be run.
struct Failure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
