import Journal
import Decoding
import Storage
import Telemetry

/// The sources and limits by which the messages of a stretch of the journal are decoded.
///
/// Each day of a journal begins with the current rules, and changed rules are stored again. Blocks before the first
/// stored rules are decoded by them; a journal without stored rules, as earlier versions wrote it, is decoded by the
/// configuration. A decision to read earlier messages anew (``JournalRecord/Kind/rereading``) overrides all this for
/// its blocks. A decision about refused messages only (``Retry``) lets everything else stand.
package struct RulesHistory {
  /// A decision to read earlier messages by other rules.
  struct Rereading {
    /// From the first block of a day up to the block with the decision, excluding it.
    var blocks: Range<Int64>
    var rules: DecodingRules
  }

  /// A decision to read refused messages by other rules.
  struct Retry {
    /// As in ``Rereading/blocks``.
    var blocks: Range<Int64>
    var rules: DecodingRules
    var selection: RefusedSelection
  }

  /// Ascending by the place of the decision.
  let rereadings: [Rereading]
  /// Ascending by the place of the decision.
  let retries: [Retry]
  /// The rules at the beginning.
  let initial: DecodingRules
  /// The rules stored at or before the stretch's first block; nil if there are none.
  let journaled: DecodingRules?
  /// The largest limits of the rules at the beginning and of all decisions to read anew.
  package let largestLimits: DecodingLimits
  /// The block after which to begin reading. It is before the stretch if decoders have state from earlier messages.
  let begin: Int64

  /// The rules for the blocks from `first` to `last`.
  ///
  /// - Parameters:
  ///   - configured: the rules of the configuration.
  ///   - trial: a decision that the journal does not have; it is taken as made after block `last`.
  ///   - outline: the journal's outline, reaching back to a block.
  ///   - block: a block of the journal.
  package init(
    from first: Int64, through last: Int64, configured: DecodingRules,
    trial: (scope: RereadingScope, rules: DecodingRules)? = nil,
    outline: (Int64) throws -> JournalOutline, block: (Int64) throws -> JournalBlock?
  ) throws {
    let tried = trial.map { Decision(block: last + 1, scope: $0.scope, rules: $0.rules) }
    var found = try outline(first)
    var decisions = try Self.decisions(found, after: first, through: last, block) + (tried.map { [$0] } ?? [])
    if let day = decisions.map(\.scope.day).min(), day < found.days.first?.day ?? day {
      found = try outline(0)
      decisions = try Self.decisions(found, after: first, through: last, block) + (tried.map { [$0] } ?? [])
    }
    func blocks(of decision: Decision) -> Range<Int64> {
      let first = found.days.first { $0.day >= decision.scope.day }?.firstBlock ?? decision.block
      return min(first, decision.block)..<decision.block
    }
    rereadings = decisions.filter { $0.scope.refused == nil }.map {
      Rereading(blocks: blocks(of: $0), rules: $0.rules)
    }
    let all = decisions.compactMap { decision in
      decision.scope.refused.map { Retry(blocks: blocks(of: decision), rules: decision.rules, selection: $0) }
    }
    // Between decisions by the same rules none by others may come, because the first that accepts a message counts.
    retries = all.enumerated().filter { place, retry in
      !all[(place + 1)...].prefix { $0.rules == retry.rules }.contains { $0.includes(retry) }
    }.map(\.element)
    guard retries.count <= Self.mostRetries else { throw Self.tooManyRetries }
    let opening = found.opening(atOrBefore: first)
    journaled = try opening.flatMap { try Self.rules(in: $0, block) }
    let oldest = journaled == nil ? found.openings.first?.block : nil
    initial =
      try journaled ?? oldest.flatMap { $0 <= last ? try Self.rules(in: $0, block) : nil } ?? configured
    largestLimits = decisions.reduce(initial.limits) { $0.largest(with: $1.rules.limits) }
    /// The block after which to begin reading, so that decoders of these rules have read everything from a block on.
    func beginning(_ rules: DecodingRules, from start: Int64) -> Int64 {
      rules.hasOtherFormats ? (found.opening(atOrBefore: start) ?? start) - 1 : first - 1
    }
    // Native messages are decoded independently; other decoders may have state from earlier messages.
    let covering = rereadings.last { $0.blocks.contains(first) }
    let present =
      covering.map { beginning($0.rules, from: $0.blocks.lowerBound) } ?? beginning(initial, from: first)
    begin = retries.filter { $0.blocks.contains(first) && $0.isAfter(covering) }.reduce(present) {
      min($0, beginning($1.rules, from: $1.blocks.lowerBound))
    }
  }

  /// The rules for the blocks of the journal's days from `day` on up to `last`; nil if there are no such blocks.
  init?(
    _ journal: any RecordSource, fromDay day: CalendarDay, through last: Int64, configured: DecodingRules
  ) throws {
    guard let first = try journal.firstBlock(from: day), first <= last else { return nil }
    try self.init(
      from: first, through: last, configured: configured, outline: journal.outline, block: journal.block)
  }

  /// The factories whose records must be read for events of some factories, with the records of no factory. nil for
  /// all, if blocks are read anew: then a message may belong to another factory than the one under which it is
  /// stored.
  func factories(_ wanted: Set<String>) -> Set<String>? {
    rereadings.isEmpty && retries.isEmpty ? wanted.union([""]) : nil
  }

  /// Maximum number of decisions to read refused messages, of which none includes another: each has decoders.
  static let mostRetries = 64
  private static let tooManyRetries = StoreError(
    .refused,
    """
    the journal has \(mostRetries) decisions to read refused messages again, and takes no further ones; 'millwright \
    rebuild --with-present-sources' reads all messages anew and supersedes them
    """)

  /// A decision as the journal has it.
  private struct Decision {
    var block: Int64
    var scope: RereadingScope
    var rules: DecodingRules
  }

  private static func decisions(
    _ outline: JournalOutline, after first: Int64, through last: Int64,
    _ block: (Int64) throws -> JournalBlock?
  ) throws -> [Decision] {
    var decisions: [Decision] = []
    for opening in outline.openings
    where opening.isRereading && opening.block > first && opening.block <= last {
      try block(opening.block)?.forEachRecord { record in
        guard record.kind == .rereading else { return }
        guard let scope = RereadingScope(text: String(decoding: record.topic, as: UTF8.self)) else {
          throw JournaledRules.damage(opening.block, "does not name the messages that are to be read anew")
        }
        let rules = try JournaledRules.parse(record, block: opening.block)
        decisions.append(Decision(block: opening.block, scope: scope, rules: rules))
      }
    }
    return decisions
  }

  fileprivate static func rules(
    in number: Int64, _ block: (Int64) throws -> JournalBlock?
  ) throws -> DecodingRules? {
    var rules: DecodingRules?
    try block(number)?.forEachRecord { record in
      if record.kind == .sources { rules = try JournaledRules.parse(record, block: number) }
    }
    guard let rules else { throw JournaledRules.damage(number, "is listed as naming sources and does not") }
    return rules
  }
}

extension DecodingRules {
  /// SHA-256 of ``text``, by which the journal refers to the rules.
  public var digest: SHA256Digest { SHA256Digest(hashing: Array(text.utf8)) }

  /// The rules that a journal stored last; nil if there are none.
  public static func journaledLast(in journal: any RecordSource) throws -> DecodingRules? {
    guard let opening = try journal.outline(reaching: .max).openings.last else { return nil }
    return try RulesHistory.rules(in: opening.block, journal.block)
  }

  /// Whether a source has a format that is not built in.
  var hasOtherFormats: Bool {
    sources.contains { source in
      switch source.format {
      case .status, .presence: false
      case .other: true
      }
    }
  }
}

extension DecodingLimits {
  /// The larger of each limit.
  fileprivate func largest(with other: DecodingLimits) -> DecodingLimits {
    DecodingLimits(
      payload: max(payload, other.payload), nesting: max(nesting, other.nesting),
      futureSkew: max(futureSkew, other.futureSkew), oldestAge: max(oldestAge, other.oldestAge))
  }
}

/// Rules and decoders' state as journal records.
enum JournaledRules {
  /// Contents of the records that open a stretch.
  static func digest(of text: [UInt8]) -> [UInt8] { Array(SHA256Digest(hashing: text).description.utf8) }

  static func damage(_ block: Int64, _ what: String) -> StoreError {
    StoreError(.corrupt, "journal block \(block): \(what)")
  }

  /// Returns the rules in a record. Throws `.corrupt` if they are malformed, and `.refused` for unknown formats.
  static func parse(_ record: JournalRecord, block: Int64) throws(StoreError) -> DecodingRules {
    let bytes = Array(record.payload)
    guard record.kind == .rereading || record.topic.elementsEqual(digest(of: bytes)) else {
      throw damage(block, "the sources are not those that their digest names")
    }
    do {
      return try DecodingRules(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw damage(block, "the sources cannot be read: \(error)")
    }
  }

  /// Topic of a record of a decoder's state.
  static func topic(of factory: String, _ source: SHA256Digest) -> String { "\(factory)/\(source)" }

  /// Returns a decoder's state in a record, and the digest of its source.
  static func state(
    in record: JournalRecord, block: Int64
  ) throws(StoreError) -> (source: SHA256Digest, state: DecoderState) {
    let parts = String(decoding: record.topic, as: UTF8.self).split(
      separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, EquipmentKey.isID(parts[0].utf8),
      let source = SHA256Digest(hexadecimal: String(parts[1]))
    else { throw damage(block, "the state of a decoder names no factory and source") }
    return (source, DecoderState(factory: String(parts[0]), bytes: Array(record.payload)))
  }
}

/// Applies the rules of the journal to an intake while records are read in order.
struct RulesFollower {
  private let rereadings: [RulesHistory.Rereading]
  private let retries: [RulesHistory.Retry]
  private var block = Int64.min
  private var rereading: RulesHistory.Rereading?
  private var hasMessages = false
  /// The rules stored last; nil before the first.
  private(set) var journaled: DecodingRules?
  /// Number of messages since the block that stored them.
  private(set) var messages = 0
  /// The largest limits of the rules so far, and of all decisions to read anew.
  private(set) var largestLimits: DecodingLimits

  init(_ history: RulesHistory) {
    rereadings = history.rereadings
    retries = history.retries
    journaled = history.journaled
    largestLimits = history.largestLimits
  }

  /// Takes a record of a block into account, before the record is decoded.
  mutating func follow(_ record: JournalRecord, of number: Int64, _ intake: inout Intake) throws {
    if number != block { try begin(number, &intake) }
    switch record.kind {
    case .message:
      hasMessages = true
      messages += 1
    case .connected, .disconnected, .observedThrough, .brokerStatus, .rereading: break
    case .sources:
      guard !hasMessages else {
        throw JournaledRules.damage(number, "names sources behind messages")
      }
      let rules = try JournaledRules.parse(record, block: number)
      journaled = rules
      messages = 0
      guard isInEffect else { return }
      try use(rules, &intake)
      try intake.forgetStates()
    case .decoderState:
      guard !hasMessages else {
        throw JournaledRules.damage(number, "has the state of a decoder behind messages")
      }
      let (source, state) = try JournaledRules.state(in: record, block: number)
      if isInEffect { intake.restore(state, of: source) }
      for retry in retries where retry.blocks.lowerBound == number {
        intake.restore(state, of: source, forRetry: retry.decision)
      }
    }
  }

  /// Whether stored rules apply here. They also apply at the beginning of blocks that are read anew, so that decoders
  /// of unchanged sources continue from their state.
  private var isInEffect: Bool { rereading.map { $0.blocks.lowerBound == block } ?? true }

  private mutating func begin(_ number: Int64, _ intake: inout Intake) throws {
    block = number
    hasMessages = false
    rereading = rereadings.last { $0.blocks.contains(number) }
    if let rereading { try use(rereading.rules, &intake) }
    if !retries.isEmpty {
      let retries = retries.filter { $0.blocks.contains(number) && $0.isAfter(rereading) }
      do { try intake.beginRetries(retries) } catch { throw refused(error) }
    }
  }

  private mutating func use(_ rules: DecodingRules, _ intake: inout Intake) throws {
    largestLimits = largestLimits.largest(with: rules.limits)
    do { try intake.use(rules) } catch { throw refused(error) }
  }

  private func refused(_ error: any Error) -> StoreError {
    StoreError(.refused, "journal block \(block): \(error)")
  }
}
