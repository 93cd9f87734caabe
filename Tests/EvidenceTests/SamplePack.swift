import Evidence
import Foundation
import Journal
import Register
import Storage
import Telemetry

/// A small pack in which every field has a value, and changes of its files.
enum SamplePack {
  static let day = CalendarDay(number: 20_000)
  static let at = Timestamp(milliseconds: 1_728_000_000_000)

  static let pack = EvidencePack(
    factory: "F001", days: day...day, millwrightVersion: "0.1.0", rules: rules,
    policies: ["full-coverage": "name: x\n"], register: register, chain: chain, opening: opening,
    records: [records(day), records(day + 1)], report: "{\"schema\":\"millwright.report/1\"}\n")

  static let rules = EvidencePack.Rules(
    district: .init(id: "test", name_zh: "测试", name_en: "Test", timezone: "Asia/Shanghai"),
    sources: [.init(format: "status", topic: "factory/{factory}/{equipment}/status")],
    payload_bytes: 65_536, nesting: 16, future_skew_ms: 300_000, oldest_age_ms: 7_603_200_000,
    networked_window_ms: 604_800_000, horizon_factor: 3, horizon_minimum_ms: 900_000,
    default_interval_ms: 600_000, known_at_ms: at.milliseconds)

  static var register: RegisterContents {
    let file = RegisterImportRecord.File(
      name: "equipment.csv", sha256: SHA256Digest(hashing: []).description, rows: 2)
    var contents = RegisterContents()
    contents.imports = [
      RegisterContents.EquipmentImport(
        version: RegisterImport(version: 1, effectiveOn: day, importedAt: at), equipmentFile: file,
        factoriesFile: file, factoryRows: 2,
        factory: RegisteredFactory(
          id: "F001", nameChinese: "一厂", nameEnglish: "One", industry: "c", district: "d",
          retrofitCompletedOn: day),
        equipment: [
          RegisteredEquipment(
            key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W1", line: "L1", name: "Lathe",
            category: "machine", automation: .automatic, intelligent: true, digital: true, connectable: true,
            reportInterval: .seconds(60), commissionedOn: day, decommissionedOn: day + 9,
            retrofittedOn: day + 1, serial: "S", energyMeter: "M", energyRollover: 1_000_000, gateway: "G",
            cnc: true, process: "Turning", keyProcess: true, idealCycle: .milliseconds(12_500),
            assetValue: 1_234_560, meterKind: .electricity, countsOutput: false)
        ]),
      RegisterContents.EquipmentImport(
        version: RegisterImport(version: 2, effectiveOn: day, importedAt: at), equipmentFile: file,
        factoriesFile: nil, factoryRows: 0, factory: nil, equipment: []),
    ]
    let place = ProductionCalendar.Place(workshop: "W1", line: "L1")
    let kinds: [CalendarEntry.Kind] = [
      .shift(days: day...day + 9, weekdays: [1, 7], start: 480, end: 1500), .holiday(days: day...day),
      .shutdown(at..<at + .hours(1)),
    ]
    contents.calendars = [
      RegisterContents.CalendarVersion(
        version: 1, importedAt: at, file: "calendar.csv", sha256: file.sha256,
        entries: kinds.enumerated().map { index, kind in
          RegisterContents.PlacedEntry(
            position: index * 2, entry: CalendarEntry(factory: "F001", place: place, kind: kind, note: "n"))
        }),
      RegisterContents.CalendarVersion(
        version: 2, importedAt: at, file: "calendar.csv", sha256: file.sha256, entries: nil),
    ]
    return contents
  }

  static let chain = RegisterProof(links: [
    RegisterProof.Link(
      kind: .equipment, version: 1, leaves: 2,
      proof: [RegisterProof.Leaf(index: 1, id: .zero, rows: .zero, path: [.zero])], hash: .zero),
    RegisterProof.Link(kind: .calendars, version: 1, leaves: 0, proof: [], hash: .zero),
  ])

  static var totals: DayTotals {
    var totals = DayTotals()
    for state in EquipmentState.allCases { totals.states[state] = Int32(state.rawValue) * 1000 }
    (totals.automaticRunning, totals.manualRunning) = (600, 400)
    (totals.energy, totals.good, totals.total) = (10, 20, 30)
    (totals.readings, totals.missing, totals.meterResets, totals.ties) = (1, 2, 3, 4)
    (totals.bootReturns, totals.live, totals.late, totals.sequenceJumps) = (5, 6, 7, 8)
    totals.skew = -5
    var odd = MeterOddities()
    (odd.glitches, odd.goodAboveTotal, odd.openFalls) = (1, 2, 3)
    (odd.unpairedGood, odd.unpairedTotal) = (-4, 5)
    totals.odd = odd
    for minute in [0, 1, 2, 70, 1439] { totals.minutes.insert(minute) }
    return totals
  }

  /// With a value other than none in every field.
  static var timeline: Timeline {
    var timeline = Timeline()
    (timeline.newest, timeline.stretchStart, timeline.cut) = (at, at - .minutes(5), at + .minutes(1))
    (timeline.state, timeline.mode) = (.running, .automatic)
    (timeline.sequence, timeline.boot, timeline.previousBoot) = (.max, 0, 7)
    (timeline.sequenceSteps, timeline.sequenceLeaps) = (9, 1)
    timeline.alarms = .max
    (timeline.lastOffline, timeline.lastOfflineReceived) = (at - .hours(1), at - .minutes(59))
    (timeline.offlinesSinceNewest, timeline.lastOnline) = (2, at - .hours(2))
    (timeline.firstHeard, timeline.firstReading) = (at - .days(2), at - .days(2))
    (timeline.newestReceived, timeline.clock) = (at + .seconds(1), 1000)
    timeline.meters = Meters(energy: 5, good: 0, total: 7)
    timeline.energyAt = at
    timeline.meterMarks = [.energyRestarted, .goodRestarted, .totalRestarted, .countsBoth]
    var fall = MeterFall(first: .init(value: 1, at: at, isFirstOfBoot: true))
    fall.second = .init(value: 2, at: at + .seconds(1))
    fall.lastAt = at
    var doubts = MeterDoubts()
    (doubts.energy, doubts.good, doubts.total) = (fall, fall, fall)
    (doubts.restGood, doubts.restTotal, doubts.energyFirstAt) = (1, -2, at)
    timeline.doubts = doubts
    timeline.vouching = .all
    timeline.day = day
    timeline.totals = totals
    return timeline
  }

  static var opening: OpeningState {
    var closing = timeline
    closing.totals = DayTotals()
    var sender = OpeningState.Sender(equipment: "E1", workshop: "W1", hasMoved: true)
    sender.timeline = timeline
    sender.lastDay = .init(timeline: closing, workshop: "W1")
    sender.days = [.init(day: day - 1, totals: totals), .init(day: day, totals: DayTotals())]
    sender.presence = [
      SessionEvent(equipment: 0, at: at, presence: .online),
      SessionEvent(equipment: 0, at: at + .seconds(1), presence: .offline),
    ]
    sender.alarms = AlarmChange(equipment: 0, at: at, digest: 0, codes: ["A", "b:c"])
    sender.meterResets = [
      MeterReset(
        equipment: 0, at: at, meter: .good, last: 9, lastAt: at, value: 1, fellAt: at, countsValue: true)
    ]
    sender.fieldErrors = [
      FieldErrorCount(equipment: 0, day: day, field: .energy, fault: .negative, messages: 3, excerpt: "-1")
    ]
    var state = OpeningState()
    state.finalThrough = day
    state.senders = [sender, OpeningState.Sender(equipment: "E2", workshop: "", hasMoved: false)]
    state.refusals = [
      .init(
        equipment: "E1", day: day,
        refusal: Refusal(
          .future, "ts", .seconds, messages: 2, newest: at, excerpt: "1", place: .init(block: 3, record: 1)))
    ]
    state.retainFlags = [RetainFlagCount(factory: "F001", day: day, retained: 1, live: 2)]
    state.observations = [
      ObservedStretch(number: 4, from: at, through: at + .hours(1), resumed: true, ended: true)
    ]
    state.silence = Silence(since: at, until: at + .minutes(1), stretch: 4)
    state.brokerDrops = BrokerDropCount(at: at, total: 12)
    return state
  }

  static func records(_ day: CalendarDay) -> FactoryDayRecords {
    FactoryDayRecords(
      root: DayRoot(
        day: day, firstBlock: 1, lastBlock: 2, blockHash: .zero, merkleRoot: .zero, previous: .zero,
        register: RegisterHead(entries: 1, hash: .zero), policies: "p 1\n"),
      leaves: 2, proofs: [.init(id: "#", index: 0, path: [.zero])], content: [])
  }

  // MARK: Changes

  /// The files of the pack with one changed, and the digests of what is there.
  static func files(changing name: String, _ change: (String) -> String) throws -> [String: Data] {
    var files = try PackFormat.files(of: pack)
    let text = String(decoding: files[name] ?? Data(), as: UTF8.self)
    files[name] = Data(change(text).utf8)
    return try sealed(files)
  }

  /// The files with a manifest that has their digests.
  static func sealed(_ files: [String: Data]) throws -> [String: Data] {
    var files = files
    var manifest = try JSONDecoder().decode(
      PackFormat.Manifest.self, from: files[PackFormat.manifest] ?? Data())
    manifest.files = files.filter { $0.key != PackFormat.manifest }.mapValues {
      SHA256Digest(hashing: [UInt8]($0)).description
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    files[PackFormat.manifest] = try encoder.encode(manifest)
    return files
  }

  /// Why files are refused; nil if they are a pack.
  static func refusal(_ files: [String: Data]) -> String? {
    do {
      _ = try PackFormat.pack(files)
      return nil
    } catch {
      return "\(error)"
    }
  }
}
