import GRDB
import Telemetry

/// Reads what is known of each sender at one instant.
struct SenderReading {
  private let database: Database
  private let instant: Timestamp
  private let isDeaf: Bool
  private let sessionLosses: [Observations.SessionLoss]
  private let intervals: StatementReader
  private let sessions: StatementReader

  init(_ database: Database, at instant: Timestamp, _ observations: [ObservedStretch]) throws {
    self.database = database
    self.instant = instant
    isDeaf = Observations.isDeaf(at: instant, observations)
    sessionLosses = Observations.sessionLosses(observations)
    intervals = try StatementReader(
      database,
      sql: """
        SELECT start, last, cut, state, mode, lost FROM interval WHERE equipment = ?1 AND start <= ?2
        ORDER BY start DESC LIMIT 1
        """)
    sessions = try StatementReader(
      database,
      sql: """
        SELECT presence, at FROM session_event WHERE equipment = ?1 AND at <= ?2
        ORDER BY at DESC, presence DESC
        """)
  }

  /// Calls `body` with every sender ever heard among `scope`, ascending by key; what it returns is returned,
  /// with those of whom everything was refused in their places.
  ///
  /// - Parameter body: makes evidence by ``evidence(of:_:rejections:ended:)``, with the messages refused.
  func forEach(
    of scope: FactoryScope, _ body: (SenderRow, _ rejections: Int) throws -> EquipmentEvidence
  ) throws -> [EquipmentEvidence] {
    let rejected = try rejections(of: scope)
    var found: [EquipmentEvidence] = []
    for sender in try senders(of: scope) {
      found.append(try body(sender, rejected.isEmpty ? 0 : rejected[sender.key] ?? 0))
    }
    let refused = try onlyRefused(of: scope)
    return refused.isEmpty ? found : (found + refused).sorted { $0.key < $1.key }
  }

  /// What is known of a sender at the instant.
  ///
  /// - Parameter ended: the last stretch that began by an instant, of those that have ended; nil to have it
  ///   looked up.
  func evidence(
    of sender: SenderRow, rejections: Int, ended: ((Timestamp) throws -> StateInterval?)? = nil
  ) throws -> EquipmentEvidence {
    var stretch = sender.stretch
    if let open = stretch, open.from > instant {
      stretch = try ended.map { try $0(instant) } ?? self.ended(sender.number)
    }
    let (online, offline) = try newest(of: sender)
    return EquipmentEvidence(
      key: sender.key, topicWorkshop: sender.workshop,
      readings: stretch.map { stretch in
        EquipmentEvidence.Readings(
          last: min(stretch.last, instant), cut: stretch.cut.flatMap { $0 <= instant ? $0 : nil },
          state: stretch.state, mode: stretch.mode)
      }, lastOnline: online, sessionOpen: isOpen(online, offline), rejections: rejections,
      firstHeard: sender.firstHeard)
  }

  /// The last stretch that began by the instant, of those that have ended.
  func ended(_ number: EquipmentNumber) throws -> StateInterval? {
    intervals.bind(Int64(number), instant.milliseconds)
    return try intervals.first { try $0.stretch(of: number, from: 0) }
  }

  // MARK: -

  /// The senders among `scope`, ascending by key. Of more than one factory they are read as their rows lie, by
  /// number: senders are heard in no order of keys, and each would be on another page.
  private func senders(of scope: FactoryScope) throws -> [SenderRow] {
    let columns = SenderRow.columns
    let clause = scope.clause("equipment.factory")
    let isOrdered = !scope.isWide
    let rows = try StatementReader(
      database,
      sql: isOrdered
        ? """
        SELECT \(columns) FROM equipment JOIN live ON live.equipment = equipment.number
        \(clause) ORDER BY equipment.factory, equipment.equipment
        """
        : """
        SELECT \(columns) FROM equipment NOT INDEXED CROSS JOIN live ON live.equipment = equipment.number
        \(clause) ORDER BY equipment.number
        """)
    if let argument = scope.argument { rows.bind(argument) }
    var found: [SenderRow] = []
    while try rows.step() { found.append(try SenderRow(rows)) }
    return isOrdered ? found : try sorted(found, clause, scope)
  }

  /// Senders that are ascending by number, by key: as the key's index has them.
  private func sorted(_ senders: [SenderRow], _ clause: String, _ scope: FactoryScope) throws -> [SenderRow] {
    let places = Dictionary(senders.indices.map { (senders[$0].number, $0) }, uniquingKeysWith: max)
    let rows = try StatementReader(
      database, sql: "SELECT number FROM equipment \(clause) ORDER BY factory, equipment")
    if let argument = scope.argument { rows.bind(argument) }
    var sorted: [SenderRow] = []
    sorted.reserveCapacity(senders.count)
    while try rows.step() {
      if let place = places[try rows.integer(0)] { sorted.append(senders[place]) }
    }
    return sorted
  }

  /// Whether a session vouches at the instant.
  private func isOpen(_ online: Timestamp?, _ offline: Timestamp?) -> Bool {
    guard !isDeaf, let online, online > offline ?? .distantPast else { return false }
    return !sessionLosses.contains { online < $0.noticed && $0.since <= instant }
  }

  /// The newest online and the newest offline up to the instant.
  private func newest(of sender: SenderRow) throws -> (online: Timestamp?, offline: Timestamp?) {
    var online = sender.lastOnline.flatMap { $0 <= instant ? $0 : nil }
    var offline = sender.lastOffline.flatMap { $0 <= instant ? $0 : nil }
    // Where the newest of all is later, there may be one before.
    var seeks = (
      online: online == nil && sender.lastOnline != nil, offline: offline == nil && sender.lastOffline != nil
    )
    guard seeks.online || seeks.offline else { return (online, offline) }
    sessions.bind(Int64(sender.number), instant.milliseconds)
    while seeks.online || seeks.offline, try sessions.step() {
      let presence: UInt8 = try sessions.integer(0)
      if seeks.online, presence == Presence.online.rawValue {
        online = try sessions.timestamp(1)
        seeks.online = false
      } else if seeks.offline, presence == Presence.offline.rawValue {
        offline = try sessions.timestamp(1)
        seeks.offline = false
      }
    }
    sessions.reset()
    return (online, offline)
  }

  /// Messages of each sender that were refused.
  private func rejections(of scope: FactoryScope) throws -> [EquipmentKey: Int] {
    try refused(of: scope, "").reduce(into: [:]) { $0[$1.key] = $1.messages }
  }

  /// Those who never sent anything that could be counted, by what was refused of them.
  private func onlyRefused(of scope: FactoryScope) throws -> [EquipmentEvidence] {
    try refused(
      of: scope,
      """
      AND NOT EXISTS (
        SELECT 1 FROM equipment
        WHERE equipment.factory = rejection.factory AND equipment.equipment = rejection.equipment)
      """
    ).prefix(100_000).map { EquipmentEvidence(key: $0.key, rejections: $0.messages) }
  }

  private func refused(
    of scope: FactoryScope, _ condition: String
  ) throws -> [(key: EquipmentKey, messages: Int)] {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT factory, equipment, SUM(messages) FROM rejection
        WHERE equipment <> '' \(scope.condition("factory").map { "AND \($0)" } ?? "") \(condition)
        GROUP BY factory, equipment
        """)
    if let argument = scope.argument { rows.bind(argument) }
    var found: [(key: EquipmentKey, messages: Int)] = []
    while try rows.step() {
      let key = EquipmentKey(factory: try rows.text(0), equipment: try rows.text(1))
      found.append((key, try rows.integer(2)))
    }
    return found
  }
}

/// What the rows of one sender say beside its open day.
struct SenderRow {
  let number: EquipmentNumber
  let key: EquipmentKey
  /// The workshop in its newest topic.
  let workshop: String
  /// The stretch that has not ended; nil before the first reading.
  let stretch: StateInterval?
  let lastOffline: Timestamp?
  let lastOnline: Timestamp?
  let firstHeard: Timestamp?
  /// The day its timeline is in; before all days when it has never been in one.
  let day: CalendarDay
  /// Event time of the first reading ever.
  let firstReading: Timestamp?
  let hasEnergy: Bool
  let hasGood: Bool
  let hasTotal: Bool

  /// The columns of `equipment` and `live`, in the order they are read.
  static let columns = """
    equipment.number, equipment.factory, equipment.equipment, equipment.workshop, live.newest,
    live.stretch_start, live.cut, live.state, live.mode, live.last_offline, live.last_online,
    live.first_heard, live.day, live.first_reading, live.energy_meter IS NOT NULL,
    live.good_meter IS NOT NULL, live.total_meter IS NOT NULL
    """

  init(_ row: StatementReader) throws(StoreError) {
    number = try row.integer(0)
    key = EquipmentKey(factory: try row.text(1), equipment: try row.text(2))
    workshop = try row.text(3)
    if let newest = try row.optionalTimestamp(4), let start = try row.optionalTimestamp(5) {
      stretch = StateInterval(
        equipment: number, from: start, last: newest, cut: try row.optionalTimestamp(6),
        state: try row.state(7), mode: try row.mode(8))
    } else {
      stretch = nil
    }
    lastOffline = try row.optionalTimestamp(9)
    lastOnline = try row.optionalTimestamp(10)
    firstHeard = try row.optionalTimestamp(11)
    day = CalendarDay(number: try row.optionalInteger(12) ?? .min)
    firstReading = try row.optionalTimestamp(13)
    hasEnergy = try row.integer(14) != 0
    hasGood = try row.integer(15) != 0
    hasTotal = try row.integer(16) != 0
  }
}
