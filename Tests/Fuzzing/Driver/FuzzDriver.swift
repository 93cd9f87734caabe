import Foundation
import LibFuzzer

/// A function that is fuzzed, with the inputs to begin with.
public struct FuzzTarget {
  /// The name on the command line.
  public var name: String
  public var seeds: [[UInt8]]
  /// Takes any bytes. It ends the process if they show a fault.
  var run: (UnsafeRawBufferPointer) -> Void

  /// A target.
  public init(_ name: String, seeds: [[UInt8]], _ run: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.name = name
    self.seeds = seeds
    self.run = run
  }
}

/// Runs targets by the arguments of a command line:
///
///     PROGRAM names TOP                          prints the names of the targets
///     PROGRAM run TOP NAME CORPUS [OPTION …]     fuzzes a target, with options of libFuzzer
///
/// TOP is the checkout, whose tests have the seeds. They are added to the folder CORPUS.
public enum FuzzDriver {
  /// The target that libFuzzer calls; set once before it starts.
  nonisolated(unsafe) private static var current: FuzzTarget?

  /// Runs one of the targets that `make` makes for a checkout; returns the status with which to end.
  public static func main(_ make: (_ top: String) throws -> [FuzzTarget]) throws -> Int32 {
    let arguments = CommandLine.arguments
    switch arguments.dropFirst().first {
    case "names" where arguments.count == 3:
      for target in try make(arguments[2]) { print(target.name) }
      return 0
    case "run" where arguments.count >= 5:
      guard let target = try make(arguments[2]).first(where: { $0.name == arguments[3] }) else { break }
      let corpus = arguments[4]
      try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true)
      for (number, seed) in target.seeds.enumerated() {
        try Data(seed).write(to: URL(fileURLWithPath: "\(corpus)/seed-\(number)"))
      }
      current = target
      return start([arguments[0], corpus] + arguments.dropFirst(5))
    default: break
    }
    FileHandle.standardError.write(Data("usage: names TOP | run TOP NAME CORPUS [OPTION …]\n".utf8))
    return 64
  }

  private static func start(_ arguments: [String]) -> Int32 {
    // libFuzzer keeps the arguments until the process ends.
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
    for (place, argument) in arguments.enumerated() { (list + place).initialize(to: strdup(argument)) }
    (list + arguments.count).initialize(to: nil)
    var count = Int32(arguments.count)
    var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = list
    return LLVMFuzzerRunDriver(&count, &pointer) { bytes, length in
      FuzzDriver.current?.run(UnsafeRawBufferPointer(start: bytes, count: length))
      return 0
    }
  }
}

/// Ends the process with a message, so that libFuzzer keeps the input.
public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}
