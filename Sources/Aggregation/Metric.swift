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
  case observationCoverage = "observation_coverage"

  /// Where a figure comes from. A report always says which.
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
    case .networkedRatio, .networkedOfDigitalRatio, .onlineRatio, .reportingRatio, .observationCoverage:
      .measured
    }
  }

  /// The metrics that count equipment, in report order: what ``Figures`` knows and factories are ranked by.
  public static let equipmentRatios: [Metric] = allCases.filter { $0 != .observationCoverage }
}
