import Aggregation

extension FlagWords {
  /// Words for a claim in each column of the register that may have one, in the order in which they are listed.
  private static let claimed: [(column: String, english: String, chinese: String)] = [
    ("automation", "automatic", "自动化"), ("intelligent", "intelligent", "智能化"), ("digital", "digital", "数字化"),
    ("connectable", "connectable", "可联网"), ("cnc", "numerically controlled", "数控"),
  ]

  /// The sentence of a claim without evidence: everything that the equipment is declared as, and its last reading.
  static func claim(_ flag: AuditFlag) -> (english: String, chinese: String) {
    let claims = claimed.filter { flag.claims.contains($0.column) }
    let all = claims.map(\.english)
    let named =
      all.count > 1 ? all.dropLast().joined(separator: ", ") + " and " + all[all.count - 1] : all.joined()
    let (english, chinese) = ("declared \(named)", "申报为\(claims.map(\.chinese).joined(separator: "、"))设备")
    return flag["last_reading"] == .missing
      ? (english + ", no reading ever received", chinese + "，未收到过数据")
      : (english + ", last reading {last_reading}", chinese + "，末次数据 {last_reading}")
  }
}
