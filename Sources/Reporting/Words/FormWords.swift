import Aggregation
import Register
import Telemetry

/// Words of forms in one language.
extension Terms {
  /// The text of a form in this language.
  func pick(_ wording: Form.Wording) -> String { pick(wording.english, wording.chinese) }

  /// The name of a figure.
  public func name(_ figure: Form.Figure) -> String {
    switch figure {
    case .ratio(let metric): name(metric)
    case .energyIntensity: pick("Energy per good piece", "单位产品能耗")
    }
  }

  /// What a cell shows, and who fills it in.
  public func description(of cell: Form.Cell) -> String {
    switch cell.kind {
    case .count(let metric, let part):
      return name(metric) + pick(", \(part.rawValue)", part == .numerator ? "，分子" : "，分母")
    case .ratio(let figure): return name(figure) + (figure.metric == nil ? "" : pick(", in percent", "，百分比"))
    case .points(let policy, let metric):
      return pick(
        "points for \(name(metric)) by \(policy.titleEnglish)", "\(name(metric))得分，按“\(policy.titleChinese)”"
      )
      .inert
    case .verdict(let policy, let metric):
      return pick(
        "\(name(metric)) against \(policy.titleEnglish)", "\(name(metric))，对照“\(policy.titleChinese)”"
      ).inert
    case .text(let text): return pick(text).inert
    case .choice(let options, let several, _):
      let ticks = several ? pick("several of", "可多选，共") : pick("one of", "单选，共")
      return pick("for the firm: \(ticks) \(options.count) boxes", "由企业勾选（\(ticks) \(options.count) 项）")
    case .number: return pick("for the firm: a number", "由企业填写数值")
    case .free: return pick("for the firm: a text", "由企业填写文字")
    }
  }

  /// Points: `1.5`.
  func points(ofThousandths points: Int64) -> String { Thousandths.text(points) }

  /// Whether a part of a ratio is declared or measured.
  func basis(_ metric: Metric, _ part: Form.Part) -> String {
    switch part {
    case .numerator: name(metric.source)
    case .denominator:
      switch metric.base {
      case .networked: name(Metric.Source.measured)
      case .production, .digital, .value, .keySteps, .dataPoints, .keyMeters: name(Metric.Source.declared)
      case .intervals, .time, .plannedTime, .pieces: name(metric.source)
      }
    }
  }

  /// Whether a ratio is declared, measured or both.
  func basis(_ metric: Metric) -> String {
    let (numerator, denominator) = (basis(metric, .numerator), basis(metric, .denominator))
    if numerator == denominator || metric.source == .both { return name(metric.source) }
    return pick(
      "Numerator: \(numerator.lowercased()); denominator: \(denominator.lowercased())",
      "分子\(numerator)，分母\(denominator)")
  }
}

/// Requests to a firm: what to explain or to send, for each kind of flag that may make a figure better than reality.
enum FlagRequests {
  /// A sentence that an officer can send to the firm as it is.
  static func sentence(_ kind: AuditFlag.Kind) -> (english: String, chinese: String) {
    switch kind {
    case .claimWithoutEvidence:
      (
        "Please connect the equipment or correct its entry in the register.",
        "请接入该设备，或更正台账中的申报。"
      )
    case .manualOperation:
      (
        "Please explain why it runs by hand, or correct its degree of automation in the register.",
        "请说明手动运行的原因，或更正台账中的自动化程度。"
      )
    case .sharedSerial:
      (
        "Please state whether these are two machines, and send the serial number of each.",
        "请说明是否为两台设备，并提供各自的序列号。"
      )
    case .recentlyRetired:
      ("Please send the record of its retirement.", "请提供该设备的退役凭证。")
    case .lateShutdown:
      (
        "Please send the order by which the shutdown was planned, with its date.",
        "请提供计划停产的安排文件及其日期。"
      )
    case .removedFromBase:
      (
        "Please send the record of its retirement, or the reason for the changed entry.",
        "请提供退役凭证，或说明变更登记的原因。"
      )
    case .registerImproved:
      (
        "Please send evidence that the changed entry was true in this period.",
        "请提供本期内即符合变更后登记内容的证明材料。"
      )
    case .heardFirst:
      (
        "Please state when it was connected, and why it sent nothing before.",
        "请说明接入时间及此前未上报的原因。"
      )
    case .intervalMismatch:
      (
        "Please correct the report interval in the register, or the one set on the device.",
        "请更正台账中的上报周期，或调整设备的上报周期。"
      )
    case .backFilled:
      (
        "Please explain why the data came late, and keep the device's log as evidence.",
        "请说明数据迟到的原因，并留存设备日志备查。"
      )
    case .darkInShutdown:
      (
        "Please show that the machine stood still because of the shutdown and can send data.",
        "请证明该设备确因停产停用，且具备上报能力。"
      )
    case .modeNeverStated:
      (
        "Please have the device report its mode of operation, automatic or manual.",
        "请配置设备上报运行模式（自动或手动）。"
      )
    case .sameCounters:
      (
        "Please state which machine the meters belong to, and correct the configuration of the other.",
        "请说明计数所属设备，并更正另一设备的采集配置。"
      )
    case .noPause:
      (
        "Please confirm the running time by shift records, or check the source of the state.",
        "请以班次记录证明运行时间，或核查状态信号来源。"
      )
    case .constantDeltas:
      (
        "Please confirm the counts by production records, or check the source of the counters.",
        "请以生产记录证明产量和电量，或核查计数来源。"
      )
    case .energyWithoutPieces:
      ("Please check the connection of the piece counter.", "请核查产量计数信号的接入。")
    case .piecesWithoutEnergy:
      ("Please check the connection of the energy meter.", "请核查电表的接入。")
    case .fewMeters:
      (
        "Please state which machines have energy meters, and connect the others.",
        "请列明已装电表的设备，并接入其余设备的电表。"
      )
    case .interleavedBoots, .clockSkew, .foreignCounter, .equalTimes, .refusedMessages, .unreadableField,
      .meterChanged, .meterReset, .goodAboveTotal, .saturatedMeter:
      ("Please check the device.", "请核查该设备。")
    }
  }
}

extension AuditFlag.Kind {
  /// The request to the firm for flags of this kind.
  package func request(in language: Language) -> String {
    let sentence = FlagRequests.sentence(self)
    return Terms(language).pick(sentence.english, sentence.chinese)
  }
}
