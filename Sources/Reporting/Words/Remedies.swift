import Aggregation
import Telemetry

/// Descriptions and remedies of faults in refused messages and in fields that were left out: a short text and a
/// remedy for every reason and fault, in one language.
public struct Remedies: Sendable {
  private let terms: Terms

  /// Remedies in a language.
  public init(_ language: Language) { terms = Terms(language) }

  func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The fault in a few words, without a full stop.
  public func problem(_ refusal: Refusal) -> String {
    problem(refusal.reason, refusal.detail, refusal.fault, refusal.excerpt)
  }

  /// The remedy, as a sentence.
  public func remedy(_ refusal: Refusal) -> String {
    remedy(refusal.reason, refusal.detail, refusal.fault, refusal.excerpt)
  }

  // MARK: Refused messages

  /// The fault in a few words, without a full stop.
  ///
  /// - Parameters:
  ///   - detail: the field or rule that the message breaks.
  ///   - excerpt: the value as written; for a topic that fits no source, the topic to publish on instead, and in another
  ///     line that to add to the naming file.
  public func problem(
    _ reason: RejectionReason, _ detail: String, _ fault: Fault, _ excerpt: String = ""
  ) -> String {
    let field = RejectionDetail.shown(detail).inert
    switch reason {
    case .malformed where detail == "presence":
      return pick("neither online nor offline: \(quoted(excerpt))", "既非 online 也非 offline：\(quoted(excerpt))")
    case .malformed where Self.isPresenceWord(reason, detail, fault):
      return pick("an unknown word of presence: \(quoted(excerpt))", "未知的在线状态词：\(quoted(excerpt))")
    case .malformed where detail == "payload" && fault != .cutShort:
      return pick("not a Sparkplug payload", "不是合法的 Sparkplug 报文")
    case .malformed where fault == .notAnID:
      return pick("the name at \(field) is not an id", "\(field) 的值不符合编号规则")
    case .malformed: return document(detail, fault)
    case .unknownState where fault == .unspecified && Self.isMapped(reason, detail, fault):
      return pick(
        "\(field) is of bad quality, or cannot be read", "\(field) 质量码不合格，或无法读取")
        + (recordPlace(excerpt).map { pick(": \($0)", "：\($0)") } ?? "")
    case .unknownState: return value(detail.isEmpty ? "state" : field, fault, excerpt)
    case .missingField:
      guard fault == .otherKey, !excerpt.isEmpty else { return pick("\(field) is missing", "缺少 \(field)") }
      return pick("\(field) is missing, there is '\(excerpt.inert)'", "缺少 \(field)，却有“\(excerpt.inert)”")
    case .invalidTimestamp: return value(Self.time(detail), fault, excerpt)
    case .invalidNumber: return value(detail, fault, excerpt)
    case .future: return pick("\(Self.time(detail)) is ahead of our clock", "时间戳超前于平台时钟")
    case .tooLate where fault == .seconds:
      return value(Self.time(detail), fault, excerpt)
    case .tooLate: return pick("too old to be counted", "数据过旧，不再计入")
    case .identityMismatch where fault == .duplicate:
      return pick(
        "a device of another edge node has the same equipment id", "与另一边缘节点的设备编号重复")
    case .identityMismatch:
      return pick(
        "\(detail) is not the one its topic names", "报文中的 \(detail) 与主题不一致")
    case .tooLarge: return pick("larger than limits.payload", "超过 limits.payload 规定的长度")
    case .unmatchedTopic: return topic(detail, fault)
    case .senderLimit:
      return pick("too many unregistered senders already", "未登记设备数已达上限")
    }
  }

  /// The remedy, as a sentence; for the parameters see ``problem(_:_:_:_:)``.
  public func remedy(
    _ reason: RejectionReason, _ detail: String, _ fault: Fault, _ excerpt: String = ""
  ) -> String {
    if Self.isMapped(reason, detail, fault) { return mappedRemedy(reason, detail, fault, excerpt) }
    switch reason {
    case .malformed where detail == "presence":
      return pick("Publish the bare word online or offline.", "请只发送单词 online 或 offline。")
        + near(excerpt, ["online", "offline"])
    case .malformed where detail == "payload" && fault != .cutShort:
      return pick(
        "Publish Sparkplug B payloads (Protocol Buffers) on topics of spBv1.0.",
        "spBv1.0 主题只能发布 Sparkplug B 报文（Protocol Buffers 编码）。")
    case .malformed: return repair(ofDocument: detail, fault)
    case .unknownState: return repairOfState(fault, excerpt)
    case .missingField:
      if fault == .otherKey {
        guard !excerpt.isEmpty else {
          return pick(
            "Another key stands for \(detail): rename it to \(detail).", "该值使用了其他字段名：请改名为 \(detail)。")
        }
        return pick("Rename '\(excerpt.inert)' to \(detail).", "请将字段“\(excerpt.inert)”改名为 \(detail)。")
      }
      return detail == "state" ? stateWords : timeForm(pick("Add ts", "请添加 ts"))
    case .invalidTimestamp: return repairOfTime(fault)
    case .invalidNumber:
      return pick("Send a plain number of at most 19 digits.", "请发送不超过 19 位的普通数字。")
    case .future:
      return pick(
        "Set the device's clock (NTP) and its time zone: \(Self.time(detail)) may be at most limits.future_skew ahead.",
        "请校准设备时钟（NTP）与时区：\(Self.time(detail)) 超前不得大于 limits.future_skew。")
    case .tooLate where fault == .seconds: return repairOfTime(fault)
    case .tooLate:
      return pick(
        "Set the device's clock, or send backlogs sooner: \(Self.time(detail)) must lie within journal.retention less two days.",
        "请校准设备时钟，或及时补传：\(Self.time(detail)) 须在 journal.retention 减两天的范围内。")
    case .identityMismatch where fault == .duplicate:
      return pick(
        "Give the source of Sparkplug device: \"+\" and equipment: \"{edge}.{device}\", so that ids differ.",
        "请在 Sparkplug 数据源中设置 device: \"+\" 与 equipment: \"{edge}.{device}\"，使编号各不相同。")
    case .identityMismatch:
      return pick(
        "Send \(detail) as the topic has it, or leave the field out: the topic says who it is.",
        "请使 \(detail) 与主题一致，或删去该字段：上报主体以主题为准。")
    case .tooLarge:
      return pick(
        "Send smaller messages, or raise limits.payload.", "请减小报文，或调大 limits.payload。")
    case .unmatchedTopic: return repairOfTopic(fault, excerpt)
    case .senderLimit:
      return pick(
        "Add the machines to the register, or raise limits.unregistered_senders.",
        "请将设备补登台账，或调大 limits.unregistered_senders。")
    }
  }

  /// The field with the time that a refusal concerns.
  private static func time(_ detail: String) -> String {
    detail.isEmpty ? "ts" : RejectionDetail.shown(detail).inert
  }

  private func document(_ detail: String, _ fault: Fault) -> String {
    switch fault {
    case .empty: pick("empty message", "报文为空")
    case .gb18030: pick("text in GBK, not UTF-8", "编码为 GBK，而非 UTF-8")
    case .utf16: pick("text in UTF-16, not UTF-8", "编码为 UTF-16，而非 UTF-8")
    case .notUTF8: pick("not UTF-8", "不是 UTF-8 编码")
    case .notFinite: pick("NaN or Infinity, which JSON does not have", "含 NaN 或 Infinity，不是合法 JSON")
    case .array: pick("an array instead of one message", "报文为数组，而非单条消息")
    case .singleQuotes: pick("single quotes, which JSON does not have", "使用单引号，不是合法 JSON")
    case .cutShort: pick("the message ends in the middle", "报文不完整")
    case .duplicate: pick("\(detail) stands twice", "\(detail) 重复出现")
    default:
      switch detail {
      case "nesting": pick("nested too deeply", "嵌套过深")
      case "root": pick("not a JSON object", "不是 JSON 对象")
      default: pick("not valid JSON", "不是合法 JSON")
      }
    }
  }

  private func repair(ofDocument detail: String, _ fault: Fault) -> String {
    switch fault {
    case .gb18030, .utf16, .notUTF8:
      pick("Send the message in UTF-8.", "请以 UTF-8 编码发送。")
    case .notFinite:
      pick(
        "Leave out a value that is not there, or send null.", "无有效值的字段请删去，或填 null。")
    case .array:
      pick("Publish each element as a message of its own.", "请将数组各元素分别作为一条消息发布。")
    case .singleQuotes:
      pick(
        "Write text in double quotes; in Python use json.dumps, not str.",
        "文本请用双引号；Python 程序请用 json.dumps，不要用 str。")
    case .cutShort:
      pick(
        "Enlarge the device's send buffer: the end of the message is missing.", "请调大设备的发送缓冲区：报文末尾缺失。")
    case .duplicate: pick("Send \(detail) once.", "\(detail) 只应出现一次。")
    default:
      detail == "nesting"
        ? pick("Send a flat object, or raise limits.nesting.", "请使用单层对象，或调大 limits.nesting。")
        : pick(
          "Send one JSON object such as \(Self.example).", "请发送一个 JSON 对象，例如 \(Self.example)。")
    }
  }

  private static let example = #"{"ts":"2026-11-22T08:00:00.000+08:00","state":"running"}"#

  private func topic(_ detail: String, _ fault: Fault) -> String {
    switch fault {
    case .notAnID:
      pick("the \(detail) in the topic is not an id", "主题中的\(placeholder(detail))不符合编号规则")
    default: pick("its topic fits no source", "主题与任何数据源均不匹配")
    }
  }

  private func placeholder(_ detail: String) -> String {
    switch detail {
    case "factory": terms.factory
    case "workshop": terms.workshop
    case "line": terms.line
    default: terms.equipment
    }
  }

  private func repairOfTopic(_ fault: Fault, _ suggestion: String) -> String {
    let rule =
      fault == .notAnID
      ? pick(
        "Ids have letters A–Z, digits and _ . - only, at most 64.", "编号只能由字母、数字和 _ . - 组成，不超过 64 个字符。")
      : ""
    let topic = String(suggestion.prefix { $0 != "\n" })
    let naming = naming(in: suggestion)
    if topic.isEmpty, fault == .notAnID {
      return pick(
        "Publish ids of the register, or add the names to the naming file: 'millwright register map --suggest' lists them.",
        "请在主题中使用台账编号，或在命名文件中写明对应的台账编号：millwright register map --suggest 列出全部此类名称。") + naming
    }
    guard !topic.isEmpty else {
      return pick(
        "Publish on a topic of 'sources', or add a source for this one.", "请改用 sources 中的主题，或为此主题增加数据源。")
        + naming
    }
    return pick("Publish on \(topic.inert).", "请发布到主题 \(topic.inert)。")
      + (rule.isEmpty ? "" : pick(" ", "")) + rule + naming
  }

  /// The line for the naming file in an excerpt, as a sentence after another one; empty if there is none.
  func naming(in excerpt: String) -> String {
    guard let end = excerpt.firstIndex(of: "\n") else { return "" }
    let line = String(excerpt[excerpt.index(after: end)...]).inert
    return pick(
      " Or add to the naming file, with the register's ids for ?: \(line)",
      "也可在命名文件中加入一行（? 处填写台账编号）：\(line)")
  }

  // MARK: Time and state

  private func repairOfTime(_ fault: Fault) -> String {
    switch fault {
    case .seconds: return pick("Multiply ts by 1000: it is in milliseconds.", "ts 单位为毫秒，请乘以 1000。")
    case .microseconds: return pick("Divide ts by 1000: it is in milliseconds.", "ts 单位为毫秒，请除以 1000。")
    case .nanoseconds:
      return pick("Divide ts by 1,000,000: it is in milliseconds.", "ts 单位为毫秒，请除以 1,000,000。")
    case .noZone: return timeForm(pick("Add the offset from UTC to ts", "请在 ts 末尾加上时区"))
    case .spaceForT: return timeForm(pick("Write T between date and time", "日期与时间之间请用字母 T"))
    case .textNumber:
      return pick("Send ts as a number, without quotes.", "ts 请直接发送数字，不加引号。")
    case .fraction:
      return pick("Send ts in whole milliseconds.", "ts 请发送整数毫秒。")
    default: return timeForm(pick("Send ts", "请发送 ts"))
    }
  }

  private func timeForm(_ what: String) -> String {
    what
      + pick(
        ": 2026-11-22T08:00:00.000+08:00, or milliseconds since 1970.",
        "：2026-11-22T08:00:00.000+08:00，或 1970 年起的毫秒数。")
  }

  private var stateWords: String {
    let words = EquipmentState.allCases.map(\.name)
    return pick(
      "Send state as one of \(words.joined(separator: ", ")).",
      "state 请取以下之一：\(words.joined(separator: "、"))。")
  }

  private func repairOfState(_ fault: Fault, _ excerpt: String) -> String {
    stateWords + near(excerpt, EquipmentState.allCases.map(\.name))
  }

  /// ` Nearest: running.`, or nothing.
  func near(_ excerpt: String, _ words: [String]) -> String {
    let word = excerpt.trimmingQuotes
    // A shortened word, such as auto, may need more edits to become the full word than are allowed.
    let begun = word.count >= 3 ? words.first { $0.hasPrefix(word.lowercased()) } : nil
    guard let nearest = begun ?? Suggestion.nearest(to: word, among: words) else { return "" }
    return pick(" The nearest to '\(word.inert)' is \(nearest).", "与“\(word.inert)”最接近的是 \(nearest)。")
  }

  func quoted(_ excerpt: String) -> String {
    if let place = recordPlace(excerpt) { return place }
    let text = excerpt.inert
    return text.isEmpty ? "…" : text
  }
}

extension String {
  /// The text without quotes at its ends.
  var trimmingQuotes: String {
    var text = self[...]
    if text.first == "\"" { text = text.dropFirst() }
    if text.last == "\"" { text = text.dropLast() }
    return String(text).trimmed
  }

  private var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
