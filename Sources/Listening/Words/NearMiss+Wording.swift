extension NearMiss {
  /// The difference as a part of a sentence, in both languages. Names in it come from topics: make it inert before it
  /// is shown.
  public var wording: (english: String, chinese: String) {
    switch difference {
    case .leadingSlash:
      return ("the topic begins with a slash, unlike \(template)", "主题以斜杠开头，与 \(template) 不同")
    case .noLeadingSlash:
      return ("the topic lacks the slash at the beginning of \(template)", "主题缺少 \(template) 开头的斜杠")
    case .trailingSlash:
      return ("the topic ends with a slash, unlike \(template)", "主题以斜杠结尾，与 \(template) 不同")
    case .letterCase(let level, let expected):
      return (
        "'\(level)' has other letter case than '\(expected)' in \(template)",
        "“\(level)”与 \(template) 中“\(expected)”的大小写不同"
      )
    case .spelling(let level, let expected):
      return (
        "'\(level)' is spelled '\(expected)' in \(template)",
        "“\(level)”在 \(template) 中应为“\(expected)”"
      )
    case .extraLevel(let level):
      return (
        "the topic has one level more than \(template): '\(level)'",
        "主题比 \(template) 多一级：“\(level)”"
      )
    case .missingLevel(let level):
      return (
        "the topic has one level less than \(template): \(level)",
        "主题比 \(template) 少一级：\(level)"
      )
    case .notAnID(let placeholder, let level):
      return (
        "'\(level)' at {\(placeholder)} in \(template) is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "\(template) 中 {\(placeholder)} 处的“\(level)”不符合编号规则（1 至 64 个字符，限 A–Z、a–z、0–9 和 _ . -）"
      )
    }
  }
}
