import Telemetry

/// The reason why a group has no figure: its denominator is zero.
public enum Absence: String, CaseIterable, Sendable {
  /// No production equipment is in service.
  case noEquipment = "no_equipment"
  case noneDigital = "none_digital"
  case noneNetworked = "none_networked"
  /// The period was not observed at all.
  case notObserved = "not_observed"
  /// The metric is a state at one instant, and the report is on a period that is over.
  case ofInstant = "of_instant"
  /// None of the equipment was ever heard.
  case neverHeard = "never_heard"
  /// No calendar states when production is planned.
  case noCalendar = "no_calendar"
  /// No time of the period is planned and observed.
  case notPlanned = "not_planned"
  /// All that was observed was shut down as planned.
  case shutDown = "shut_down"
  /// It was off or in maintenance for all of the planned time.
  case neverBusy = "never_busy"
  /// The observed time is shorter than a report interval.
  case nothingDue = "nothing_due"
  /// No two readings count good and all pieces.
  case noPieces = "no_pieces"
  /// No meter was read.
  case noMeter = "no_meter"
  /// A meter was read, but no good piece was counted.
  case noOutput = "no_output"
  /// The register does not state the attributes that the figure needs.
  case notStated = "not_stated"
  /// The asset values add up to zero.
  case noValue = "no_value"
}

extension Figures {
  /// The reason why a metric has no value; nil if it has one.
  public func absence(of metric: Metric) -> Absence? {
    guard let count = count(of: metric) else {
      if equipment == 0, metric.base == .production { return .noEquipment }
      return metric.needsFormAttributes ? .notStated : nil
    }
    guard count.denominator <= 0 else { return nil }
    switch metric {
    case .cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio, .automationRatioByValue,
      .digitalizationRatioByValue:
      return .noValue
    case .networkedRatioByValue: return forms.value == 0 ? .noValue : .notObserved
    case .pointsRatio, .keyEnergyAutomaticRatio: return .notObserved
    case .automationRatio, .intelligentRatio, .digitalizationRatio, .connectableRatio: return .noEquipment
    case .networkedRatio: return equipment == 0 ? .noEquipment : .notObserved
    case .networkedOfDigitalRatio:
      if equipment == 0 { return .noEquipment }
      return digital == 0 ? .noneDigital : .notObserved
    case .onlineRatio, .reportingRatio:
      if equipment == 0 { return .noEquipment }
      if isUnobserved { return .notObserved }
      return omitsStates ? .ofInstant : .noneNetworked
    // Nothing was read of equipment that is in service.
    case _ where time.machines == 0 && equipment > 0: return .notObserved
    default: return time.absence(of: metric, isUnobserved: isUnobserved)
    }
  }
}

extension Figures {
  /// Whether energy and pieces are not observed: nobody listened, and nothing was sent afterwards.
  public var isWithoutOutput: Bool { isUnobserved && time.energy == 0 && time.good == 0 }

  /// The reason why there is no energy per good piece; nil if there is.
  public var intensityAbsence: Absence? { isWithoutOutput ? .notObserved : time.intensityAbsence }
}

extension TimeFigures {
  fileprivate func absence(of metric: Metric, isUnobserved: Bool) -> Absence {
    if machines == 0 { return .noEquipment }
    if [.availability, .utilizationEfficiency, .oee].contains(metric), !hasCalendar { return .noCalendar }
    if isUnobserved { return .notObserved }
    switch metric {
    case .uploadRatio: return isShutDown(networked) ? .shutDown : .nothingDue
    case .uploadRatioRoundTheClock: return .nothingDue
    case .networkedTimeRatio: return isShutDown(networked) ? .shutDown : .notObserved
    default: break
    }
    if machinesHeard == 0 { return .neverHeard }
    switch metric {
    case .availability: return .notPlanned
    case .oee: return effectiveness.measured == 0 && !effectiveness.hasTime ? .noPieces : .notPlanned
    case .utilizationEfficiency: return planned == 0 ? .notPlanned : .neverBusy
    case .qualityRatio: return .noPieces
    case .timeWeightedConnectivity: return isShutDown(connectivity) ? .shutDown : .notObserved
    case .timeWeightedReporting: return isShutDown(reporting) ? .shutDown : .notObserved
    default: return .notObserved
    }
  }

  /// Whether planned shutdowns leave nothing of time without them.
  private func isShutDown(_ time: Connectivity) -> Bool {
    shutdown > 0 && time.on + time.off + time.unobserved == 0
  }

  /// The reason why there is no energy per good piece; nil if there is.
  public var intensityAbsence: Absence? {
    if !hasEnergy { return .noMeter }
    return output > 0 ? nil : .noOutput
  }
}
