import ArgumentParser
import Foundation
import Reporting
import Storage
import Telemetry

struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "What was refused, and why.",
    subcommands: [QuarantineListCommand.self, QuarantineShowCommand.self],
    defaultSubcommand: QuarantineListCommand.self)
}

struct QuarantineListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Counts by reason, and the newest refused messages.",
    discussion: """
      Example:
        millwright quarantine list --factory F001 --reason malformed
      """)

  @Option(name: .long, help: "Only this factory's messages.")
  var factory: String?

  @Option(name: .long, help: "Only messages refused for this reason.")
  var reason: String?

  @Option(name: .long, help: "How many messages to list.")
  var limit = 20

  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let settings = try storeOptions.settings()
    var wanted: RejectionReason?
    if let reason {
      wanted = RejectionReason.allCases.first { $0.name == reason }
      guard wanted != nil else {
        let names = RejectionReason.allCases.map(\.name).joined(separator: ", ")
        throw CommandFailure(.usage, "--reason: '\(reason)' is not one of \(names)")
      }
    }
    let quarantine = try QuarantineReader(settings.storeDirectory)
    let counts = try quarantine.counts(factory: factory)
    let total = counts.reduce(0) { $0 + $1.messages }
    print("\(total) \(total == 1 ? "message" : "messages") in quarantine")
    for (reason, messages) in counts { print("\(reason.name.padded(to: 20))\(messages)") }
    let newest = try quarantine.newest(max(0, limit), factory: factory, reason: wanted)
    if !newest.isEmpty { print("\nnewest first (show one with 'millwright quarantine show BLOCK/RECORD'):") }
    let calendar = settings.district.calendar
    for message in newest {
      let place = "\(message.block)/\(message.record)".padded(to: 12)
      let time = message.received.rfc3339(offset: calendar.offset(at: message.received))
      let why = message.detail.isEmpty ? message.reason.name : "\(message.reason.name) (\(message.detail))"
      let times = message.messages > 1 ? "  × \(message.messages)" : ""
      print("\(place) \(time)  \(why)\(times)  \(String(decoding: message.topic, as: UTF8.self).inert)")
      print("             \(String(decoding: message.preview, as: UTF8.self).inert.truncated(to: 100))")
    }
  }
}

struct QuarantineShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One refused message, whole, as the journal has it.",
    discussion: """
      Example:
        millwright quarantine show 17/3
      """)

  @Argument(help: "BLOCK/RECORD as 'quarantine list' prints it.")
  var place: String

  @OptionGroup var storeOptions: StoreOptions

  func run() throws {
    let parts = place.split(separator: "/").map { Int64($0) }
    guard parts.count == 2, let block = parts[0], let record = parts[1] else {
      throw CommandFailure(.usage, "'\(place)' is not BLOCK/RECORD")
    }
    let settings = try storeOptions.settings()
    let quarantine = try QuarantineReader(settings.storeDirectory)
    guard let (message, payload) = try quarantine.message(block: block, record: Int(record)) else {
      throw CommandFailure(
        .noInput, "no refused message \(place), or the journal no longer reaches back to it")
    }
    let time = message.received.rfc3339(offset: settings.district.calendar.offset(at: message.received))
    print("received  \(time)")
    print("reason    \(message.reason.name)\(message.detail.isEmpty ? "" : " (\(message.detail))")")
    print("topic     \(String(decoding: message.topic, as: UTF8.self).inert)")
    print("payload   \(message.payloadBytes) bytes")
    print(String(decoding: payload, as: UTF8.self).inert)
  }
}
