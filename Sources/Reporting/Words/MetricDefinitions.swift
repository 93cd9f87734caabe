import Aggregation

/// Definitions of all figures, for a report's last section.
extension Terms {
  /// A metric's definition: its numerator and its denominator.
  func definition(_ metric: Metric, _ rules: PresenceRules) -> String {
    let window = span(rules.networkedWindow)
    switch metric {
    case .automationRatio:
      return pick(
        "Automatic or intelligent of all in service. Semi-automatic does not count; unclassified stays in the base.",
        "在役设备中自动或智能化设备的占比。半自动不计入；未分类设备计入基数。")
    case .intelligentRatio: return pick("Intelligent of all in service.", "在役设备中智能化设备的占比。")
    case .digitalizationRatio: return pick("Digital of all in service.", "在役设备中数字化设备的占比。")
    case .connectableRatio:
      return pick("Digital and connectable of all in service.", "在役设备中数字化且可联网设备的占比。")
    case .networkedRatio:
      return pick(
        "With a reading or a live online within \(window) before the as-of, of all in service.",
        "统计时点前 \(window)内有数据或上线记录的设备占在役设备的比例。")
    case .networkedOfDigitalRatio:
      return pick("Networked and digital of all digital.", "数字化设备中联网设备的占比。")
    case .onlineRatio:
      return pick(
        "Of the networked, those with a valid reading or an open session at the as-of.",
        "联网设备中统计时点数据有效或连接在线的占比。")
    case .reportingRatio:
      return pick(
        "Of the networked, those with a valid reading at the as-of.", "联网设备中统计时点数据有效的占比。")
    case .networkedTimeRatio:
      return pick(
        "Time on, of time on and off, of all machines in service; one never heard is off. Planned shutdowns are left out.",
        "全部在役设备的在线时长占在线与离线时长之比；从未上报的设备按离线计，不含计划停产。")
    case .timeWeightedConnectivity:
      return pick(
        "The same, of machines ever heard only. On: a reading is valid or the session is open; off: observed, and neither.",
        "曾上报设备的在线时长占比。在线：数据有效或连接在线；离线：已观测但两者皆无。不含计划停产。")
    case .timeWeightedConnectivityRoundTheClock:
      return pick("The same with planned shutdowns.", "同上，含计划停产。")
    case .timeWeightedReporting:
      return pick("Time-weighted connectivity by readings alone.", "仅按有效数据计算的时间加权在线率。")
    case .uploadRatio:
      return pick(
        "Report intervals with a reading, of those due: observed time in service, not shut down, divided by the declared "
          + "interval, or by \(span(rules.defaultInterval)) where none is declared.",
        "有数据的上报周期数占应报周期数之比。应报周期数为在役、已观测、非计划停产时长除以申报上报周期，"
          + "未申报的按 \(span(rules.defaultInterval))计。")
    case .uploadRatioRoundTheClock:
      return pick("Upload rate with planned shutdowns.", "含计划停产的数据上传率。")
    case .observationCoverage:
      return pick("Time the collector listened, of the period.", "采集器观测时长占统计周期之比。")
    case .availability:
      return pick(
        "Running time, of the planned time that was observed, of machines ever heard (ISO 22400-2).",
        "曾上报设备在已观测计划时间内的运行占比（ISO 22400-2）。")
    case .utilizationEfficiency:
      return pick(
        "Running time, of planned time in any state but off and maintenance (ISO 22400-2).",
        "计划时间内运行时长占除关机、维护以外各状态时长之比（ISO 22400-2）。")
    case .calendarRunningRatio:
      return pick(
        "Running time, of all observed time in service, of machines ever heard; the bounds are of all time in service.",
        "曾上报设备的运行时长占已观测在役时长之比；上下界以全部在役时长为基数。")
    case .qualityRatio:
      return pick(
        "Good pieces, of all pieces; counted between readings that carry both.", "合格品占全部产品之比，按同时含合格数与总数的数据计算。"
      )
    default: return formDefinition(metric, window)
    }
  }

  /// The definition of a metric that forms ask for.
  private func formDefinition(_ metric: Metric, _ window: String) -> String {
    switch metric {
    case .cncRatio:
      return pick(
        "Numerically controlled, as declared, of all in service; equipment that states nothing counts in the base only.",
        "台账申报为数控的设备占在役设备的比例；未填报的计入基数、不计入分子。")
    case .keyProcessCNCRatio:
      return pick(
        "Key process steps all of whose machines are numerically controlled, of all key process steps, as declared.",
        "所属设备全部为数控的关键工序占全部关键工序的比例，均按台账申报。")
    case .keyProcessCNCAnyRatio:
      return pick(
        "Key process steps with at least one numerically controlled machine, of all key process steps, as declared.",
        "至少有一台数控设备的关键工序占全部关键工序的比例，均按台账申报。")
    case .pointsRatio:
      return pick(
        "Registered meters and counters of output that delivered, of all registered. A meter delivered if a reading of it came within \(window) before the as-of, or if the energy counter of a machine that names it rose in the period; a counter of output, if it rose in the period.",
        "台账登记的计量器具和产量计数中有数据的占比。计量器具：统计时点前 \(window)内有数据，或本期内有登记使用该表的设备上报用电量；产量计数：设备 \(window)内有数据且曾上报产量。")
    case .keyEnergyAutomaticRatio:
      return pick(
        "The same, of the meters that GB 17167 requires, as declared.",
        "台账申报为 GB 17167 应配的能源计量器具中有数据的占比。")
    case .oee:
      return pick(
        "Ideal cycle × good pieces, of planned time that was observed (ISO 22400-2: availability × effectiveness × quality), of machines that have an ideal cycle, a production calendar and counters. A machine's pieces are taken to be spread evenly over all the time that it ran: those outside planned time are left out, and the others take at most its running time.",
        "标准节拍 × 合格品数占已观测计划时间之比（ISO 22400-2：可用率 × 有效性 × 合格率），限同时具备标准节拍、生产日历和产量计数的设备；单台设备按节拍计算的时间不超过其运行时间。")
    case .automationRatioByValue:
      return pick(
        "Net asset value of automatic or intelligent equipment, of all in service that declares a value.",
        "自动或智能化设备的资产净值占已申报净值的在役设备资产净值之比。")
    case .digitalizationRatioByValue:
      return pick(
        "Net asset value of digital equipment, of all in service that declares a value.",
        "数字化设备的资产净值占已申报净值的在役设备资产净值之比。")
    case .networkedRatioByValue:
      return pick(
        "Net asset value of networked equipment, of all in service that declares a value.",
        "联网设备的资产净值占已申报净值的在役设备资产净值之比。")
    default: return ""
    }
  }

  /// The definition of energy per good piece.
  var energyIntensityDefinition: String {
    pick(
      "Energy divided by good pieces; each meter counts once.",
      "用电量除以合格品数；每块电表只计一次。")
  }
}
