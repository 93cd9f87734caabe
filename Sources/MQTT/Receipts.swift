/// Which of a client's messages the broker has acknowledged.
struct Receipts {
  /// Numbers of the messages that wait for their PUBACK, by message id.
  private var waiting: [Int32: Int] = [:]
  /// Numbers of messages that could not be sent.
  private var abandoned: [Int] = []
  private let keepsOutcomes: Bool
  /// Messages the broker took.
  private(set) var accepted = 0
  /// Messages the broker acknowledged but refused (MQTT 5 reasons of 0x80 and above).
  private(set) var refused = 0
  /// Numbers of answered messages with the answer's reason code, where they are kept, until they are taken.
  private(set) var outcomes: [(number: Int, code: Int32)] = []

  init(keepsOutcomes: Bool) { self.keepsOutcomes = keepsOutcomes }

  /// Messages that wait for their PUBACK.
  var outstanding: Int { waiting.count }

  mutating func expect(messageID: Int32, number: Int) { waiting[messageID] = number }

  mutating func acknowledge(messageID: Int32, code: Int32) {
    guard let number = waiting.removeValue(forKey: messageID) else { return }
    note(number, code: code)
  }

  /// Notes the answer to a message that was not waited for.
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

  /// Forgets the messages whose answers can no longer come; returns their numbers, ascending.
  mutating func giveUp() -> [Int] {
    defer {
      waiting.removeAll()
      abandoned.removeAll()
    }
    return (abandoned + waiting.values).sorted()
  }
}
