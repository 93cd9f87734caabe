import Decoding
import Journal
import Storage
import Telemetry

/// Finds out how many refused messages a decision would let count, without making it.
///
/// It reads the journal from the first refused message to the last as a rebuild does after the decision. Without state
/// of decoders only the refused messages are decoded.
public struct RetryTrial {
  /// The result of a trial.
  public struct Outcome: Equatable, Sendable {
    /// Number of messages that would count, or of which more records would.
    public var readable = 0
    /// Number of selected messages that are refused now.
    public var refused = 0
    /// Number of selected messages of which some records are refused now; the others count already.
    public var partlyRead = 0
    /// Number of both of which the journal no longer has the content.
    public var dropped = 0
    /// The day of the journal from which on the decision is needed; nil if no message would count.
    public var day: CalendarDay?

    /// The result of a trial.
    public init(
      readable: Int = 0, refused: Int = 0, partlyRead: Int = 0, dropped: Int = 0, day: CalendarDay? = nil
    ) {
      self.readable = readable
      self.refused = refused
      self.partlyRead = partlyRead
      self.dropped = dropped
      self.day = day
    }
  }

  /// The trial was stopped.
  public struct Cancelled: Error {}

  private let settings: ShardSettings
  private let store: any Store

  /// A trial of the rules of `settings` with the journal and the refused messages of `store`.
  public init(settings: ShardSettings, store: any Store) {
    self.settings = settings
    self.store = store
  }

  /// Tries a decision on the refused messages of a selection.
  ///
  /// - Parameter isCancelled: whether to stop; called for every record.
  /// - Throws: ``Cancelled``, and the errors of the store.
  public func run(
    _ selection: RefusedSelection, isCancelled: () -> Bool = { false }
  ) throws -> Outcome {
    let quarantine = try store.quarantine()
    var selection = selection
    if let final = try quarantine.finalDay() {
      selection.eventsFrom = settings.calendar.start(of: final + 1)
    }
    let filter = selection.topic.map { TopicFilter($0) }
    let places = try quarantine.places(selection) { filter?.matches($0) ?? true }
    var outcome = Outcome(
      refused: places.reduce(0) { $1.isPartlyRead ? $0 : $0 + $1.messages },
      partlyRead: places.reduce(0) { $1.isPartlyRead ? $0 + $1.messages : $0 })
    let records = store.records()
    guard let day = try store.journalDays().first, let begin = try records.firstBlock(from: day) else {
      outcome.dropped = outcome.refused + outcome.partlyRead
      return outcome
    }
    outcome.dropped = places.reduce(0) { $1.block < begin ? $0 + $1.messages : $0 }
    let kept = places.drop { $0.block < begin }
    guard let first = kept.first?.block else { return outcome }
    // Decoders with state need what came before.
    let isStateful = try Decoders(settings.rules, settings.formats).areStateful
    let days = try records.outline(reaching: 0).days
    func beginning(_ block: Int64) -> CalendarDay {
      isStateful ? day : days.last { $0.firstBlock <= block }?.day ?? day
    }
    let scope = RereadingScope(day: beginning(first), refused: selection)
    // A journal with too many decisions could not be read.
    _ = try history(from: begin, through: newest(in: records, begin), scope, in: records)
    let found = try readable(kept, scope, in: records, isCancelled)
    outcome.readable = found.messages
    outcome.day = found.first.map(beginning)
    return outcome
  }

  private func newest(in records: any RecordSource, _ block: Int64) throws -> Int64 {
    max(block, try records.outline(reaching: .max).openings.last?.block ?? block)
  }

  private func history(
    from first: Int64, through last: Int64, _ scope: RereadingScope, in records: any RecordSource
  ) throws -> RulesHistory {
    try RulesHistory(
      from: first, through: last, configured: settings.rules, trial: (scope, settings.rules),
      outline: records.outline, block: records.block)
  }

  /// Counts the messages at `places` that the decision accepts, and finds the block of the first.
  private func readable(
    _ places: ArraySlice<RefusedPlace>, _ scope: RereadingScope, in records: any RecordSource,
    _ isCancelled: () -> Bool
  ) throws -> (messages: Int, first: Int64?) {
    guard let first = places.first?.block, let last = places.last?.block else { return (0, nil) }
    // Also decisions that were made after the messages.
    let history = try history(from: first, through: newest(in: records, last), scope, in: records)
    var intake = try Intake(
      history.initial, settings.formats, senders: Senders([], limit: .max, registered: []))
    var follower = RulesFollower(history)
    var batch = Batch()
    var rest = places
    var readable = (messages: 0, first: Int64?.none)
    try records.forEachRecord(ofFactories: nil, after: history.begin, through: last) { record, block in
      if isCancelled() { throw Cancelled() }
      try follower.follow(record, of: block, &intake)
      guard record.kind == .message, record.flags.isDisjoint(with: .uncounted) else { return true }
      rest = rest.drop { ($0.block, $0.record) < (block, record.index) }
      let place = rest.first.flatMap { $0.block == block && $0.record == record.index ? $0 : nil }
      guard place != nil || intake.isStateful else { return true }
      intake.trimTopics()
      batch.removeAll()
      intake.decode(
        topic: record.topic, payload: record.payload, received: record.received, recorded: record.flags,
        into: &batch)
      guard let place else { return true }
      rest = rest.dropFirst()
      // If the same records of a message are refused again, nothing more would count.
      if batch.messages[0].retry >= 0, batch.badRecords(of: 0)?.excerpt != place.excerpt {
        readable.messages += place.messages
        readable.first = readable.first ?? block
      }
      return !rest.isEmpty
    }
    return readable
  }
}
