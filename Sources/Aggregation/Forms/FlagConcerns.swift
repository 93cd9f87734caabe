import Telemetry

extension AuditFlag {
  /// Whether the flag concerns a figure: unless the firm explains it, the figure may be better than reality.
  public func concerns(_ figure: Form.Figure) -> Bool { Self.concerns(kind, columns: columns, figure) }

  /// Columns of the register that the flag is about: those that a change improved, `meter_kind` for a removed meter, or
  /// those in which equipment without data claims something; else empty.
  var columns: Set<String> {
    switch (kind, self["change"]) {
    case (.registerImproved, .text(let change)): Set(change.split(separator: ", ").map(String.init))
    // A meter is no machine of the other ratios.
    case (.removedFromBase, .text(let change)) where change.hasPrefix("meter_"): ["meter_kind"]
    case (.claimWithoutEvidence, _): claims
    default: []
    }
  }

  /// Whether a flag concerns a figure.
  ///
  /// - Parameter columns: see ``columns``.
  static func concerns(_ kind: Kind, columns: Set<String>, _ figure: Form.Figure) -> Bool {
    guard kind.subject != .data else { return false }
    guard case .ratio(let metric) = figure else {
      return kind.concernsQuantities || kind == .registerImproved && columns.contains("counts_output")
    }
    switch kind {
    // They change the number of machines that every ratio is of.
    case .removedFromBase where columns.isEmpty: return !metric.isOfPieces
    case .recentlyRetired, .sharedSerial: return !metric.isOfPieces
    case .registerImproved, .removedFromBase: return columns.contains { metric.rests(onColumn: $0) }
    case .claimWithoutEvidence:
      // Digital equipment without an interface does not count as connectable.
      if metric == .connectableRatio { return columns.contains("connectable") }
      return metric.isDeclared && columns.contains { metric.rests(onColumn: $0) }
    case .manualOperation, .modeNeverStated:
      return metric.rests(onColumn: "automation") || metric.rests(onColumn: "intelligent")
    case .heardFirst: return metric.isOfHearing && !metric.isOfTime
    case .intervalMismatch: return metric.dependsOnInterval
    case .backFilled: return metric.isOfTime || metric.dependsOnInterval
    case .darkInShutdown, .lateShutdown: return metric.leavesShutdownsOut
    case .sameCounters: return metric.isOfHearing || metric.isOfOperation
    case .noPause: return metric.isOfOperation || metric.isOfTime
    case .constantDeltas: return metric.isOfOperation || metric.isOfHearing
    case .energyWithoutPieces, .piecesWithoutEnergy: return metric.isOfOperation
    case .fewMeters: return metric.isOfEnergy
    case .interleavedBoots, .clockSkew, .foreignCounter, .equalTimes, .refusedMessages, .unreadableField,
      .meterChanged, .meterReset, .goodAboveTotal, .saturatedMeter:
      return false
    }
  }
}

extension AuditFlag.Kind {
  /// Whether flags of the kind concern energy per good piece.
  fileprivate var concernsQuantities: Bool {
    switch self {
    case .fewMeters, .energyWithoutPieces, .piecesWithoutEnergy, .sameCounters, .constantDeltas: true
    default: false
    }
  }
}

extension Metric {
  fileprivate var isDeclared: Bool { source == .declared }

  /// Whether a column of the register decides the ratio.
  fileprivate func rests(onColumn column: String) -> Bool {
    switch column {
    case "automation": self == .automationRatio || self == .automationRatioByValue
    case "intelligent": [.automationRatio, .automationRatioByValue, .intelligentRatio].contains(self)
    case "digital":
      [.digitalizationRatio, .digitalizationRatioByValue, .connectableRatio, .networkedOfDigitalRatio]
        .contains(self)
    case "connectable": self == .connectableRatio
    case "report_interval": dependsOnInterval
    case "cnc": [.cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio].contains(self)
    case "key_process", "process": self == .keyProcessCNCRatio || self == .keyProcessCNCAnyRatio
    case "asset_value":
      [.automationRatioByValue, .digitalizationRatioByValue, .networkedRatioByValue].contains(self)
    case "counts_output": self == .pointsRatio
    case "ideal_cycle_s": self == .oee
    case "meter_kind": self == .keyEnergyAutomaticRatio || self == .pointsRatio
    default: false
    }
  }

  /// Whether the ratio counts what was heard.
  fileprivate var isOfHearing: Bool {
    switch self {
    case .networkedRatio, .networkedRatioByValue, .networkedOfDigitalRatio, .onlineRatio, .reportingRatio,
      .uploadRatio, .uploadRatioRoundTheClock, .networkedTimeRatio, .timeWeightedConnectivity,
      .timeWeightedConnectivityRoundTheClock, .timeWeightedReporting, .pointsRatio, .keyEnergyAutomaticRatio:
      true
    default: false
    }
  }

  /// Whether the ratio is of the time of a period in which equipment was heard.
  fileprivate var isOfTime: Bool {
    switch self {
    case .networkedTimeRatio, .timeWeightedConnectivity, .timeWeightedConnectivityRoundTheClock,
      .timeWeightedReporting:
      true
    default: false
    }
  }

  /// Whether the declared report interval decides how long a reading counts, or how many are due.
  fileprivate var dependsOnInterval: Bool {
    switch self {
    case .onlineRatio, .reportingRatio, .uploadRatio, .uploadRatioRoundTheClock: true
    default: isOfTime
    }
  }

  /// Whether planned shutdowns are left out of the denominator.
  fileprivate var leavesShutdownsOut: Bool {
    switch self {
    case .uploadRatio, .networkedTimeRatio, .timeWeightedConnectivity, .timeWeightedReporting, .availability,
      .utilizationEfficiency, .oee:
      true
    default: false
    }
  }

  /// Whether the ratio is of pieces, so that the number of machines is no part of it.
  fileprivate var isOfPieces: Bool { base == .pieces }

  /// Whether the ratio is of running time or pieces.
  fileprivate var isOfOperation: Bool {
    [.availability, .utilizationEfficiency, .calendarRunningRatio, .qualityRatio, .oee].contains(self)
  }

  /// Whether the ratio rests on energy meters.
  fileprivate var isOfEnergy: Bool { self == .keyEnergyAutomaticRatio }
}
