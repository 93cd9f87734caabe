import Foundation
import Testing
import Threads

@Suite("Queue between two threads") struct BoundedQueueTests {
  @Test("Values arrive in their order, and the end after the last", arguments: [1, 3]) func order(limit: Int)
  {
    let queue = BoundedQueue<Int>(limit: limit)
    let thread = Thread {
      for number in 0..<1000 where !queue.send(number) { return }
      queue.end()
    }
    thread.start()
    var received: [Int] = []
    while let number = queue.receive() { received.append(number) }
    #expect(received == Array(0..<1000))
    #expect(queue.receive() == nil)
  }

  @Test("A sender whose receiver has gone is told so, and does not wait") func closed() {
    let queue = BoundedQueue<Int>(limit: 1)
    #expect(queue.send(1))
    queue.close()
    #expect(!queue.send(2))
    #expect(!queue.send(3))
  }

  @Test("A queue that still has values can be dropped") func dropped() {
    let queue = BoundedQueue<Int>(limit: 2)
    #expect(queue.send(1))
    #expect(queue.send(2))
  }
}
