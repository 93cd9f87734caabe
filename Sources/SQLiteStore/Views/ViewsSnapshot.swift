import GRDB
import Storage
import Telemetry

/// The views at one moment. Valid only inside the call that lends it.
struct ViewsSnapshot: StoreSnapshot {
  let database: Database
  let directory: StoreDirectory

  func evidence(of senders: StoredSenders, asOf instant: Timestamp) throws -> [EquipmentEvidence] {
    let reading = try SenderReading(database, at: instant, sessionLimits())
    return try reading.forEach(of: senders) { sender, refusals in
      try reading.evidence(of: sender, refusals: refusals)
    }
  }

  func overview(
    asOf instant: Timestamp, factory: String?, period: Range<Timestamp>
  ) throws -> StoreEvidence {
    var evidence = StoreEvidence(asOf: instant)
    evidence.observed = try observed(in: period)
    evidence.silences = try silences(in: period)
    evidence.brokerDrops = try brokerDrops(in: period)
    try readRefusals(of: factory, in: period, into: &evidence)
    let clocks = RefusedClockReading(database: database, period: period)
    evidence.refusedClocks =
      try factory.map { try clocks.judged(of: $0) } ?? clocks.telling(among: evidence.refusals)
    evidence.repairsPending = try repairsPending(of: factory, in: database)
    let roots = try DayRootStore(directory)
    try DayRootStore.requireRoots(of: directory, in: roots)
    try DayRootStore.requireViews(of: directory, reaching: cursor(), in: roots)
    evidence.dayRoot = try roots.newest()?.root
    if let register = evidence.dayRoot?.register {
      try RegisterStore.open(directory: directory.path, readOnly: true).require(register)
    }
    if let head = try JournalReader(directory).head(at: cursor()) {
      evidence.journalHead = head.hash.description
      evidence.newestReceipt = head.lastReceived
    }
    return evidence
  }

  /// The last block that the views reflect; 0 for none.
  func cursor() throws -> Int64 { try ViewsCursor.block(database) }

  /// The timeline of an equipment after the last day before `day` that anything came on; nil when there is none. Its
  /// totals are empty.
  func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws -> Timeline? {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT \(FieldColumns.timeline.list) FROM closing WHERE equipment = ?1 AND day < ?2
        ORDER BY day DESC LIMIT 1
        """)
    rows.bind(Int64(equipment), Int64(day.number))
    return try rows.first { try $0.closing(from: 0) }
  }

  func senders(of scope: FactoryScope) throws -> StoredSenders { try StoredSenders(database, of: scope) }

  func observed(in period: Range<Timestamp>) throws -> [(from: Timestamp, until: Timestamp)] {
    Observations.observed(Observations.hearing(try observations(), try silences()), in: period)
  }

  /// When the shard was connected and heard nothing though senders had been speaking: those that reach into a
  /// period, ascending.
  func silences(in period: Range<Timestamp>) throws -> [Silence] {
    try silences().filter { $0.since < period.upperBound && $0.until > period.lowerBound }
  }

  private func silences() throws -> [Silence] {
    try Row.fetchAll(database, sql: "SELECT * FROM silence ORDER BY since").map { try Silence(row: $0) }
  }

  /// What the shard's connections and silences say about sessions of senders.
  func sessionLimits() throws -> SessionLimits { SessionLimits(try observations(), try silences()) }

  private func observations() throws -> [ObservedStretch] {
    Observations.untangled(
      try Row.fetchAll(database, sql: "SELECT * FROM observation ORDER BY number")
        .map { try ObservedStretch(row: $0) })
  }

  /// The factory before which about half the senders are; nil when they are too few to be worth dividing.
  func middleFactory() throws -> String? {
    let senders = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM equipment") ?? 0
    guard senders >= 2000 else { return nil }
    return try String.fetchOne(
      database, sql: "SELECT factory FROM equipment ORDER BY factory LIMIT 1 OFFSET ?",
      arguments: [senders / 2]
    )
  }

  // MARK: -

  private func brokerDrops(in period: Range<Timestamp>) throws -> Int? {
    BrokerDropCount.dropped(
      try Row.fetchAll(
        database,
        sql: """
          SELECT at, total FROM broker_drop WHERE at < ?2
            AND at >= coalesce((SELECT max(at) FROM broker_drop WHERE at < ?1), ?1) ORDER BY at, total
          """, arguments: [period.lowerBound.milliseconds, period.upperBound.milliseconds]
      ).map { try BrokerDropCount(row: $0) }, from: period.lowerBound)
  }

  /// Reads refused messages and fields left out on the days of a period, up to the as-of.
  private func readRefusals(
    of factory: String?, in period: Range<Timestamp>, into evidence: inout StoreEvidence
  ) throws {
    let zone = try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = 'timezone'")
    guard let calendar = zone.flatMap({ LocalCalendar(identifier: $0) }) else { return }
    let first = calendar.day(at: period.lowerBound)
    let days = first...max(first, calendar.day(at: period.upperBound - .milliseconds(1)))
    let reading = RefusalReading(database: database)
    let refused = try reading.known(
      at: evidence.asOf, try reading.days(of: FactoryScope(factory), in: days))
    var reasons: [RejectionReason: Int] = [:]
    for day in refused { reasons[day.refusal.reason, default: 0] += day.refusal.messages }
    evidence.rejections = RejectionReason.allCases.compactMap { reason in
      reasons[reason].map { (reason, $0) }
    }
    evidence.refusals = RefusalReading.bySender(refused)
    evidence.fieldErrors = try reading.fieldErrors(of: FactoryScope(factory), in: days)
    evidence.retainFlags = try RetainFlagRows.read(of: factory, in: days, database)
  }

  func repairsPending(of factory: String?, in database: Database) throws -> Int {
    try Int.fetchOne(
      database,
      sql: """
        SELECT COUNT(*) FROM repair JOIN equipment ON equipment.number = repair.equipment
        \(factory == nil ? "" : "WHERE equipment.factory = ?")
        """, arguments: factory.map { [$0] } ?? []) ?? 0
  }
}
