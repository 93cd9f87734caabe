import Decoding
import Telemetry

extension Proposal.Note {
  /// The note as a comment without line ends, in both languages. Names in it come from topics and payloads: make it
  /// inert before it is shown.
  public var wording: (english: String, chinese: String) {
    switch self {
    case .factory: return ("edit: the id of the factory", "请修改：企业编号")
    case .topic: return ("check: which level is which name", "请核对：各级主题的含义")
    case .names(let names):
      let many = names.count == 1 ? "1 name" : "\(names.count) names"
      return (
        "edit: give ids to \(many) in a naming file", "请修改：在命名文件中为 \(names.count) 个名称写明台账编号"
      )
    case .namesLeftOut(let count):
      let many = count == 1 ? "1 further name" : "\(count) further names"
      return (
        "check: no line of the naming file is shown for \(many); listen again once these have ids",
        "请核对：另有 \(count) 个名称未列出命名文件行；以上名称写明编号后，请再次运行 millwright listen"
      )
    case .unknownWords(let words):
      let list = Self.list(words.prefix(8))
      let states = EquipmentState.allCases.map(\.name).joined(separator: ", ")
      return ("edit: add the meaning of \(list) to map: \(states)", "请修改：在 map 中补充 \(list) 的含义：\(states)")
    case .guessedWords: return ("check: the meaning of each value", "请核对：各取值的含义")
    case .noState(let fields):
      let list = Self.list(fields[...])
      let hint = fields.isEmpty ? ("", "") : (", such as \(list)", "，如 \(list)")
      return (
        "edit: the field with the machine's state\(hint.0), and a map of its values",
        "请修改：设备状态所在字段\(hint.1)，以及取值的 map"
      )
    case .zone: return ("check: the zone of times without an offset", "请核对：不带时区的时间所用的时区")
    case .columns: return ("check: the names of the columns", "请核对：各列名称")
    case .changesOnly:
      return ("check: some messages lack the state; earlier values are kept", "请核对：部分消息不含状态，沿用先前的值")
    case .noBirth:
      return (
        "check: no birth was heard, so the names of metrics are not known", "请核对：未收到 birth 消息，指标名称未知"
      )
    }
  }

  private static func list(_ words: ArraySlice<String>) -> String {
    words.map(SourceYAML.quoted).joined(separator: ", ")
  }
}

extension Proposal {
  /// The lines of a naming file for names that are not ids, below its headings; empty without such names.
  public var namingLines: [String] { names.isEmpty ? [] : [Naming.headings] + names.map(\.csv) }
}
