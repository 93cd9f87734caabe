import CSimdjson
import Telemetry

/// Reads messages of mapped JSON: any valid JSON document, by the paths that the source names.
///
/// A message can have several records, each with its own equipment. A record that cannot be read does not affect the
/// others; a message is refused if none of its records can be read, with the reason of the first. The whole document
/// must be valid JSON, and a wanted key must not occur twice in one object.
struct MappedJSONDecoder: SourceDecoder {
  private let program: JSONProgram
  private let limits: DecodingLimits
  private let finder: SharedJSONFinder
  /// Only used by a source that reports changes only.
  fileprivate var memories = ReadingMemories()

  /// A decoder by a plan. Throws ``StatusDecoder/OutOfMemory`` or ``JSONPlan/TooManyPaths``.
  init(_ plan: JSONPlan, limits: DecodingLimits) throws {
    program = JSONProgram(plan)
    self.limits = limits
    finder = SharedJSONFinder(try plan.finder(limits: limits))
  }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let message = copy message
    try finder.find(in: message.payload, padded: message.isPadded) { found throws(Rejection) in
      var reader = MappedJSONReader(program: program, limits: limits, message: message)
      try reader.read(found, &memories, &events)
    }
  }

  func path(of field: OptionalField) -> String { program.map.path(of: field) }
}

/// A decoder of mapped JSON whose messages have changed fields only. Its state is the last values of the equipment.
struct RememberingJSONDecoder: StatefulDecoder, RememberingDecoder {
  private var decoder: MappedJSONDecoder

  init(_ decoder: MappedJSONDecoder) { self.decoder = decoder }

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) { try decoder.decode(message, into: &events) }

  func path(of field: OptionalField) -> String { decoder.path(of: field) }

  func states() -> [DecoderState] { decoder.memories.states() }

  mutating func restore(_ state: DecoderState) throws { try decoder.memories.restore(state) }

  mutating func rename(_ changes: NameChanges) { decoder.memories.rename(changes) }
}
