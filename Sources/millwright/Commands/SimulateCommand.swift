import ArgumentParser
import Configuration
import Foundation
import MQTT
import Simulation
import Telemetry

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Publish the telemetry of a simulated district of factories.",
    discussion: """
      Generates factories and equipment from a seed and publishes their messages over MQTT: with shifts and \
      nights, faults, factories that lose their connection and return with a backlog, equipment that never \
      sends, unregistered senders, malformed payloads, duplicates, and wrong clocks. In F001 every machine is \
      automatic and networked; the last factory has no equipment. The same seed, start and sizes give the same \
      messages, byte for byte.

      Examples:
        millwright simulate --register-dir var/register --register-only
        millwright simulate --factories 12 --duration 0
        millwright simulate --backfill 2h --duration 0 --seed 7
      """)

  @OptionGroup(title: "District") var district: DistrictOptions
  @OptionGroup(title: "Time") var time: TimeOptions
  @OptionGroup(title: "Broker") var broker: BrokerOptions

  @Option(
    name: .long,
    help: "Write factories.csv and equipment.csv, for 'millwright register import', to DIRECTORY.")
  var registerDir: String?

  @Flag(name: .long, help: "Write the register and stop.")
  var registerOnly = false

  func validate() throws {
    if registerOnly, registerDir == nil { throw ValidationError("--register-only needs --register-dir") }
  }

  func run() throws {
    let now = InstantArgument.now
    let start = time.start?.instant ?? now - time.backfill.span
    let settings = SimulatedDistrict.Settings(
      seed: district.seed, factories: district.factories, equipment: district.equipment,
      interval: district.interval.span, start: start)
    let simulated = SimulatedDistrict(settings)
    if let registerDir {
      try write(simulated.factoriesCSV(), "factories.csv", in: registerDir)
      try write(simulated.equipmentCSV(), "equipment.csv", in: registerDir)
      if registerOnly { return }
    }
    var publication = try Publication(
      simulated, pace: time.pace(start: start), endpoint: broker.endpoint())
    try publication.run()
  }

  private func write(_ text: String, _ name: String, in directory: String) throws {
    try OutputFile.makeFolder(directory, option: "--register")
    try OutputFile.write(Data(text.utf8), to: "\(directory)/\(name)")
  }
}

/// The parameters of the simulated district.
struct DistrictOptions: ParsableArguments {
  @Option(name: .long, help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Factories in the district, 1 to 9999.")
  var factories = 179

  @Option(
    name: .long, help: "Production equipment per factory on average, 1 to 9999; about half of it sends.")
  var equipment = 50

  @Option(name: .long, help: "Time between two status messages of one equipment.")
  var interval = DurationArgument(span: .seconds(30))

  func validate() throws {
    guard (1...9999).contains(factories) else { throw ValidationError("--factories must be 1 to 9999") }
    guard (1...9999).contains(equipment) else { throw ValidationError("--equipment must be 1 to 9999") }
    guard interval.span >= .milliseconds(100), interval.span <= .days(1) else {
      throw ValidationError("--interval must be 100ms to 1d")
    }
  }
}

/// The simulated time, and its speed.
struct TimeOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Instant (RFC 3339) at which the simulated time begins (default: now, less --backfill).")
  var start: InstantOption?

  @Option(name: .long, help: "Simulated time to publish first, as fast as the broker accepts it.")
  var backfill = DurationArgument(span: .zero)

  @Option(name: .long, help: "Simulated time to publish after that, at --speed; 0: until stopped.")
  var duration = DurationArgument(span: .minutes(10))

  @Option(
    name: .long,
    help: """
      Simulated time per real time. Above 1, --start must be long enough ago; otherwise the messages lie in the \
      future and are rejected.
      """)
  var speed = 1.0

  func validate() throws {
    guard speed.isFinite, speed > 0, speed <= 100_000 else {
      throw ValidationError("--speed must be above 0 and at most 100000")
    }
  }

  func pace(start: Timestamp) -> Pace {
    let live = start + backfill.span
    return Pace(
      live: live, end: duration.span == .zero ? .distantFuture : live + duration.span, speed: speed)
  }
}

/// The broker to publish to.
struct BrokerOptions: ParsableArguments {
  @Option(name: .long, help: "Broker's name or address.")
  var host = "127.0.0.1"

  @Option(name: .long, help: "Broker's port.")
  var port = 1883

  @Option(name: .long, help: "User with the right to publish below factory/ for the whole district.")
  var username: String?

  @Option(name: .long, help: "File of mode 0600 with the password (or set MILLWRIGHT_MQTT_PASSWORD).")
  var passwordFile: String?

  @Option(
    name: .long,
    help:
      "PEM file of the authority that signed the broker's certificate; required unless the broker is on this machine."
  )
  var caFile: String?

  func endpoint() throws -> BrokerEndpoint {
    do throws(BrokerSessionError) {
      let variable = username == nil ? nil : ProcessInfo.processInfo.environment["MILLWRIGHT_MQTT_PASSWORD"]
      let endpoint = BrokerEndpoint(
        host: host, port: port, clientID: "millwright-simulate-\(getpid())", username: username,
        password: try passwordFile.map(BrokerEndpoint.password(fromFile:)) ?? variable,
        tls: caFile.map { TLSSettings(caFile: $0) })
      try endpoint.validate()
      return endpoint
    } catch {
      throw CommandFailure(.usage, error.description)
    }
  }
}

/// A duration on the command line, such as 30s or 2h.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
  var span: Span

  init(span: Span) { self.span = span }

  init?(argument: String) {
    guard let span = Units.span(argument) else { return nil }
    self.span = span
  }

  var description: String { Units.text(span) }
  var defaultValueDescription: String { description }
}

/// An instant on the command line.
struct InstantOption: ExpressibleByArgument {
  var instant: Timestamp

  init?(argument: String) {
    guard let instant = Timestamp(argument) else { return nil }
    self.instant = instant
  }
}
