import Telemetry

/// A scalar as the file or the environment gives it.
struct SettingText {
  var text: String
  /// Whether it is certainly text: quoted in the file, or from the environment, where everything is.
  var isQuoted: Bool
  /// Whether unquoted YAML would read it as a number, a truth value or a date.
  var looksLikeOtherType: Bool
  /// The directory that relative paths are relative to.
  var directory: String
}

/// A kind of value of a key: its words in errors, and its parser.
struct SettingKind<Value>: Sendable {
  /// Completes "mqtt.port must be …".
  var expects: String
  /// Completes "mqtt.port 应为…"; nil where there are only the English words.
  var chinese: String?
  /// `应为…` with a space before a letter or a digit of ASCII; nil without Chinese words.
  var mustBe: String? { chinese.map { ($0.first?.isASCII == true ? "应为 " : "应为") + $0 } }
  /// The value, or nil when the text is not one.
  var parse: @Sendable (SettingText) -> Value?
}

extension SettingKind<Int> {
  /// A decimal integer within a range.
  static func integer(_ range: ClosedRange<Int>) -> Self {
    Self(
      expects: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      chinese: "\(range.lowerBound) 至 \(range.upperBound) 的整数"
    ) { scalar in
      decimal(scalar.text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A size within a range of bytes.
  static func size(_ range: ClosedRange<Int>) -> Self {
    let bounds = "from \(Units.text(bytes: range.lowerBound)) to \(Units.text(bytes: range.upperBound))"
    let chinese = "\(Units.text(bytes: range.lowerBound)) 至 \(Units.text(bytes: range.upperBound)) 的大小"
    return Self(
      expects: "a size \(bounds), such as 64KiB or 1MiB", chinese: chinese + "，如 64KiB、1MiB"
    ) { scalar in
      Units.size(scalar.text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension SettingKind<Span> {
  /// A duration within a range; `wholeSeconds` where the protocol counts in seconds.
  static func span(_ range: ClosedRange<Span>, wholeSeconds: Bool = false) -> Self {
    let bounds = "from \(Units.text(range.lowerBound)) to \(Units.text(range.upperBound))"
    let seconds = wholeSeconds ? " in whole seconds" : ""
    let chinese = "\(Units.text(range.lowerBound)) 至 \(Units.text(range.upperBound)) 的时长"
    return Self(
      expects: "a duration \(bounds)\(seconds), such as 100ms, 30s, 15m or 7d",
      chinese: chinese + (wholeSeconds ? "（整秒）" : "") + "，如 100ms、30s、15m、7d"
    ) { scalar in
      guard let span = Units.span(scalar.text), range.contains(span),
        !wholeSeconds || span.milliseconds % 1000 == 0
      else { return nil }
      return span
    }
  }
}

extension SettingKind<String> {
  /// Text of 1 to `maximum` bytes of UTF-8 without control characters. A number or `yes` must be quoted,
  /// so that nobody's user name silently becomes something else.
  static func text(maximum: Int = 1024) -> Self {
    Self(
      expects: "text (in quotes if it looks like a number, a date or yes/no)",
      chinese: "文本（形似数字、日期或 yes/no 的须加引号）"
    ) { scalar in
      guard scalar.isQuoted || !scalar.looksLikeOtherType, !scalar.text.isEmpty,
        scalar.text.utf8.count <= maximum,
        !scalar.text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else { return nil }
      return scalar.text
    }
  }

  /// An id as it stands in topics and the register.
  static let id = Self(
    expects: "an id: 1 to 64 of A–Z a–z 0–9 _ . -", chinese: "1 至 64 个字符的标识，限 A–Z a–z 0–9 _ . -"
  ) { scalar in
    EquipmentKey.isID(scalar.text.utf8) ? scalar.text : nil
  }

  /// A file or directory; absolute in the result.
  static let path = Self(expects: "a path", chinese: "路径") { scalar in
    text().parse(scalar).map { absolute($0, in: scalar.directory) }
  }

  /// A path made absolute, without resolving links.
  static func absolute(_ path: String, in directory: String) -> String {
    if path.hasPrefix("/") { return path }
    var parts = directory.split(separator: "/")
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}

extension SettingKind {
  /// A kind whose value goes through a further step, with its own words for what is expected.
  func then<Result>(
    expects: String, chinese: String? = nil, _ step: @escaping @Sendable (Value) -> Result?
  ) -> SettingKind<Result> {
    SettingKind<Result>(expects: expects, chinese: chinese) { scalar in parse(scalar).flatMap(step) }
  }
}

/// An integer in plain decimal digits: no sign, no leading zero that YAML 1.1 would read as octal.
private func decimal(_ text: String) -> Int? {
  guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0")
  else { return nil }
  return Int(text)
}
