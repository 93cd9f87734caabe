/// Which of a publisher's messages the broker has acknowledged.
struct Receipts {
  /// Numbers of the messages that wait for their PUBACK, by message id.
  private var waiting: [Int32: Int] = [:]
  private let keepsNumbers: Bool
  /// Messages the broker took.
  private(set) var accepted = 0
  /// Messages the broker acknowledged but refused (MQTT 5 reasons of 0x80 and above).
  private(set) var refused = 0
  /// Numbers of the messages the broker took, where they are kept.
  var acceptedNumbers: [Int] = []

  init(keepsNumbers: Bool) { self.keepsNumbers = keepsNumbers }

  /// Messages that wait for their PUBACK.
  var outstanding: Int { waiting.count }

  mutating func expect(messageID: Int32, number: Int) { waiting[messageID] = number }

  mutating func acknowledge(messageID: Int32, code: Int32) {
    guard let number = waiting.removeValue(forKey: messageID) else { return }
    if code >= 0x80 {
      refused += 1
    } else {
      accepted += 1
      if keepsNumbers { acceptedNumbers.append(number) }
    }
  }
}
