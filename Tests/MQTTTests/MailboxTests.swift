import MQTT
import Testing

@Suite("A mailbox") struct MailboxTests {
  private func message(_ size: Int) throws -> OutgoingMessage {
    try #require(OutgoingMessage(topic: "t", payload: [UInt8](repeating: 1, count: size)))
  }

  @Test("numbers what it takes, and takes no more than 1,000 messages") func count() throws {
    let mailbox = try Mailbox()
    let message = try message(0)
    for number in 0..<1000 { #expect(mailbox.publish(message) == number) }
    #expect(mailbox.publish(message) == nil)
  }

  @Test("takes no more than 4 MiB") func bytes() throws {
    let mailbox = try Mailbox()
    let large = try message(1 << 20)
    #expect((0..<3).map { _ in mailbox.publish(large) } == [0, 1, 2])
    // With their topics, four would be four bytes too large.
    #expect(mailbox.publish(large) == nil)
    #expect(try mailbox.publish(message(100)) == 3)
  }

  @Test("takes from many threads, each message once") func threads() async throws {
    let mailbox = try Mailbox()
    let message = try message(1)
    let numbers: [Int] = await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 { group.addTask { (0..<100).compactMap { _ in mailbox.publish(message) } } }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(numbers.sorted() == Array(0..<800))
  }

  @Test("is asked to stop once and for all") func stop() throws {
    let mailbox = try Mailbox()
    #expect(mailbox.stopRequested == false)
    mailbox.stop()
    mailbox.stop()
    #expect(mailbox.stopRequested == true)
  }

  @Test(
    "Topics that no broker takes make no message",
    arguments: ["", "a/#", "a/+/b", "a\0b", String(repeating: "x", count: 65_536)])
  func topics(topic: String) { #expect(OutgoingMessage(topic: topic, payload: []) == nil) }

  @Test("Nor does a payload of more than 1 MiB") func payload() {
    #expect(OutgoingMessage(topic: "t", payload: [UInt8](repeating: 0, count: (1 << 20) + 1)) == nil)
    #expect(OutgoingMessage(topic: "t", payload: [UInt8](repeating: 0, count: 1 << 20)) != nil)
  }
}
