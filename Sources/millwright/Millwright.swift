import ArgumentParser
import Foundation
import Storage

@main
struct Millwright: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millwright",
    abstract:
      "Collects equipment telemetry over MQTT and reports automation ratios that stand up to an audit.",
    version: Version.current,
    subcommands: [
      CollectCommand.self, StatusCommand.self, ReportCommand.self, RegisterCommand.self, CalendarCommand.self,
      PolicyCommand.self,
      QuarantineCommand.self,
      JournalCommand.self, RebuildCommand.self, EvidenceCommand.self,
      SimulateCommand.self,
    ])

  /// Runs the command; a failure becomes one clear message and its exit code.
  static func main() {
    // What is written is for the owner and the group, never for everyone.
    umask(0o027)
    do {
      var command = try parseAsRoot()
      try command.run()
      fflush(nil)
    } catch let failure as CommandFailure {
      end(failure)
    } catch let errors as SettingsErrors {
      end(CommandFailure(errors.isMissingFile ? .noInput : .configuration, errors.description))
    } catch let error as StoreError {
      end(CommandFailure(error.exitStatus, error.description))
    } catch {
      exit(withError: error)
    }
  }

  private static func end(_ failure: CommandFailure) -> Never {
    fflush(nil)
    printError(failure.message)
    Foundation.exit(failure.status.rawValue)
  }
}

extension StoreError {
  /// The exit code of a command that met this.
  var exitStatus: ExitStatus {
    switch kind {
    case .locked: .tryAgain
    case .missing: .noInput
    case .refused, .removed: .unavailable
    case .corrupt: .badData
    case .io: .io
    }
  }
}

/// The version that `--version`, reports and logs state.
enum Version {
  static let current = "0.1.0"
}
