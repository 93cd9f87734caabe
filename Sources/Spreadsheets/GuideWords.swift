import Register
import Reporting

/// The words of a form in one language.
struct GuideWords {
  let language: Language

  init(_ language: Language) { self.language = language }

  func pick(_ texts: (english: String, chinese: String)) -> String {
    language == .chinese ? texts.chinese : texts.english
  }

  /// A column's heading, with a star if a value is required.
  func heading(_ column: some RegisterColumn) -> String {
    (language == .chinese ? column.chinese : column.rawValue) + (column.isRequired ? "*" : "")
  }

  /// The values of the example rows.
  func examples(_ column: some GuidedColumn) -> [String] {
    let guide = column.guide
    return language == .chinese ? guide.examples.chinese.map(column.chinese) : guide.examples.english
  }

  /// The allowed values of a column.
  func allowed(_ column: some GuidedColumn) -> String {
    switch column.guide.form {
    case .id: pick(("1 to 64 letters, digits or _ . -", "1 至 64 个字母、数字或 _ . -"))
    case .text(let longest): pick(("text, at most \(longest) characters", "文本，最多 \(longest) 个字符"))
    case .words(let words):
      language == .chinese
        ? words.map(column.chinese).joined(separator: "、") : words.joined(separator: ", ")
    case .day: pick(("date, such as 2024-03-05", "日期，如 2024-03-05"))
    case .whole(let bounds):
      pick(
        (
          "whole number from \(bounds.lowerBound) to \(bounds.upperBound)",
          "\(bounds.lowerBound) 至 \(bounds.upperBound) 的整数"
        ))
    case .decimal(let bounds, let places):
      pick(
        (
          "number from \(Self.text(bounds.lowerBound)) to \(Self.text(bounds.upperBound)), "
            + "at most \(places) decimals",
          "\(Self.text(bounds.lowerBound)) 至 \(Self.text(bounds.upperBound)) 的数值，最多 \(places) 位小数"
        ))
    }
  }

  private static func text(_ number: Double) -> String {
    Int64(exactly: number).map { String($0) } ?? String(number)
  }
}
