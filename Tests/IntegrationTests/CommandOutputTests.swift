import Foundation
import Processes
import SQLiteStore
import Telemetry
import TestSupport
import Testing

/// Every command of the program with arguments that make it print, on a store with closed days, a refused message and
/// a broker.
private final class EveryCommand {
  let whole: WholeStore
  private let broker: MosquittoBroker
  private let place: String

  init() throws {
    whole = try WholeStore()
    broker = try MosquittoBroker()
    try whole.folder.write(
      "calendar.csv",
      """
      factory_id,workshop,line,kind,from,to,weekdays,start,end,note
      F001,,,shift,2026-01-01,2026-12-31,1-5,08:00,20:00,day shift

      """)
    try whole.folder.write("password", "correct horse 9\n")
    try whole.folder.write("captured.txt", "factory/F001/W01/E1/connection online\n")
    try whole.folder.write(
      "alerts.yaml",
      """
      receivers: [{ name: topic, type: mqtt, topic: millwright/alerts }]
      rules: [{ name: gap, kind: observation_gap, for: 5m, receivers: topic }]

      """)
    let file = whole.folder.file("millwright.yaml")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try whole.folder.write(
      "millwright.yaml",
      text.replacing("host: 127.0.0.1", with: "host: 127.0.0.1, port: \(broker.port)")
        + "\nalerts: { rules_file: alerts.yaml, state_file: alerts.sqlite }\n")
    place = try Self.refuseMessage(in: whole)
  }

  /// Adds a message that is refused, and returns its place.
  private static func refuseMessage(in whole: WholeStore) throws -> String {
    let message = StoredMessage(place: "F001/W01/E1", payload: "{", received: Timestamp(milliseconds: now()))
    try StoredMessage.collect([message], into: StoreDirectory(whole.store))
    let listed = try whole.millwright(["quarantine", "list"]).output
    return String(try #require(listed.firstMatch(of: #/quarantine show (\d+/\d+)/#)?.output.1))
  }

  /// Arguments by command, in an order in which each can be run. `collect` is missing: it prints nothing.
  func cases(_ run: Int) -> [(command: String, arguments: [String])] {
    let folder = whole.folder.path
    let days = ["--from", "\(whole.first + 1)", "--to", "\(whole.first + 2)"]
    let register = ["\(folder)/equipment.csv", "--factories", "\(folder)/factories.csv"]
    let pack = "\(folder)/pack.zip"
    return [
      ("report", ["factory", "F001", "--period", "2024-10"]),
      ("report", ["factory", "F001", "--period", "2024-10", "--format", "csv"]),
      ("report", ["district", "--period", "2024-10", "--format", "csv", "--section", "factories"]),
      ("report", ["district", "--period", "2024-10", "--format", "csv-long"]), ("status", []),
      ("evidence create", ["factory", "F001"] + days + ["--output", pack]), ("evidence verify", [pack]),
      ("register import", register + ["--yes"]), ("register validate", register + ["--retire-missing"]),
      ("register list", []),
      ("register template", []),
      ("register show", ["F001/E1"]), ("register history", []), ("register diff", ["--from", "2024-01-01"]),
      ("register export", ["--equipment-only"]), ("calendar import", ["\(folder)/calendar.csv"]),
      ("calendar validate", ["\(folder)/calendar.csv"]), ("calendar show", ["F001"]),
      ("calendar history", []),
      ("policy list", []), ("policy show", ["full-coverage"]), ("form list", []),
      ("form show", ["sme-2024"]), ("quarantine list", []),
      ("quarantine show", [place]), ("quarantine retry", ["--dry-run"]), ("register map", ["--suggest"]),
      ("listen", ["--from", "\(folder)/captured.txt"]), ("journal verify", []), ("journal repair", []),
      ("store backup", ["\(folder)/copy\(run)"]), ("rebuild", []), ("rebuild", ["--verify"]),
      ("store moved", []), ("store new-id", []), ("alert list", []), ("alert test", ["topic"]),
      ("alert silence", ["gap", "--for", "1h", "--reason", "works"]),
      (
        "simulate",
        ["--factories", "1", "--equipment", "1", "--duration", "100ms", "--port", "\(broker.port)"]
      ),
      ("user add", ["boss", "--role", "district", "--password-stdin"]), ("user list", []),
      ("user password", ["boss", "--password-stdin"]), ("user token", ["boss"]), ("user disable", ["boss"]),
      ("user enable", ["boss"]), ("user remove", ["boss"]), ("serve", ["--listen", "127.0.0.1:0"]),
      ("help", ["report"]),
    ]
  }

  /// Runs the program with standard output on `output`; returns its end and what it says on standard error.
  func run(_ arguments: [String], output: ChildProcess.Stream) throws -> (
    end: ChildProcess.End?, errors: String
  ) {
    let errors = try whole.folder.write("errors", "")
    let takesConfiguration =
      !["help", "simulate"].contains(arguments.first ?? "")
      && !arguments.starts(with: ["evidence", "verify"]) && !arguments.starts(with: ["register", "template"])
    let process = try start(
      Installation.executable,
      arguments + (takesConfiguration ? ["--config", whole.folder.file("millwright.yaml")] : []),
      environment: ["LANG": "en_US.UTF-8"],
      input: arguments.contains("--password-stdin") ? .appending(to: whole.folder.file("password")) : .null,
      output: output, errors: .appending(to: errors))
    let end = process.wait(seconds: 60 * patience)
    if end == nil {
      process.send(SIGKILL)
      process.wait()
    }
    return (end, try String(contentsOfFile: errors, encoding: .utf8))
  }
}

@Suite("Output of every command", .serialized) struct CommandOutputTests {
  private struct Dump: Decodable {
    struct Command: Decodable {
      var commandName: String
      var subcommands: [Command]?
    }
    var command: Command
  }

  /// The program's commands by its own listing: those that do something, and all with those above them.
  private static func commands() throws -> (leaves: Set<String>, all: [String]) {
    let dump = try run(Installation.executable, ["--experimental-dump-help"])
    var leaves: Set<String> = []
    var all: [String] = []
    func visit(_ command: Dump.Command, _ path: [String]) {
      if !path.isEmpty { all.append(path.joined(separator: " ")) }
      let below = command.subcommands ?? []
      if below.isEmpty { leaves.insert(path.joined(separator: " ")) }
      for one in below { visit(one, path + [one.commandName]) }
    }
    visit(try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command, [])
    return (leaves, all)
  }

  @Test("Output that cannot be written is exit 74 in every command of the program") func fullDevice() throws {
    let every = try EveryCommand()
    let cases = every.cases(1)
    #expect(try Set(cases.map(\.command)).union(["collect"]) == Self.commands().leaves)
    for (command, arguments) in cases {
      let (end, errors) = try every.run(
        command.split(separator: " ").map(String.init) + arguments, output: .appending(to: "/dev/full"))
      #expect(end == .exited(74), "\(command): \(errors)")
      #expect(errors.contains("standard output: cannot be written"), "\(command): \(errors)")
    }
  }

  @Test("A reader that is gone ends every command without a complaint") func closedPipe() throws {
    let every = try EveryCommand()
    for (command, arguments) in every.cases(2) {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      close(ends[0])
      defer { close(ends[1]) }
      let (end, errors) = try every.run(
        command.split(separator: " ").map(String.init) + arguments, output: .descriptor(ends[1]))
      // Clients of MQTT and of HTTP and a server ignore the signal, and notice by the failure of writing.
      if ["simulate", "serve", "alert test"].contains(command) {
        #expect(end == .exited(74) && errors == "standard output: cannot be written\n", "\(errors)")
      } else {
        #expect(end == .signalled(SIGPIPE) && errors == "", "\(command): \(errors)")
      }
    }
  }

  @Test("Help that cannot be written is exit 74 for every command") func help() throws {
    let commands = try Self.commands().all
    #expect(commands.count > 30)
    for command in [""] + commands where command != "help" {
      let folder = try TemporaryDirectory("help")
      let errors = folder.file("errors")
      let process = try start(
        Installation.executable, command.split(separator: " ").map(String.init) + ["--help"],
        output: .appending(to: "/dev/full"), errors: .appending(to: errors))
      #expect(process.wait(seconds: 20 * patience) == .exited(74), "\(command)")
      #expect(
        try String(contentsOfFile: errors, encoding: .utf8) == "standard output: cannot be written\n",
        "\(command)")
    }
  }
}

@Suite("Control characters of the environment") struct EnvironmentTests {
  /// A colour, a window's title, a C1 control and a mark that reverses the reading direction.
  private static let hostile = "x\u{1B}[31m\u{1B}]0;t\u{7}\u{9B}2J\u{202E}"

  /// The scalars of a text that control a terminal or the order of its text.
  private func steering(_ text: String) -> [UInt32] {
    text.unicodeScalars.map(\.value).filter {
      $0 < 0x20 && $0 != 0x0A || (0x7F..<0xA0).contains($0) || $0 == 0x202E
    }
  }

  @Test(
    "They reach neither terminal nor log",
    arguments: [
      "MILLWRIGHT_STORE=sqlite:/dev/null/", "MILLWRIGHT_STORE=mem:", "MILLWRIGHT_MQTT_HOST=",
      "MILLWRIGHT_MQTT_PORT=", "MILLWRIGHT_MQTT_CLIENT_ID=", "MILLWRIGHT_MQTT_USERNAME=",
      "MILLWRIGHT_MQTT_PASSWORD_FILE=/", "MILLWRIGHT_LOG_LEVEL=", "MILLWRIGHT_DISTRICT_TIMEZONE=",
      "MILLWRIGHT_FOO", "TMPDIR=/dev/null/", "LANG=", "LC_ALL=zh", "PATH=/bin:/usr/bin:/", "HOME=/", "TERM=",
    ])
  func variables(_ assignment: String) throws {
    let desk = try RegisterDesk()
    try desk.importRegister(
      "equipment_id,factory_id\nE1,F001\n", factories: "factory_id\nF001\n", effective: "2024-01-01")
    let broker = try freePort()
    try desk.configure("mqtt: { port: \(broker) }")
    let parts = (assignment + Self.hostile).split(separator: "=", maxSplits: 1).map(String.init)
    let environment = [parts[0]: parts.count > 1 ? parts[1] : "x"]
    let equipment = try desk.folder.write("equipment.csv", "equipment_id,factory_id\nE1,F001\n")
    for command in [
      ["status"], ["report", "district"], ["register", "list"], ["register", "validate", equipment],
      ["register", "import", equipment, "--yes"], ["journal", "verify"], ["rebuild", "--verify"],
      ["store", "moved"],
    ] {
      let result = try run(
        Installation.executable, command + ["--config", desk.folder.file("store.yaml")],
        environment: environment)
      #expect(!result.isSignal, "\(command)")
      #expect(steering(result.output + result.errors) == [], "\(command): \(result.errors.debugDescription)")
    }
  }

  @Test("A store and a folder named with them are named without, in commands and in the collector's log")
  func paths() throws {
    let whole = try WholeStore()
    // The store's path is relative to the configuration's folder.
    let home = whole.folder.path + "/" + Self.hostile
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    for name in ["store", "millwright.yaml"] {
      #expect(rename(whole.folder.path + "/" + name, home + "/" + name) == 0)
    }
    let environment = ["MILLWRIGHT_MQTT_PORT": "\(try freePort())"]
    let configuration = ["--config", home + "/millwright.yaml"]
    let escaped = #"x\u{1B}[31m\u{1B}]0;t\u{7}\u{9B}2J\u{202E}"#
    for (command, status) in [
      (["store", "moved"], 0), (["store", "new-id"], 0),
      (["store", "backup", whole.folder.path + "/copy" + Self.hostile], 0),
      (
        [
          "report", "district", "--format", "text", "--output-dir", whole.folder.path + "/set" + Self.hostile,
        ], 0
      ),
      (
        [
          "evidence", "create", "factory", "F001", "--from", "\(whole.first + 1)", "--to",
          "\(whole.first + 2)",
          "--output", whole.folder.path + "/pack" + Self.hostile,
        ], 0
      ),
      (["report", "district", "--output", whole.folder.path + "/none/" + Self.hostile], 73),
      (["register", "import", whole.folder.path + "/" + Self.hostile + ".csv"], 66),
      (["store", "backup", whole.folder.path + "/copy" + Self.hostile], 69),
    ] as [([String], Int32)] {
      let result = try run(Installation.executable, command + configuration, environment: environment)
      #expect(result.status == status, "\(command): \(result.errors)")
      let text = result.output + result.errors
      #expect(steering(text) == [], "\(command): \(text.debugDescription)")
      #expect(text.contains(escaped), "\(command): \(text.debugDescription)")
    }
    let verified = try run(
      Installation.executable, ["rebuild", "--verify"] + configuration,
      environment: environment.merging(["TMPDIR": "/dev/null/" + Self.hostile]) { $1 })
    #expect(verified.status == 73 && steering(verified.output + verified.errors) == [])
    #expect(verified.errors.contains(escaped), "\(verified.errors.debugDescription)")
    let log = try whole.folder.write("log", "")
    let collector = try start(
      Installation.executable, ["collect"] + configuration, environment: environment,
      output: .appending(to: log), errors: .appending(to: log))
    #expect(
      waitUntil(30) {
        (try? String(contentsOfFile: log, encoding: .utf8))?.contains("cannot be reached") == true
      })
    collector.send(SIGTERM)
    #expect(collector.wait(seconds: 30 * patience) == .exited(0))
    let written = try String(contentsOfFile: log, encoding: .utf8)
    #expect(steering(written) == [], "\(written.debugDescription)")
    #expect(written.contains("collecting broker="))
  }
}
