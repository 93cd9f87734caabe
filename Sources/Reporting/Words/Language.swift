/// A language a report can be written in.
public enum Language: String, CaseIterable, Sendable {
  case english = "en"
  case chinese = "zh"

  /// The language of a code such as `zh`, `en-GB` or `zh_CN.UTF-8` (a `LANG`); nil when it is neither.
  public init?(_ code: some StringProtocol) {
    self.init(rawValue: code.prefix { $0.isLetter }.lowercased())
  }

  /// The language tag of texts in it (RFC 5646): `en` or `zh-Hans`.
  package var tag: String {
    switch self {
    case .english: "en"
    case .chinese: "zh-Hans"
    }
  }
}
