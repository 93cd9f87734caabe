import Telemetry

/// Every sender ever heard of some factories at one moment: read once for any number of periods. Valid only inside the
/// call that lends the snapshot.
public struct StoredSenders {
  /// Ascending by key.
  package let senders: ArraySlice<StoredSender>
  /// Refused messages of each sender, ascending by day.
  package let rejections: [EquipmentKey: [RefusedDay]]
  /// Senders whose messages were all refused, ascending by key; at most ``mostRefused`` per factory.
  package let refused: [EquipmentKey]

  /// Maximum number of senders per factory whose messages were all refused: anyone can invent names in topics.
  package static let mostRefused = 1000

  package init(
    senders: ArraySlice<StoredSender>, rejections: [EquipmentKey: [RefusedDay]], refused: [EquipmentKey]
  ) {
    self.senders = senders
    self.rejections = rejections
    self.refused = refused
  }

  /// No senders.
  public static var none: StoredSenders { StoredSenders(senders: [], rejections: [:], refused: []) }

  /// The senders by factory.
  public func byFactory() -> [String: StoredSenders] {
    var found: [String: StoredSenders] = [:]
    let refused = Dictionary(grouping: refused, by: \.factory)
    var start = senders.startIndex
    while start < senders.endIndex {
      let factory = senders[start].key.factory
      let end = senders[start...].firstIndex { $0.key.factory != factory } ?? senders.endIndex
      found[factory] = StoredSenders(
        senders: senders[start..<end], rejections: rejections, refused: refused[factory] ?? [])
      start = end
    }
    for (factory, refused) in refused where found[factory] == nil {
      found[factory] = StoredSenders(senders: [], rejections: rejections, refused: refused)
    }
    return found
  }
}

/// Stored state of one sender, without its open day.
package struct StoredSender {
  package let number: EquipmentNumber
  package let key: EquipmentKey
  /// The workshop in its newest topic.
  package let workshop: String
  /// Whether it was ever heard under different workshops.
  package let hasMoved: Bool
  /// The stretch that has not ended; nil before the first reading.
  package let stretch: StateInterval?
  package let lastOffline: Timestamp?
  package let lastOnline: Timestamp?
  package let firstHeard: Timestamp?
  /// The day its timeline is in; before all days if it has never been in one.
  package let day: CalendarDay
  /// Event time of the first reading ever.
  package let firstReading: Timestamp?
  package let hasEnergy: Bool
  package let hasGood: Bool
  package let hasTotal: Bool
  /// Whether any of its readings ever vouched by a session.
  package let everVouchedBySession: Bool
  /// No stored reading is earlier than this; the distant past while days of the sender wait for repair, since an
  /// earlier one may have come.
  package let silentUntil: Timestamp

  /// Event time of the newest record.
  package var newest: Timestamp {
    max(stretch?.last ?? .distantPast, lastOnline ?? .distantPast, lastOffline ?? .distantPast)
  }

  /// The sender whose timeline is `live`.
  package init(
    _ number: EquipmentNumber, _ key: EquipmentKey, workshop: String, hasMoved: Bool, waitsForRepair: Bool,
    _ live: Timeline
  ) {
    self.number = number
    self.key = key
    self.workshop = workshop
    self.hasMoved = hasMoved
    stretch =
      live.hasReadings
      ? StateInterval(
        equipment: number, from: live.stretchStart, last: live.newest,
        cut: live.cut == .distantFuture ? nil : live.cut, state: live.state, mode: live.mode,
        vouching: live.vouching.contains(.session) ? .session : .horizon) : nil
    everVouchedBySession = live.vouching.contains(.everBySession)
    lastOffline = live.lastOffline == .distantPast ? nil : live.lastOffline
    lastOnline = live.lastOnline == .distantPast ? nil : live.lastOnline
    firstHeard = live.firstHeard == .distantFuture ? nil : live.firstHeard
    day = live.day
    firstReading = live.firstReading == .distantFuture ? nil : live.firstReading
    hasEnergy = live.meters.energy != nil
    hasGood = live.meters.good != nil
    hasTotal = live.meters.total != nil
    silentUntil = waitsForRepair ? .distantPast : live.firstReading
  }
}

/// Messages of one sender and one day that were refused for the same fault.
package struct RefusedDay {
  package var key: EquipmentKey
  package var day: CalendarDay
  package var refusal: Refusal

  package init(key: EquipmentKey, day: CalendarDay, refusal: Refusal) {
    self.key = key
    self.day = day
    self.refusal = refusal
  }

  /// The group within its day: sender, reason, detail and fault.
  package var group: Group {
    Group(
      key: key, reason: refusal.reason.rawValue, detail: refusal.detail, fault: refusal.fault.rawValue)
  }

  package struct Group: Hashable {
    package var key: EquipmentKey
    var reason: UInt8
    var detail: String
    var fault: UInt8
  }
}
