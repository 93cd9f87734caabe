import Daemon
import MQTT
import SQLiteStore
import Storage
import Testing
import TestSupport

@Suite("The record of a session's filters") struct SubscriptionRecordTests {
  private let folder: TemporaryDirectory
  private var store: StoreDirectory { StoreDirectory(folder.path) }

  init() throws { folder = try TemporaryDirectory("subscriptions") }

  @Test("A former filter is not granted any more before it is unsubscribed: the broker may remove it unheard")
  func former() throws {
    try store.keep([SessionFilter("old/#", isGranted: true), SessionFilter("kept/#", isGranted: true)])
    var record = try SubscriptionRecord(store, current: ["kept/#"])
    #expect(record.granted == ["old/#", "kept/#"])
    try record.begin()
    try record.grant(["kept/#"])
    #expect(
      try store.sessionFilters() == [
        SessionFilter("old/#", isGranted: false), SessionFilter("kept/#", isGranted: true),
      ])
    // A crash here, and a configuration that has the filter again.
    let next = try SubscriptionRecord(store, current: ["kept/#", "old/#"])
    #expect(next.granted == ["kept/#"])
  }

  @Test("A window is ahead of the grant if it has a message of a requested filter and of none in effect")
  func ahead() throws {
    let record = try SubscriptionRecord(store, current: ["a/#", "b/+/x"])
    func isAhead(_ topics: String..., requesting requested: [String]) -> Bool {
      var window = Window()
      for topic in topics {
        Array(topic.utf8).withUnsafeBytes {
          window.append(
            topic: $0, payload: UnsafeRawBufferPointer(start: nil, count: 0), receivedAt: 1, retained: false)
        }
      }
      return record.isAhead(of: requested, window)
    }
    #expect(isAhead("a/1", "c/1", requesting: ["a/#", "c/#"]))
    #expect(!isAhead("a/1", requesting: ["a/#", "c/#"]))
    #expect(!isAhead("b/1/x", requesting: ["b/#"]))
    #expect(isAhead("b/1/y", requesting: ["b/#"]))
    #expect(!isAhead("d/1", requesting: ["a/#", "c/#"]))
    #expect(!isAhead("c/1", requesting: ["a/#"]))
  }

  @Test("A filter that is requested again while its removal is confirmed is recorded as not granted")
  func requestedAgain() throws {
    var record = try SubscriptionRecord(store, current: ["a/#", "b/#"])
    try record.begin()
    try record.grant(["a/#", "b/#"])
    try record.request(["b/#"])
    record.use(["b/#"])
    try record.grant(["b/#"])
    try record.request(["a/#", "b/#"])
    try record.forget([])
    #expect(
      try store.sessionFilters() == [
        SessionFilter("a/#", isGranted: false), SessionFilter("b/#", isGranted: true),
      ])
    record.use(["a/#", "b/#"])
    try record.grant(["a/#", "b/#"])
    #expect(try store.sessionFilters().allSatisfy(\.isGranted))
    #expect(record.former.isEmpty)
  }

  @Test(
    "A session that the broker made anew has no filters until they are granted, also for the next process")
  func madeAnew() throws {
    var record = try SubscriptionRecord(store, current: ["a/#"])
    try record.begin()
    try record.grant(["a/#"])
    try record.revoke()
    // The process ends before the broker's SUBACK.
    var next = try SubscriptionRecord(store, current: ["a/#"])
    #expect(next.granted == [])
    #expect(try store.sessionFilters() == [SessionFilter("a/#", isGranted: false)])
    try next.begin()
    try next.grant(["a/#"])
    #expect(try SubscriptionRecord(store, current: ["a/#"]).granted == ["a/#"])
  }
}
