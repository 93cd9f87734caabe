import Foundation

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
/// - Throws: ``SupportError`` when it cannot be started, or does not end within `seconds` (it is killed).
@discardableResult
public func run(
  _ program: String, _ arguments: [String], directory: String? = nil, environment: [String: String] = [:],
  seconds: Double = 60
) throws -> CommandResult {
  // Files rather than pipes: a pipe that nobody empties would stop the program.
  let captured = try TemporaryDirectory("command")
  let outputPath = try captured.write("output", "")
  let errorPath = try captured.write("errors", "")
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  // Mosquitto's programs run with their own library: only the product is tested with another.
  if program.hasPrefix("mosquitto") { process.environment?["LD_LIBRARY_PATH"] = nil }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle(forWritingAtPath: outputPath)
  process.standardError = FileHandle(forWritingAtPath: errorPath)
  try startUnblocked(process)
  if !waitUntil(seconds, { !process.isRunning }) {
    kill(process.processIdentifier, SIGKILL)
    throw SupportError("\(program) did not end within \(seconds) s")
  }
  return CommandResult(
    status: process.terminationStatus, output: try String(contentsOfFile: outputPath, encoding: .utf8),
    // All output is kept, even if it is not text.
    errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self),
    isSignal: process.terminationReason == .uncaughtSignal)
}

/// Starts a process that can be ended by signals: a child inherits the mask of the thread that starts it,
/// and the threads tests run on block them.
public func startUnblocked(_ process: Process) throws {
  var all = sigset_t()
  var previous = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, &previous)
  defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
  // Foundation copies a directory entry at its full length, beyond what was allocated for it. What it allocates must
  // not end this thread's heap: freed memory at the heap's end stays with the heap.
  var padding: UnsafeMutableRawPointer?
  if posix_memalign(&padding, 16, 100_000) == 0 { free(padding) }
  try process.run()
}
