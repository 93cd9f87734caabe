import Configuration
import Decoding
import Foundation
import Listening
import Reporting
import Telemetry

/// The messages heard, as text in one language.
struct ListenText {
  let survey: Survey
  private let hearing: Hearing
  private let limit: Int
  let language: Language
  private let terms: Terms
  let remedies: Remedies

  init(_ survey: Survey, _ hearing: Hearing, _ language: Language, limit: Int) {
    self.survey = survey
    self.hearing = hearing
    self.language = language
    self.limit = limit
    terms = Terms(language)
    remedies = Remedies(language)
  }

  func say(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

  /// All lines.
  var lines: [String] {
    var lines = [headline] + leftOut
    if let failure = hearing.failure {
      lines.append(say("Listening ended early: ", "监听提前结束：") + failure.inert)
    }
    guard survey.messages > 0 else { return lines + [silence] }
    lines.append("")
    lines += TopicTree(Array(survey.topics.prefix(limit)).map(\.text)).lines { place in
      (heading(survey.topics[place]), details(survey.topics[place]))
    }
    if survey.topics.count > limit {
      let more = survey.topics.count - limit
      lines.append(
        say("and \(more) more topics: see --limit, or name a filter", "另有 \(more) 个主题：见 --limit，或指定主题过滤器"))
    }
    return lines + sourcesToAdd
  }

  // MARK: Summary

  private var headline: String {
    let (messages, topics) = (survey.messages, survey.topics.count)
    let time = Units.text(.milliseconds((hearing.milliseconds + 500) / 1000 * 1000))
    let during = hearing.milliseconds >= 1000 ? (" in \(time)", "，历时 \(time)") : ("", "")
    return say(
      "\(messages.counted("message")) on \(topics.counted("topic"))\(during.0): \(hearing.filter.inert) at \(hearing.place.inert)",
      "\(hearing.place.inert) 的 \(hearing.filter.inert)：\(topics) 个主题，\(messages) 条消息\(during.1)")
  }

  private var leftOut: [String] {
    var lines: [String] = []
    if survey.messagesLeftOut > 0 {
      let (left, most) = (survey.messagesLeftOut, survey.bounds.topics)
      lines.append(
        say(
          "\(left.counted("message")) on topics beyond the first \(most) left out: listen to a narrower filter",
          "超出前 \(most) 个主题的 \(left) 条消息未分析：请缩小主题过滤器的范围"))
    }
    if survey.samplesLeftOut > 0 {
      let left = survey.samplesLeftOut
      lines.append(
        say(
          "\(left.counted("message")) too large or too many to be kept: formats are guessed without them",
          "\(left) 条消息过大或过多，未保留样本：推断格式时不含这些消息"))
    }
    if hearing.faultCount > 0 {
      let (count, first) = (hearing.faultCount, hearing.faults[0])
      lines.append(
        say(
          "\(count.counted("line")) left out; line \(first.line): \(Self.fault(first, language))",
          "\(count) 行未能读取；第 \(first.line) 行：\(Self.fault(first, language))"))
    }
    return lines
  }

  private var silence: String {
    say(
      "No message was heard. Check that the publishers are connected to this broker, and that its access rules let this "
        + "user read the topics; or listen longer with --for.",
      "未收到消息。请检查发布端是否已连接该消息代理，以及访问控制规则是否允许当前用户读取；或用 --for 延长监听时间。")
  }

  /// The fault of a line of captured messages.
  static func fault(_ fault: CapturedMessages.Fault, _ language: Language) -> String {
    let text: (String, String) =
      switch fault.kind {
      case .noTopic: ("not TOPIC PAYLOAD", "不是“主题 报文”格式")
      case .notHex: ("the payload is not in hexadecimal digits", "报文不是十六进制数字")
      case .notJSON: ("not a JSON object with topic and payload", "不是含 topic 和 payload 的 JSON 对象")
      case .badTopic: ("the topic is empty, too long or not UTF-8", "主题为空、过长或不是 UTF-8 编码")
      case .tooLong: ("longer than 16 MiB", "超过 16 MiB")
      }
    return language == .chinese ? text.1 : text.0
  }

  // MARK: Topics

  private func heading(_ topic: Survey.Topic) -> String {
    var parts = [say(topic.messages.counted("message"), "\(topic.messages) 条")]
    if let rate = rate(topic) { parts.append(rate) }
    parts.append(name(topic.form))
    if topic.retained > 0 { parts.append(say("\(topic.retained) retained", "\(topic.retained) 条保留消息")) }
    return parts.joined(separator: "  ")
  }

  private func rate(_ topic: Survey.Topic) -> String? {
    // Retained messages come at once, and say nothing of a rate.
    let live = topic.messages - topic.retained
    guard hearing.milliseconds >= 1000, live > 0 else { return nil }
    let perSecond = Double(live) * 1000 / Double(hearing.milliseconds)
    return perSecond >= 0.5
      ? String(format: "%.1f/s", perSecond) : String(format: "%.1f/min", perSecond * 60)
  }

  func name(_ form: PayloadForm) -> String {
    switch form {
    case .sparkplug(isFromHost: true): say("sent by a Sparkplug host", "Sparkplug 主机消息")
    case .empty: say("empty", "空报文")
    case .unsampled: say("not recognised", "未识别")
    case .text: say("unknown text", "未知文本")
    case .binary: say("unknown binary", "未知二进制")
    case .probe: say("a collector's probe", "采集程序探测消息")
    default: form.name
    }
  }

  private func details(_ topic: Survey.Topic) -> [String] {
    var lines = topic.events.prefix(3).map { "→ " + describe($0) }
    if topic.events.count > 3 {
      lines.append(say("  and \(topic.events.count - 3) more", "  另有 \(topic.events.count - 3) 项"))
    }
    if topic.read > 0, topic.retained == topic.messages {
      lines.append(
        say("retained: a collector stores it and does not count it", "保留消息：采集程序仅保存，不计入统计"))
    }
    if topic.lackingBirth > 0 {
      lines.append(
        say(
          "waits for the birth of its edge node, which a collector requests", "尚未收到边缘节点的上线（birth）消息，采集程序会主动请求"
        ))
    }
    if topic.source != nil {
      lines += topic.refusals.map(refused)
      if topic.read == 0, topic.refusals.isEmpty, topic.lackingBirth == 0, topic.form != .empty {
        lines.append(say("read: it makes no event", "可读取，但不产生数据"))
      }
      return lines
    }
    return lines + unread(topic)
  }

  private func refused(_ refused: Survey.Refusals) -> String {
    let (refusal, messages) = (refused.refusal, refused.messages)
    let detail = refusal.detail.isEmpty ? "" : " (\(RejectionDetail.shown(refusal.detail).inert))"
    let problem = problem(refusal, excerpt: refused.excerpt)
    let remedy = remedies.remedy(refusal.reason, refusal.detail, refusal.fault, refused.excerpt)
    return say(
      "✗ \(messages) refused, \(refusal.reason.name)\(detail): \(problem). \(remedy)",
      "✗ 拒收 \(messages) 条，\(refusal.reason.name)\(detail)：\(problem)。\(remedy)")
  }

  /// The fault of refused messages, without an ellipsis where the value is not known.
  func problem(_ refusal: HeardRefusal, excerpt: String = "") -> String {
    let text = remedies.problem(refusal.reason, refusal.detail, refusal.fault, excerpt)
    for end in [": …", "：…"] where excerpt.isEmpty && text.hasSuffix(end) {
      return String(text.dropLast(end.count))
    }
    return text
  }

  /// Why no source reads a topic.
  private func unread(_ topic: Survey.Topic) -> [String] {
    switch topic.form {
    case .probe, .empty, .sparkplug(isFromHost: true): return []
    default: break
    }
    let source = (topic.proposal ?? proposalBesideNames(topic)).map {
      say("add source \($0 + 1) below", "添加下列数据来源 \($0 + 1)")
    }
    if let miss = topic.nearMiss {
      let how: String
      if case .notAnID = miss.difference {
        how = say(
          "publish ids there, or set 'naming' in the configuration to a file that gives the name an id (millwright collect, then register map --suggest)",
          "请在该处使用台账编号；也可在配置中以 naming 指定命名文件，写明该名称的台账编号（采集后由 millwright register map --suggest 列出）")
      } else {
        how = say("publish on \(miss.suggestion.inert)", "请改为发布到 \(miss.suggestion.inert)")
      }
      var remedy = source.map { say("\(how), or \($0)", "\(how)，或\($0)") } ?? how
      if case .notAnID = miss.difference, let source {
        remedy = say("\(source), and \(how)", "\(source)；\(how)")
      }
      return [say("✗ not read: \(describe(miss)); \(remedy)", "✗ 未读取：\(describe(miss))；\(remedy)")]
    }
    let why: String
    switch topic.form {
    case .unsampled:
      why = say(
        "no source has this topic, and its payloads are too large or too many to be kept",
        "没有数据来源包含该主题，且其报文过大或过多，未保留样本")
    case .text, .binary:
      why = say("no format is known for such payloads", "没有可读取此类报文的格式")
    case .presence where topic.proposal == nil:
      why = say(
        "the topic must name factory and equipment, such as factory/F001/W01/E1/connection",
        "主题须包含企业和设备编号，如 factory/F001/W01/E1/connection")
    default: why = say("no source has this topic", "没有数据来源包含该主题")
    }
    guard let source else {
      guard topic.form.isReadable, topic.form != .presence else {
        return ["✗ " + say("not read: ", "未读取：") + why]
      }
      return [
        say(
          "✗ not read: \(why), and neither topic nor payload names the equipment",
          "✗ 未读取：\(why)，且主题和报文均未包含设备编号")
      ]
    }
    return [say("✗ not read: \(why); \(source)", "✗ 未读取：\(why)；\(source)")]
  }

  func describe(_ miss: NearMiss) -> String {
    let (english, chinese) = miss.wording
    return say(english, chinese).inert
  }

  /// An event in a line.
  func describe(_ event: HeardEvent) -> String {
    var parts: [String] = []
    switch event.kind {
    case .online: parts.append(say("online", "上线"))
    case .offline: parts.append(say("offline", "离线"))
    case .reading:
      if let state = event.state { parts.append(terms.name(state)) }
      if event.mode != .unstated { parts.append(terms.name(event.mode)) }
      if let energy = event.energy { parts.append("\(Telemetry.Thousandths.text(energy)) kWh") }
      if let good = event.good {
        parts.append(
          say("good \(Telemetry.Thousandths.text(good))", "合格 \(Telemetry.Thousandths.text(good))"))
      }
      if let total = event.total {
        parts.append(
          say("total \(Telemetry.Thousandths.text(total))", "总数 \(Telemetry.Thousandths.text(total))"))
      }
      if event.hasAlarms { parts.append(say("alarms", "有报警")) }
    }
    for field in OptionalField.allCases {
      if let fault = event.faults[field] {
        parts.append(say("\(field.name) left out (\(fault.name))", "\(field.name) 未采用（\(fault.name)）"))
      }
    }
    return "\(event.name.inert)  \(parts.joined(separator: say(", ", "，")))"
  }
}
