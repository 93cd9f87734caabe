import Foundation
import Processes
import Storage
import StoreReading
import Telemetry
import Testing
import TestSupport

/// Kills and messages; Scripts/kill-test sets larger ones.
private let kills = Int(ProcessInfo.processInfo.environment["KILL_TEST_KILLS"] ?? "") ?? 8
private let messages = Int(ProcessInfo.processInfo.environment["KILL_TEST_MESSAGES"] ?? "") ?? 4000
private let seed = UInt64(ProcessInfo.processInfo.environment["KILL_TEST_SEED"] ?? "") ?? UInt64(now())

@Suite("Killing the collector", .serialized) struct KillTests {
  @Test("No acknowledged message is lost and no figure changes, wherever the kill falls") func killed() throws
  {
    print("seed \(seed), \(kills) kills, \(messages) messages")
    var random = SeededGenerator(seed: seed)
    let broker = try MosquittoBroker()
    // Small windows, so that kills meet commits; the second collector is never disturbed.
    let victim = try Installation(window: "{ messages: 40, interval: 5ms }", broker: broker, name: "victim")
    let witness = try Installation(window: "{ messages: 40, interval: 5ms }", broker: broker, name: "witness")
    try witness.startCollector()
    try victim.startCollector()

    let start = now() - 3_600_000
    let publisher = try SteadyPublisher(port: broker.port, folder: victim.folder)
    var sent: Set<String> = []
    var atSync = 0
    var connections = 0
    /// Moments at which the victim did not run.
    var deaths: [Timestamp] = []
    let perRound = messages / (kills + 1)
    for round in 0...kills {
      let last = round == kills
      let batch = (round * perRound)..<(last ? messages : (round + 1) * perRound)
      for number in batch {
        // Forty machines, one message a second each, with states that change.
        let state = ["running", "running", "idle", "fault"][(number / 160) % 4]
        let payload =
          #"{"ts":\#(start + Int64(number / 40) * 1000),"state":"\#(state)","seq":\#(number / 40),"boot":"b","energy_kwh":\#(number)}"#
        sent.insert("\(number % 40) " + payload)
        publisher.send("factory/F001/W01/E\(number % 40)/status", payload)
        // Now and then a device goes and comes: the same two words again and again.
        if number % 20 == 0 {
          let word = number / 20 % 2 == 0 ? "online" : "offline"
          publisher.send("factory/F001/W01/E\(number / 40 % 4)/connection", word)
          connections += 1
        }
      }
      if last { break }
      if round % 2 == 0 {
        // Somewhere in this round's stream.
        let target = round * perRound + Int(random.next() % UInt64(max(1, perRound)))
        _ = waitUntil(20) { witness.journaledCount() >= target }
        victim.kill()
        deaths.append(Timestamp(milliseconds: now()))
      } else {
        // At one of the next times the journal is synchronized.
        atSync += 1
        victim.kill()
        let when = 3 + random.next() % 20
        try victim.startCollector(
          behind: [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
            "inject=fdatasync:signal=KILL:when=\(when)",
          ], awaitConnection: false)
        // Keep windows coming until the moment is reached.
        var probe = 0
        let ended = waitUntil(60) {
          publisher.send("factory/F001/W01/probe/status", "probe \(round) \(probe)")
          probe += 1
          return victim.waitForEnd(0.02)
        }
        #expect(ended, "the collector outlived a kill at fdatasync \(when)")
        deaths.append(Timestamp(milliseconds: now()))
      }
      try victim.startCollector()
    }
    try publisher.finish()

    let expected = sent.count
    let newest = Timestamp(milliseconds: start + Int64((messages - 1) / 40) * 1000)
    func isComplete(_ site: Installation) throws -> Bool {
      try site.stored.evidence().count { $0.readings?.last == newest } == 40
    }
    #expect(waitUntil(60) { (try? isComplete(victim)) == true && (try? isComplete(witness)) == true })
    try victim.stopCollector()
    try witness.stopCollector()

    let stored = try victim.journaledPayloads().filter { $0.hasPrefix("{") }
    #expect(Set(stored) == Set(sent.map { String($0.split(separator: " ", maxSplits: 1)[1]) }))
    #expect(try witness.journaledPayloads().filter { $0.hasPrefix("{") }.count == expected)
    print(
      "journaled \(stored.count), of them \(stored.count - expected) again after a kill; kills at fdatasync: \(atSync)"
    )

    // Everything figures are made of, receipts aside, is what the undisturbed collector has.
    let (found, undisturbed) = (try Remains(victim), try Remains(witness))
    #expect(found.lines == undisturbed.lines)
    #expect(found.waiting == 0 && undisturbed.waiting == 0)
    #expect(undisturbed.senders == 40)
    // A connection message has the time of its receipt: two of one kind received within a millisecond are one.
    let events = try witness.stored.sessionChanges(until: Timestamp(milliseconds: now()))
    #expect((1...connections).contains(events.count))
    #expect(found.refused == undisturbed.refused)
    // Each start after a kill begins a new observation: what lies between is blindness.
    #expect(deaths.count == kills)
    #expect(try #require(found.observation).number > kills)
    for death in deaths {
      let isBlind = found.observed.allSatisfy { death < $0.from || $0.until <= death }
      #expect(isBlind, "\(death.milliseconds) of \(found.observed)")
    }
    #expect(undisturbed.observation?.number == 1)
  }
}

/// Contents of a stopped collector's store, without times of receipt.
private struct Remains {
  /// Stretches, totals of days and live timelines by sender, and whether it was ever online and offline.
  let lines: [String]
  let senders: Int
  /// Days that wait for repair.
  let waiting: Int
  /// Refused messages.
  let refused: Int
  let observed: [(from: Timestamp, until: Timestamp)]
  /// The newest observation.
  let observation: ObservedStretch?

  init(_ site: Installation) throws {
    let stored = site.stored
    let overview = try stored.overview()
    waiting = overview.repairsPending
    observed = overview.observed
    refused = try stored.refusals().reduce(0) { $0 + $1.refusal.messages }
    let state = try site.claimed()
    observation = state.observation
    senders = state.senders.count
    var lines: [String] = []
    let days = try #require(try stored.days())
    for (sender, timeline) in zip(state.senders, state.timelines) {
      func add(_ line: String) { lines.append("\(sender.key) \(line)") }
      // The open stretch ends by a receipt, which differs between the two.
      for stretch in try stored.stretches(of: sender.key) where stretch.from != timeline.stretchStart {
        add(
          "\(stretch.from) \(stretch.last) \(String(describing: stretch.cut)) \(stretch.state) \(stretch.mode)"
        )
      }
      for number in days.lowerBound.number...days.upperBound.number {
        let day = CalendarDay(number: number)
        guard let totals = try stored.totals(of: sender.key, on: day) else { continue }
        add("\(day) \(Self.text(totals.numbers))")
      }
      add(
        "\(timeline.newest) \(timeline.stretchStart) \(timeline.state) \(String(describing: timeline.sequence))"
      )
      add(
        "\(String(describing: timeline.meters.energy)) \(timeline.day) \(Self.text(timeline.totals.numbers))")
      add("\(timeline.lastOnline != .distantPast) \(timeline.lastOffline != .distantPast)")
    }
    self.lines = lines.sorted()
  }

  private static func text(_ numbers: DayNumbers) -> String {
    let states = [EquipmentState.running, .idle, .fault].map { numbers.states[$0] }
    return "\(states) energy \(numbers.energy) readings \(numbers.readings) missing \(numbers.missing)"
  }
}

/// One mosquitto_pub that is fed lines, a topic at a time, at the pace the broker takes them.
private final class SteadyPublisher {
  private var processes: [String: (ChildProcess, FileHandle)] = [:]
  private let port: Int

  init(port: Int, folder: TemporaryDirectory) throws { self.port = port }

  func send(_ topic: String, _ payload: String) {
    if processes[topic] == nil {
      let pipe = Pipe()
      let process = try? start(
        "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-t", topic, "-l"],
        input: .descriptor(pipe.fileHandleForReading.fileDescriptor))
      guard let process else { return }
      processes[topic] = (process, pipe.fileHandleForWriting)
    }
    processes[topic]?.1.write(Data((payload + "\n").utf8))
  }

  /// Ends the publishers when the broker has acknowledged everything.
  func finish() throws {
    for (_, input) in processes.values { try input.close() }
    for (process, _) in processes.values where !waitUntil(60, { !process.isRunning }) {
      throw SupportError("mosquitto_pub did not end")
    }
  }

  deinit {
    for (process, _) in processes.values {
      process.send(SIGTERM)
      _ = process.wait(seconds: 10)
    }
  }
}
