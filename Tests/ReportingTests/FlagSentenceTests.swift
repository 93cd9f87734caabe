import Aggregation
import Register
import Reporting
import Telemetry
import Testing

/// Each way of looking better than one is, with the exact sentence that a report prints.
@Suite("Sentences of looking better than one is") struct FlagSentenceTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// 2026-11-22T08:00:00+08:00.
  private let morning = Timestamp(milliseconds: 1_795_305_600_000)
  private let day = CalendarDay(number: 20_779)

  private func row(
    _ id: String = "E1", _ change: (inout RegisteredEquipment) -> Void = { _ in }
  ) -> RegisteredEquipment {
    var row = RegisteredEquipment(key: EquipmentKey(factory: "F1", equipment: id))
    change(&row)
    return row
  }

  private func expect(
    _ flag: AuditFlag, _ english: String, _ chinese: String, at location: SourceLocation = #_sourceLocation
  ) {
    #expect(flag.sentence(in: .english, calendar: shanghai) == english, sourceLocation: location)
    #expect(flag.sentence(in: .chinese, calendar: shanghai) == chinese, sourceLocation: location)
  }

  /// The flags of a register known otherwise when the period began or ended, changed this morning.
  private func flags(
    first: RegisteredEquipment, begun: RegisteredEquipment? = nil, filed: RegisteredEquipment? = nil,
    now: RegisteredEquipment, _ service: RegisterSnapshot.Entry.Service = .inService
  ) -> [AuditFlag] {
    func snapshot(
      _ row: RegisteredEquipment, _ service: RegisterSnapshot.Entry.Service = .inService
    ) -> RegisterSnapshot {
      RegisterSnapshot(version: 1, day: day, entries: [.init(equipment: row, service: service)])
    }
    return RegisterFlags.flags(
      RegisterFlags.Versions(
        first: snapshot(first), begun: begun.map { snapshot($0) }, filed: filed.map { snapshot($0) },
        now: snapshot(now, service))
    ) { _ in morning }
  }

  @Test("A claim without evidence names everything that the equipment is declared as") func claim() {
    func flag(
      _ last: AuditFlag.Fact = .missing, _ change: @escaping (inout RegisteredEquipment) -> Void
    ) -> AuditFlag {
      AuditFlag(
        .claimWithoutEvidence, of: row("E1", change), ["automatic": .truth(true), "last_reading": last])
    }
    expect(
      flag { ($0.automation, $0.digital, $0.connectable) = (.automatic, true, true) },
      "declared automatic, digital and connectable, no reading ever received", "申报为自动化、数字化、可联网设备，未收到过数据")
    expect(
      flag {
        ($0.automation, $0.intelligent, $0.digital, $0.connectable, $0.cnc) = (
          .automatic, true, true, true, true
        )
      },
      "declared automatic, intelligent, digital, connectable and numerically controlled, no reading ever received",
      "申报为自动化、智能化、数字化、可联网、数控设备，未收到过数据")
    expect(
      flag(.instant(morning)) { ($0.automation, $0.digital) = (.automatic, true) },
      "declared automatic and digital, last reading 2026-11-22 08:00", "申报为自动化、数字化设备，末次数据 2026-11-22 08:00")
    expect(
      flag { $0.automation = .automatic }, "declared automatic, no reading ever received", "申报为自动化设备，未收到过数据")
    expect(
      flag { $0.cnc = true }, "declared numerically controlled, no reading ever received", "申报为数控设备，未收到过数据")
    // Connectable is claimed of digital equipment only.
    expect(
      flag { ($0.cnc, $0.connectable) = (true, true) },
      "declared numerically controlled, no reading ever received",
      "申报为数控设备，未收到过数据")
  }

  @Test("Removed from the base: retired, another category, commissioned later") func removed() throws {
    let retired = flags(first: row(), now: row(), .retired)
    #expect(retired.map(\.kind) == [.removedFromBase])
    expect(
      retired[0], "retired within the period, entered 2026-11-22 08:00", "本期内退役，录入于 2026-11-22 08:00")
    let sensor = flags(first: row() { $0.category = "lathe" }, now: row() { $0.category = "sensor" })
    #expect(sensor.map(\.kind) == [.removedFromBase])
    expect(
      sensor[0], "its category is no production equipment any more, entered 2026-11-22 08:00",
      "改列为非生产设备，录入于 2026-11-22 08:00")
    let later = flags(first: row(), now: row(), .notYet)
    #expect(later.map(\.kind) == [.removedFromBase])
    expect(
      later[0], "its commissioning was put off, entered 2026-11-22 08:00", "推迟投用日期，录入于 2026-11-22 08:00")
    #expect(flags(first: row(), now: row()).isEmpty)
    let meter = row() { ($0.category, $0.meterKind) = ("meter", .gas) }
    expect(
      try #require(flags(first: meter, now: meter, .retired).first),
      "meter retired within the period, entered 2026-11-22 08:00", "计量器具本期内停用，录入于 2026-11-22 08:00")
    expect(
      try #require(flags(first: meter, now: meter, .notYet).first),
      "the meter's commissioning was put off, entered 2026-11-22 08:00",
      "推迟计量器具投用日期，录入于 2026-11-22 08:00")
  }

  @Test("Register changed afterwards: a claim improved, an interval raised") func improved() throws {
    let claim = flags(
      first: row(), filed: row() { $0.automation = .manual },
      now: row() {
        $0.automation = .automatic
        $0.intelligent = true
      })
    #expect(claim.map(\.kind) == [.registerImproved])
    expect(
      claim[0], "changed for the better: automation, intelligent, entered 2026-11-22 08:00",
      "变更后指标上升：automation, intelligent，录入于 2026-11-22 08:00")
    let interval = flags(
      first: row(), begun: row() { $0.reportInterval = .minutes(1) },
      now: row() { $0.reportInterval = .hours(1) })
    #expect(interval.map(\.kind) == [.registerImproved])
    expect(
      interval[0], "changed for the better: report_interval, entered 2026-11-22 08:00",
      "变更后指标上升：report_interval，录入于 2026-11-22 08:00")
    // Lowered, it improves nothing.
    #expect(
      flags(
        first: row(), begun: row() { $0.reportInterval = .hours(1) },
        now: row() { $0.reportInterval = .minutes(1) }
      ).isEmpty)
  }

  @Test("What telemetry shows of one machine") func machines() {
    expect(
      AuditFlag(.heardFirst, of: row(), ["first": .instant(morning), "dark_ms": .span(.hours(9 * 24 + 2))]),
      "in service and observed for 9 days of the period before it was first heard at 2026-11-22 08:00",
      "本期内在役且已观测，历时 9 天后于 2026-11-22 08:00 首次接入")
    expect(
      AuditFlag(
        .intervalMismatch, of: row(), ["declared_ms": .span(.minutes(5)), "measured_ms": .span(.minutes(1))]),
      "declared every 5 min, sends every 60 s; if that is intended, set report_interval_s of E1 to 60 in the register",
      "申报每 5 分钟，实测每 60 秒；如属正常，请将台账中 E1 的上报周期秒改为 60")
    expect(
      AuditFlag(
        .intervalMismatch, of: row(), ["declared_ms": .span(.minutes(1)), "measured_ms": .span(.minutes(30))]),
      "declared every 60 s, sends every 30 min; if that is intended, set report_interval_s of E1 to 1800 in the register",
      "申报每 60 秒，实测每 30 分钟；如属正常，请将台账中 E1 的上报周期秒改为 1800")
    expect(
      AuditFlag(.backFilled, of: row(), ["late": .number(60), "readings": .number(1000)]),
      "60 of 1,000 readings came over an hour late", "1,000 条数据中 60 条迟到超过 1 小时")
    expect(
      AuditFlag(.darkInShutdown, of: row(), ["shutdown_ms": .span(.hours(3))]),
      "on at no time of the period, of which planned shutdowns cover 3 h", "全期无有效数据，其中 3 小时登记为计划停产")
    expect(
      AuditFlag(
        .manualOperation, of: row(), ["manual_ms": .span(.hours(2)), "running_ms": .span(.hours(3))]),
      "2 h of 3 h running by hand", "运行 3 小时中手动 2 小时")
    expect(
      AuditFlag(.modeNeverStated, of: row(), ["running_ms": .span(.hours(3))]),
      "declared automatic or intelligent; running for 3 h, no reading states the mode",
      "申报为自动化或智能化设备，运行 3 小时，未上报运行模式")
    expect(
      AuditFlag(.noPause, of: row(), ["days": .number(7)]), "running for 7 days without a pause",
      "连续运行 7 天无停顿")
    expect(
      AuditFlag(.constantDeltas, of: row(), ["days": .number(8)]),
      "exactly the same counts on 8 days in a row", "连续 8 天计数完全相同")
  }

  @Test("What counters and meters show") func counters() {
    expect(
      AuditFlag(.sameCounters, of: row(), ["with": .text("F1/E2"), "energy_kwh": .text("10.045")]),
      "energy (10.045 kWh) and pieces of the period are exactly those of F1/E2",
      "本期能耗（10.045 kWh）与产量同 F1/E2 完全一致")
    expect(
      AuditFlag(.energyWithoutPieces, of: row(), ["energy_kwh": .text("4.5")]),
      "took 4.5 kWh running, its counters of pieces stand still", "运行耗电 4.5 kWh，产量计数未变")
    expect(
      AuditFlag(.piecesWithoutEnergy, of: row(), ["pieces": .text("45")]),
      "made 45 pieces, its meter stands still", "产量 45 件，电表读数未变")
    expect(
      AuditFlag(.fewMeters, of: "F1", .init(), ["metered": .number(1), "machines": .number(3)]),
      "energy is metered for 1 of 3 machines", "3 台设备中仅 1 台有能耗计量")
  }

  @Test("A clock's sentence names the time zone, the drift, or the unit of its times") func clocks() {
    func clock(_ behind: Span, _ cause: ClockCause) -> AuditFlag {
      AuditFlag(.clockSkew, of: row(), ["behind_ms": .span(behind), "cause": .text(cause.rawValue)])
    }
    expect(clock(.hours(-8), .timeZone), "8 h ahead: the time zone?", "快 8 小时：时区设置？")
    expect(clock(.minutes(150), .timeZone), "2.5 h behind: the time zone?", "慢 2.5 小时：时区设置？")
    expect(
      clock(.milliseconds(-19_800_123), .timeZone), "5.5 h ahead: the time zone?", "快 5.5 小时：时区设置？")
    expect(
      clock(.minutes(10), .drifting), "10 min behind, and more every day: it drifts",
      "慢 10 分钟，且逐日增大：时钟漂移")
    expect(clock(.hours(24), .notSet), "24 h behind: it was never set", "慢 24 小时：时钟未校准")
    let year = Span.days(20_779)
    expect(clock(year, .seconds), "times are in seconds: send milliseconds", "时间戳单位为秒，应为毫秒")
    expect(clock(year, .microseconds), "times are in microseconds: send milliseconds", "时间戳单位为微秒，应为毫秒")
    expect(clock(year, .nanoseconds), "times are in nanoseconds: send milliseconds", "时间戳单位为纳秒，应为毫秒")
  }

  @Test("Sequence numbers that are not the sender's own count no losses, and that is said")
  func foreignCounter() {
    expect(
      AuditFlag(.foreignCounter, of: row(), ["jumps": .number(4), "readings": .number(1005)]),
      "4 of 1,005 readings leave numbers out: a counter shared by several machines, with a stride, or a time; "
        + "no losses are counted by it",
      "1,005 条数据中 4 条序号不连续：多台设备共用、固定步长或为时间值，不据此统计丢失")
  }

  @Test("Refused messages name their fault, and of several the most frequent one with their number")
  func refused() {
    func flag(_ messages: Int, kinds: Int) -> AuditFlag {
      AuditFlag(
        .refusedMessages, of: row(),
        [
          "messages": .number(messages), "kinds": .number(kinds), "reason": .text("missing_field"),
          "field": .text("ts"), "fault": .text("other_key"), "excerpt": .text("timestamp"),
        ])
    }
    let english = "ts is missing, there is 'timestamp'. Rename 'timestamp' to ts."
    let chinese = "缺少 ts，却有“timestamp”。请将字段“timestamp”改名为 ts。"
    expect(flag(1, kinds: 1), "1 message: " + english, "1 条：" + chinese)
    expect(flag(7, kinds: 1), "7 messages: " + english, "7 条：" + chinese)
    expect(
      flag(1007, kinds: 3), "1,007 messages with 3 kinds of faults, most often: " + english,
      "1,007 条，问题共 3 种，最多的是：" + chinese)
  }
}
