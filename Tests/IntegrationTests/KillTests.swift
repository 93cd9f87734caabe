import Foundation
import Processes
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
      }
      try victim.startCollector()
    }
    try publisher.finish()

    let expected = sent.count
    func isComplete(_ site: Installation) throws -> Bool {
      try site.views("SELECT COUNT(*) FROM live WHERE newest = \(start + Int64((messages - 1) / 40) * 1000)")
        == "40\n"
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
    let order = "JOIN equipment ON equipment.number = "
    for query in [
      "SELECT equipment.equipment, start, last, cut, state, mode FROM interval \(order)interval.equipment ORDER BY 1, 2",
      "SELECT equipment.equipment, newest, stretch_start, state, sequence, energy_meter, day, running, idle, fault, energy, readings, missing FROM live \(order)live.equipment ORDER BY 1",
      "SELECT equipment.equipment, day, running, idle, fault, energy, readings, missing FROM day_total \(order)day_total.equipment ORDER BY 1, 2",
      "SELECT DISTINCT equipment.equipment, presence FROM session_event \(order)session_event.equipment ORDER BY 1, 2",
      "SELECT COUNT(*) FROM repair",
    ] {
      let (found, expected) = (try victim.views(query), try witness.views(query))
      #expect(found == expected, "\(query)")
    }
    #expect(try witness.views("SELECT COUNT(*) FROM live") == "40\n")
    // A connection message has the time of its receipt: two of one kind received within a millisecond are one.
    let events = try #require(
      Int(try witness.views("SELECT COUNT(*) FROM session_event").trimmingCharacters(in: .newlines)))
    #expect((1...connections).contains(events))
    let probes = try Int(
      victim.views("SELECT SUM(messages) FROM rejection").trimmingCharacters(in: .newlines))
    let witnessed = try Int(
      witness.views("SELECT SUM(messages) FROM rejection").trimmingCharacters(in: .newlines))
    #expect(probes == witnessed)
    // Each start after a kill begins a new observation: what lies between is blindness.
    let gaps = try victim.views(
      "SELECT COUNT(*) FROM observation a JOIN observation b ON b.number = a.number + 1 WHERE b.start > a.through"
    )
    #expect(Int(gaps.trimmingCharacters(in: .newlines)) ?? 0 >= kills)
    #expect(try witness.views("SELECT COUNT(*) FROM observation") == "1\n")
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
