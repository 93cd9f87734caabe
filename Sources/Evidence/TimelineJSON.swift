import Telemetry

/// The state of one machine after its newest record. `_ms` are milliseconds, instants since 1970 UTC; digests are 16
/// hexadecimal digits. What has no value is left out.
struct TimelineJSON: Codable, Equatable {
  /// A meter that fell, before it is known whether it was reset.
  struct Fall: Codable, Equatable {
    struct Point: Codable, Equatable {
      var value_thousandths: Int64
      var at_ms: Int64
      var first_of_boot: Bool
    }
    var first: Point
    var second: Point?
    var last_at_ms: Int64?
  }

  var newest_ms: Int64?
  var stretch_start_ms: Int64?
  var cut_ms: Int64?
  var state: String
  var mode: String
  /// Words of ``vouchings``.
  var vouching: [String]?
  var sequence: UInt64?
  var sequence_steps: UInt16?
  var sequence_leaps: UInt16?
  var boot_digest: String?
  var previous_boot_digest: String?
  var alarms_digest: String?
  var last_offline_ms: Int64?
  var last_offline_received_ms: Int64?
  /// Offlines since the newest reading, at most 255.
  var offlines: UInt8?
  var last_online_ms: Int64?
  var first_heard_ms: Int64?
  var first_reading_ms: Int64?
  var newest_received_ms: Int64?
  /// Receipt − event time of the newest live reading.
  var clock_behind_ms: Int64?
  var energy_wh: Int64?
  var good_thousandths: Int64?
  var total_thousandths: Int64?
  var energy_at_ms: Int64?
  /// Words of ``marks``.
  var meter_marks: [String]?
  var energy_fall: Fall?
  var good_fall: Fall?
  var total_fall: Fall?
  var rest_good_thousandths: Int64?
  var rest_total_thousandths: Int64?
  var energy_first_at_ms: Int64?
  var day: String?
  /// Of the open day; left out if it is empty.
  var totals: TotalsJSON?

  /// Marks of meters, in the order of files.
  static let marks: [(word: String, mark: MeterMarks)] = [
    ("energy_restarted", .energyRestarted), ("good_restarted", .goodRestarted),
    ("total_restarted", .totalRestarted), ("counts_both", .countsBoth),
  ]
  /// By what its readings vouch beside the horizon, in the order of files.
  static let vouchings: [(word: String, mark: Vouching.Past)] = [
    ("session", .session), ("ever_by_session", .everBySession),
  ]
  static let states = Dictionary(uniqueKeysWithValues: EquipmentState.allCases.map { ($0.name, $0) })
  static let modes = Dictionary(uniqueKeysWithValues: OperatingMode.allCases.map { ($0.name, $0) })
  /// Differences of two instants.
  static let clocks: ClosedRange<Int64> = -(1 << 50)...1 << 50
}

extension TimelineJSON {
  init(_ timeline: Timeline) {
    newest_ms = timeline.newest.unless(.distantPast)
    stretch_start_ms = timeline.stretchStart.unless(.distantPast)
    cut_ms = timeline.cut.unless(.distantFuture)
    state = timeline.state.name
    mode = timeline.mode.name
    vouching = Self.vouchings.filter { timeline.vouching.contains($0.mark) }.map(\.word).unlessEmpty
    sequence = timeline.sequence
    sequence_steps = timeline.sequenceSteps.unlessZero
    sequence_leaps = timeline.sequenceLeaps.unlessZero
    boot_digest = timeline.boot?.hexadecimal
    previous_boot_digest = timeline.previousBoot?.hexadecimal
    alarms_digest = timeline.alarms.unlessZero?.hexadecimal
    last_offline_ms = timeline.lastOffline.unless(.distantPast)
    last_offline_received_ms = timeline.lastOfflineReceived.unless(.distantPast)
    offlines = timeline.offlinesSinceNewest.unlessZero
    last_online_ms = timeline.lastOnline.unless(.distantPast)
    first_heard_ms = timeline.firstHeard.unless(.distantFuture)
    first_reading_ms = timeline.firstReading.unless(.distantFuture)
    newest_received_ms = timeline.newestReceived.unless(.distantPast)
    clock_behind_ms = timeline.clock.unlessZero
    energy_wh = timeline.meters.energy
    good_thousandths = timeline.meters.good
    total_thousandths = timeline.meters.total
    energy_at_ms = timeline.energyAt.unless(.distantPast)
    meter_marks = Self.marks.filter { timeline.meterMarks.contains($0.mark) }.map(\.word).unlessEmpty
    let doubts = timeline.doubts
    energy_fall = doubts.energy.map { Fall($0) }
    good_fall = doubts.good.map { Fall($0) }
    total_fall = doubts.total.map { Fall($0) }
    rest_good_thousandths = doubts.restGood.unlessZero
    rest_total_thousandths = doubts.restTotal.unlessZero
    energy_first_at_ms = doubts.energyFirstAt?.milliseconds
    day = timeline.day.number == .min ? nil : "\(timeline.day)"
    totals = timeline.totals.isEmpty ? nil : TotalsJSON(timeline.totals)
  }

  func value(_ check: PackCheck) throws(EvidenceError) -> Timeline {
    var timeline = Timeline()
    try readTimes(&timeline, check)
    timeline.state = try check.named(state, Self.states, "state")
    timeline.mode = try check.named(mode, Self.modes, "mode")
    for word in try check.list(vouching, most: Self.vouchings.count, "vouching") {
      guard let mark = Self.vouchings.first(where: { $0.word == word })?.mark else {
        throw check.misfit("vouching")
      }
      timeline.vouching.insert(mark)
    }
    timeline.sequence = sequence
    timeline.sequenceSteps = try check.amount(sequence_steps, "sequence_steps")
    timeline.sequenceLeaps = try check.amount(sequence_leaps, "sequence_leaps")
    if let boot_digest { timeline.boot = try check.word(boot_digest, "boot_digest") }
    if let previous_boot_digest {
      timeline.previousBoot = try check.word(previous_boot_digest, "previous_boot_digest")
    }
    if let alarms_digest { timeline.alarms = try check.word(alarms_digest, "alarms_digest") }
    timeline.offlinesSinceNewest = try check.amount(offlines, "offlines")
    let clock = try check.balance(clock_behind_ms, "clock_behind_ms")
    timeline.clock = try check.number(clock, Self.clocks, "clock_behind_ms")
    for (value, field) in [
      (energy_wh, "energy_wh"), (good_thousandths, "good_thousandths"),
      (total_thousandths, "total_thousandths"),
    ] { try check.require(value ?? 0 >= 0, field) }
    timeline.meters = Meters(energy: energy_wh, good: good_thousandths, total: total_thousandths)
    try readMarks(&timeline, check)
    timeline.doubts = try doubts(check)
    timeline.day = try check.day(day, "day") ?? CalendarDay(number: .min)
    // No reading is later than the open day. Days in every time zone end within two days of their number in UTC.
    if let newest_ms { try check.require(newest_ms < (Int64(timeline.day.number) + 3) * 86_400_000, "day") }
    if let totals {
      try check.require(totals != TotalsJSON(), "totals")
      timeline.totals = try totals.value(check)
    }
    return timeline
  }

  private func readTimes(_ timeline: inout Timeline, _ check: PackCheck) throws(EvidenceError) {
    func past(_ milliseconds: Int64?, _ field: String) throws(EvidenceError) -> Timestamp {
      try check.instant(milliseconds, else: .distantPast, field)
    }
    func future(_ milliseconds: Int64?, _ field: String) throws(EvidenceError) -> Timestamp {
      try check.instant(milliseconds, else: .distantFuture, field)
    }
    timeline.newest = try past(newest_ms, "newest_ms")
    timeline.stretchStart = try past(stretch_start_ms, "stretch_start_ms")
    timeline.cut = try future(cut_ms, "cut_ms")
    timeline.lastOffline = try past(last_offline_ms, "last_offline_ms")
    timeline.lastOfflineReceived = try past(last_offline_received_ms, "last_offline_received_ms")
    timeline.lastOnline = try past(last_online_ms, "last_online_ms")
    timeline.firstHeard = try future(first_heard_ms, "first_heard_ms")
    timeline.firstReading = try future(first_reading_ms, "first_reading_ms")
    timeline.newestReceived = try past(newest_received_ms, "newest_received_ms")
    timeline.energyAt = try past(energy_at_ms, "energy_at_ms")
  }

  private func readMarks(_ timeline: inout Timeline, _ check: PackCheck) throws(EvidenceError) {
    for word in try check.list(meter_marks, most: Self.marks.count, "meter_marks") {
      guard let mark = Self.marks.first(where: { $0.word == word })?.mark else {
        throw check.misfit("meter_marks")
      }
      timeline.meterMarks.insert(mark)
    }
  }

  private func doubts(_ check: PackCheck) throws(EvidenceError) -> MeterDoubts {
    var doubts = MeterDoubts()
    if let energy_fall { doubts.energy = try energy_fall.value(check, "energy_fall") }
    if let good_fall { doubts.good = try good_fall.value(check, "good_fall") }
    if let total_fall { doubts.total = try total_fall.value(check, "total_fall") }
    doubts.restGood = try check.balance(rest_good_thousandths, "rest_good_thousandths")
    doubts.restTotal = try check.balance(rest_total_thousandths, "rest_total_thousandths")
    if let energy_first_at_ms {
      doubts.energyFirstAt = try check.instant(energy_first_at_ms, "energy_first_at_ms")
    }
    return doubts
  }
}

extension TimelineJSON.Fall {
  fileprivate init(_ fall: MeterFall) {
    first = Point(fall.first)
    second = fall.second.map { Point($0) }
    last_at_ms = fall.lastAt?.milliseconds
  }

  fileprivate func value(_ check: PackCheck, _ field: String) throws(EvidenceError) -> MeterFall {
    var fall = MeterFall(first: try first.value(check, field))
    if let second { fall.second = try second.value(check, field) }
    if let last_at_ms { fall.lastAt = try check.instant(last_at_ms, field) }
    return fall
  }
}

extension TimelineJSON.Fall.Point {
  fileprivate init(_ point: MeterFall.Point) {
    self.init(
      value_thousandths: point.value, at_ms: point.at.milliseconds, first_of_boot: point.isFirstOfBoot)
  }

  fileprivate func value(_ check: PackCheck, _ field: String) throws(EvidenceError) -> MeterFall.Point {
    try check.require(value_thousandths >= 0, field)
    return MeterFall.Point(
      value: value_thousandths, at: try check.instant(at_ms, field), isFirstOfBoot: first_of_boot)
  }
}
