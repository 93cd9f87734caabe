import CSimdjson
import Synchronization
import Telemetry

/// Reads messages of mapped JSON: any valid JSON document, by the paths that the source names.
///
/// A message can have several records, each with its own equipment. A record that cannot be read does not affect the
/// others; a message is refused if none of its records can be read, with the reason of the first. The whole document
/// must be valid JSON, and a wanted key must not occur twice in one object.
struct MappedJSON: Sendable {
  let program: JSONProgram
  private let limits: DecodingLimits
  private let finder: Finder

  /// The parser with its memory, which copies of a decoder share. It has no state between messages. The lock lets one
  /// thread use it at a time.
  private final class Finder: Sendable {
    private let finder: JSONFinder
    private let lock = Mutex(())

    init(_ finder: consuming JSONFinder) { self.finder = finder }

    @inline(__always)
    func use<Result>(_ body: (borrowing JSONFinder) -> Result) -> Result {
      lock.withLock { _ in
        nonisolated(unsafe) let result = body(finder)
        return result
      }
    }
  }

  /// A decoder by a plan. Throws ``StatusDecoder/OutOfMemory`` or ``JSONPlan/TooManyPaths``.
  init(_ plan: JSONPlan, limits: DecodingLimits) throws {
    program = JSONProgram(plan)
    self.limits = limits
    finder = Finder(try plan.finder(limits: limits))
  }

  /// Appends the events of a message. `memories` is only used by a source that reports changes only.
  func decode(
    _ message: borrowing ReceivedMessage, memories: inout ReadingMemories, into events: inout EventBuffer
  ) throws(Rejection) {
    let message = copy message
    let outcome = finder.use { finder -> Result<Void, Rejection> in
      do throws(Rejection) {
        let found = try finder.find(message.payload, padded: message.isPadded)
        var reader = MappedJSONReader(program: program, limits: limits, message: message)
        return .success(try reader.read(found, &memories, &events))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }
}

/// A decoder of mapped JSON whose messages are complete.
struct MappedJSONDecoder: SourceDecoder {
  private let reader: MappedJSON
  private var memories = ReadingMemories()

  init(_ reader: MappedJSON) { self.reader = reader }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    try reader.decode(message, memories: &memories, into: &events)
  }

  func path(of field: OptionalField) -> String { reader.program.plan.map.path(of: field) }
}

/// A decoder of mapped JSON whose messages have changed fields only.
struct RememberingJSONDecoder: StatefulDecoder {
  private let reader: MappedJSON
  private var memories = ReadingMemories()

  init(_ reader: MappedJSON) { self.reader = reader }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    try reader.decode(message, memories: &memories, into: &events)
  }

  func path(of field: OptionalField) -> String { reader.program.plan.map.path(of: field) }

  func states() -> [DecoderState] { memories.states() }

  mutating func restore(_ state: DecoderState) throws { try memories.restore(state) }
}
