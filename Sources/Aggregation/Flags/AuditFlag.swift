import Register
import Telemetry

/// Something an auditor should look at before believing a figure, with the evidence to act on it.
///
/// A new kind takes a case here, its words in `FlagWords`, its facts in the JSON schema, and whoever finds it.
public struct AuditFlag: Equatable, Sendable {
  /// Kinds of flags, in the order in which they are listed. The raw value is the key in JSON.
  public enum Kind: String, CaseIterable, Sendable {
    /// Registered automatic, connectable or numerically controlled, and no reading in the 30 days before the as-of.
    case claimWithoutEvidence = "claim_without_evidence"
    /// Registered automatic, and by its own readings run by hand for most of its running time.
    case manualOperation = "manual_operation"
    /// Another key has the same serial number.
    case sharedSerial = "shared_serial"
    /// A restarted device came back after another had been heard: two senders under one key.
    case interleavedBoots = "interleaved_boots"
    /// Left the base of the ratios within the period, or was taken out of it by an import since the period began.
    case removedFromBase = "removed_from_base"
    /// An import made after the period improved its attributes, or an import since the period began raised its report
    /// interval.
    case registerImproved = "register_improved"
    /// In service and observed for a day or more of the period before its first reading ever.
    case heardFirst = "heard_first"
    /// The declared interval is at least three times the measured one, or at most a third of it.
    case intervalMismatch = "interval_mismatch"
    /// More than 5 % of its readings came over an hour late, not counting those delayed because the collector did not
    /// listen.
    case backFilled = "back_filled"
    /// Never on in the period, part of which is covered by a planned shutdown.
    case darkInShutdown = "dark_in_shutdown"
    /// Registered as automatic or intelligent, but no reading of its running time states a mode.
    case modeNeverStated = "mode_never_stated"
    /// Energy and pieces of the period equal those of another piece of equipment.
    case sameCounters = "same_counters"
    /// Running for a week without a pause.
    case noPause = "no_pause"
    /// Exactly equal counts on seven or more counting days in succession.
    case constantDeltas = "constant_deltas"
    /// It runs and takes energy while its counters of pieces stand still; or the reverse.
    case energyWithoutPieces = "energy_without_pieces"
    case piecesWithoutEnergy = "pieces_without_energy"
    /// Energy is metered for fewer than half of a factory's machines.
    case fewMeters = "few_meters"
    /// Taken out of service within the 30 days before the as-of.
    case recentlyRetired = "recently_retired"
    /// A planned shutdown that was entered after it began: it changes no figure.
    case lateShutdown = "late_shutdown"
    /// Its clock differs from ours.
    case clockSkew = "clock_skew"
    /// Its sequence numbers do not count its messages: no losses are counted by them.
    case foreignCounter = "foreign_counter"
    /// Several readings of one instant.
    case equalTimes = "equal_times"
    /// Messages of it were refused in the period.
    case refusedMessages = "refused_messages"
    /// An optional field of its readings could not be read in the period.
    case unreadableField = "unreadable_field"
    /// The register names another energy meter than before; its own readings add no energy on that day.
    case meterChanged = "meter_changed"
    /// A meter fell and stayed below.
    case meterReset = "meter_reset"
    /// Good pieces rose by more than all pieces.
    case goodAboveTotal = "good_above_total"
    /// A meter counts more than any machine can: sums stop at the greatest `Int64`.
    case saturatedMeter = "saturated_meter"
  }

  /// One item of evidence, typed, so that every rendering writes it in its own way.
  public enum Fact: Equatable, Sendable {
    case number(Int)
    /// A length of time; its sign may matter.
    case span(Span)
    case instant(Timestamp)
    case day(CalendarDay)
    case text(String)
    case truth(Bool)
    /// Known to be missing, such as the last reading of what never sent one.
    case missing
  }

  /// A fact with its key in JSON, which is also the placeholder for it in a sentence.
  public struct Evidence: Equatable, Sendable {
    public var key: String
    public var fact: Fact
  }

  public var kind: Kind
  public var factory: String
  /// Empty for a flag that is a factory's.
  public var equipment: String
  /// The workshop, and line, of a factory's flag; else the equipment's.
  public var place: ProductionCalendar.Place
  /// Evidence of the flag, in the order of JSON.
  public var evidence: [Evidence]
  /// Columns of the register in which the equipment claims something that only data could prove; empty unless the flag is
  /// a claim without evidence. It is not in JSON.
  package internal(set) var claims: Set<String> = []

  /// The fact of a key; nil when the flag has none such.
  public subscript(key: String) -> Fact? { evidence.first { $0.key == key }?.fact }

  /// Time before the as-of within which a claim needs evidence and a removal is flagged.
  static let window = Span.days(30)
  /// From which difference on a clock is worth a look.
  static let noticeableSkew = Span.minutes(2)

  static func < (a: AuditFlag, b: AuditFlag) -> Bool {
    let x = (a.kind.order, a.factory, a.equipment, a.place.workshop, a.place.line)
    let y = (b.kind.order, b.factory, b.equipment, b.place.workshop, b.place.line)
    if x != y { return x < y }
    // One piece of equipment may have several fields that cannot be read, and may change its meter several times.
    func text(_ flag: AuditFlag, _ key: String) -> String {
      switch flag[key] {
      case .text(let text): text
      case .day(let day): day.description
      default: ""
      }
    }
    return (text(a, "on"), text(a, "field"), text(a, "fault"))
      < (text(b, "on"), text(b, "field"), text(b, "fault"))
  }
}

extension AuditFlag.Kind {
  private static let orders = Dictionary(uniqueKeysWithValues: zip(allCases, allCases.indices))
  fileprivate var order: Int { Self.orders[self] ?? 0 }

  /// Kinds of doubt that a flag raises.
  public enum Subject: Sendable {
    /// A claim of the register or the calendar.
    case claim
    /// A figure that may be better than reality.
    case embellishment
    /// The data.
    case data
  }

  /// The kind of doubt that this flag raises.
  public var subject: Subject {
    switch self {
    case .claimWithoutEvidence, .manualOperation, .sharedSerial, .recentlyRetired, .lateShutdown: .claim
    case .removedFromBase, .registerImproved, .heardFirst, .intervalMismatch, .backFilled, .darkInShutdown,
      .modeNeverStated, .sameCounters, .noPause, .constantDeltas, .energyWithoutPieces,
      .piecesWithoutEnergy, .fewMeters:
      .embellishment
    case .interleavedBoots, .clockSkew, .foreignCounter, .equalTimes, .refusedMessages, .unreadableField,
      .meterChanged, .meterReset, .goodAboveTotal, .saturatedMeter:
      .data
    }
  }
}
