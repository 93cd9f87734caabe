import Aggregation

/// Names of metrics and of their sources.
extension Terms {
  /// A metric's full name.
  public func name(_ metric: Metric) -> String {
    switch metric {
    case .automationRatio: pick("Automation ratio", "自动化、智能化设备占比")
    case .intelligentRatio: pick("Intelligent equipment", "智能化设备占比")
    case .digitalizationRatio: pick("Digital equipment", "生产设备数字化率")
    case .connectableRatio: pick("Connectable equipment", "可联网率")
    case .networkedRatio: pick("Networked coverage", "设备联网率")
    case .networkedOfDigitalRatio: pick("Networked share of digital equipment", "数字化设备联网率")
    case .onlineRatio: pick("Online now", "在线率")
    case .reportingRatio: pick("Reporting now", "上报率")
    case .uploadRatio: pick("Upload rate", "数据上传率")
    case .uploadRatioRoundTheClock: pick("Upload rate, shutdowns included", "数据上传率（含计划停产）")
    case .networkedTimeRatio: pick("Networked time", "时间联网率")
    case .timeWeightedReporting: pick("Time-weighted reporting", "时间加权上报率")
    case .timeWeightedConnectivity: pick("Time-weighted connectivity", "时间加权在线率")
    case .timeWeightedConnectivityRoundTheClock: pick("The same, round the clock", "时间加权在线率（24×7）")
    case .observationCoverage: pick("Observation coverage", "观测覆盖率")
    case .availability: pick("Availability", "可用率")
    case .utilizationEfficiency: pick("Utilization efficiency", "利用率")
    case .calendarRunningRatio: pick("Calendar running ratio", "日历运行率")
    case .qualityRatio: pick("Quality", "合格率")
    case .cncRatio: pick("Numerically controlled equipment", "装备数控化率")
    case .keyProcessCNCRatio: pick("Numerically controlled key process steps", "关键工序数控化率")
    case .keyProcessCNCAnyRatio:
      pick("Key process steps with numerically controlled equipment", "关键工序数控化率（任一设备）")
    case .pointsRatio: pick("Data points delivered", "数据点采集率")
    case .keyEnergyAutomaticRatio: pick("Key energy data collected automatically", "关键能源数据自动采集率")
    case .oee: pick("Overall equipment effectiveness", "设备综合效率")
    case .automationRatioByValue: pick("Automation ratio by asset value", "自动化、智能化设备占比（按资产净值）")
    case .digitalizationRatioByValue: pick("Digital equipment by asset value", "生产设备数字化率（按资产净值）")
    case .networkedRatioByValue: pick("Networked coverage by asset value", "设备联网率（按资产净值）")
    }
  }

  /// A metric's name as the heading of a column.
  package func short(_ metric: Metric) -> String {
    switch metric {
    case .automationRatio: pick("Automation", "自动化")
    case .intelligentRatio: pick("Intelligent", "智能化")
    case .digitalizationRatio: pick("Digital", "数字化")
    case .connectableRatio: pick("Connectable", "可联网")
    case .networkedRatio: pick("Networked", "联网")
    case .networkedOfDigitalRatio: pick("Netw./dig.", "数字化联网")
    case .onlineRatio: pick("Online", "在线")
    case .reportingRatio: pick("Reporting", "上报")
    case .uploadRatio: pick("Upload", "上传")
    case .uploadRatioRoundTheClock: pick("Upload 24×7", "含停产上传")
    case .networkedTimeRatio: pick("Netw. time", "时间联网")
    case .timeWeightedReporting: pick("Rep. time", "加权上报")
    case .timeWeightedConnectivity: pick("Connected", "加权在线")
    case .timeWeightedConnectivityRoundTheClock: pick("Conn. 24×7", "24×7在线")
    case .observationCoverage: pick("Observed", "观测")
    case .availability: pick("Available", "可用")
    case .utilizationEfficiency: pick("Utilized", "利用")
    case .calendarRunningRatio: pick("Running", "运行")
    case .qualityRatio: pick("Quality", "合格")
    case .cncRatio: pick("CNC", "数控化")
    case .keyProcessCNCRatio: pick("CNC steps", "工序数控")
    case .keyProcessCNCAnyRatio: pick("CNC steps, any", "工序数控（任一）")
    case .pointsRatio: pick("Points", "采集")
    case .keyEnergyAutomaticRatio: pick("Key meters", "能源采集")
    case .oee: pick("OEE", "综合效率")
    case .automationRatioByValue: pick("Autom. by value", "自动化（净值）")
    case .digitalizationRatioByValue: pick("Digital by value", "数字化（净值）")
    case .networkedRatioByValue: pick("Netw. by value", "联网（净值）")
    }
  }

  /// A metric's name in a table of mean and median.
  package func brief(_ metric: Metric) -> String {
    metric == .networkedOfDigitalRatio ? pick("Networked of digital equipment", name(metric)) : name(metric)
  }

  /// The source of a metric.
  public func name(_ source: Metric.Source) -> String {
    switch source {
    case .declared: pick("Declared in the register", "台账申报")
    case .measured: pick("Measured from telemetry", "平台实测")
    case .both: pick("Declared in the register and measured from telemetry", "台账申报与平台实测")
    }
  }

  /// The source of a metric in a table.
  func brief(_ source: Metric.Source) -> String {
    switch source {
    case .declared: pick("declared", "申报")
    case .measured: pick("measured", "实测")
    case .both: pick("both", "申报与实测")
    }
  }
}
