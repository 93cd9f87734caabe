import Register
import Telemetry

extension AssessmentReading {
  /// Reads both ends of a factory's retrofit; nil when the register has no date of one by the assessment's day.
  ///
  /// - Parameters:
  ///   - assessment: of the factory or the district; whose register says when the retrofit was.
  ///   - now: to which the days after it are clipped.
  ///   - figures: what is compared: those of the factory or of a part of it.
  public func retrofit(
    of factory: String, in assessment: DistrictAssessment, now: Timestamp,
    figures: (DistrictAssessment) -> Figures?
  ) throws -> RetrofitComparison? {
    let calendar = assessment.observation.period.calendar
    let row = assessment.factories.first { $0.factory.id == factory }?.factory
    let entries = assessment.register.entries.lazy.filter { $0.equipment.key.factory == factory }
    let today = calendar.day(at: assessment.asOf)
    guard let dates = RetrofitDates(row, entries, by: today) else { return nil }
    func side(_ days: ClosedRange<CalendarDay>) throws -> RetrofitComparison.Side {
      let period = Period(from: days.lowerBound, to: days.upperBound, calendar: calendar, now: now)
      let end = try self.assessment(of: factory, asOf: period.asOf, over: period, keeping: .sums)
      return RetrofitComparison.Side(
        observation: end.observation, figures: figures(end) ?? Figures(),
        isAssumed: end.register.entries.contains {
          $0.assumed && $0.equipment.isProduction && $0.service == .inService
        })
    }
    let ends = dates.ends(by: today)
    return RetrofitComparison(dates: dates, before: try side(ends.before), after: try side(ends.after))
  }
}
