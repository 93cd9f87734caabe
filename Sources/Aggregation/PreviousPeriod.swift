import Register
import Storage
import Telemetry

/// The period before that of a report, and the figures at its end if they can be compared with the report's.
public struct PreviousPeriod: Sendable {
  /// Why figures cannot be compared.
  public enum Absence: String, CaseIterable, Sendable {
    /// Nobody listened at any time of the previous period: it may lie before the journal's beginning.
    case notObserved = "not_observed"
    /// Less of the previous period was observed than a report needs.
    case insufficientData = "insufficient_data"
    /// Less of the report's own period was observed than a report needs.
    case insufficientNow = "insufficient_now"
    /// More than a twentieth of the equipment in service is carried back from a later import of the register.
    case registerAssumed = "register_assumed"
    /// No production equipment was in service.
    case noEquipment = "no_equipment"
  }

  public let period: Period
  /// nil if they cannot be compared.
  public let figures: Figures?
  /// nil with figures.
  public let absence: Absence?

  /// A previous period with its figures.
  public init(_ period: Period, figures: Figures) {
    self.period = period
    let isEmpty = figures.equipment == 0
    self.figures = isEmpty ? nil : figures
    absence = isEmpty ? .noEquipment : nil
  }

  /// A previous period that cannot be compared.
  public init(_ period: Period, without absence: Absence) {
    self.period = period
    figures = nil
    self.absence = absence
  }
}

extension Period {
  /// The period before this one: the month, quarter or year before if this is one, else as many days as this has.
  public var previous: Period {
    let (year, month, _) = firstDay.civil
    let months: Int? =
      switch name {
      case .month?: 1
      case .quarter?: 3
      case .year?: 12
      case nil: nil
      }
    let begun = months.flatMap { months in
      CalendarDay(year: month > months ? year : year - 1, month: (month + 11 - months) % 12 + 1, day: 1)
    }
    let length = Int(lastDay.number) - Int(firstDay.number) + 1
    let last = firstDay - 1
    return Period(from: min(begun ?? firstDay - length, last), to: last, calendar: calendar, now: until)
  }
}

extension Count {
  /// The change from this ratio to another in tenths of a percentage point, rounded towards zero; nil if either has no
  /// denominator.
  public func tenthsOfPoints(to other: Count) -> Int? {
    guard denominator > 0, other.denominator > 0 else { return nil }
    let product = Int128(denominator) * Int128(other.denominator)
    let change = Int128(other.numerator) * Int128(denominator) - Int128(numerator) * Int128(other.denominator)
    // The greatest products of 64-bit counts times 1000 overflow.
    let (scaled, overflow) = change.multipliedReportingOverflow(by: 1000)
    return Int(clamping: overflow ? change / max(1, product / 1000) : scaled / product)
  }

  /// Whether both are the same ratio, exactly; false without a denominator.
  public func hasSameRatio(as other: Count) -> Bool {
    denominator > 0 && other.denominator > 0
      && Int128(numerator) * Int128(other.denominator) == Int128(other.numerator) * Int128(denominator)
  }
}

extension AssessmentReading {
  /// The period before that of an assessment, and its own assessment if the two can be compared.
  ///
  /// Whether the register is carried back is left to the caller, see ``DistrictAssessment/carriedBack``.
  ///
  /// One query tells whether the period was observed. Only if it was, the register and the days of the previous period
  /// are read, as for one end of a retrofit: without messages, flags and each machine's own figures.
  ///
  /// - Parameters:
  ///   - factory: the one factory of the assessment; nil for the district.
  ///   - assessment: one of this reading.
  public func previous(
    of factory: String? = nil, before assessment: DistrictAssessment
  ) throws -> (period: Period, outcome: Result<DistrictAssessment, PreviousUnknown>) {
    let period = assessment.observation.period.previous
    func unknown(_ absence: PreviousPeriod.Absence) -> (Period, Result<DistrictAssessment, PreviousUnknown>) {
      (period, .failure(PreviousUnknown(absence: absence)))
    }
    guard assessment.observation.isSufficient else { return unknown(.insufficientNow) }
    return (
      period,
      try outcome(of: factory, over: period, observed: observed(in: period), beside: assessment)
    )
  }

  /// Stretches of a period in which the collector listened; none without views.
  func observed(in period: Period) throws -> [(from: Timestamp, until: Timestamp)] {
    guard try hasViews else { return [] }
    return try views.snapshot { try $0.observed(in: period.from..<period.until) }
  }

  /// Another period than that of an assessment, judged by the same register version, or the reason why it cannot be
  /// compared.
  ///
  /// - Parameters:
  ///   - factory: the one factory of the assessment; nil for the district.
  ///   - observed: see ``observed(in:)``.
  func outcome(
    of factory: String?, over period: Period, observed: [(from: Timestamp, until: Timestamp)],
    beside assessment: DistrictAssessment
  ) throws -> Result<DistrictAssessment, PreviousUnknown> {
    if let absence = Observation(period: period, stretches: observed).insufficiency {
      return .failure(PreviousUnknown(absence: absence))
    }
    let known = try store.registerReader().imports().map(\.version)
      .filter { $0.version <= assessment.register.version }
    let part = PartReading(
      store: store, period: period, asOf: period.asOf, effectiveDays: known.map(\.effectiveOn),
      registerVersion: assessment.register.version, calendars: assessment.calendars, rules: rules,
      keeping: .sums, fold: fold, recountsCutDay: recountsCutDay)
    let views = try views
    let parts =
      if let factory {
        try views.snapshot { [try part.read(.one(factory), $0)] }
      } else {
        try views.district { _ in
        } part: {
          try part.read($1, $0)
        }.parts
      }
    return .success(self.assessment(parts, StoreEvidence(asOf: period.asOf, observed: observed), part))
  }
}

extension DistrictAssessment {
  /// Whether more than a twentieth of the production equipment in service is carried back from a later import of the
  /// register, so that nobody stated it at the time: of all factories, and the ids of factories of which it is so.
  public var carriedBack: (all: Bool, factories: Set<String>) {
    var counts: [String: (assumed: Int, all: Int)] = [:]
    for entry in register.entries where entry.equipment.isProduction && entry.service == .inService {
      var count = counts[entry.equipment.key.factory] ?? (0, 0)
      count.all += 1
      if entry.assumed { count.assumed += 1 }
      counts[entry.equipment.key.factory] = count
    }
    func isCarriedBack(_ count: (assumed: Int, all: Int)) -> Bool { count.assumed * 20 > count.all }
    let sum = counts.values.reduce((assumed: 0, all: 0)) { ($0.assumed + $1.assumed, $0.all + $1.all) }
    return (isCarriedBack(sum), Set(counts.filter { isCarriedBack($0.value) }.keys))
  }
}

/// The previous period cannot be compared.
public struct PreviousUnknown: Error, Equatable {
  public let absence: PreviousPeriod.Absence
}
