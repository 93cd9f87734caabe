import Telemetry

/// Texts for messages of mapped sources: their fields have the identifiers that the configuration gives, and the remedy
/// is often a key of the source.
extension Remedies {
  /// Whether a detail is a field of a mapped source and not of the native status message.
  static func isMapped(_ reason: RejectionReason, _ detail: String, _ fault: Fault) -> Bool {
    if RejectionDetail.isMarked(detail) { return isOfField(reason, fault) }
    return switch reason {
    case .unknownState: !detail.isEmpty && detail != "state"
    case .missingField: !detail.isEmpty && detail != "ts" && detail != "state"
    case .invalidTimestamp: !detail.isEmpty && detail != "ts"
    case .tooLate: fault == .seconds && !detail.isEmpty && detail != "ts"
    case .malformed: fault == .notAnID || isPresenceWord(reason, detail, fault)
    default: false
    }
  }

  /// Whether the remedy for a field that the configuration names is another than that of the native message.
  private static func isOfField(_ reason: RejectionReason, _ fault: Fault) -> Bool {
    switch reason {
    case .unknownState, .missingField, .invalidTimestamp: true
    case .tooLate: fault == .seconds
    case .malformed: fault == .notAnID
    default: false
    }
  }

  /// Whether the fault is a word that `words` of a presence source does not have.
  static func isPresenceWord(_ reason: RejectionReason, _ detail: String, _ fault: Fault) -> Bool {
    reason == .malformed && fault == .unknownWord && (detail == "words" || detail.hasPrefix("/"))
  }

  /// The place of records in a message, which stands for the excerpt if others of the message count: `#3 +2`; nil for any
  /// other excerpt.
  func recordPlace(_ excerpt: String) -> String? {
    guard let records = RefusedRecords(excerpt: excerpt) else { return nil }
    let (place, more) = (records.first, records.count - 1)
    guard more > 0 else { return pick("record \(place) of the message", "报文中第 \(place) 条记录") }
    return pick(
      "record \(place) of the message, and \(more) more", "报文中第 \(place) 条记录，另有 \(more) 条")
  }

  /// The line of `words` for a word of presence.
  private func presenceWord(_ excerpt: String) -> String {
    let word = excerpt.trimmingQuotes.inert.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    guard !word.isEmpty else {
      return pick("Add the word to words of the source.", "请在数据来源的 words 中补充该词。")
    }
    let line = "\"\(word)\": offline"
    return pick(
      "Add the word to words of the source: words: { \(line) }, or online for offline.",
      "请在数据来源的 words 中补充该词：words: { \(line) }（若表示在线，则为 online）。")
  }

  /// The remedy for a message of a mapped source, as a sentence.
  func mappedRemedy(
    _ reason: RejectionReason, _ detail: String, _ fault: Fault, _ excerpt: String
  ) -> String {
    let field = RejectionDetail.shown(detail).inert
    if Self.isPresenceWord(reason, detail, fault) { return presenceWord(excerpt) }
    switch reason {
    case .unknownState where fault == .unspecified:
      return pick(
        "See whether the gateway reaches the machine; a quality that is good belongs in quality.good of the source.",
        "请检查网关与设备的连接；若该质量码实为良好，请补充到数据来源的 quality.good。")
    case .unknownState:
      return pick(
        "Add the value to state.map of the source (to quality.good if it is a quality), or correct the path \(field).",
        "请在数据来源的 state.map 中补充该值（若为质量码，则补充到 quality.good），或更正路径 \(field)。")
    case .missingField:
      return pick(
        "Have the publisher send \(field), or correct the path in the source.",
        "请让设备发送 \(field)，或更正数据来源中的路径。")
    case .malformed:
      return pick(
        "Have the publisher send an id: letters A–Z, digits and _ . - only, at most 64.",
        "请让设备发送合规的编号：仅限字母、数字和 _ . -，不超过 64 个字符。") + naming(in: excerpt)
    default: return mappedTimeRemedy(fault)
    }
  }

  private func mappedTimeRemedy(_ fault: Fault) -> String {
    let unit: String? =
      switch fault {
      case .seconds: "s"
      case .microseconds: "us"
      case .nanoseconds: "ns"
      default: nil
      }
    if let unit {
      return pick(
        "Set 'unit: \(unit)' in timestamp of the source.", "请在数据来源的 timestamp 中设置 unit: \(unit)。")
    }
    if fault == .noZone || fault == .spaceForT {
      return pick(
        "Set zone in timestamp of the source, such as 'zone: Asia/Shanghai'.",
        "请在数据来源的 timestamp 中设置时区，例如 zone: Asia/Shanghai。")
    }
    return pick(
      "Correct timestamp of the source: unit for numbers, zone for text without an offset.",
      "请更正数据来源的 timestamp：数字须设 unit，不带时差的文本须设 zone。")
  }
}
