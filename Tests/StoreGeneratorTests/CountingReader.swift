import Journal
import Storage
import Synchronization
import Telemetry

/// A reader that counts the days which are read of senders.
final class CountingReader: StoreReader {
  private let reader: any StoreReader
  private let counted = Mutex<[Int]>([])

  init(_ reader: any StoreReader) { self.reader = reader }

  /// Number of days of each period that was read.
  var days: [Int] { counted.withLock { $0 } }

  func forget() { counted.withLock { $0 = [] } }

  private func note(_ days: ClosedRange<CalendarDay>) {
    counted.withLock { $0.append(Int(days.upperBound.number) - Int(days.lowerBound.number) + 1) }
  }

  func timeZone() throws(StoreError) -> String { try reader.timeZone() }
  func version() throws(StoreError) -> StoreVersion { try reader.version() }

  func snapshot<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
    try reader.snapshot { try body(Snapshot(snapshot: $0, note: note)) }
  }

  func district<Overview, Part: Sendable>(
    overview: (any StoreSnapshot) throws -> Overview,
    part: @escaping @Sendable (any StoreSnapshot, FactoryScope) throws -> Part
  ) throws -> (overview: Overview, parts: [Part]) {
    try reader.district(overview: overview) { [self] in
      try part(Snapshot(snapshot: $0, note: note), $1)
    }
  }

  private struct Snapshot: StoreSnapshot {
    let snapshot: any StoreSnapshot
    let note: (ClosedRange<CalendarDay>) -> Void

    func overview(
      asOf instant: Timestamp, factory: String?, period: Range<Timestamp>
    ) throws -> StoreEvidence {
      try snapshot.overview(asOf: instant, factory: factory, period: period)
    }

    func observed(in period: Range<Timestamp>) throws -> [(from: Timestamp, until: Timestamp)] {
      try snapshot.observed(in: period)
    }

    func senders(of scope: FactoryScope) throws -> StoredSenders { try snapshot.senders(of: scope) }

    func evidence(of senders: StoredSenders, asOf instant: Timestamp) throws -> [EquipmentEvidence] {
      try snapshot.evidence(of: senders, asOf: instant)
    }

    func cutDays(
      of senders: StoredSenders, until: Timestamp, calendar: LocalCalendar, fold: CutDays.Fold?
    ) throws -> CutDays? {
      try snapshot.cutDays(of: senders, until: until, calendar: calendar, fold: fold)
    }

    func forEachPeriod(
      of senders: StoredSenders, _ request: PeriodRequest,
      _ body: (PeriodEvidence, StretchLookup) throws -> Void
    ) throws -> [EquipmentEvidence] {
      note(request.days)
      return try snapshot.forEachPeriod(of: senders, request, body)
    }

    func fieldErrors(
      of scope: FactoryScope, in days: ClosedRange<CalendarDay>, cut: CutDays
    ) throws -> [FieldError] {
      try snapshot.fieldErrors(of: scope, in: days, cut: cut)
    }
  }
}
