import Listening
import Telemetry
import Testing

@Suite("Surveys of damaged messages") struct MutationTests {
  /// Numbers from a seed, the same in every run (SplitMix64).
  private struct Numbers {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }
  }

  private static func damaged(_ bytes: [UInt8], _ numbers: inout Numbers) -> [UInt8] {
    var bytes = bytes
    for _ in 0...numbers.next(below: 4) {
      guard !bytes.isEmpty else { return bytes }
      let place = numbers.next(below: bytes.count)
      switch numbers.next(below: 5) {
      case 0: bytes[place] = UInt8(numbers.next(below: 256))
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(contentsOf: Array("9223372036854775808e999".utf8), at: place)
      case 3: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }

  @Test("Every mutation of the golden messages is surveyed to the end, and each message is counted")
  func mutations() throws {
    for (number, name) in GoldenGuessTests.cases.enumerated() {
      var numbers = Numbers(state: UInt64(number))
      var messages: [HeardMessage] = []
      for message in try GoldenMessages(name).messages {
        for _ in 0..<8 {
          var copy = message
          copy.payload = Self.damaged(message.payload, &numbers)
          if numbers.next(below: 3) == 0 {
            copy.topic = Self.damaged(message.topic, &numbers).filter { $0 != 0 }
          }
          messages.append(copy)
        }
      }
      let survey = try Survey.of(messages)
      #expect(survey.topics.reduce(0) { $0 + $1.messages } == messages.count)
      #expect(survey.messages == messages.count)
      let again = try Survey.of(messages, sources: survey.proposals.map(\.source))
      #expect(again.messages == messages.count)
    }
  }
}
