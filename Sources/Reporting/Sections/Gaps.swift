import Aggregation
import Telemetry

/// Equipment that is not connected, not registered, or declared but not confirmed.
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
    return (gapSummary(), factoryGaps() + blocks + flagCounts())
  }

  /// The gaps by cause. A district has those of one kind only: factories that are not registered.
  private func gapTable() -> DocumentTable {
    let isDistrict = report.scope == .district
    var columns: [DocumentTable.Column] = [
      .init(isDistrict ? terms.factory : terms.equipment, shrinksTo: 8, namesFactory: isDistrict),
      .init(pick("Why", "原因")),
    ]
    columns[1].repeatsGroups = !isDistrict
    if !isDistrict {
      columns.append(.init(pick("Place", "位置"), shrinksTo: 6))
      columns.append(.init(pick("Name", "名称"), shrinksTo: 8))
    }
    columns.append(.init(pick("Remark", "说明"), shrinksTo: 21, wraps: true))
    var table = DocumentTable(
      isDistrict ? pick("Factories not in the register", "未登记企业") : pick("Gaps", "未接入与异常清单"), columns)
    guard !isDistrict else {
      table.rows = report.gaps.map(row)
      table.brief = Array(report.gaps.indices.prefix(Self.rowsShown))
      return table
    }
    let groups = Gap.Kind.allCases.map { kind in (kind, report.gaps.filter { $0.kind == kind }) }
      .filter { !$0.1.isEmpty }
    let shares = Self.shares(groups.map(\.1.count))
    var brief: [Int] = []
    for ((kind, gaps), share) in zip(groups, shares) {
      table.rows.append(.group(terms.name(kind) + pick(": ", "：") + terms.number(gaps.count)))
      brief += (table.rows.count..<table.rows.count + share)
      table.rows += gaps.map(row)
    }
    table.brief = brief
    return table
  }

  private func row(_ gap: Gap) -> DocumentTable.Row {
    var row: [Cell] = [
      .text(gap.assessment?.key.equipment ?? gap.factory),
      Cell.Status(gap.kind).map { .status($0, terms.name(gap.kind)) } ?? .text(terms.name(gap.kind)),
    ]
    if report.scope != .district {
      row.append(.text(gap.assessment.map { place($0.workshop, $0.line) } ?? ""))
      row.append(.text(gap.assessment?.name ?? ""))
    }
    return .cells(row + [.text(sentences.remark(gap))])
  }

  /// Number of gaps of each kind.
  private func gapSummary() -> String {
    if report.scope == .district { return "" }
    let kinds = Gap.Kind.allCases.map { kind in (kind, report.gaps.count { $0.kind == kind }) }
    return kinds.filter { $0.1 > 0 }.map { "\(terms.name($0.0)) \(terms.number($0.1))" }
      .joined(separator: " · ")
  }

  /// Numbers of rows that a short rendering shows of groups of these sizes, taken from each group in turn so that a large
  /// one does not hide the others.
  private static func shares(_ sizes: [Int]) -> [Int] {
    var shares = sizes.map { _ in 0 }
    var left = rowsShown
    while left > 0, shares != sizes {
      for place in sizes.indices where left > 0 && shares[place] < sizes[place] {
        shares[place] += 1
        left -= 1
      }
    }
    return shares
  }
}
