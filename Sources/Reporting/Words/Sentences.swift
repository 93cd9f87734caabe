import Aggregation
import Telemetry

/// Whole sentences of a report.
struct Sentences {
  let terms: Terms
  let calendar: LocalCalendar

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// States whether the period was observed enough.
  func sufficiency(_ observation: Observation) -> String {
    let percent = terms.percent(observation.coverage)
    let needed = "\(Observation.sufficientPercent) %"
    if observation.isSufficient {
      return pick(
        "Sufficient data: the collector observed \(percent) of the period.",
        "数据充分：采集器观测了本期的 \(percent)。")
    }
    return pick(
      "INSUFFICIENT DATA: the collector observed \(percent) of the period; \(needed) are needed.",
      "数据不足：采集器仅观测了本期的 \(percent)，要求不低于 \(needed)。")
  }

  /// States that the broker lost messages of the period, and whose they may have been.
  func brokerDrops(_ messages: Int) -> String {
    let several = messages != 1
    return pick(
      "The broker dropped \(terms.number(messages)) \(several ? "messages" : "message") in the period because a "
        + "client's queue was full: \(several ? "some of them" : "it") may be missing here.",
      "本期内消息代理（broker）因客户端队列已满丢弃了 \(terms.number(messages)) 条消息，本报告可能缺少其中的数据。")
  }

  /// States that the broker delivered messages which it had retained.
  func retained(_ messages: Int) -> String {
    pick(
      terms.many(messages, "message was", "messages were", "")
        + " retained by the broker before the collector subscribed: not counted, since their time is unknown.",
      "\(terms.number(messages)) 条消息为采集器订阅前由消息代理（broker）保留（retained），时间不明，未计入。")
  }

  /// States that live messages carry the retain flag, and which program may keep it.
  func retainFlagKept(_ messages: Int) -> String {
    pick(
      terms.many(messages, "live message carries", "live messages carry", "")
        + " the retain flag: the broker or a bridge keeps it. They are counted.",
      "\(terms.number(messages)) 条实时消息带有保留（retain）标志，该标志由消息代理（broker）或桥接保留。这些消息已计入。")
  }

  /// States when nothing was received although senders had been active, and where to look; nil for no such time.
  func silence(_ silences: [Range<Timestamp>]) -> String? {
    guard let longest = silences.max(by: { $0.upperBound - $0.lowerBound < $1.upperBound - $1.lowerBound })
    else { return nil }
    let (begun, ended) = (calendar.minute(longest.lowerBound), calendar.minute(longest.upperBound))
    let others = silences.count - 1
    let more = terms.many(others, "more such period", "more such periods", "次")
    return pick(
      "From \(begun) to \(ended)\(others > 0 ? ", and in \(more)," : "") nothing came from anybody though the "
        + "connection stood and machines had been sending: check whether the broker withheld messages (access rules, "
        + "ACL). This time counts as not observed; machines are not counted as offline for it.",
      "\(begun) 至 \(ended)\(others > 0 ? "（另有 \(more)）" : "")连接正常，但此前仍在上报的设备全部无消息："
        + "请核查消息代理（broker）是否因访问控制（ACL）未放行。该时段按无观测计，设备不因此判为离线。")
  }

  /// States since when the collector has not listened; nil if it listened at the end of the period.
  func interruption(_ observation: Observation) -> String? {
    guard let last = observation.unobserved.last, last.until == observation.period.until,
      last.from > observation.period.from, last.length > .minutes(1)
    else { return nil }
    return pick(
      "The collector has not listened since \(calendar.minute(last.from)); nothing is known of the time after.",
      "采集自 \(calendar.minute(last.from)) 起中断，此后情况未知。")
  }

  /// Reasons why part of the period was not observed; nil if all was.
  func blindness(_ observation: Observation) -> String? {
    if let interruption = interruption(observation) { return interruption }
    guard let longest = observation.unobserved.max(by: { $0.length < $1.length }) else { return nil }
    guard let first = observation.observed.first else {
      return pick("It did not listen at any time in the period.", "本期内采集器从未运行。")
    }
    let begun = calendar.minute(longest.from)
    let ended = calendar.minute(longest.until)
    if longest.from == observation.period.from {
      return pick(
        "It has listened since \(calendar.minute(first.from)); nothing is known of the time before.",
        "采集始于 \(calendar.minute(first.from))，此前情况未知。")
    }
    let times = observation.unobserved.count
    if times == 1 {
      return pick("It was not listening from \(begun) to \(ended).", "\(begun) 至 \(ended) 期间中断。")
    }
    return pick(
      "It was not listening \(times) times, the longest from \(begun) to \(ended).",
      "中断 \(times) 次，最长一次为 \(begun) 至 \(ended)。")
  }

  /// The reason for an equipment's status.
  func reason(_ reason: Assessment.Reason, horizon: Span, isExact: Bool = true) -> String {
    let span = terms.span(horizon)
    switch reason {
    case .readingVouches(let last, _) where !isExact:
      return pick(
        "Its newest reading is of \(at(last)) or shortly before, and valid (horizon \(span)).",
        "最新数据时间为 \(at(last)) 或此前不久，数据有效（有效时限 \(span)）。")
    case .readingVouches(let last, nil):
      return pick(
        "Its newest reading, of \(at(last)), is valid while its session is open and heard: "
          + "it reports changes only.",
        "最新数据时间 \(at(last))；该设备仅在变化时上报，连接在线且采集未中断期间数据一直有效。")
    case .readingVouches(let last, let until?):
      return pick(
        "Its newest reading, of \(at(last)), is valid until \(at(until)) (horizon \(span)).",
        "最新数据时间 \(at(last))，有效至 \(at(until))（有效时限 \(span)）。")
    case .sessionWithoutReading(let last?, _):
      return pick(
        "Its session is open, but its newest reading, of \(at(last)), is no longer valid "
          + "(horizon \(span)).",
        "连接在线，但最新数据时间 \(at(last)) 已超过有效时限（\(span)）。")
    case .sessionWithoutReading(nil, _):
      return pick(
        "Its session is open, but it has not sent a reading yet.", "连接在线，但尚未上报任何数据。")
    case .readingTooOld(let last, let until):
      return pick(
        "Its newest reading, of \(at(last)), was valid until \(at(until)) (horizon \(span)); "
          + "none came since.",
        "最新数据时间 \(at(last))，有效至 \(at(until))（有效时限 \(span)），此后无数据。")
    case .wentOffline(let last, let at):
      return pick(
        "It went offline at \(self.at(at)), after its newest reading of \(self.at(last)).",
        "最新数据时间 \(self.at(last))，设备于 \(self.at(at)) 离线。")
    case .sessionEnded(let online):
      return pick(
        "It was online at \(at(online)), its session has ended, and it never sent a reading.",
        "曾于 \(at(online)) 上线，连接已断开，从未上报数据。")
    case .declaredNotConnectable(let digital, let connectable):
      return notConnectable(digital: digital, connectable: connectable)
    case .onlyRejections(let messages, let most):
      return pick(
        "Nothing it sent could be counted: "
          + terms.many(messages, "message was rejected.", "messages were rejected.", ""),
        "其消息均被拒收（共 \(terms.number(messages)) 条），无有效数据。") + mending(most, of: messages)
    case .nothingHeard:
      return pick(
        "The register declares it connectable, but no reading of it was ever received.",
        "台账申报为可联网，但从未收到其数据。")
    case .retired(let day):
      return day.map { pick("It has been out of service since \($0).", "自 \($0) 起退役。") }
        ?? pick("The register says it is out of service.", "台账登记为已退役。")
    case .notYetInService(let day):
      return day.map { pick("It enters service on \($0).", "将于 \($0) 投用。") }
        ?? pick("The register says it is not in service yet.", "台账登记为尚未投用。")
    case .auxiliary(let category):
      return pick(
        "Its category, \(category.inert), is not production equipment.",
        "类别“\(category.inert)”不属于生产设备。")
    case .unregistered:
      return pick(
        "The register does not know it; add it to the register or stop its messages.",
        "台账中无此设备，请补登或停止其上报。")
    }
  }

  private func notConnectable(digital: Bool, connectable: Bool) -> String {
    switch (digital, connectable) {
    case (false, true): pick("The register declares it not digital.", "台账申报为非数字化设备。")
    case (true, false): pick("The register declares it not connectable.", "台账申报为不可联网。")
    default:
      pick("The register declares it neither digital nor connectable.", "台账申报为非数字化且不可联网。")
    }
  }

  /// The most frequent fault of `messages` refused messages and its remedy, as text to append; empty for none. Says in
  /// how many of the messages it is, unless it is in all.
  private func mending(_ refusal: Refusal?, of messages: Int) -> String {
    guard let refusal else { return "" }
    let remedies = Remedies(terms.language)
    let (count, all) = (terms.number(refusal.messages), terms.number(messages))
    let label =
      refusal.messages < messages
      ? pick(" Most often, in \(count) of \(all): ", "最多的问题（\(all) 条中 \(count) 条）：")
      : pick(" What is wrong: ", "原因：")
    return label + remedies.problem(refusal) + pick(". ", "。") + remedies.remedy(refusal)
  }

  /// A gap's reason in a few words, for a table.
  func remark(_ gap: Gap) -> String {
    let twin = gap.twin.map { twin in
      pick("much like registered \(twin.inert): is it the same?", "与已登记的 \(twin.inert) 相近：是否为同一对象？")
    }
    return [remarkOnItself(gap), twin ?? ""].filter { !$0.isEmpty }.joined(separator: pick("; ", "；"))
  }

  private func remarkOnItself(_ gap: Gap) -> String {
    guard let assessment = gap.assessment else {
      return terms.many(gap.senders, "unregistered device", "unregistered devices", "台未登记设备")
    }
    let remedies = Remedies(terms.language)
    switch gap.kind {
    case .refused, .unregistered:
      guard assessment.lastHeard == nil, let refusals = assessment.evidence?.refusals,
        let most = refusals.first
      else { break }
      let kinds = terms.number(refusals.count)
      let label =
        refusals.count > 1 ? pick("\(kinds) kinds of faults, most often: ", "问题共 \(kinds) 种，最多的是：") : ""
      return label + remedies.problem(most) + pick(". ", "。") + remedies.remedy(most)
    default: break
    }
    switch gap.kind {
    case .refused: return ""
    case .neverSeen:
      guard let rejected = assessment.evidence?.rejections, rejected > 0 else {
        return pick("no message yet", "尚无消息")
      }
      return terms.many(rejected, "message rejected", "messages rejected", "条消息被拒收")
    case .notConnectable:
      guard case .declaredNotConnectable(let digital, let connectable) = assessment.reason else {
        return ""
      }
      switch (digital, connectable) {
      case (false, true): return pick("not digital", "非数字化")
      case (true, false): return pick("digital but no interface", "已数字化，无通信接口")
      default: return pick("not digital, no interface", "非数字化，无通信接口")
      }
    case .workshopMismatch:
      let topic = assessment.mismatchedTopicWorkshop?.inert ?? ""
      return pick("its topic says \(topic)", "主题中为 \(topic)")
    case .silent where assessment.lastReading == nil:
      return pick("no reading yet", "尚无数据")
    case .silent, .offline, .unregistered, .sendsOutOfService, .unregisteredFactory:
      let heard = gap.kind == .silent ? assessment.lastReading : assessment.lastHeard
      return heard.map { pick("last \(calendar.minute($0))", "最近 \(calendar.minute($0))") } ?? ""
    }
  }

  private func at(_ instant: Timestamp) -> String { calendar.second(instant) }
}
