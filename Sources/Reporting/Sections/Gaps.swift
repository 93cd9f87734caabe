import Aggregation
import Telemetry

/// Section 6: equipment that is not connected, not registered, or declared but not confirmed.
extension DocumentWriter {
  func gaps() -> (aside: String, blocks: [ReportDocument.Block]) {
    let claims = report.flags.filter { $0.kind.subject == .claim }
    let embellishments = report.flags.filter { $0.kind.subject == .embellishment }
    var blocks: [ReportDocument.Block] = []
    if !report.gaps.isEmpty {
      if report.scope == .district {
        blocks.append(.prose(pick("Factories not in the register", "未登记企业"), .strong))
      }
      blocks.append(.table(gapTable()))
    }
    if !claims.isEmpty {
      blocks.append(.prose(pick("Declared but not confirmed", "待核实申报"), .strong))
      blocks.append(.table(flagTable(claims)))
    }
    if !embellishments.isEmpty {
      blocks.append(.prose(pick("What may look better than it is", "可能使指标偏高的情形"), .strong))
      blocks.append(.table(flagTable(embellishments)))
    }
    return (gapSummary(), worstGaps() + blocks + flagCounts())
  }

  private func gapTable() -> DocumentTable {
    let isDistrict = report.scope == .district
    var columns: [DocumentTable.Column] = [
      .init(isDistrict ? terms.factory : terms.equipment, shrinksTo: 8), .init(pick("Why", "原因")),
    ]
    if !isDistrict {
      columns.append(.init(pick("Place", "位置"), shrinksTo: 6))
      columns.append(.init(pick("Name", "名称"), shrinksTo: 8))
    }
    columns.append(.init(pick("Remark", "说明"), shrinksTo: 21, wraps: true))
    var table = DocumentTable(
      isDistrict ? pick("Factories not in the register", "未登记企业") : pick("Gaps", "未接入与异常清单"), columns)
    table.rows = report.gaps.map { gap in
      var row: [Cell] = [
        .text(gap.assessment?.key.equipment ?? gap.factory), .text(terms.name(gap.kind)),
      ]
      if !isDistrict {
        row.append(.text(gap.assessment.map { place($0.workshop, $0.line) } ?? ""))
        row.append(.text(gap.assessment?.name ?? ""))
      }
      return .cells(row + [.text(sentences.remark(gap))])
    }
    table.brief = isDistrict ? Array(report.gaps.indices.prefix(Self.rowsShown)) : sample(report.gaps)
    return table
  }

  /// Number of gaps of each kind.
  private func gapSummary() -> String {
    if report.scope == .district { return "" }
    let kinds = Gap.Kind.allCases.map { kind in (kind, report.gaps.count { $0.kind == kind }) }
    return kinds.filter { $0.1 > 0 }.map { "\(terms.name($0.0)) \(terms.number($0.1))" }
      .joined(separator: " · ")
  }

  /// Places of a few gaps, taken from each kind in turn so that a frequent kind does not hide the others.
  private func sample(_ gaps: [Gap]) -> [Int] {
    var shares: [Gap.Kind: Int] = [:]
    var left = Self.rowsShown
    while left > 0 {
      var taken = false
      for kind in Gap.Kind.allCases where left > 0 {
        guard shares[kind, default: 0] < gaps.count(where: { $0.kind == kind }) else { continue }
        shares[kind, default: 0] += 1
        left -= 1
        taken = true
      }
      if !taken { break }
    }
    return Gap.Kind.allCases.flatMap { kind in
      gaps.indices.filter { gaps[$0].kind == kind }.prefix(shares[kind] ?? 0)
    }
  }
}
