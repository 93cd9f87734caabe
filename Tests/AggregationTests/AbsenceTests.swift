import Aggregation
import Telemetry
import Testing

/// Why a figure has no value: every reason there is.
struct AbsenceTests {
  private static let period: [Metric] = [
    .networkedTimeRatio, .uploadRatio, .timeWeightedConnectivity, .availability, .utilizationEfficiency,
    .calendarRunningRatio, .qualityRatio,
  ]

  private func reasons(_ figures: Figures) -> [Absence?] { Self.period.map { figures.absence(of: $0) } }

  @Test func `without equipment there is no ratio`() {
    let none = Figures()
    for metric in Metric.equipmentRatios + Metric.timeRatios {
      #expect(none.absence(of: metric) == .noEquipment, "\(metric)")
    }
    // Nobody states attributes for forms where there is no equipment.
    for metric in Metric.formRatios { #expect(none.absence(of: metric) != nil, "\(metric)") }
    #expect(none.absence(of: .observationCoverage) == nil)
  }

  @Test func `ratios of equipment name the base that is empty`() {
    var figures = Figures()
    figures.equipment = 3
    #expect(figures.absence(of: .automationRatio) == nil)
    #expect(figures.absence(of: .networkedRatio) == nil)
    #expect(figures.absence(of: .networkedOfDigitalRatio) == .noneDigital)
    #expect(figures.absence(of: .onlineRatio) == .noneNetworked)
    figures.digital = 2
    figures.networked = 1
    #expect(figures.absence(of: .networkedOfDigitalRatio) == nil)
    #expect(figures.absence(of: .reportingRatio) == nil)
  }

  @Test func `ratios over time say what was wanting`() {
    var figures = Figures()
    (figures.equipment, figures.time.machines) = (1, 1)
    // No time observed, no calendar, nothing due, never heard.
    #expect(
      reasons(figures) == [
        .notObserved, .nothingDue, .neverHeard, .noCalendar, .noCalendar, .neverHeard, .neverHeard,
      ])
    figures.time.machinesHeard = 1
    #expect(
      reasons(figures) == [
        .notObserved, .nothingDue, .notObserved, .noCalendar, .noCalendar, .notObserved, .noPieces,
      ])
    figures.time.hasCalendar = true
    #expect(
      reasons(figures) == [
        .notObserved, .nothingDue, .notObserved, .notPlanned, .notPlanned, .notObserved, .noPieces,
      ])
    // All of its time shut down as planned; what is round the clock has no shutdown.
    figures.time.shutdown = 3_600_000
    #expect(
      reasons(figures) == [
        .shutDown, .shutDown, .shutDown, .notPlanned, .notPlanned, .notObserved, .noPieces,
      ])
    #expect(figures.absence(of: .timeWeightedConnectivityRoundTheClock) == .notObserved)
    #expect(figures.absence(of: .timeWeightedReporting) == .shutDown)
    // A part of it is not shut down, and not observed.
    figures.time.connectivity.unobserved = 60_000
    figures.time.planned = 3_600_000
    #expect(
      reasons(figures) == [.notObserved, .nothingDue, .notObserved, nil, .neverBusy, .notObserved, .noPieces])
    figures.time.plannedBusy = 60_000
    figures.time.connectivity.on = 60_000
    figures.time.slotsExpected = 1
    (figures.time.inService, figures.time.countedTotal) = (60_000, 1)
    #expect(reasons(figures) == [nil, nil, nil, nil, nil, nil, nil])
  }

  @Test func `without a calendar that comes before whether anybody listened`() {
    var figures = Figures(isUnobserved: true)
    (figures.equipment, figures.time.machines) = (1, 1)
    #expect(
      reasons(figures) == [
        .notObserved, .notObserved, .notObserved, .noCalendar, .noCalendar, .notObserved, .notObserved,
      ])
  }

  @Test func `energy per piece wants a meter and pieces`() {
    var time = TimeFigures()
    #expect(time.intensityAbsence == .noMeter)
    time.hasEnergy = true
    #expect(time.intensityAbsence == .noOutput)
    time.good = 1000
    #expect(time.intensityAbsence == nil)
  }
}
