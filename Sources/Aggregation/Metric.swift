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

  /// Source of a figure. A report always states it.
  public enum Source: Sendable {
    /// The register, as the factory declares it (台账申报).
    case declared
    /// Telemetry (平台实测).
    case measured
  }

  /// The key in JSON and on the command line.
  public var key: String { rawValue }

  /// Whether the numerator is declared or measured.
  public var source: Source {
    switch self {
    case .automationRatio, .intelligentRatio, .digitalizationRatio, .connectableRatio: .declared
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
  /// Metrics by which factories can be ranked: those that each factory has.
  public static let ranked: [Metric] = equipmentRatios + timeRatios
}
