import Aggregation
import Telemetry

/// Texts for fields with a value that cannot be read.
extension Remedies {
  /// The fault of a field that was left out, in a few words, without a full stop.
  public func problem(_ error: FieldError) -> String { problem(error.field, error.fault, error.excerpt) }

  /// The remedy, as a sentence.
  public func remedy(_ error: FieldError) -> String { remedy(error.field, error.fault, error.excerpt) }

  func problem(_ field: OptionalField, _ fault: Fault, _ excerpt: String) -> String {
    value(field.name, fault, excerpt)
  }

  func remedy(_ field: OptionalField, _ fault: Fault, _ excerpt: String) -> String {
    repair(of: field, fault, excerpt)
  }

  func value(_ field: String, _ fault: Fault, _ excerpt: String) -> String {
    let shown = quoted(excerpt)
    switch fault {
    case .seconds: return pick("\(field) is in seconds: \(shown)", "\(field) 以秒为单位：\(shown)")
    case .microseconds: return pick("\(field) is in microseconds: \(shown)", "\(field) 以微秒为单位：\(shown)")
    case .nanoseconds: return pick("\(field) is in nanoseconds: \(shown)", "\(field) 以纳秒为单位：\(shown)")
    case .noZone: return pick("\(field) has no time zone: \(shown)", "\(field) 缺少时区：\(shown)")
    case .spaceForT: return pick("\(field) has a space for T: \(shown)", "\(field) 用空格代替了 T：\(shown)")
    case .notATime: return pick("\(field) is no time: \(shown)", "\(field) 不是时间：\(shown)")
    case .textNumber:
      return pick("\(field) is a number in quotes: \(shown)", "\(field) 为带引号的数字：\(shown)")
    case .number: return pick("\(field) is a number: \(shown)", "\(field) 为数字：\(shown)")
    case .unknownWord: return pick("\(field) is an unknown word: \(shown)", "\(field) 取值未知：\(shown)")
    case .fraction: return pick("\(field) is no whole number: \(shown)", "\(field) 不是整数：\(shown)")
    case .negative: return pick("\(field) is negative: \(shown)", "\(field) 为负数：\(shown)")
    case .outOfRange: return pick("\(field) is too large: \(shown)", "\(field) 超出范围：\(shown)")
    case .empty: return pick("\(field) is empty", "\(field) 为空")
    case .tooLong: return pick("\(field) is too long", "\(field) 过长")
    case .tooMany: return pick("\(field) has too many entries", "\(field) 条目过多")
    case .notTexts: return pick("\(field) has entries that are no text: \(shown)", "\(field) 含非文本条目：\(shown)")
    case .duplicate: return pick("\(field) stands twice", "\(field) 重复出现")
    default: return pick("\(field) has the wrong type: \(shown)", "\(field) 类型错误：\(shown)")
    }
  }

  private func repair(of field: OptionalField, _ fault: Fault, _ excerpt: String) -> String {
    if fault == .duplicate { return pick("Send \(field.name) once.", "\(field.name) 只应出现一次。") }
    switch field {
    case .mode:
      return pick(
        "Send mode as automatic or manual, or leave it out.", "mode 请取 automatic 或 manual，或删去该字段。")
        + near(excerpt, ["automatic", "manual"])
    case .sequence:
      return pick(
        "Send seq as a whole number that counts up, without quotes.", "seq 请发送递增的整数，不加引号。")
    case .boot:
      return pick("Send boot as text of 1 to 64 bytes, in quotes.", "boot 请发送 1 至 64 字节的文本，加引号。")
    case .energy, .good, .total:
      let name = field.name
      return fault == .textNumber
        ? pick("Send \(name) as a number, without quotes.", "\(name) 请直接发送数字，不加引号。")
        : pick(
          "Send \(name) as a number from 0 to 9,223,372,036,854,775.",
          "\(name) 请发送 0 至 9,223,372,036,854,775 的数字。")
    case .alarms:
      return fault == .tooMany
        ? pick("Send at most 256 alarms.", "alarms 不得超过 256 个。")
        : pick(
          #"Send alarms as texts: ["E201","E305"]."#, #"alarms 请发送文本数组：["E201","E305"]。"#)
    }
  }
}
