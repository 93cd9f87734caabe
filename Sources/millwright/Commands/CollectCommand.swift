import ArgumentParser
import Configuration
import CProcessMemory
import Daemon
import Logging
import MQTT

struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Run the collector: receive, store, and only then acknowledge.",
    discussion: """
      Runs until SIGTERM or SIGINT, then finishes the batch, releases its acknowledgements and keeps the \
      session, so that the broker queues what is sent until the next start.

      SIGHUP has it read the configuration again. Sources, limits, retention, policies and the log's level change at \
      once, and the session stays; the log names what needs a restart. A configuration with a mistake changes nothing.

      Example:
        millwright collect --config Config/millwright.yaml
      """)

  @OptionGroup var storeOptions: StoreOptions

  @Option(name: .long, help: "Least severe level logged, instead of the configuration's.")
  var logLevel: Logger.Level?

  func run() throws {
    // Everything that can be wrong with the configuration is found before the store is touched.
    let (choice, chosen) = (storeOptions.choice, logLevel)
    let settings = try choice.collectorSettings()
    let level = LogLevel(settings.settings.log, chosen: chosen)
    let log = LogOutput.make(
      settings.settings.log, level: level, calendar: settings.settings.district.calendar)
    do {
      let collector = try Collector(
        settings, store: settings.settings.storeDirectory, log: log, version: Version.current)
      StopSignals.relay(stopping: { log.info("stopping", metadata: ["signal": "\($0)"]) }, to: collector.stop)
      {
        do throws(SettingsErrors) {
          let changed = try choice.collectorSettings()
          level.reload(changed.settings.log, chosen: chosen)
          collector.reload(changed)
        } catch {
          collector.keep(after: error)
        }
      }
      // Arrays that grow give back what they grew out of.
      process_memory_return_large_blocks()
      try collector.run()
    } catch let error as CollectorError {
      throw CommandFailure(error.exitStatus, error.description)
    }
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension CollectorError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    // A supervisor must not restart it into the same conflict.
    case .session(.settings, _), .session(.takenOver, _), .session(.contested, _): .configuration
    case .session(.system, _), .storeChanged: .unavailable
    }
  }
}
