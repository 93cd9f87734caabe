/// The figures of a scenario as the design's metrics page defines them, from the whole set of records at
/// once. It cuts time wherever anything changes, and asks of every piece simple questions. It shares no code
/// with the product, and is slow and short on purpose.
struct Reference {
  let scenario: Scenario
  /// Distinct messages in the order received.
  private let received: [Scenario.Record]
  /// When the collector was connected.
  private let connected: [Listening.Stretch]
  /// When it also heard what there was.
  private let observed: [Listening.Stretch]
  private let minimum = 15 * 60_000

  init(scenario: Scenario) {
    self.scenario = scenario
    received = Self.received(scenario.connections.map(Self.withoutKeptFlags))
    let listening = Listening(
      scenario.connections.map(Self.withoutKeptFlags), horizon: scenario.longestHorizon)
    connected = Self.untangled(listening.stretches)
    observed = listening.heard(connected)
  }

  /// A ratio as text, and its bounds where it has any.
  typealias Figures = [String: String]

  /// Every figure of the factory, its workshops and lines, and its equipment, by path.
  func figures() -> Figures {
    var sums: [String: Sums] = [:]
    let equipment = Set(scenario.imports.flatMap { $0.rows.map(\.id) }).sorted()
    for id in equipment {
      for (path, part) in parts(of: id) { sums[path, default: Sums()].add(part) }
    }
    for share in energyShares() {
      let groups = ["factory", "line/\(share.place.workshop)/\(share.place.line)"]
      for path in groups + share.equipment.map({ "equipment/\($0)" }) {
        sums[path, default: Sums()].addEnergy(share.energy)
      }
    }
    var figures: Figures = [:]
    for (path, sum) in sums { sum.write(to: &figures, at: path) }
    for (bucket, count) in buckets(equipment) { figures["factory/buckets/\(bucket)"] = "\(count)" }
    figures["factory/observation_coverage"] = coverage()
    figures["factory/broker_drops"] = brokerDrops().map(String.init) ?? "unknown"
    return figures
  }

  // MARK: The collector (rules 4, 7 and 9)

  /// Only within a minute of a new subscription is a message flagged retained one that the broker had kept; later its
  /// broker keeps the flag of a live message (rule 11).
  private static func withoutKeptFlags(_ connection: Scenario.Connection) -> Scenario.Connection {
    var connection = connection
    connection.events = connection.events.map { event in
      guard case .message(var record) = event else { return event }
      record.retained = record.retained && !connection.resumed && record.received < connection.from + 60_000
      return .message(record)
    }
    return connection
  }

  /// Messages without those delivered again: what a resumed session that did not end in good order delivers
  /// first, when it is the newest messages before it, up to the very last and in their order. A reading that
  /// was refused each time it came before may count now.
  private static func received(_ connections: [Scenario.Connection]) -> [Scenario.Record] {
    told(connections).flatMap { $0 }.filter(\.counts).map(\.message)
  }

  /// By connection, its messages, and whether each is one that has not been told before.
  static func told(_ connections: [Scenario.Connection]) -> [[(message: Scenario.Record, counts: Bool)]] {
    var history: [Scenario.Record] = []
    var endedWell = false
    return connections.map { connection in
      let messages = connection.messages
      let longest = (0...min(history.count, messages.count)).last { count in
        zip(history.suffix(count), messages).allSatisfy { $0.isSameMessage(as: $1) }
      }
      let again = connection.resumed && !endedWell ? longest ?? 0 : 0
      let before = history
      let told = messages.enumerated().map { place, message in
        guard place < again else { return (message: message, counts: true) }
        guard case .reading = message.kind, message.isAccepted else { return (message, false) }
        return (message, !before.contains { $0.isSameMessage(as: message) && $0.isAccepted })
      }
      history += told.filter(\.counts).map(\.message)
      if case .stopped = connection.ending { endedWell = true } else { endedWell = false }
      return told
    }
  }

  /// What a clock that was set back afterwards had shown from there on was not observed.
  private static func untangled(_ stretches: [Listening.Stretch]) -> [Listening.Stretch] {
    var stretches = stretches
    for index in stretches.indices.dropLast() {
      stretches[index].through = min(stretches[index].through, stretches[index + 1].from)
    }
    return stretches
  }

  private func coverage() -> String {
    let begin = Scenario.start(of: scenario.days.lowerBound)
    var cuts = Set(observed.flatMap { [$0.from, $0.through] }).filter { $0 > begin && $0 < end }
    cuts.formUnion([begin, end])
    let sorted = cuts.sorted()
    let seen = zip(sorted, sorted.dropFirst()).reduce(0) { $0 + (isObserved($1.0) ? $1.1 - $1.0 : 0) }
    return "\(seen)/\(end - begin)"
  }

  /// What the broker's count of dropped messages rose by within the period, ascending by when it was heard to
  /// have changed. The first is where counting begins; one that fell is of a broker started again.
  private func brokerDrops() -> Int? {
    var counts: [(at: Int, total: Int)] = []
    for case .drops(let total, let at, _) in scenario.connections.flatMap(\.events)
    where counts.last?.total != total {
      counts.append((at, total))
    }
    counts = counts.filter { $0.at < end }.sorted { $0 < $1 }
    if counts.isEmpty { return nil }
    return zip(counts, counts.dropFirst()).reduce(0) { sum, pair in
      guard pair.1.at >= Scenario.start(of: scenario.days.lowerBound) else { return sum }
      return sum + (pair.1.total < pair.0.total ? pair.1.total : pair.1.total - pair.0.total)
    }
  }

  // MARK: Records (rules 3–5)

  /// The distinct records of an equipment in the order that counts.
  func distinct(_ id: String) -> [Scenario.Record] {
    var kept: [Scenario.Record] = []
    let accepted = received.filter { $0.equipment == id && $0.isAccepted }
    for record in accepted.sorted(by: { $0.received < $1.received })
    where !kept.contains(where: {
      $0.time == record.time && $0.payload == record.payload && $0.workshop == record.workshop
    }) {
      kept.append(record)
    }
    func rank(_ record: Scenario.Record) -> Int {
      switch record.kind {
      case .online: 0
      case .reading: 1
      case .offline, .malformed: 2
      }
    }
    kept.sort { a, b in
      if a.time != b.time { return a.time < b.time }
      if rank(a) != rank(b) { return rank(a) < rank(b) }
      return Array(a.payload.utf8).lexicographicallyPrecedes(Array(b.payload.utf8))
    }
    // Readings of one instant that all carry seq within one boot rank by it.
    var start = 0
    while start < kept.count {
      var end = start + 1
      while end < kept.count, kept[end].time == kept[start].time { end += 1 }
      let readings = (start..<end).filter { status(kept[$0]) != nil }
      let bySequence = readings.map { kept[$0] }
      if let first = bySequence.first.flatMap(status),
        bySequence.allSatisfy({ status($0)?.boot == first.boot && status($0)?.seq != nil })
      {
        let sorted = bySequence.enumerated().sorted {
          (status($0.element)?.seq ?? 0, $0.offset) < (status($1.element)?.seq ?? 0, $1.offset)
        }
        for (place, element) in zip(readings, sorted) { kept[place] = element.element }
      }
      start = end
    }
    return kept
  }

  func status(_ record: Scenario.Record) -> Scenario.Status? {
    if case .reading(let status) = record.kind { status } else { nil }
  }

  // MARK: Register

  /// The row that speaks for an equipment on a day: the newest effective by then.
  func row(_ id: String, on day: Int) -> Scenario.Row? {
    scenario.imports.filter { $0.effectiveOn <= day }.sorted { $0.effectiveOn < $1.effectiveOn }
      .compactMap { one in one.rows.first { $0.id == id } }.last
  }

  func firstEffective(_ id: String) -> Int? {
    scenario.imports.filter { one in one.rows.contains { $0.id == id } }.map(\.effectiveOn).min()
  }

  func inService(_ id: String, on day: Int) -> Scenario.Row? {
    guard let row = row(id, on: day) else { return nil }
    let first = row.commissionedOn ?? firstEffective(id) ?? .max
    return first <= day && day < row.decommissionedOn ?? .max ? row : nil
  }

  func isProduction(_ row: Scenario.Row) -> Bool { !["meter", "gateway"].contains(row.category) }

  /// T of a reading of an equipment: by what its row says when it comes.
  private func horizon(_ id: String, at time: Int) -> Int {
    horizon(row(id, on: Scenario.day(at: time)))
  }

  private func horizon(_ row: Scenario.Row?) -> Int {
    min(Scenario.day, max(minimum, 3 * (row?.interval ?? 0) * 1000))
  }

  /// The interval in which data is due: five minutes where none is declared.
  private func due(_ row: Scenario.Row) -> Int { (row.interval ?? 300) * 1000 }

  // MARK: Time (rules 6–10)

  /// The state a reading vouches for at an instant; nil when none does.
  private func vouched(_ records: [Scenario.Record], at t: Int) -> Scenario.Status? {
    guard let last = records.last(where: { $0.time <= t && status($0) != nil }),
      t < last.time + horizon(last.equipment, at: last.time)
    else { return nil }
    let offlines = records.filter { $0.kind == .offline }
    if offlines.contains(where: { $0.time >= last.time && $0.time <= t }) { return nil }
    // It vouches past an offline only if it was also received later.
    if offlines.contains(where: { $0.time < last.time && last.received <= $0.received }) { return nil }
    return status(last)
  }

  private func isObserved(_ t: Int) -> Bool {
    observed.contains { $0.from <= t && t < $0.through }
  }

  /// Number of messages missing before each reading according to its `seq`, among readings of one boot. A number that
  /// is not the machine's own counter usually jumps: a jump counts after three steps of one, and twice as many as
  /// jumps.
  private func missing(_ records: [Scenario.Record]) -> [(time: Int, missing: Int)] {
    var seq: Int?
    var boot: String?
    var ones = 0
    var leaps = 0
    return records.compactMap { record in
      guard let status = status(record) else { return nil }
      let rebooted = status.boot != nil && boot != nil && status.boot != boot
      if rebooted { (ones, leaps) = (0, 0) }
      let step = rebooted ? 0 : status.seq.flatMap { next in seq.map { next - $0 } } ?? 0
      let missing = step > 1 && ones >= 3 && ones >= 2 * leaps ? step - 1 : 0
      if step == 1 { ones += 1 } else if step > 1 { leaps += 1 }
      seq = status.seq ?? seq
      boot = status.boot ?? boot
      return (record.time, missing)
    }
  }

  /// What sequence gaps leave unknown (rule 9): where a reading before the end shows that messages before it
  /// are missing, whatever the reading before it no longer vouches for. Readings of one instant are one: if
  /// any of them shows a gap, it lies before the instant.
  func lost(_ records: [Scenario.Record]) -> [Range<Int>] {
    let readings = missing(records).filter { $0.time < end }
    let cuts = cuts(records)
    return zip(readings, readings.dropFirst()).flatMap { a, b -> [Range<Int>] in
      guard a.time < b.time, readings.contains(where: { $0.time == b.time && $0.missing > 0 }) else {
        return []
      }
      return zip(cuts, cuts.dropFirst()).filter { from, _ in
        a.time <= from && from < b.time && vouched(records, at: from) == nil
      }.map { $0..<$1 }
    }
  }

  private func isShutDown(_ row: Scenario.Row, at t: Int) -> Bool {
    scenario.shutdowns.contains {
      $0.from <= t && t < $0.until && $0.enteredAt <= $0.from && covers($0.workshop, $0.line, row)
    }
  }

  private func covers(_ workshop: String, _ line: String, _ row: Scenario.Row) -> Bool {
    (workshop.isEmpty || workshop == row.workshop) && (line.isEmpty || line == row.line)
  }

  /// Whether production is planned at an instant, shutdowns aside; nil when no shift says.
  private func isPlanned(_ row: Scenario.Row, at t: Int) -> Bool? {
    for (workshop, line) in [(row.workshop, row.line), (row.workshop, ""), ("", "")] {
      let shifts = scenario.shifts.filter { $0.workshop == workshop && $0.line == line }
      if shifts.isEmpty { continue }
      let today = Scenario.day(at: t)
      return [today - 1, today].contains { day in
        let minute = (t - Scenario.start(of: day)) / 60_000
        return !scenario.holidays.contains(day)
          && shifts.contains {
            $0.days.contains(day) && $0.weekdays.contains((day + 3) % 7 + 1) && $0.start <= minute
              && minute < $0.end
          }
      }
    }
    return nil
  }

  var end: Int { scenario.end }

  /// Every instant at which an answer may change.
  private func cuts(_ records: [Scenario.Record]) -> [Int] {
    var cuts: Set<Int> = [end]
    for record in records {
      cuts.insert(record.time)
      cuts.insert(record.time + horizon(record.equipment, at: record.time))
    }
    for day in scenario.days.lowerBound...scenario.days.upperBound + 1 {
      let start = Scenario.start(of: day)
      cuts.insert(start)
      for shift in scenario.shifts {
        for minute in [shift.start, shift.end, shift.start - 1440, shift.end - 1440] {
          cuts.insert(start + minute * 60_000)
        }
      }
    }
    for stretch in observed + connected {
      cuts.formUnion([stretch.from, stretch.through, stretch.through + 60_001])
    }
    for shutdown in scenario.shutdowns { cuts.formUnion([shutdown.from, shutdown.until]) }
    let begin = Scenario.start(of: scenario.days.lowerBound)
    return cuts.filter { $0 >= begin && $0 <= end }.sorted()
  }

  // MARK: Sums

  private func paths(_ row: Scenario.Row, _ id: String) -> [String] {
    ["factory", "line/\(row.workshop)/\(row.line)", "equipment/\(id)"]
  }

  private func parts(of id: String) -> [(String, Sums)] {
    let records = distinct(id)
    let isHeard = records.contains { $0.kind != .offline && $0.time < end }
    var parts: [String: Sums] = [:]
    func add(_ row: Scenario.Row, _ change: (inout Sums) -> Void) {
      for path in paths(row, id) { change(&parts[path, default: Sums()]) }
    }
    let lost = lost(records)
    let cuts = cuts(records)
    for (t, until) in zip(cuts, cuts.dropFirst()) {
      guard let row = inService(id, on: Scenario.day(at: t)), isProduction(row) else { continue }
      let length = until - t
      let planned = isPlanned(row, at: t)
      let down = isShutDown(row, at: t)
      add(row) { sums in
        sums.hasCalendar = sums.hasCalendar || planned != nil
        if down { sums.shutdown += length }
      }
      guard isHeard else {
        if !down { add(row) { $0.addNeverHeard(length, observed: isObserved(t)) } }
        continue
      }
      let status = vouched(records, at: t)
      let observed = isObserved(t) && !lost.contains { $0.contains(t) }
      let session = hasSession(records.filter { $0.time <= t }, at: t)
      add(row) { sums in
        sums.inService += length
        sums.add(length, reading: status != nil, session: session, observed: observed, down: down)
        if status?.state == "running" { sums.running += length }
        guard planned == true, !down else { return }
        if status == nil, !observed { sums.plannedUnobserved += length } else { sums.planned += length }
        if status?.state == "running" { sums.plannedRunning += length }
        if let state = status?.state, state != "off", state != "maintenance" { sums.plannedBusy += length }
      }
    }
    addCounts(id, records, add)
    addUpload(id, records, lost, cuts, add)
    addMachine(id, records, isHeard, add)
    return Array(parts)
  }

  /// The machine itself, where it was last.
  private func addMachine(
    _ id: String, _ records: [Scenario.Record], _ isHeard: Bool,
    _ add: (Scenario.Row, (inout Sums) -> Void) -> Void
  ) {
    let rows = scenario.days.map { inService(id, on: $0).flatMap { isProduction($0) ? $0 : nil } }
    guard let last = rows.compactMap(\.self).last else { return }
    let heard = zip(scenario.days, rows).count { day, row in
      row != nil
        && records.contains {
          $0.kind != .offline && $0.time < end && Scenario.day(at: $0.time) == day
        }
    }
    add(last) { sums in
      sums.machines += 1
      sums.machinesHeard += isHeard ? 1 : 0
      sums.machinesHeardHalf += heard * 2 >= scenario.days.count ? 1 : 0
      sums.machinesUndeclared += last.interval == nil ? 1 : 0
    }
  }

  /// Meters, pieces, alarms and what is missing, by the day of the later reading.
  private func addCounts(
    _ id: String, _ records: [Scenario.Record], _ add: (Scenario.Row, (inout Sums) -> Void) -> Void
  ) {
    var alarms: Set<String> = []
    let readings = records.filter { status($0) != nil }
    let missing = missing(records)
    let energy = ReferenceMeter(readings, of: \.energy)
    let good = ReferenceMeter(readings, of: \.good, unit: 1000)
    let total = ReferenceMeter(readings, of: \.total, unit: 1000)
    let falls = fallsToAnotherMeter(id, readings, energy)
    let steps = ReferenceMeter.steps(readings, good, total)
    for (index, record) in readings.enumerated() {
      guard let status = status(record) else { continue }
      let day = Scenario.day(at: record.time)
      let row = inService(id, on: day)
      // Of readings at one instant the last one says what the alarms are, as it says the state.
      let wins = index + 1 == readings.count || readings[index + 1].time > record.time
      let raised = wins ? Set(status.alarms).subtracting(alarms) : []
      if wins { alarms = Set(status.alarms) }
      guard scenario.days.contains(day), record.time < end, let row, isProduction(row) else { continue }
      add(row) { sums in for code in raised { sums.alarms[code, default: 0] += 1 } }
      let isTied = index > 0 && readings[index - 1].time == record.time
      add(row) { sums in
        sums.readings += 1
        sums.ties += isTied ? 1 : 0
        sums.missing += missing[index].missing
        sums.good += good.effects[index].booked
        if let step = steps[index] {
          if step.good > step.total {
            sums.goodAboveTotal += 1
          } else {
            sums.countedGood += step.good
            sums.countedTotal += step.total
          }
        }
        for meter in [energy, good, total] { sums.glitches += meter.effects[index].glitches }
        for meter in [good, total] { sums.resets += meter.effects[index].resets.count }
        guard !falls.contains(index) else { return }
        sums.resets += energy.effects[index].resets.count { reset in
          row.rollover.map { !reset.isRollover($0) } ?? true
        }
      }
    }
  }

  // MARK: Upload

  /// The upload rate over days that follow one another with one interval, in service: what was due is time divided by
  /// the interval; what came are intervals that hold a due minute with a reading, on each day at most as many as
  /// there are readings, and never more than were due.
  private func addUpload(
    _ id: String, _ records: [Scenario.Record], _ lost: [Range<Int>], _ cuts: [Int],
    _ add: (Scenario.Row, (inout Sums) -> Void) -> Void
  ) {
    let times = records.filter { status($0) != nil && $0.time < end }.map(\.time)
    var days: [(day: Int, row: Scenario.Row)] = []
    for day in scenario.days {
      let row = inService(id, on: day).flatMap { isProduction($0) ? $0 : nil }
      if let before = days.last, row == nil || due(before.row) != row.map(due) {
        for down in [false, true] { addUpload(days, down, times, lost, cuts, add) }
        days = []
      }
      if let row { days.append((day, row)) }
    }
    for down in [false, true] { addUpload(days, down, times, lost, cuts, add) }
  }

  /// The same with shutdowns in it (`down`), or without.
  private func addUpload(
    _ days: [(day: Int, row: Scenario.Row)], _ down: Bool, _ times: [Int], _ lost: [Range<Int>],
    _ cuts: [Int],
    _ add: (Scenario.Row, (inout Sums) -> Void) -> Void
  ) {
    guard let first = days.first else { return }
    let interval = due(first.row)
    var time = 0
    var touched = 0
    var slots: Set<Int> = []
    var before = (expected: 0, received: 0)
    for (day, row) in days {
      let midnight = Scenario.start(of: day)
      let pieces = zip(cuts, cuts.dropFirst()).filter { from, _ in
        Scenario.day(at: from) == day && isObserved(from) && !lost.contains { $0.contains(from) }
          && (down || !isShutDown(row, at: from))
      }
      time += pieces.reduce(0) { $0 + $1.1 - $1.0 }
      let readings = times.filter { Scenario.day(at: $0) == day }
      let origin = Scenario.day % interval == 0 ? midnight : Scenario.start(of: first.day)
      if Scenario.day % interval == 0 { slots = [] }
      var fresh = 0
      for minute in Set(readings.map { ($0 - midnight) / 60_000 }).sorted() {
        let from = midnight + minute * 60_000
        guard pieces.contains(where: { $0.0 < from + 60_000 && from < $0.1 }) else { continue }
        for slot in (from - origin) / interval...(from + 59_999 - origin) / interval
        where slots.insert(slot).inserted {
          fresh += 1
        }
      }
      touched += min(fresh, readings.count)
      let expected = time / interval
      let received = min(touched, expected)
      add(row) { sums in
        sums.upload[down ? 1 : 0].expected += expected - before.expected
        sums.upload[down ? 1 : 0].received += received - before.received
      }
      before = (expected, received)
    }
  }

  // MARK: Buckets at the as-of

  private func buckets(_ equipment: [String]) -> [String: Int] {
    let t = scenario.asOf
    var counts: [String: Int] = [:]
    for id in equipment {
      guard let row = inService(id, on: Scenario.day(at: t)), isProduction(row) else { continue }
      let records = distinct(id).filter { $0.time <= t }
      let bucket: String
      if vouched(records, at: t) != nil {
        bucket = "reporting"
      } else if hasSession(records, at: t) {
        bucket = "silent"
      } else if records.contains(where: { $0.kind != .offline }) {
        bucket = "offline"
      } else if received.contains(where: {
        $0.equipment == id && !$0.retained && !$0.isAccepted && $0.received <= t
          && $0.received > t - 30 * Scenario.day
      }) {
        bucket = "refused"
      } else {
        bucket = row.digital && row.connectable ? "never_seen" : "not_connectable"
      }
      counts[bucket, default: 0] += 1
    }
    return counts
  }

  /// A session holds from online to offline, unless the broker lost ours, or nobody has listened for a
  /// minute and no resumed session has told since what happened.
  private func hasSession(_ records: [Scenario.Record], at t: Int) -> Bool {
    guard let online = records.last(where: { $0.kind == .online })?.time,
      online > records.last(where: { $0.kind == .offline })?.time ?? .min
    else { return false }
    for (before, after) in zip(connected, connected.dropFirst())
    where !after.resumed && online < after.from && before.through <= t {
      return false
    }
    guard let current = connected.lastIndex(where: { $0.from <= t }) else { return true }
    return t - connected[current].through <= 60_000 || connected[(current + 1)...].contains(where: \.resumed)
  }
}
