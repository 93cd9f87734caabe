import Access
import ArgumentParser
import Configuration
import CProcessMemory
import Foundation
import Journal

@main
struct Millwright: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millwright",
    abstract:
      "Collects equipment telemetry over MQTT and reports auditable automation ratios.",
    version: Version.current,
    subcommands: [
      CollectCommand.self, StatusCommand.self, ReportCommand.self, RegisterCommand.self, CalendarCommand.self,
      PolicyCommand.self, FormCommand.self,
      QuarantineCommand.self,
      JournalCommand.self, StoreCommand.self, RebuildCommand.self, EvidenceCommand.self,
      ListenCommand.self, ServeCommand.self, AlertCommand.self, UserCommand.self, SimulateCommand.self,
    ])

  /// Runs the command. A failure gives one message and its exit code.
  static func main() {
    // Files are for the owner and the group, never for everyone.
    umask(0o027)
    // A limit on the size of files is reported as an error, like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
      endOutput(status: 0)
    } catch let failure as CommandFailure {
      end(failure)
    } catch let errors as SettingsErrors {
      end(
        CommandFailure(
          errors.isMissingFile ? .noInput : .configuration, errors.description, errors.chineseDescription))
    } catch let error as AccessError {
      end(CommandFailure(error.exitStatus, error.english, error.chinese))
    } catch let error as StoreError {
      end(CommandFailure(error.exitStatus, error.description, error.chineseDescription))
    } catch {
      // Help and the version go to standard output, errors to standard error.
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess { print(text) } else if !text.isEmpty { printError(text) }
      endOutput(status: code.rawValue)
    }
  }

  /// Ends the process after flushing standard output; exits with 74 if output could not be written, also where the
  /// status is a verdict (`status`, `register diff --exit-code`), because the output that explains it is lost.
  private static func endOutput(status: Int32) -> Never {
    if flush_standard_output() != 0 {
      printError("standard output: cannot be written")
      Foundation.exit(ExitStatus.io.rawValue)
    }
    Foundation.exit(status)
  }

  private static func end(_ failure: CommandFailure) -> Never {
    _ = flush_standard_output()
    printError(failure.message)
    Foundation.exit(failure.status.rawValue)
  }
}

extension StoreError {
  /// The exit code for this error.
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

extension AccessError {
  /// The exit code for this error.
  var exitStatus: ExitStatus {
    switch kind {
    case .refused: .usage
    case .unknown: .noInput
    case .corrupt: .badData
    case .exposed: .configuration
    case .io: .io
    }
  }
}

/// The version in `--version`, reports and logs.
enum Version {
  static let current = "0.1.0"
}
