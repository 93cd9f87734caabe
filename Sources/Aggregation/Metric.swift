/// A figure of a report, by the key it has in every format.
public enum Metric: String, CaseIterable, Sendable {
  case automationRatio = "automation_ratio"
  case intelligentRatio = "intelligent_ratio"
  case digitalizationRatio = "digitalization_ratio"
  case connectableRatio = "connectable_ratio"
  case networkedRatio = "networked_ratio"
  case networkedOfDigitalRatio = "networked_of_digital_ratio"
  case onlineRatio = "online_ratio"
  case reportingRatio = "reporting_ratio"
  case uploadRatio = "upload_ratio"
  case uploadRatioRoundTheClock = "upload_ratio_24x7"
  case networkedTimeRatio = "networked_time_ratio"
  case timeWeightedConnectivity = "time_weighted_connectivity"
  case timeWeightedConnectivityRoundTheClock = "time_weighted_connectivity_24x7"
  case timeWeightedReporting = "time_weighted_reporting"
  case observationCoverage = "observation_coverage"
  case availability
  case utilizationEfficiency = "utilization_efficiency"
  case calendarRunningRatio = "calendar_running_ratio"
  case qualityRatio = "quality_ratio"
  case cncRatio = "cnc_ratio"
  case keyProcessCNCRatio = "key_process_cnc_ratio"
  case keyProcessCNCAnyRatio = "key_process_cnc_any_ratio"
  case pointsRatio = "points_ratio"
  case keyEnergyAutomaticRatio = "key_energy_automatic_ratio"
  case oee
  case automationRatioByValue = "automation_ratio_by_value"
  case digitalizationRatioByValue = "digitalization_ratio_by_value"
  case networkedRatioByValue = "networked_ratio_by_value"

  /// Source of a figure. A report always states it.
  public enum Source: Sendable {
    /// The register, as the factory declares it (台账申报).
    case declared
    /// Telemetry (平台实测).
    case measured
    /// Telemetry, weighed by what the factory declares: an ideal cycle, an asset value, a registered meter.
    case both
  }

  /// What the denominator of a figure is made of.
  public enum Base: Sendable {
    /// Production equipment in service.
    case production
    case digital, networked
    /// Net asset value of production equipment in service that declares one.
    case value
    case keySteps, dataPoints, keyMeters
    case intervals, time, plannedTime, pieces
  }

  /// The key in JSON and on the command line.
  public var key: String { rawValue }

  /// Whether the figure is a state at one instant, which a period does not have.
  public var isState: Bool { self == .onlineRatio || self == .reportingRatio }

  /// Whether the figure is declared, measured or both.
  public var source: Source {
    switch self {
    case .automationRatio, .intelligentRatio, .digitalizationRatio, .connectableRatio, .cncRatio,
      .keyProcessCNCRatio, .keyProcessCNCAnyRatio, .automationRatioByValue, .digitalizationRatioByValue:
      .declared
    case .pointsRatio, .keyEnergyAutomaticRatio, .oee, .networkedRatioByValue: .both
    default: .measured
    }
  }

  /// The key of kWh per good piece, a quantity and not a ratio.
  public static let energyIntensityKey = "energy_intensity"

  /// The metrics that count equipment at an instant, in report order.
  public static let equipmentRatios: [Metric] = [
    .automationRatio, .intelligentRatio, .digitalizationRatio, .connectableRatio, .networkedRatio,
    .networkedOfDigitalRatio, .onlineRatio, .reportingRatio,
  ]
  /// The metrics over a period, in report order.
  public static let timeRatios: [Metric] = [
    .networkedTimeRatio, .uploadRatio, .uploadRatioRoundTheClock, .timeWeightedConnectivity,
    .timeWeightedConnectivityRoundTheClock, .timeWeightedReporting, .availability, .utilizationEfficiency,
    .calendarRunningRatio, .qualityRatio,
  ]
  /// The metrics that forms ask for, in report order. A group has one only if its register states the attributes that
  /// the metric needs.
  public static let formRatios: [Metric] = [
    .cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio, .pointsRatio, .keyEnergyAutomaticRatio, .oee,
    .automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue,
  ]
  /// Metrics by which factories can be ranked, and which policies can name.
  public static let ranked: [Metric] = equipmentRatios + timeRatios + formRatios

  /// Whether a group may lack the metric because its register does not state the attributes for it.
  public var needsFormAttributes: Bool { Self.formRatios.contains(self) }

  /// What its denominator is made of.
  public var base: Base {
    switch self {
    case .automationRatio, .intelligentRatio, .digitalizationRatio, .connectableRatio, .networkedRatio,
      .cncRatio:
      .production
    case .networkedOfDigitalRatio: .digital
    case .onlineRatio, .reportingRatio: .networked
    case .automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue: .value
    case .keyProcessCNCRatio, .keyProcessCNCAnyRatio: .keySteps
    case .pointsRatio: .dataPoints
    case .keyEnergyAutomaticRatio: .keyMeters
    case .uploadRatio, .uploadRatioRoundTheClock: .intervals
    case .availability, .utilizationEfficiency, .oee: .plannedTime
    case .qualityRatio: .pieces
    case .networkedTimeRatio, .timeWeightedConnectivity, .timeWeightedConnectivityRoundTheClock,
      .timeWeightedReporting, .observationCoverage, .calendarRunningRatio:
      .time
    }
  }

  /// The metric with the same numerator over another base; nil if there is none.
  public func over(_ base: Base) -> Metric? {
    switch (self, base) {
    case (.networkedRatio, .digital), (.networkedOfDigitalRatio, .digital): .networkedOfDigitalRatio
    case (.networkedOfDigitalRatio, _): nil
    default: self.base == base ? self : nil
    }
  }
}
