/// Counts the messages that the broker has acknowledged and those that wait for it.
struct Receipts {
  /// Numbers of the messages that wait for their PUBACK, by message id.
  private var waiting: [Int32: Int] = [:]
  /// Numbers of messages that could not be sent.
  private var abandoned: [Int] = []
  private let keepsOutcomes: Bool
  /// Number of messages that the broker accepted.
  private(set) var accepted = 0
  /// Number of messages that the broker acknowledged but refused (MQTT 5 reasons of 0x80 and above).
  private(set) var refused = 0
  /// Numbers of answered messages with the reason code of the answer, until they are taken; empty unless they are
  /// kept.
  private(set) var outcomes: [(number: Int, code: Int32)] = []

  init(keepsOutcomes: Bool) { self.keepsOutcomes = keepsOutcomes }

  /// Number of messages that wait for their PUBACK.
  var outstanding: Int { waiting.count }

  mutating func expect(messageID: Int32, number: Int) { waiting[messageID] = number }

  mutating func acknowledge(messageID: Int32, code: Int32) {
    guard let number = waiting.removeValue(forKey: messageID) else { return }
    note(number, code: code)
  }

  /// Notes the answer to a message that needed no waiting.
  mutating func note(_ number: Int, code: Int32) {
    if code >= 0x80 { refused += 1 } else { accepted += 1 }
    if keepsOutcomes { outcomes.append((number, code)) }
  }

  mutating func takeOutcomes() -> [(number: Int, code: Int32)] {
    defer { outcomes.removeAll(keepingCapacity: true) }
    return outcomes
  }

  /// Notes that a message could not be sent.
  mutating func abandon(_ number: Int) { abandoned.append(number) }

  /// Forgets the messages that can no longer be answered; returns their numbers, ascending.
  mutating func giveUp() -> [Int] {
    defer {
      waiting.removeAll()
      abandoned.removeAll()
    }
    return (abandoned + waiting.values).sorted()
  }
}
