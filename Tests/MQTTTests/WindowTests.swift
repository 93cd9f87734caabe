import MQTT
import Testing

@Suite("A window") struct WindowTests {
  @Test("gives back what was put in, byte for byte") func contents() {
    var window = Window(limits: WindowLimits(messages: 10, bytes: 1000))
    #expect(window.isEmpty == true)
    window.append("a/b", "one", at: 11, retained: false)
    window.append("c", "", at: 12, retained: true)
    window.append("d/é", "three", at: 13, retained: false)
    #expect(window.count == 3)
    #expect(window.byteCount == 3 + 3 + 1 + 0 + 4 + 5)
    #expect(Array(window.topic(0)) == Array("a/b".utf8))
    #expect(Array(window.payload(0)) == Array("one".utf8))
    #expect(Array(window.topic(1)) == Array("c".utf8))
    #expect(window.payload(1).count == 0)
    #expect(Array(window.topic(2)) == Array("d/é".utf8))
    #expect(Array(window.payload(2)) == Array("three".utf8))
    #expect((0..<3).map { window.receivedAt($0) } == [11, 12, 13])
    #expect((0..<3).map { window.retained($0) } == [false, true, false])
    window.clear()
    #expect(window.isEmpty == true)
    #expect(window.byteCount == 0)
  }

  @Test("is full at its count of messages") func fullByCount() {
    var window = Window(limits: WindowLimits(messages: 2, bytes: 1000))
    window.append("t", "x", at: 0, retained: false)
    #expect(window.isFull == false)
    window.append("t", "x", at: 0, retained: false)
    #expect(window.isFull == true)
    window.clear()
    #expect(window.isFull == false)
  }

  @Test("is full at its bytes, and still takes the message that crosses them") func fullByBytes() {
    var window = Window(limits: WindowLimits(messages: 100, bytes: 10))
    window.append("topic", "1234", at: 0, retained: false)
    #expect(window.byteCount == 9)
    #expect(window.isFull == false)
    let large = String(repeating: "L", count: 3_000_000)
    window.append("topic", large, at: 0, retained: false)
    #expect(window.isFull == true)
    #expect(window.payload(1).count == 3_000_000)
    #expect(window.payload(1).allSatisfy { $0 == UInt8(ascii: "L") })
    #expect(Array(window.payload(0)) == Array("1234".utf8))
  }

  @Test("takes more messages than its bound, as TLS may deliver them in one read") func beyondCount() {
    var window = Window(limits: WindowLimits(messages: 1, bytes: 1 << 20))
    for index in 0..<5000 { window.append("t/\(index)", "\(index)", at: Int64(index), retained: false) }
    #expect(window.count == 5000)
    #expect(Array(window.topic(4999)) == Array("t/4999".utf8))
    #expect(window.receivedAt(4999) == 4999)
  }

  @Test(
    "has readable padding behind its last payload, however the arena came to its size",
    arguments: [0, 1, 65_473, 65_536, 70_000])
  func padding(size: Int) {
    var window = Window(limits: WindowLimits(messages: 10, bytes: 1))
    window.append("t", String(repeating: "x", count: size), at: 0, retained: false)
    let payload = window.payload(0)
    let padded = UnsafeRawBufferPointer(
      start: payload.baseAddress, count: payload.count + Window.payloadPadding)
    #expect(padded.count == size + 64)
    #expect(padded.reduce(0) { $0 + Int($1) } == size * Int(UInt8(ascii: "x")))
  }
}

extension Window {
  mutating func append(_ topic: String, _ payload: String, at: Int64, retained: Bool) {
    Array(topic.utf8).withUnsafeBytes { topic in
      Array(payload.utf8).withUnsafeBytes { payload in
        append(topic: topic, payload: payload, receivedAt: at, retained: retained)
      }
    }
  }
}
