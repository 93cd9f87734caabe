import Foundation
import MQTT
import Synchronization
import TestSupport
import Testing

/// The suites that need a broker or a scripted peer; one test at a time, since they time what they see.
@Suite(.serialized) struct OverTheWire {}

/// What a session's handler saw, readable from the test's thread.
final class Recorder: Sendable {
  struct Message: Equatable {
    var topic: String
    var payload: String
    var retained = false
  }
  struct State {
    var connected: [Bool] = []
    var messages: [Message] = []
    var windows: [Int] = []
    /// When each window was committed, in milliseconds of the wall clock, as `receivedAt` is.
    var committedAt: [Int64] = []
    var receivedAt: [Int64] = []
    var packetIDs: [UInt16] = []
    var reasons: [DisconnectReason] = []
    var commitsBegun = 0
    var ticks = 0
    var reloads = 0
    var outcomes: [Int: PublishOutcome] = [:]
    var subscribed: [[String]] = []
    var refused: [[RefusedFilter]] = []
    /// Filters that the handler does not use when they are granted.
    var declined: [String]?
    var unsubscribed: [[String]] = []
  }
  private let state = Mutex(State())

  var connected: [Bool] { state.withLock { $0.connected } }
  var messages: [Message] { state.withLock { $0.messages } }
  var payloads: [String] { messages.map(\.payload) }
  var count: Int { state.withLock { $0.messages.count } }
  var windows: [Int] { state.withLock { $0.windows } }
  var committedAt: [Int64] { state.withLock { $0.committedAt } }
  var receivedAt: [Int64] { state.withLock { $0.receivedAt } }
  var packetIDs: [UInt16] { state.withLock { $0.packetIDs } }
  var reasons: [DisconnectReason] { state.withLock { $0.reasons } }
  var commitsBegun: Int { state.withLock { $0.commitsBegun } }
  var ticks: Int { state.withLock { $0.ticks } }
  var reloads: Int { state.withLock { $0.reloads } }
  var outcomes: [Int: PublishOutcome] { state.withLock { $0.outcomes } }
  var subscribed: [[String]] { state.withLock { $0.subscribed } }
  var refused: [[RefusedFilter]] { state.withLock { $0.refused } }
  var unsubscribed: [[String]] { state.withLock { $0.unsubscribed } }

  func update(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
}

struct StoreFailure: Error, CustomStringConvertible { let description = "disk full" }

/// Keeps everything in memory; `beforeCommit` may block or throw, given the number of the commit from 0.
struct RecordingHandler: BrokerSessionHandler {
  let recorder: Recorder
  var beforeCommit: @Sendable (Int) throws -> Void = { _ in }
  /// Given the number of messages in the window.
  var awaitsMore: @Sendable (Int) -> Bool = { _ in false }

  /// Given the number of messages in the window of a lost connection.
  var drops: @Sendable (Int) -> Bool = { _ in false }

  mutating func awaitsMore(_ window: borrowing Window) -> Bool { awaitsMore(window.count) }
  mutating func drops(_ window: borrowing Window) -> Bool { drops(window.count) }

  mutating func connected(sessionPresent: Bool, at: Int64) {
    recorder.update { $0.connected.append(sessionPresent) }
  }

  mutating func commit(_ window: inout Window) throws {
    let number = recorder.commitsBegun
    recorder.update { $0.commitsBegun += 1 }
    try beforeCommit(number)
    var messages: [Recorder.Message] = []
    for index in 0..<window.count {
      messages.append(
        Recorder.Message(
          topic: String(decoding: window.topic(index), as: UTF8.self),
          payload: String(decoding: window.payload(index), as: UTF8.self), retained: window.retained(index)))
    }
    let times = (0..<window.count).map { window.receivedAt($0) }
    let packetIDs = (0..<window.count).map { window.packetID($0) }
    recorder.update {
      $0.messages += messages
      $0.packetIDs += packetIDs
      $0.receivedAt += times
      $0.windows.append(messages.count)
      $0.committedAt.append(Int64(Date().timeIntervalSince1970 * 1000))
    }
  }

  mutating func published(_ number: Int, _ outcome: PublishOutcome) {
    recorder.update { $0.outcomes[number] = outcome }
  }
  mutating func subscribed(_ filters: [String], at: Int64) -> Bool {
    var isUsed = true
    recorder.update {
      $0.subscribed.append(filters)
      isUsed = filters != $0.declined
    }
    return isUsed
  }
  mutating func refused(_ refusals: [RefusedFilter], of filters: [String]) {
    recorder.update { $0.refused.append(refusals) }
  }
  mutating func unsubscribed(_ filters: [String]) { recorder.update { $0.unsubscribed.append(filters) } }
  mutating func reload(now: Int64) { recorder.update { $0.reloads += 1 } }
  mutating func tick(now: Int64) { recorder.update { $0.ticks += 1 } }
  mutating func disconnected(reason: DisconnectReason, at: Int64) {
    recorder.update { $0.reasons.append(reason) }
  }
}

/// A session on a thread of its own, stopped when the last reference to it goes.
final class RunningSession {
  let recorder = Recorder()
  let mailbox: Mailbox
  private let outcome: Outcome

  private final class Outcome: Sendable {
    /// nil while running; then the error's text or an empty text.
    let ended = Mutex<String?>(nil)
  }

  init(
    _ settings: BrokerSettings, beforeCommit: @escaping @Sendable (Int) throws -> Void = { _ in },
    awaitsMore: @escaping @Sendable (Int) -> Bool = { _ in false },
    drops: @escaping @Sendable (Int) -> Bool = { _ in false }
  ) throws {
    let mailbox = try Mailbox()
    let outcome = Outcome()
    let recorder = recorder
    self.mailbox = mailbox
    self.outcome = outcome
    let thread = Thread {
      var handler = RecordingHandler(
        recorder: recorder, beforeCommit: beforeCommit, awaitsMore: awaitsMore, drops: drops)
      var failure = ""
      do throws(BrokerSessionError) {
        var session = try BrokerSession.open(settings: settings, mailbox: mailbox)
        try session.run(handler: &handler)
      } catch {
        failure = error.description
      }
      outcome.ended.withLock { $0 = failure }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  deinit { mailbox.stop() }

  /// What ended the session: nil while it runs, empty for a requested stop.
  var ended: String? { outcome.ended.withLock { $0 } }

  /// Asks it to stop and waits until it has.
  func stop() {
    mailbox.stop()
    #expect(waitUntil(20) { ended != nil }, "the session did not stop")
  }

  /// Asks it to stop and returns at once.
  func requestStop() { mailbox.stop() }
}

/// Opens once; threads may wait for that.
final class Gate: Sendable {
  private let opened = Atomic<Bool>(false)
  func open() { opened.store(true, ordering: .sequentiallyConsistent) }
  /// Bounded, so that a failing test ends.
  func wait() { _ = waitUntil(30) { opened.load(ordering: .sequentiallyConsistent) } }
  deinit { open() }
}

func settings(port: Int, clientID: String = "collector", filters: [String] = ["factory/#"], linger: Int64 = 0)
  -> BrokerSettings
{
  BrokerSettings(
    endpoint: BrokerEndpoint(port: port, clientID: clientID), subscriptions: filters,
    window: WindowLimits(linger: linger), backoff: Backoff(initial: 20, maximum: 100))
}

/// Publishes texts to a topic and waits until the broker has taken them.
func publish(_ payloads: [String], to topic: String = "factory/F1/status", port: Int, retained: Bool = false)
  throws
{
  var publisher = try Publisher.open(endpoint: BrokerEndpoint(port: port, clientID: "publisher"))
  try publisher.connect()
  for payload in payloads {
    try publisher.publish(topic: topic, payload: Array(payload.utf8), retained: retained)
  }
  try publisher.drain(milliseconds: 20_000)
  publisher.disconnect()
}
