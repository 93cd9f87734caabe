import Telemetry

/// What a user who fills in a register form has to know about a column.
public struct ColumnGuide: Sendable {
  /// Values that a column takes.
  public enum Form: Sendable, Equatable {
    /// 1 to 64 of A–Z a–z 0–9 _ . -
    case id
    /// Text with a maximum number of characters.
    case text(longest: Int)
    /// One of these words, as an English file writes them.
    case words([String])
    /// A date from 1900 to 2199.
    case day
    /// A whole number within bounds.
    case whole(ClosedRange<Int>)
    /// A number within bounds, with at most `places` decimals.
    case decimal(ClosedRange<Double>, places: Int)
  }

  public var form: Form
  /// What the column says.
  public var meaning: (english: String, chinese: String)
  /// Figures that depend on the column.
  public var figures: (english: String, chinese: String)
  /// Values of three example rows as an English file writes them, and texts of a Chinese file where they differ.
  public var examples: (english: [String], chinese: [String])

  init(
    _ form: Form, _ english: String, _ chinese: String, figures: (String, String),
    examples: [String], chineseExamples: [String]? = nil
  ) {
    self.form = form
    meaning = (english, chinese)
    self.figures = figures
    self.examples = (examples, chineseExamples ?? examples)
  }

  static let flag = Form.words(["yes", "no"])
  static let name = Form.text(longest: RowReader<EquipmentColumn>.longestText)
}

/// A column of a form: it has an explanation.
public protocol GuidedColumn: RegisterColumn {
  var guide: ColumnGuide { get }
  /// The word of a Chinese file for one of an English file; other texts are unchanged.
  func chinese(_ text: String) -> String
}

extension FactoryColumn: GuidedColumn {
  public func chinese(_ text: String) -> String { text }

  public var guide: ColumnGuide {
    let every = ("every report of the factory", "企业全部报告")
    let shown = ("none: shown in reports", "不影响指标，仅用于显示")
    switch self {
    case .factoryID:
      return ColumnGuide(
        .id, "Id of the factory. Its topics have it too, such as factory/F001/W01/0001/status.",
        "企业编号，亦用于上报主题，如 factory/F001/W01/0001/status。",
        figures: every, examples: ["F001", "F002", "F003"])
    case .nameChinese:
      return ColumnGuide(
        ColumnGuide.name, "Name in Chinese.", "企业中文名称。", figures: shown,
        examples: ["甲机械有限公司", "乙纺织有限公司", "丙食品有限公司"])
    case .nameEnglish:
      return ColumnGuide(
        ColumnGuide.name, "Name in English.", "企业英文名称。", figures: shown,
        examples: ["Alpha Machinery", "Beta Textiles", "Gamma Foods"])
    case .industry:
      return ColumnGuide(
        ColumnGuide.name, "Industry, the same words for all factories of an industry.",
        "所属行业；同一行业应采用相同名称。",
        figures: ("breakdown of the district by industry", "园区分行业统计"),
        examples: ["machinery", "textiles", "food"], chineseExamples: ["机械", "纺织", "食品"])
    case .district:
      return ColumnGuide(
        ColumnGuide.name, "District or industrial park.", "所属园区。", figures: shown,
        examples: ["North park", "North park", "South park"], chineseExamples: ["北园区", "北园区", "南园区"])
    case .retrofitCompletedOn:
      return ColumnGuide(
        .day, "Day on which the retrofit of the factory was completed.", "企业改造完成日期。",
        figures: ("comparison before and after the retrofit", "改造前后对比"),
        examples: ["2024-06-30", "", "2025-03-31"])
    }
  }
}
