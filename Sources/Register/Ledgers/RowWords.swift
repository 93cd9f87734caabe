/// A text with which a row of a ledger begins that is no equipment: the word of a total, or a label of a signature or
/// note.
struct RowWords {
  /// How surely a text is such a word.
  enum Certainty { case none, possible, sure }

  /// Whether the row is one of totals.
  let total: Certainty
  /// Whether the row is one of signatures or notes.
  let footer: Certainty

  /// Tests a text as it stands in a cell.
  init(_ raw: String) {
    let text = CellText(raw, .folded).text.lowercased()
    let word = Self.withoutMarks(text)
    total = Self.total(word)
    footer = Self.footer(word, of: text)
  }

  /// Whether a text may be such a word: a quick test, since nearly none is.
  static func mayMatch(_ raw: String) -> Bool {
    guard let first = raw.unicodeScalars.first else { return false }
    if firsts.contains(first) || first.value >= 0xFF00 { return true }
    // Numbers of rows begin with a digit.
    if (0x30...0x39).contains(first.value) { return false }
    // A colon, and the last character of 合计.
    var raw = raw
    return raw.withUTF8 { bytes in
      bytes.contains(0x3A)
        || bytes.indices.dropLast(2).contains {
          bytes[$0] == 0xE8 && bytes[$0 + 1] == 0xAE && bytes[$0 + 2] == 0xA1
            || bytes[$0] == 0xEF && bytes[$0 + 1] == 0xBC && bytes[$0 + 2] == 0x9A
        }
    }
  }

  /// The first characters of all words, and those that may stand before them.
  private static let firsts: Set<Unicode.Scalar> = {
    let words = totals.map(String.init) + totalMarks + labels.map(String.init) + beginnings + ["第", "page"]
    let letters = (words + words.map { $0.uppercased() }).compactMap(\.unicodeScalars.first)
    return Set(letters + "([【*※●■▲ \t\u{A0}\u{3000}".unicodeScalars)
  }()

  /// Whether a text is a label whose value follows in the same cell or the next one: it has a colon, or is a known one.
  static func isLabel(_ raw: String) -> Bool {
    let text = CellText(raw, .folded).text.lowercased()
    return text.contains(":") || footer(withoutMarks(text), of: text) == .sure
  }

  /// A text without white space, and without brackets and marks around it.
  private static func withoutMarks(_ text: String) -> Substring {
    var word = Substring(text.filter { !$0.isWhitespace })
    while let first = word.first, "([【*※●■▲".contains(first) { word.removeFirst() }
    while let last = word.last, ")]】:".contains(last), word.first != nil {
      guard last != ")", last != "]" else {
        // 合计(台): the brackets explain the word.
        guard let open = word.lastIndex(where: { $0 == "(" || $0 == "[" }), open > word.startIndex else {
          word.removeLast()
          continue
        }
        word = word[..<open]
        continue
      }
      word.removeLast()
    }
    return word
  }

  // MARK: Totals

  private static let totals: Set<Substring> = [
    "合计", "小计", "总计", "共计", "累计", "总数", "合计数", "total", "totals", "subtotal", "sum", "grandtotal",
  ]
  private static let totalMarks = ["合计", "小计", "总计", "共计"]

  private static func total(_ word: Substring) -> Certainty {
    if totals.contains(word) { return .sure }
    // 合计:24台
    if let mark = totalMarks.first(where: { word.hasPrefix($0) }),
      word.dropFirst(mark.count).allSatisfy({ $0.isNumber || ":.,台套项件元个万".contains($0) })
    {
      return .sure
    }
    guard totalMarks.contains(where: { word.hasSuffix($0) }), word.count <= 8 else { return .none }
    // 本页小计, 一车间合计; but 流量总计 may be a machine.
    return ["本页", "本表", "车间", "全厂", "分厂", "部门", "产线", "累计", "班组", "工段"].contains { word.contains($0) }
      ? .sure : .possible
  }

  // MARK: Signatures and notes

  /// Labels that are complete words: with a value in the next cell they begin a row of a signature.
  private static let labels: Set<Substring> = [
    "填表人", "填表", "填表日期", "填表时间", "填报人", "填报", "填报日期", "填报时间", "填报单位", "制表人", "制表", "制表日期", "编制人", "编制",
    "编制日期", "审核人",
    "审核", "复核人", "复核", "批准人", "批准", "审批人", "审批", "校对", "校对人", "制单", "制单人", "经办人", "盖章", "公章", "单位盖章", "签字",
    "签章", "签名",
    "负责人", "单位负责人", "主管", "主管领导", "联系人", "联系电话", "联系方式", "电话", "手机", "传真", "邮箱", "地址", "日期", "单位", "单位名称",
    "附表", "附件",
    "附注", "备注", "说明", "注", "填写说明", "填表说明", "编制说明", "以下空白", "以下无内容", "此页无正文", "续表", "续上表", "note", "notes",
    "preparedby", "approvedby",
    "checkedby", "date", "signature", "remarks",
  ]
  private static let beginnings = [
    "填表", "填报", "制表", "编制", "审核", "复核", "批准", "审批", "盖章", "签字", "签章", "负责人", "联系人", "联系电话", "填写说明", "以下空白",
    "此页", "请盖章",
    "请如实", "本表", "附表", "附件", "preparedby", "approvedby", "checkedby",
  ]

  private static func footer(_ word: Substring, of text: String) -> Certainty {
    if labels.contains(word) { return .sure }
    // 填表人:张三, 备注:…, 单位(盖章)
    if let end = word.firstIndex(where: { ":(".contains($0) }), labels.contains(word[..<end]) { return .sure }
    if isNumberedNote(word) || isPageNumber(word) { return .sure }
    // A label with a colon whose value is in the next cell.
    if text.hasSuffix(":"), word.count <= 12 { return .sure }
    if beginnings.contains(where: { word.hasPrefix($0) }) { return .possible }
    // 车间主任:张三
    guard let colon = word.firstIndex(of: ":"), word.first?.isNumber == false else { return .none }
    return word[..<colon].count <= 10 ? .possible : .none
  }

  /// 注1, 注1.…, note 2
  private static func isNumberedNote(_ word: Substring) -> Bool {
    guard let mark = ["注", "备注", "说明", "note"].first(where: { word.hasPrefix($0) }) else { return false }
    return word.dropFirst(mark.count).first?.isNumber == true
  }

  /// 第1页, 第1页共3页, page 1 of 3
  private static func isPageNumber(_ word: Substring) -> Bool {
    if word.hasPrefix("page") { return word.dropFirst(4).allSatisfy { $0.isNumber || "of/".contains($0) } }
    return word.hasPrefix("第") && word.hasSuffix("页") && word.count <= 14
      && word.allSatisfy { $0.isNumber || "第共页,/".contains($0) }
  }
}
