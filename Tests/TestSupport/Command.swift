import Foundation
import Processes

/// What a finished process left.
public struct CommandResult: Sendable {
  public let status: Int32
  public let output: String
  public let errors: String
  /// Whether a signal ended it; `status` is then the signal's number.
  public var isSignal = false
}

/// Runs a program, found along PATH, to its end and captures what it prints.
///
/// - Throws: ``SupportError`` when it cannot be started, or does not end within `seconds` times the tests'
///   patience (it is killed).
@discardableResult
public func run(
  _ program: String, _ arguments: [String], directory: String? = nil, environment: [String: String] = [:],
  seconds: Double = 60
) throws -> CommandResult {
  // Files rather than pipes: a pipe that nobody empties would stop the program.
  let captured = try TemporaryDirectory("command")
  let outputPath = try captured.write("output", "")
  let errorPath = try captured.write("errors", "")
  let process = try start(
    program, arguments, directory: directory, environment: environment,
    output: .appending(to: outputPath), errors: .appending(to: errorPath))
  guard let end = process.wait(seconds: seconds * patience) else {
    process.send(SIGKILL)
    process.wait()
    throw SupportError("\(program) did not end within \(seconds) s")
  }
  let (status, isSignal): (Int32, Bool)
  switch end {
  case .exited(let code): (status, isSignal) = (code, false)
  case .signalled(let signal): (status, isSignal) = (signal, true)
  case .unknown: throw SupportError("nobody knows how \(program) ended")
  }
  return CommandResult(
    // All output is kept, with a byte order mark, and even if it is not text.
    status: status,
    output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: outputPath)), as: UTF8.self),
    errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self),
    isSignal: isSignal)
}

/// Starts a program, found along PATH, with the variables of this process and those given.
public func start(
  _ program: String, _ arguments: [String], directory: String? = nil, environment: [String: String] = [:],
  input: ChildProcess.Stream = .null, output: ChildProcess.Stream = .null, errors: ChildProcess.Stream = .null
) throws -> ChildProcess {
  var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  // Mosquitto's programs run with their own library: only the product is tested with another.
  if program.hasPrefix("mosquitto") { variables["LD_LIBRARY_PATH"] = nil }
  return try ChildProcess(
    "/usr/bin/env", [program] + arguments, environment: variables, directory: directory, input: input,
    output: output, errors: errors)
}
