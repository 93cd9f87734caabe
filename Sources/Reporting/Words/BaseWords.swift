import Aggregation

extension Terms {
  /// What the denominator of a metric is made of.
  public func name(_ base: Metric.Base) -> String {
    switch base {
    case .production: pick("all production equipment", "全部生产设备")
    case .digital: pick("digital equipment", "数字化设备")
    case .networked: pick("networked equipment", "联网设备")
    case .value: pick("net asset value", "资产净值")
    case .keySteps: pick("key process steps", "关键工序")
    case .dataPoints: pick("data points", "数据点")
    case .keyMeters: pick("key energy meters", "应配能源计量器具")
    case .intervals: pick("report intervals", "上报周期")
    case .time: pick("time", "时长")
    case .plannedTime: pick("planned time", "计划时间")
    case .pieces: pick("pieces", "产品数")
    }
  }
}
