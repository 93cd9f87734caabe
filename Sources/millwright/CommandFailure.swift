import Foundation
import Reporting

/// Exit codes (sysexits(3)). 0 means success; `validate`, `verify` and `check` exit with 1 if the check fails.
enum ExitStatus: Int32 {
  case doesNotHold = 1
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case cannotWrite = 73
  case io = 74
  case tryAgain = 75
  case configuration = 78
}

/// The failure of a command: the message for the user, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  var description: String { message }
}

/// Prints lines to standard error. Characters that could control a terminal are escaped, because names, paths and the
/// environment are untrusted. A closed or full standard error is ignored.
func printError(_ message: String) {
  var line = inertLines(message) + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Prints lines to standard output, in place of Swift's function: characters that could control a terminal are escaped
/// here too. A failure is reported when the process ends.
func print(_ text: some CustomStringConvertible, terminator: String = "\n") {
  Swift.print(inertLines(text.description), terminator: terminator)
}

private func inertLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).inert }.joined(
    separator: "\n")
}
