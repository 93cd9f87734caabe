import Telemetry

/// The state of one machine after its newest record, in a pack. `_ms` are milliseconds, instants since 1970 UTC; digests
/// are 16 hexadecimal digits. What has no value is left out.
extension Timeline: PackFields {
  static var blank: Timeline { Timeline() }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try codeTimes(with: &coder)
    try coder.word("state", &state, Self.states)
    try coder.word("mode", &mode, Self.modes)
    try coder.options("vouching", &vouching, Self.vouchings)
    try coder.number("sequence", &sequence, 0 ... .max)
    try coder.amount("sequence_steps", &sequenceSteps)
    try coder.amount("sequence_leaps", &sequenceLeaps)
    try coder.digest("boot_digest", &boot)
    try coder.digest("previous_boot_digest", &previousBoot)
    var digest = alarms.unlessZero
    try coder.digest("alarms_digest", &digest)
    alarms = digest ?? 0
    // Since the newest reading, at most 255.
    try coder.amount("offlines", &offlinesSinceNewest)
    // Receipt − event time of the newest live reading.
    try coder.balance("clock_behind_ms", &clock, PackBounds.clocks)
    try codeMeters(with: &coder)
    var openDay = day.number == .min ? nil : day
    try coder.day("day", &openDay)
    day = openDay ?? CalendarDay(number: .min)
    // No reading is later than the open day. Days in every time zone end within two days of their number in UTC.
    let end = (Int64(day.number) + 3) * 86_400_000
    try coder.require(!hasReadings || newest.milliseconds < end, "day")
    // Of the open day; left out if they are empty.
    var open = totals.isEmpty ? nil : totals
    try coder.object("totals", &open)
    try coder.require(open?.isEmpty != true, "totals")
    totals = open ?? DayTotals()
  }

  private mutating func codeTimes<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.instant("newest_ms", &newest, none: .distantPast)
    try coder.instant("stretch_start_ms", &stretchStart, none: .distantPast)
    try coder.instant("cut_ms", &cut, none: .distantFuture)
    try coder.instant("last_offline_ms", &lastOffline, none: .distantPast)
    try coder.instant("last_offline_received_ms", &lastOfflineReceived, none: .distantPast)
    try coder.instant("last_online_ms", &lastOnline, none: .distantPast)
    try coder.instant("first_heard_ms", &firstHeard, none: .distantFuture)
    try coder.instant("first_reading_ms", &firstReading, none: .distantFuture)
    try coder.instant("newest_received_ms", &newestReceived, none: .distantPast)
    try coder.instant("energy_at_ms", &energyAt, none: .distantPast)
  }

  private mutating func codeMeters<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.number("energy_wh", &meters.energy, 0 ... .max)
    try coder.number("good_thousandths", &meters.good, 0 ... .max)
    try coder.number("total_thousandths", &meters.total, 0 ... .max)
    var marks = meterMarks.subtracting(.doubtful)
    try coder.options("meter_marks", &marks, Self.marks)
    meterMarks = marks
    var doubts = doubts
    try coder.object("energy_fall", &doubts.energy)
    try coder.object("good_fall", &doubts.good)
    try coder.object("total_fall", &doubts.total)
    try coder.balance("rest_good_thousandths", &doubts.restGood, .min ... .max)
    try coder.balance("rest_total_thousandths", &doubts.restTotal, .min ... .max)
    try coder.instant("energy_first_at_ms", &doubts.energyFirstAt)
    self.doubts = doubts
  }

  private static let states = EquipmentState.allCases.map { (word: $0.name, value: $0) }
  private static let modes = OperatingMode.allCases.map { (word: $0.name, value: $0) }
  /// Marks of meters, in the order of files.
  private static let marks: [(word: String, value: MeterMarks)] = [
    ("energy_restarted", .energyRestarted), ("good_restarted", .goodRestarted),
    ("total_restarted", .totalRestarted), ("counts_both", .countsBoth),
  ]
  /// Other ways than by the horizon in which readings vouch, in the order of files.
  private static let vouchings: [(word: String, value: Vouching.Past)] = [
    ("session", .session), ("ever_by_session", .everBySession),
  ]
}

/// A meter that fell, before it is known whether it was reset.
extension MeterFall: PackFields {
  static var blank: MeterFall { MeterFall(first: .blank) }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.object("first", &first)
    try coder.object("second", &second)
    try coder.instant("last_at_ms", &lastAt)
  }
}

extension MeterFall.Point: PackFields {
  static var blank: Self { Self(value: 0, at: .distantPast) }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.number("value_thousandths", &value, 0 ... .max)
    try coder.instant("at_ms", &at)
    try coder.flag("first_of_boot", &isFirstOfBoot)
  }
}
