import Decoding
import Foundation
import Telemetry
import TestSupport
import Testing

@Suite("Mutated payloads")
struct MutationTests {
  /// Pieces that steer mutations to where parsers differ.
  static let pieces: [[UInt8]] = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "1e", "1e400", "-0", ".5",
    "18446744073709551616", "\"ts\":", "\"state\":", "\u{FEFF}", "é", "{\"a\":[", "]}",
  ].map { Array($0.utf8) }

  /// One to four random edits of `bytes`.
  static func mutated(_ bytes: [UInt8], by random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let at = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where !bytes.isEmpty: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
      case 1 where !bytes.isEmpty: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2 where !bytes.isEmpty:
        bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...12, using: &random)))
      case 3: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)], at: at)
      case 4 where !bytes.isEmpty:
        let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
        bytes.insert(contentsOf: Array(bytes[at..<end]), at: Int.random(in: 0...bytes.count, using: &random))
      default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: at)
      }
    }
    return bytes
  }

  /// Whether a number may be out of Foundation's range: it has an exponent, or more than 18 digits.
  private static func hasLongNumber(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains(/[0-9][eE]|[0-9]{19,}/)
  }

  @Test(
    "200,000 mutations of the sample decode or are refused, alike in place and copied, and touch nothing else"
  )
  func mutations() throws {
    let seed: UInt64 = 0x5EED_2026_1122
    print("mutations of the status sample with seed \(seed)")
    var random = SeededGenerator(seed: seed)
    var decoder = try StatusDecoder()
    let memory = try GuardedMemory(capacity: 1 << 14)
    let topic = Array(sampleTopic.utf8)
    let levels = try topic.withUnsafeBytes { try #require(try TopicTemplate(sampleTemplate).match($0)) }

    var decoded = 0
    var refused: [RejectionReason: Int] = [:]
    var differing: [[UInt8]] = []
    var disputed: [[UInt8]] = []
    for _ in 0..<200_000 {
      let bytes = Self.mutated(Array(sample.utf8), by: &random)
      var outcomes: [Outcome] = []
      for (spare, padded) in [(StatusDecoder.padding, true), (0, false)] {
        outcomes.append(
          memory.with(bytes, spare: spare) { payload in
            topic.withUnsafeBytes { topic in
              do throws(Rejection) {
                return .reading(
                  try decoder.decode(
                    payload: payload, padded: padded, topic: topic, levels: levels, receivedAt: sampleReceipt)
                )
              } catch { return .rejected(error) }
            }
          })
      }
      if outcomes[0] != outcomes[1] { differing.append(bytes) }
      switch outcomes[0] {
      case .reading:
        decoded += 1
        // Another parser must accept every decoded document as JSON, except for NULs after it and numbers out of that
        // parser's range.
        let document = Array(bytes.reversed().drop { $0 == 0 }.reversed())
        if !Self.hasLongNumber(bytes),
          (try? JSONSerialization.jsonObject(with: Data(document))) == nil
        {
          disputed.append(bytes)
        }
      case .rejected(let rejection): refused[rejection.reason, default: 0] += 1
      }
    }
    #expect(differing == [])
    #expect(disputed.map { String(decoding: $0, as: UTF8.self) } == [])
    #expect(decoded + refused.values.reduce(0, +) == 200_000)
    // The mutations reach past the parser into the fields.
    #expect(decoded > 1_000)
    for reason in [
      RejectionReason.malformed, .missingField, .unknownState, .invalidTimestamp, .future,
      .tooLate,
    ] {
      #expect(refused[reason, default: 0] > 0, "\(reason.name)")
    }
  }
}
