import Register
import Storage
import Telemetry

/// The bucket of one equipment at t, with the reason and the evidence.
public struct Assessment: Sendable {
  /// The fact that decided the standing.
  public enum Reason: Equatable, Sendable {
    /// Its newest reading vouches until `until` (excluded); nil if it does past its horizon, as long as its session is
    /// open and heard.
    case readingVouches(last: Timestamp, until: Timestamp?)
    /// Its session is open, but no reading vouches; `lastReading` is nil when it never sent one.
    case sessionWithoutReading(lastReading: Timestamp?, since: Timestamp?)
    /// Its newest reading vouched until `until`, at or before t.
    case readingTooOld(last: Timestamp, until: Timestamp)
    /// It went offline after its newest reading.
    case wentOffline(last: Timestamp, at: Timestamp)
    /// Its session ended, and it never sent a reading.
    case sessionEnded(lastOnline: Timestamp)
    /// Never heard, and declared as not digital or not connectable.
    case declaredNotConnectable(digital: Bool, connectable: Bool)
    /// Never heard: all its messages were rejected, most of them for `most`.
    case onlyRejections(Int, most: Refusal?)
    /// Never heard, though declared connectable.
    case nothingHeard
    /// Out of service from this day on.
    case retired(on: CalendarDay?)
    /// In service from this day on.
    case notYetInService(until: CalendarDay?)
    /// Not production equipment by its category.
    case auxiliary(category: String)
    /// The register has no such equipment.
    case unregistered
  }

  public let key: EquipmentKey
  /// The register's entry; nil for an unregistered sender.
  public let entry: RegisterSnapshot.Entry?
  /// The store's evidence; nil when the store has never met it.
  public let evidence: EquipmentEvidence?
  public let standing: Standing
  public let presence: PresenceRules.Presence
  /// T: how long a reading of it vouches.
  public let horizon: Span
  public let reason: Reason
  /// Out of service (retired or not yet commissioned) and sending all the same.
  public let sendsOutOfService: Bool

  /// The bucket it is in; nil outside R.
  public var bucket: Bucket? {
    if case .counted(let bucket) = standing { bucket } else { nil }
  }
  /// Whether it belongs to N, the networked equipment of R.
  public var isNetworked: Bool { bucket != nil && presence.networked }
  /// Whether it counts as online: in N, and vouched for.
  public var isOnline: Bool { isNetworked && presence.online }
  /// Whether it counts as reporting: in N, and vouched for by a reading.
  public var isReporting: Bool { isNetworked && presence.vouchedByReading }

  /// The workshop it is listed under: the register's, or for an unregistered sender its topic's.
  public var workshop: String { entry?.equipment.workshop ?? evidence?.topicWorkshop ?? "" }
  /// The line it is listed under; empty when the register names none.
  public var line: String { entry?.equipment.line ?? "" }
  /// The register's name for it; empty when it has none.
  public var name: String { entry?.equipment.name ?? "" }

  /// The workshop that the register names on the day of its newest reading or `online`, or of its newest `offline` if
  /// there is neither; nil if that day is before the period, or if it is not registered.
  var workshopWhenHeard: String?

  /// The workshop in its newest topic if the register named another on the day it was last heard; nil when they agree,
  /// when either names none, and when it was last heard before the period.
  public var mismatchedTopicWorkshop: String? {
    guard let registered = workshopWhenHeard, !registered.isEmpty,
      let evidence, !evidence.topicWorkshop.isEmpty,
      evidence.topicWorkshop != registered
    else { return nil }
    return evidence.topicWorkshop
  }
  /// Event time of its newest reading.
  public var lastReading: Timestamp? { evidence?.readings?.last }
  /// Event time of its newest reading or live `online`.
  public var lastHeard: Timestamp? { evidence?.lastHeard }
}

extension EquipmentEvidence {
  /// Event time of the newest reading or live `online`.
  var lastHeard: Timestamp? {
    guard let reading = readings?.last else { return lastOnline }
    return lastOnline.map { max($0, reading) } ?? reading
  }
}

extension Assessment.Reason {
  /// The fact behind a standing.
  static func of(
    _ standing: Standing, entry: RegisterSnapshot.Entry?, evidence: EquipmentEvidence?, horizon: Span,
    at t: Timestamp
  ) -> Self {
    let equipment = entry?.equipment
    switch standing {
    case .counted(let bucket): return of(bucket, equipment, evidence, horizon, at: t)
    case .retired: return .retired(on: equipment?.decommissionedOn)
    case .notYetInService: return .notYetInService(until: equipment?.commissionedOn)
    case .auxiliary: return .auxiliary(category: equipment?.category ?? "")
    case .unregistered: return .unregistered
    }
  }

  private static func of(
    _ bucket: Bucket, _ equipment: RegisteredEquipment?, _ evidence: EquipmentEvidence?, _ horizon: Span,
    at t: Timestamp
  ) -> Self {
    let rejections = evidence?.rejections ?? 0
    switch bucket {
    case .reporting:
      guard let readings = evidence?.readings else { return .nothingHeard }
      let end = readings.last + horizon
      return .readingVouches(last: readings.last, until: t < end ? end : nil)
    case .silent:
      return .sessionWithoutReading(lastReading: evidence?.readings?.last, since: evidence?.lastOnline)
    case .offline:
      if let readings = evidence?.readings {
        if let cut = readings.cut { return .wentOffline(last: readings.last, at: cut) }
        return .readingTooOld(last: readings.last, until: readings.last + horizon)
      }
      return evidence?.lastOnline.map { .sessionEnded(lastOnline: $0) } ?? .nothingHeard
    case .notConnectable:
      return .declaredNotConnectable(
        digital: equipment?.digital ?? false, connectable: equipment?.connectable ?? false)
    case .refused: return .onlyRejections(rejections, most: evidence?.refusals.first)
    case .neverSeen:
      return rejections > 0
        ? .onlyRejections(rejections, most: evidence?.refusals.first) : .nothingHeard
    }
  }
}
