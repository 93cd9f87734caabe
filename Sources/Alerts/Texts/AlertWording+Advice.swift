import Configuration

extension AlertWording {
  /// The remedy: in the rule's own words if it has any, else in the product's.
  func advice(_ rule: AlertRule) -> String {
    if let own = pick(rule.adviceEnglish ?? "", rule.adviceChinese ?? "").nonEmpty { return own }
    switch rule.kind {
    case .factorySilent:
      return pick(
        "ask the factory to check gateway, network and power; the broker's log has its last connection.",
        "请与企业核实网关、网络和供电是否正常；企业最近一次连接见消息代理（broker）日志。")
    case .ratioBelow:
      return pick(
        "'millwright report district' lists the equipment behind the figure and the next actions.",
        "执行 millwright report district 查看相关设备和整改建议。")
    case .equipmentFault:
      return pick("ask the factory to repair it or to set its state.", "请企业检修设备，或更正其状态。")
    case .refusedMessages:
      return pick(
        "'millwright quarantine list' shows the messages, the reasons and the remedies.",
        "执行 millwright quarantine list 查看被拒收的消息、原因和处理办法。")
    case .observationGap:
      return pick(
        "'millwright status' says what the collector lacks; start it again if it has ended.",
        "执行 millwright status 查看采集器状态；采集器已退出的，请重新启动。")
    case .diskLow:
      return pick("make room, or shorten journal.retention.", "请清理磁盘，或缩短 journal.retention。")
    case .certificateExpiring:
      return pick("renew the certificate and replace the file.", "请换发证书并替换文件。")
    case .policyAtRisk:
      return pick(
        "'millwright report district' names the equipment whose connection raises the figure most.",
        "执行 millwright report district 查看对该指标影响最大的设备。")
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
